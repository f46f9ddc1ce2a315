"""The settings: what is exposed, what is unsafe on purpose, which secrets and files can be had.

Law: a secret is asked for and thrown away; what is shown is its reference and whether it can be read.
"""

import ssl
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

from ecluse.domain.destination import Destination, DestinationId
from ecluse.domain.snapshot import Snapshot
from ecluse.edge.clock import SystemClock, day_of
from ecluse.edge.config import Settings
from ecluse.edge.doctor.remark import Grade, Remark
from ecluse.edge.keys import SecretResolver
from ecluse.edge.keys.resolver import SecretUnavailable
from ecluse.edge.signing import asking, signers

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
UNKNOWN = "unknown"
SOON = 30
"""Days before the end of the facts from which it is said."""


def settings_remarks(settings: Settings, snapshot: Snapshot, known: frozenset[DestinationId]) -> Iterator[Remark]:
    """Look at settings that load, and at the snapshot that they make. `known` is what the registry has."""
    yield _listening(settings)
    yield from _unsafe(settings)
    yield from _egress(settings)
    yield from _places(settings, snapshot)
    yield from _secrets(snapshot.destinations)
    yield _in_use(snapshot, known)
    yield _facts(snapshot)
    yield from _modes(snapshot)
    if not settings.organisations:
        yield Remark(
            about="organisations",
            grade=Grade.MEND,
            says="no organisation is on record, so no key can be made",
            next_step="add [[organisations]] and [[organisations.applications]] (docs/reference/settings.md)",
        )


def _listening(settings: Settings) -> Remark:
    host = settings.server.host
    if host in LOOPBACK:
        return Remark(about="server", grade=Grade.GOOD, says=f"listens on {host} only")
    return Remark(
        about="server",
        grade=Grade.WEIGH,
        says=f"listens on {host} in plain HTTP: prompts and keys travel readable up to whatever ends TLS",
        next_step="put a TLS proxy in front on the same host, or in the same pod or private network",
    )


def _unsafe(settings: Settings) -> Iterator[Remark]:
    if settings.gateway.unsafe_pinned_date is not None:
        yield Remark(
            about="unsafe",
            grade=Grade.MEND,
            says=f"facts are pinned to {settings.gateway.unsafe_pinned_date}: what expired since still opens",
            next_step="remove gateway.unsafe_pinned_date outside demonstrations and tests",
        )
    if settings.unsafe_simulators:
        yield Remark(
            about="unsafe",
            grade=Grade.WEIGH,
            says=f"{len(settings.unsafe_simulators)} destinations are simulated, and no real remote one is used",
            next_step="remove [unsafe_simulators] to reach real providers",
        )


def _egress(settings: Settings) -> Iterator[Remark]:
    bundle = settings.egress.ca_bundle
    if bundle is None:
        return
    try:
        ssl.create_default_context(cafile=bundle)
    except OSError as error:
        yield Remark(
            about="egress",
            grade=Grade.MEND,
            says=f"egress.ca_bundle {bundle} cannot be used: {error}",
            next_step="name a PEM file of certificates that this account can read",
        )
    else:
        yield Remark(about="egress", grade=Grade.GOOD, says=f"certificates of {Path(bundle).name} are trusted besides")


def _places(settings: Settings, snapshot: Snapshot) -> Iterator[Remark]:
    nothing = {place.facts.get("name") for place in snapshot.places if not place.established}
    gateway = settings.gateway
    stores = gateway.stores_on or gateway.hosted_on
    stated = {"runs on": gateway.hosted_on, "stores on": stores, "backs up on": gateway.backs_up_on or stores}
    if settings.telemetry.endpoint is not None:
        stated["sends telemetry to"] = settings.telemetry.hosted_on
    for role, name in stated.items():
        if name == UNKNOWN:
            yield Remark(
                about="place",
                grade=Grade.MEND,
                says=f"{role} an unknown place: public data only",
                next_step="say where, in its table: an offer of `ecluse registry list offers`, or own_premises",
            )
        elif name in nothing:
            yield Remark(
                about="place",
                grade=Grade.MEND,
                says=f"{role} {name}, of which nothing is on record: public data only",
                next_step="write the id of an offer of machines (`ecluse registry list offers`), or own_premises",
            )
        else:
            yield Remark(about="place", grade=Grade.GOOD, says=f"{role} {name}")
    if gateway.backs_up_on is None and UNKNOWN not in stated.values():
        yield Remark(
            about="place",
            grade=Grade.WEIGH,
            says="where the state is backed up is not said, so it counts as where it is stored; nobody checks it",
            next_step="set gateway.backs_up_on if backups lie elsewhere",
        )


def _secrets(destinations: Mapping[DestinationId, Destination]) -> Iterator[Remark]:
    resolver, known = SecretResolver(), signers(destinations.values())
    for one in destinations.values():
        if one.credential is None:
            continue
        try:
            if asking(one.credential, SystemClock()) is not None:
                says = f"{one.id}: {one.credential} can be read; whether its server gives a token was not asked"
                yield Remark(about="credential", grade=Grade.GOOD, says=says)
                continue
            signer = known.get(one.dialect)
            if signer is None or signer.ready(one, resolver) is None:
                resolver.resolve(one.credential)
        except SecretUnavailable as error:
            yield Remark(
                about="credential",
                grade=Grade.MEND,
                says=f"{one.id}: {error.reference}: {error.why}",
                next_step="set the variable or mend the file; until then this destination answers 500",
            )
        else:
            yield Remark(about="credential", grade=Grade.GOOD, says=f"{one.id}: {one.credential} can be read")


def _in_use(snapshot: Snapshot, known: frozenset[DestinationId]) -> Remark:
    used, left = len(snapshot.destinations), len(known - snapshot.destinations.keys())
    says = f"{used} of {used + left} destinations of the registry are in use"
    return Remark(about="destinations", grade=Grade.GOOD, says=says)


def _facts(snapshot: Snapshot) -> Remark:
    end = day_of(snapshot.valid_until)
    days = (end - date.fromisoformat(snapshot.today)).days
    says = f"the facts of {snapshot.today} hold until {end}, when one begins or ends; the snapshot is then made anew"
    if days > SOON:
        return Remark(about="facts", grade=Grade.GOOD, says=says)
    return Remark(
        about="facts",
        grade=Grade.WEIGH,
        says=says,
        next_step="see which: `ecluse registry check`; applications that rest on it lose destinations that day",
    )


def _modes(snapshot: Snapshot) -> Iterator[Remark]:
    for organisation in {one.organisation.id: one.organisation for one in snapshot.applications.values()}.values():
        lowered = sorted(f"{rule} = {mode}" for rule, mode in organisation.modes.items() if mode != "enforce")
        if lowered:
            yield Remark(
                about="rules",
                grade=Grade.WEIGH,
                says=f"{organisation.id}: not enforced: {', '.join(lowered)}",
                next_step="read what they would have refused (`observed` in the trail), then enforce them",
            )
