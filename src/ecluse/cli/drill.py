"""`ecluse drill --without X`: a reversibility exercise on the settings. Which applications keep a destination?

Law: it rehearses and changes nothing. Exit code 1 when an application would lose its last destination.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from ecluse.app import clock as clock_of
from ecluse.app import grounds
from ecluse.cli.common import DEFAULT_CONFIG, Config, Json, fail, print_json, settings_of
from ecluse.cli.facts import graph_of, parties_of
from ecluse.domain.caller import ApplicationId
from ecluse.domain.destination import Destination, DestinationId, OfferId
from ecluse.domain.errors import EcluseError
from ecluse.domain.finding import MASKED_CLASSES, DataClass
from ecluse.domain.party import EntityId
from ecluse.domain.snapshot import Snapshot
from ecluse.domain.trail import EntryKind
from ecluse.domain.verdict import Choice
from ecluse.edge.clock import day_of
from ecluse.edge.config import SettingsError
from ecluse.edge.snapshots import Grounds, build
from ecluse.edge.stores.errors import StoreError
from ecluse.edge.stores.opening import open_reader
from ecluse.packs.registry import Registry
from ecluse.packs.registry.facts import Scheme
from ecluse.passage.decide.words import CLASS_NAMES, joined
from ecluse.passage.record import EntryRefused, parse
from ecluse.prove.drill import Profile, Rehearsal, declared, rehearse, without
from ecluse.prove.exposure import Party, Reach, Role, Status, expose

FORMS = "PROVIDER, JURISDICTION:US or ATTESTATION:secnumcloud"
JURISDICTION, ATTESTATION = "JURISDICTION:", "ATTESTATION:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """What is gone: destinations, those that may be gone as well, and places of the gateway; or attestations."""

    gone: frozenset[DestinationId] = frozenset()
    doubtful: frozenset[DestinationId] = frozenset()
    places: frozenset[str] = frozenset()
    registry: Registry


def drill(
    *,
    without_: Annotated[str, typer.Option("--without", help=f"What is lost: {FORMS}.")],
    state_dir: Annotated[
        Path | None, typer.Option("--state-dir", help="Take the data classes seen in this state's trail too.")
    ] = None,
    language: Annotated[
        Literal["en", "fr"], typer.Option("--language", "-l", help="Sentences in `en` or `fr`.")
    ] = "en",
    config: Config = DEFAULT_CONFIG,
    json: Json = False,
) -> None:
    """Rehearse the loss of a provider, a jurisdiction or an attestation for every application of the settings."""
    settings = settings_of(config)
    try:
        base = grounds(settings)
        now = clock_of(settings).now()
        before = build(base, day_of(now))
        loss = _loss(base, before, without_)
        after = without(build(replace(base, registry=loss.registry), day_of(now)), loss.gone)
        profiles = [*declared(base.applications.values()), *_seen(base, state_dir)]
        rehearsed = rehearse(before, after, base.applications, profiles, now=now)
    except (ValueError, SettingsError, EcluseError, StoreError) as error:
        fail(str(error))
    stands = sorted(loss.places)
    document: dict[str, Any] = {
        "date": before.today,
        "without": without_,
        "destinations": len(before.destinations),
        "lost": sorted(loss.gone),
        "may_be_lost": sorted(loss.doubtful - loss.gone),
        "gateway_stands_there": stands,
        "applications": [_told(one, fr=language == "fr", stands=bool(stands)) for one in rehearsed],
    }
    if json:
        print_json(document)
    else:
        for line in _lines(document, fr=language == "fr"):
            typer.echo(line)
    if any(one["lost"] for one in document["applications"]):
        raise typer.Exit(1)


# ------------------------------------------------------------------ what is lost
def _loss(base: Grounds, before: Snapshot, text: str) -> Loss:
    registry = base.registry
    if text.startswith(ATTESTATION):
        return Loss(registry=_unattested(registry, text.removeprefix(ATTESTATION)))
    stands = {place.facts.get("name", "") for place in before.places}
    if text.startswith(JURISDICTION):
        return _under(registry, before, text.removeprefix(JURISDICTION), stands)
    known = next((provider for provider in registry.providers if provider == text), None)
    if known is None:
        fail(f"no provider {text!r} in the registry; it has: {', '.join(sorted(registry.providers))}; or {FORMS}")
    gone = (one.id for one in before.destinations.values() if known in _providers(registry, one))
    mine = (name for name in stands if name in registry.offers and _host(registry, name) == known)
    return Loss(gone=frozenset(gone), places=frozenset(mine), registry=registry)


def _providers(registry: Registry, one: Destination) -> set[str]:
    hosts = {registry.offers[one.runs_on].offer.provider} if one.runs_on else set()
    return {one.provider, *hosts}


def _host(registry: Registry, offer: str) -> str:
    return registry.offers[OfferId(offer)].offer.provider


def _unattested(registry: Registry, scheme: str) -> Registry:
    if scheme not in {known.value for known in Scheme}:
        fail(f"no scheme {scheme!r}; they are: {', '.join(known.value for known in Scheme)}")
    offers = {}
    for id_, record in registry.offers.items():
        kept = tuple(row for row in record.offer.attestations if row.scheme != scheme)
        offers[id_] = replace(record, offer=replace(record.offer, attestations=kept))
    return replace(registry, offers=offers)


def _under(registry: Registry, before: Snapshot, country: str, stands: set[str]) -> Loss:
    """Return what the law of a country reaches: for certain, or as far as the record leaves open."""
    today = date.fromisoformat(before.today)
    graph = graph_of(registry)

    def reach(parties: tuple[Party, ...]) -> bool | None:
        exposed = expose(graph, parties, today)
        seen = [c for c in exposed.compelled_by if c.country == country]
        open_ = country not in graph.union and exposed.status(Reach.CONTROL) is Status.POSSIBLE
        return True if any(c.certain for c in seen) else None if seen or open_ else False

    reached = {id_: reach(parties_of(registry, one, today)) for id_, one in before.destinations.items()}
    hosts = {name: _party_of(registry, name) for name in stands if name in registry.offers}
    return Loss(
        gone=frozenset(id_ for id_, sure in reached.items() if sure),
        doubtful=frozenset(id_ for id_, sure in reached.items() if sure is None),
        places=frozenset(name for name, party in hosts.items() if party and reach((party,))),
        registry=registry,
    )


def _party_of(registry: Registry, offer: str) -> Party | None:
    provider = _host(registry, offer)
    entity: EntityId | None = next(p.entity for p in registry.providers.values() if p.id == provider)
    return Party(entity=entity, role=Role.HOSTS) if entity else None


# ------------------------------------------------------------------ profiles that the trail shows
def _seen(base: Grounds, state: Path | None) -> Iterator[Profile]:
    """Iterate over the sets of data classes that each application was seen to send, each once."""
    if state is None:
        return
    reader = open_reader(state)
    try:
        found = {profile for row in reader.rows(0, reader.size()) if (profile := _profile(row[1])) is not None}
    finally:
        reader.close()
    for application, classes in sorted(found, key=lambda one: (one[0], sorted(one[1]))):
        if application in base.applications:
            yield Profile(application=application, classes=classes, seen=True)


def _profile(data: bytes) -> tuple[ApplicationId, frozenset[DataClass]] | None:
    try:
        entry = parse(data)
    except EntryRefused:
        fail("an entry of the trail cannot be read; `ecluse trail verify` says which", 1)
    application, found = entry.body.get("application"), entry.body.get("found")
    declared_ = entry.body.get("declared")
    if entry.kind not in {EntryKind.INTENT, EntryKind.REFUSAL} or not isinstance(application, str):
        return None
    names = [name for part in (found, declared_) if isinstance(part, tuple | list) for name in part]
    classes = frozenset(DataClass(str(name)) for name in names) - MASKED_CLASSES
    return ApplicationId(application), classes


# ------------------------------------------------------------------ telling
def _told(one: Rehearsal, *, fr: bool, stands: bool) -> dict[str, Any]:
    after = () if stands else one.after
    return {
        "application": one.profile.application,
        "classes": sorted(c.value for c in one.profile.classes),
        "profile": "seen" if one.profile.seen else "declared",
        "before": [_choice(choice) for choice in one.before],
        "after": [_choice(choice) for choice in after],
        "refused_by_place": one.place,
        "lost": bool(one.before) and not after,
        "says": _sentence(one, after, fr=fr, stands=stands),
    }


def _choice(choice: Choice) -> str:
    return f"{choice.destination} (masked)" if choice.masked else str(choice.destination)


def _sentence(one: Rehearsal, after: tuple[Choice, ...], *, fr: bool, stands: bool) -> str:
    names = [CLASS_NAMES[c][fr] for c in sorted(one.profile.classes)]
    what = joined(names, "et" if fr else "and") if names else ("des données publiques" if fr else "public data")
    kept = f"{len(after)}/{len(one.before)}"
    if not one.before:
        return f"{what} : déjà aucune destination." if fr else f"{what}: no destination to begin with."
    if after:
        return f"{what} : garde {kept} destinations." if fr else f"{what}: keeps {kept} destinations."
    why = ""
    if stands or one.place:
        why = ", la passerelle elle-même est touchée" if fr else ", the gateway itself is hit"
    return f"{what} : perd toute destination{why}." if fr else f"{what}: loses every destination{why}."


def _lines(document: Mapping[str, Any], *, fr: bool) -> Iterator[str]:
    lost, doubtful = document["lost"], document["may_be_lost"]
    nothing = "aucune" if fr else "none"
    yield f"{document['date']}, {'sans' if fr else 'without'} {document['without']}"
    yield f"{'perdues' if fr else 'lost'}: {', '.join(lost) or nothing}"
    if doubtful:
        yield f"{'peut-être perdues' if fr else 'may be lost'}: {', '.join(doubtful)}"
    for one in document["applications"]:
        seen = (" (vu)" if fr else " (seen)") if one["profile"] == "seen" else ""
        yield f"{one['application']}{seen}: {one['says']}"
        if gone := [choice for choice in one["before"] if choice not in one["after"]]:
            yield f"     {'plus vers' if fr else 'no longer to'}: {', '.join(gone)}"
