"""Settings and facts to a snapshot: what a decision rests on, frozen and named by its hash.

Law: a simulated destination is marked and never stands beside a real remote one; a remote destination without a
credential is left out; the snapshot ends at the first day on which a fact, attestation or analysis begins or ends.
"""

import hashlib
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from difflib import get_close_matches
from urllib.parse import urlsplit

import msgspec

from ecluse.domain.behind import Behind, Evidence
from ecluse.domain.caller import Application, ApplicationId, PolicyException
from ecluse.domain.contest import Contest
from ecluse.domain.destination import VAULT, Destination, DestinationId, ModelId, OperatedBy, Place
from ecluse.domain.party import ProviderId
from ecluse.domain.recipient import Recipient
from ecluse.domain.snapshot import Alias, Detector, Instant, Snapshot, SnapshotId
from ecluse.domain.verdict import Basis, Mode, Question, RuleId
from ecluse.edge.behind import behind
from ecluse.edge.caching import caching
from ecluse.edge.clock import start_of
from ecluse.edge.config import Settings, SettingsError
from ecluse.edge.docket import Matter
from ecluse.edge.prices import priced
from ecluse.edge.routing import routes
from ecluse.packs.misread import near
from ecluse.packs.policies import PolicySources
from ecluse.packs.registry import Registry, establish, next_boundary, place, recipients
from ecluse.packs.registry.countries import COUNTRIES
from ecluse.passage.decide import CedarRulebook, compile_rules
from ecluse.passage.decide import activate as compare_and_activate

AUTO = "auto"
RESOURCE = "{resource}"
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
FOREVER = date(9999, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """What snapshots are made from: everything but the day.

    `applications` have what is granted now of `matters`, which are all that persons decided, what has ended too.
    """

    settings: Settings
    registry: Registry
    policies: PolicySources
    detector: Detector
    dialects: frozenset[str]
    applications: Mapping[ApplicationId, Application]
    detectors: Mapping[ApplicationId, Detector] = field(default_factory=dict)
    matters: tuple[Matter, ...] = ()


def build(grounds: Grounds, today: date, *, past: bool = False) -> Snapshot:
    """Make the snapshot of a day. Raises SettingsError when the settings name what the registry does not have.

    In the `past` an exception may name what has gone since: it counts for nothing.
    """
    settings = grounds.settings
    _check_contracts(settings, grounds.registry)
    used = _in_use(settings, establish(grounds.registry, today), grounds.dialects)
    destinations = {id_: priced(settings.budgets, ready, today) for id_, ready in used.items()}
    receiving = recipients(grounds.registry, today)
    rulebook = compile_rules(
        grounds.policies.schema,
        grounds.policies.policies,
        destinations=destinations | {one.id: one.destination for one in receiving},
        today=today,
    )
    if not past:
        _check_records(grounds, rulebook, today)
    ends = [next_boundary(grounds.registry, today), *_records_change(grounds.applications.values(), today)]
    ends += [rule.applies_from for rule in rulebook.rules.values() if rule.early]
    places = _places(grounds.registry, settings, today)
    valid_until = min((day for day in ends if day is not None), default=FOREVER)
    return Snapshot(
        id=_name(grounds, today, destinations, places, valid_until, receiving),
        today=today.isoformat(),
        valid_until=Instant(start_of(valid_until)),
        destinations=destinations,
        aliases=_aliases(settings, destinations),
        places=places,
        rulebook=rulebook,
        detector=grounds.detector,
        routes=routes(settings, destinations),
        applications=grounds.applications,
        caching=caching(settings.cache),
        detectors=grounds.detectors,
        evidence=_evidence(rulebook, grounds.registry, today),
        recipients=receiving,
    )


def _evidence(rulebook: CedarRulebook, registry: Registry, today: date) -> Evidence:
    def tell(rules: Sequence[RuleId], question: Question, destination: Destination) -> tuple[Behind, ...]:
        return behind(rulebook.rules, rules, question, destination, registry, today)

    return tell


def activate(made: Snapshot, stopped: Callable[[], bool]) -> str | None:
    """Hold the folded rules of a snapshot against Cedar and let them decide; return what differs, if something does.

    For a thread of its own: it takes a good part of a second. The questions that it draws follow from the snapshot.
    """
    rulebook = made.rulebook
    if not isinstance(rulebook, CedarRulebook):
        return None
    return compare_and_activate(rulebook, made.places, seed=int(made.id[:12], 16), stopped=stopped).difference


def _unmoved(name: str, rulebook: CedarRulebook) -> str:
    """Say why a rule that settings name has no mode to change, and what to write."""
    rule = rulebook.rules.get(RuleId(name))
    if rule is None:
        near = get_close_matches(name, rulebook.rules, n=1)
        return f"there is no rule {name!r}" + (f"; did you mean {near[0]!r}?" if near else "")
    why = "permits" if rule.permits else "is of the hard floor"
    return f"rule {name!r} {why}: it has no mode to change; take it out of `modes`"


def _check_records(grounds: Grounds, rulebook: CedarRulebook, today: date) -> None:
    """Refuse modes and exceptions that the rules cannot have. Raises SettingsError."""
    for organisation in grounds.settings.organisations:
        modes = {rule: str(mode) for rule, mode in organisation.modes.items()}
        if fixed := rulebook.unchangeable(modes):
            raise SettingsError(
                f"organisation {organisation.id!r}: {_unmoved(fixed[0], rulebook)} (docs/reference/rules.md)"
            )
        _warn_of_law(organisation.id, modes, rulebook)
    for application in grounds.applications.values():
        for exception in application.exceptions:
            if exception.ends < today:  # it counts no more; what it names may be gone
                continue
            if why := rulebook.why_no_exception(exception, application.exceptions):
                raise SettingsError(f"application {application.id!r}: exception {exception.id!r}: {why}")


def _warn_of_law(organisation: str, modes: Mapping[str, str], rulebook: CedarRulebook) -> None:
    """Say aloud that a rule of law refuses nothing: it may be so (decision 15), and nobody should miss it."""
    for rule, mode in sorted(modes.items()):
        reason = rulebook.rules[RuleId(rule)].reason
        if mode != Mode.ENFORCE and reason.basis is Basis.LAW:
            line = f"{organisation}: {rule} is law ({reason.source}) and only set to {mode}: it refuses nothing"
            print(f"ecluse: WARNING: {line}", file=sys.stderr, flush=True)  # noqa: T201 - the log is stderr


def _in_use(
    settings: Settings, known: Mapping[DestinationId, Destination], dialects: frozenset[str]
) -> dict[DestinationId, Destination]:
    stated = settings.destinations
    named = [
        *settings.budgets.prices,
        *stated.order,
        *stated.credentials,
        *stated.base_urls,
        *stated.resources,
        *settings.unsafe_simulators,
        *settings.egress.tls,
    ]
    if unknown := [name for name in named if name not in known]:
        raise SettingsError(f"destination {unknown[0]!r} is not in the registry; {_meant(unknown[0], known)}")
    if mute := [name for name in named if known[DestinationId(name)].dialect not in dialects]:
        dialect = known[DestinationId(mute[0])].dialect
        raise SettingsError(
            f"{mute[0]}: its dialect {dialect} is not spoken yet; these are: {', '.join(sorted(dialects))}"
        )
    order = [DestinationId(name) for name in stated.order] or list(known)
    spoken = [id_ for id_ in order if known[id_].dialect in dialects]
    used = {id_: ready for id_ in spoken if (ready := _ready(settings, known[id_])) is not None}
    if not used:
        raise SettingsError("no destination can be used; give a credential, a base_url, or a simulator to one of them")
    return used


def _meant(name: str, known: Iterable[str]) -> str:
    """Ask which of the known names was meant, or list them."""
    return near(name, known).strip() or f"it has: {', '.join(sorted(known))}"


def _check_contracts(settings: Settings, registry: Registry) -> None:
    """Refuse a contract with nobody on record: a slip of the pen would close without a word."""
    for organisation in settings.organisations:
        if unknown := [name for name in organisation.contracts if ProviderId(name) not in registry.providers]:
            asked = _meant(unknown[0], registry.providers)
            raise SettingsError(
                f"organisation {organisation.id!r}: contracts: no provider {unknown[0]!r} in the registry; {asked}"
            )


def _ready(settings: Settings, known: Destination) -> Destination | None:
    """Complete a destination from the settings, or leave it out."""
    stated = settings.destinations
    own = known.operated_by is OperatedBy.CALLER
    credential = stated.credentials.get(known.id, known.credential)
    simulator = settings.unsafe_simulators.get(known.id)
    if simulator is not None:
        _check_loopback(known.id, simulator)
        return replace(known, base_url=simulator, credential=credential, simulated=True)
    if known.id in stated.base_urls:
        if not own:
            raise SettingsError(f"{known.id}: only what you run yourself takes a base_url; the registry has this one's")
        known = replace(known, base_url=_checked_url(known.id, stated.base_urls[known.id]))
    if own:
        near = urlsplit(known.base_url).hostname in LOOPBACK
        usable = bool(known.base_url) and (near or not settings.unsafe_simulators)
        return replace(known, credential=credential) if usable else None
    if settings.unsafe_simulators or known.id not in stated.credentials:
        return None
    return replace(known, credential=credential, base_url=_filled(known, stated.resources.get(known.id)))


def _filled(known: Destination, resource: str | None) -> str:
    """Put the owner's resource where the registry's address leaves room for one."""
    if RESOURCE not in known.base_url:
        return known.base_url
    if resource is None or not re.fullmatch(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}[A-Za-z0-9])?", resource):
        raise SettingsError(f'{known.id}: name your resource there: [destinations.resources] "{known.id}" = "NAME"')
    return known.base_url.replace(RESOURCE, resource)


def _checked_url(id_: DestinationId, url: str) -> str:
    """Return an address of one's own: TLS, or plain HTTP on this machine, since prompts and keys travel on it."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    plain = host is not None and parts.scheme == "http" and host in LOOPBACK
    if not host or not (plain or parts.scheme == "https") or parts.username or parts.query or parts.fragment:
        raise SettingsError(f"base_urls.{id_!r}: write https://HOST/v1, or http:// for an address on this machine")
    return url


def _check_loopback(id_: DestinationId, url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme != "http" or parts.hostname not in LOOPBACK:
        raise SettingsError(f"unsafe_simulators.{id_!r}: a simulator is at http://127.0.0.1:PORT")


def _aliases(settings: Settings, destinations: Mapping[DestinationId, Destination]) -> dict[str, Alias]:
    models = {destination.model for destination in destinations.values()}
    every = tuple(dict.fromkeys(destination.model for destination in destinations.values()))
    aliases = {AUTO: Alias(name=AUTO, models=every)}
    for name, stated in settings.aliases.items():
        if unknown := [model for model in stated if model not in models]:
            raise SettingsError(f"alias {name!r}: no destination in use has the model {unknown[0]!r}")
        aliases[name] = Alias(name=name, models=tuple(ModelId(model) for model in stated))
    return aliases


def _places(registry: Registry, settings: Settings, today: date) -> tuple[Place, ...]:
    gateway = settings.gateway
    if gateway.country is not None and gateway.country not in COUNTRIES:
        raise SettingsError(f"gateway.country: no country {gateway.country!r} in ISO 3166; write two letters, e.g. FR")
    stores = gateway.stores_on or gateway.hosted_on
    roles = {"runs": gateway.hosted_on, "stores": stores, "backs_up": gateway.backs_up_on or stores}
    if settings.vault.url is not None:
        roles[VAULT] = settings.vault.hosted_on or stores
    if settings.telemetry.endpoint is not None:
        roles["telemetry"] = settings.telemetry.hosted_on
    return tuple(place(registry, name, role, today, gateway.country) for role, name in roles.items())


def _records_change(applications: Iterable[Application], today: date) -> list[date]:
    """Return the first days on which what is on record of an application begins or has ended; a last day counts."""
    days: list[date] = []
    for application in applications:
        lasts = [analysis.valid_until for analysis in application.analyses]
        lifted: tuple[PolicyException | Contest, ...] = (*application.exceptions, *application.contests)
        lasts += [one.ends for one in lifted]
        days += [last + timedelta(days=1) for last in lasts if last is not None and last < date.max]
        days += [one.starts for one in lifted]
    return [day for day in days if day > today]


def _name(
    grounds: Grounds,
    today: date,
    destinations: Mapping[DestinationId, Destination],
    places: tuple[Place, ...],
    valid_until: date,
    receiving: Iterable[Recipient],
) -> SnapshotId:
    digest = hashlib.sha256()
    for piece in (
        today.isoformat(),
        valid_until.isoformat(),
        msgspec.json.encode([_facts(held) for held in places], order="sorted").decode(),
        grounds.policies.schema,
        msgspec.json.encode(dict(grounds.policies.policies), order="sorted").decode(),
        msgspec.json.encode(msgspec.to_builtins(grounds.settings, str_keys=True), order="sorted").decode(),
        msgspec.json.encode(_lifted(grounds.applications.values())).decode(),
        grounds.detector.version,
        msgspec.json.encode({id_: one.version for id_, one in grounds.detectors.items()}, order="sorted").decode(),
        msgspec.json.encode([_facts(d) for d in destinations.values()], order="sorted").decode(),
        msgspec.json.encode([_received(one) for one in receiving], order="sorted").decode(),
    ):
        digest.update(piece.encode())
        digest.update(b"\0")
    return SnapshotId(digest.hexdigest()[:32])


def _received(one: Recipient) -> list[object]:
    """Return what is on record of a recipient, in one order."""
    return [
        one.kind.value,
        one.address,
        sorted(one.via),
        sorted(one.brings),
        one.source.confidence.value,
        _facts(one.destination),
    ]


def _lifted(applications: Iterable[Application]) -> list[list[object]]:
    """Return what exceptions and contests add to the settings, in one order."""
    told: list[list[object]] = []
    for one in sorted(applications, key=lambda application: application.id):
        told += [[one.id, e.id, e.rule, e.starts, e.ends, sorted(e.destinations)] for e in one.exceptions]
        told += [[one.id, c.id, sorted(c.marks), c.starts, c.ends] for c in one.contests]
    return told


def _facts(record: Destination | Place) -> dict[str, object]:
    built: dict[str, object] = msgspec.to_builtins(record, str_keys=True)
    for name in ("established", "capabilities"):
        if name in built:
            built[name] = sorted(str(value) for value in getattr(record, name))
    return built
