"""`ecluse registry`: the facts on record, each with its source, and which of them no longer hold or soon will not.

Law: it reads and tells; what is expired, overdue, stale or unverified is named, and nothing is repaired.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date as date_
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any

import msgspec
import typer

from ecluse.cli.common import Json, fail, print_json
from ecluse.cli.facts import Day, Facts, day, registry_of
from ecluse.domain.destination import Destination, DestinationId
from ecluse.domain.party import Confidence, Source
from ecluse.packs.registry import Registry, confidence_counts, establish, recipients
from ecluse.packs.registry.coverage import Asked, table
from ecluse.packs.registry.coverage import coverage as covered
from ecluse.packs.registry.facts import Scheme

app = typer.Typer(help="List, show and check the facts on record.", no_args_is_help=True)


class Kind(StrEnum):
    """What can be listed."""

    DESTINATIONS = "destinations"
    OFFERS = "offers"
    PROVIDERS = "providers"
    ENTITIES = "entities"
    STAKES = "stakes"
    MODELS = "models"
    TOOLS = "tools"
    ADEQUACY = "adequacy"
    REGIMES = "regimes"
    PERIMETERS = "perimeters"
    MILESTONES = "milestones"


class Fault(StrEnum):
    """What can be wrong with a fact, the worst first."""

    EXPIRED = "expired"
    OVERDUE = "review_overdue"
    SOON = "ends_soon"
    AHEAD = "dated_ahead"
    TOO_LONG = "too_long"
    INCOMPLETE = "incomplete"
    UNVERIFIED = "unverified"
    WEAK = "low_confidence"
    STALE = "stale"


THREE_YEARS = timedelta(days=3 * 366 + 31)
"""How long a SecNumCloud qualification lasts (afnor.org, read on 2026-11-24); the catalogue has one of a week more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One fact. `until` is the first day on which it no longer counts, `review_by` the last before its review.

    One that is not `whole` lacks a date or a scope, and opens nothing. `at_most` is how long one can last from `since`.
    """

    kind: str
    name: str
    source: Source
    until: date_ | None = None
    review_by: date_ | None = None
    whole: bool = True
    at_most: timedelta | None = None
    since: date_ | None = None


@app.command("list")
def list_(
    kind: Annotated[Kind, typer.Argument(help="Which facts.")] = Kind.DESTINATIONS,
    *,
    coverage: Annotated[
        bool, typer.Option("--coverage", help="Show instead what is known of every provider, asked alike.")
    ] = False,
    date: Day = None,
    registry: Facts = None,
    json: Json = False,
) -> None:
    """List facts of one kind; destinations with what is established of them on a day."""
    today, known = day(date), registry_of(registry)
    if coverage:
        _cover(known, today, json=json)
        return
    rows = [_row(kind, name, fact) for name, fact in sorted(_all(known, kind, today).items())]
    if json:
        print_json({"date": today.isoformat(), "kind": kind.value, "facts": rows})
        return
    for row in rows:
        typer.echo("  ".join(str(value) for value in row.values() if value not in {"", None}))


def _cover(known: Registry, today: date_, *, json: bool) -> None:
    answers = covered(known, today)
    if json:
        rows = [plain(one) | {"known": one.known} for one in answers]
        print_json({"date": today.isoformat(), "asked": list(Asked), "answers": rows})
        return
    for line in table(answers):
        typer.echo(line)


@app.command()
def show(
    name: Annotated[str, typer.Argument(metavar="ID", help="An id of the registry, as `list` shows it.")],
    *,
    date: Day = None,
    registry: Facts = None,
    json: Json = False,
) -> None:
    """Show everything on record under an id, with sources, and what is established of it on a day."""
    today, known = day(date), registry_of(registry)
    found = {kind.value: plain(facts[name]) for kind in Kind if name in (facts := _all(known, kind, today))}
    held = {
        f"stakes/{key}": plain(stake)
        for key, stake in _all(known, Kind.STAKES, today).items()
        if name in {stake.holder, stake.held}
    }
    if not found:
        fail(f"nothing is on record under {name!r}; `ecluse registry list KIND` has the ids", 1)
    document = {"date": today.isoformat(), "id": name, **found, **held}
    if json:
        print_json(document)
        return
    for line in flat("", document):
        typer.echo(line)


@app.command()
def check(
    *,
    within: Annotated[int, typer.Option(min=0, help="Name what ends within so many days.")] = 60,
    stale: Annotated[int, typer.Option(min=0, help="Name sources older than so many days.")] = 365,
    date: Day = None,
    registry: Facts = None,
    json: Json = False,
) -> None:
    """Name facts that are expired, overdue, doubtful, stale or unverified, or end soon. Exit code 1: one has ended."""
    today, known = day(date), registry_of(registry)
    faults = [fault for item in items(known) for fault in _faults(item, today, within, stale)]
    faults.sort(key=lambda row: (list(Fault).index(Fault(row["fault"])), row["on"] or "", row["kind"], row["name"]))
    document = {
        "date": today.isoformat(),
        "facts": sum(1 for _ in items(known)),
        "cited": {str(level): number for level, number in confidence_counts(known).items()},
        "faults": faults,
    }
    if json:
        print_json(document)
    else:
        for row in faults:
            when = f" {row['on']}" if row["on"] else ""
            typer.echo(f"{row['fault']}{when}  {row['kind']} {row['name']}  [{row['source']}, {row['as_of']}]")
        cited = ", ".join(f"{level} {number}" for level, number in confidence_counts(known).items())
        typer.echo(f"{today}: {document['facts']} facts looked at, each with a source; by confidence: {cited}.")
    if any(row["fault"] in {Fault.EXPIRED, Fault.OVERDUE} for row in faults):
        raise typer.Exit(1)


def _faults(item: Item, today: date_, within: int, stale: int) -> Iterator[dict[str, Any]]:
    for fault, on in _found(item, today, timedelta(days=within), timedelta(days=stale)):
        yield {
            "fault": fault.value,
            "on": on.isoformat() if on else None,
            "kind": item.kind,
            "name": item.name,
            "source": item.source.title,
            "as_of": item.source.as_of.isoformat(),
            "confidence": item.source.confidence.value,
        }


def _found(item: Item, today: date_, within: timedelta, stale: timedelta) -> Iterator[tuple[Fault, date_ | None]]:
    if item.until is not None and item.until <= today:
        yield Fault.EXPIRED, item.until
    elif item.until is not None and item.until <= today + within:
        yield Fault.SOON, item.until
    if item.review_by is not None and item.review_by < today:
        yield Fault.OVERDUE, item.review_by
    elif item.review_by is not None and item.review_by <= today + within:
        yield Fault.SOON, item.review_by
    yield from _doubtful(item, today)
    if not item.whole:
        yield Fault.INCOMPLETE, None
    if item.source.confidence is Confidence.UNVERIFIED:
        yield Fault.UNVERIFIED, None
    elif item.source.confidence is Confidence.LOW:
        yield Fault.WEAK, None
    if item.source.as_of < today - stale:
        yield Fault.STALE, item.source.as_of


def _doubtful(item: Item, today: date_) -> Iterator[tuple[Fault, date_ | None]]:
    """Iterate over the dates that cannot be right: a source of a day to come, a qualification longer than one lasts."""
    if item.source.as_of > today:
        yield Fault.AHEAD, item.source.as_of
    if item.at_most and item.since and item.until and item.until - item.since > item.at_most:
        yield Fault.TOO_LONG, item.until


def items(registry: Registry) -> Iterator[Item]:
    """Iterate over every fact that has a source of its own."""
    for provider in registry.providers.values():
        yield Item(kind="provider", name=provider.id, source=provider.source)
    for entity in registry.entities.values():
        yield Item(kind="entity", name=entity.id, source=entity.source)
    for stake in registry.stakes:
        yield Item(kind="stake", name=f"{stake.holder} -> {stake.held} ({stake.kind})", source=stake.source)
    for model in registry.models.values():
        yield Item(kind="model", name=model.id, source=model.source)
    for adequacy in registry.adequacy:
        yield Item(kind="adequacy", name=adequacy.country, source=adequacy.source, until=adequacy.valid_until)
    for regime in registry.regimes:
        yield Item(kind="regime", name=regime.id, source=regime.source, review_by=regime.review_by)
    for perimeter in registry.perimeters:
        yield Item(kind="perimeter", name=perimeter.id, source=perimeter.source)
    for milestone in registry.milestones:
        yield Item(kind="milestone", name=milestone.id, source=milestone.source)
    for one in registry.recipients:
        yield Item(kind="tool", name=one.destination.id, source=one.source)
    yield from _of_offers(registry)
    yield from _of_destinations(registry)


def _of_offers(registry: Registry) -> Iterator[Item]:
    for id_, record in registry.offers.items():
        yield Item(kind="offer", name=id_, source=record.offer.source)
        yield Item(kind="scope", name=id_, source=record.offer.scope.source)
        for row in record.offer.attestations:
            name = f"{id_}: {row.scheme}, {row.reference}"
            whole = row.valid_from is not None and row.valid_until is not None and bool(row.scope)
            yield Item(
                kind="attestation",
                name=name,
                source=row.source,
                since=row.valid_from,
                until=row.valid_until,
                whole=whole,
                at_most=THREE_YEARS if row.scheme == Scheme.SECNUMCLOUD else None,
            )
        if record.terms is not None:
            yield Item(kind="terms", name=id_, source=record.terms.source)
        if record.keeps is not None:
            yield Item(kind="kept on demand", name=id_, source=record.keeps.source)
        if record.options is not None:
            yield Item(kind="options", name=id_, source=record.options.source)
        if record.tool is not None:
            yield Item(kind="transfer tool", name=id_, source=record.tool)


def _of_destinations(registry: Registry) -> Iterator[Item]:
    """Iterate over what destinations say themselves; what they take from their offer is the offer's."""
    for one in registry.destinations.values():
        offer = registry.offers[one.runs_on or one.offer]
        if one.scope != offer.offer.scope:
            yield Item(kind="scope", name=one.id, source=one.scope.source)
        if one.terms != registry.offers[one.offer].terms:
            yield Item(kind="terms", name=one.id, source=one.terms.source)
        if one.keeps is not None and one.keeps != registry.offers[one.offer].keeps:
            yield Item(kind="kept on demand", name=one.id, source=one.keeps.source)
        if one.options is not None and one.options != registry.offers[one.offer].options:
            yield Item(kind="options", name=one.id, source=one.options.source)
        if one.price is not None:
            yield Item(kind="price", name=one.id, source=one.price.source)


def _all(registry: Registry, kind: Kind, today: date_) -> Mapping[str, Any]:
    """Return the facts of one kind by name."""
    destinations: Mapping[DestinationId, Destination] = establish(registry, today)
    kinds: Mapping[Kind, Mapping[Any, Any]] = {
        Kind.DESTINATIONS: destinations,
        Kind.OFFERS: registry.offers,
        Kind.PROVIDERS: registry.providers,
        Kind.ENTITIES: registry.entities,
        Kind.STAKES: {f"{s.holder} -> {s.held} ({s.kind})": s for s in registry.stakes},
        Kind.MODELS: registry.models,
        Kind.TOOLS: {one.id: one for one in recipients(registry, today)},
        Kind.ADEQUACY: {row.country: row for row in registry.adequacy},
        Kind.REGIMES: {row.id: row for row in registry.regimes},
        Kind.PERIMETERS: {row.id: row for row in registry.perimeters},
        Kind.MILESTONES: {row.id: row for row in registry.milestones},
    }
    return kinds[kind]


def _row(kind: Kind, name: str, fact: Any) -> dict[str, Any]:  # noqa: ANN401 - facts of several kinds
    row: dict[str, Any] = {"id": name}
    if kind is Kind.DESTINATIONS:
        held = f"non-EU share up to {fact.non_eu_share_max} %"
        return row | {"model": fact.model, "established": ", ".join(sorted(fact.established)), "share": held}
    if kind is Kind.TOOLS:
        brings = ", ".join(sorted(fact.brings)) or "nothing that counts"
        opens = "opens nothing" if not fact.verified else ", ".join(sorted(fact.destination.established))
        return (
            row
            | {"kind": fact.kind.value, "brings": brings, "confidence": fact.source.confidence.value}
            | {"established": opens}
        )
    if kind is Kind.STAKES:
        return row | {"share": f"{fact.low:g}..{fact.high:g} %", "confidence": fact.source.confidence.value}
    if kind is Kind.OFFERS:
        ends = [f"{row.scheme} {row.reference} until {row.valid_until or '?'}" for row in fact.offer.attestations]
        return row | {"name": fact.offer.name, "kind": fact.kind.value, "attestations": "; ".join(ends)}
    if kind in _OF_LAW:
        return row | _OF_LAW[kind](fact)
    return row | {"name": fact.name, "seat": str(getattr(fact, "seat", "") or "")}


_OF_LAW: Mapping[Kind, Callable[[Any], dict[str, Any]]] = {
    Kind.ADEQUACY: lambda fact: {
        "from": fact.valid_from.isoformat(),
        "until": str(fact.valid_until or "until repealed"),
        "condition": fact.condition,
    },
    Kind.REGIMES: lambda fact: {
        "country": fact.jurisdiction.code,
        "review_by": str(fact.review_by or ""),
        "text": fact.text,
    },
    Kind.PERIMETERS: lambda fact: {
        "name": fact.name,
        "countries": len(fact.countries),
        "used_by": fact.used_by,
    },
    Kind.MILESTONES: lambda fact: {"on": fact.on.isoformat(), "law": fact.law, "what": fact.en},
}


def plain(fact: Any) -> Any:  # noqa: ANN401 - facts of several kinds
    """Return a fact as plain values, sets in order."""
    return _sorted(fact, msgspec.to_builtins(fact, str_keys=True))


def _sorted(fact: Any, built: Any) -> Any:  # noqa: ANN401 - facts of several kinds
    if isinstance(fact, frozenset):
        return sorted(built)
    if isinstance(built, dict):
        return {name: _sorted(getattr(fact, name, None), value) for name, value in built.items()}
    return built


def flat(prefix: str, value: Any) -> Iterator[str]:  # noqa: ANN401 - plain values
    """Iterate over plain values as lines `path: value`."""
    if isinstance(value, dict):
        for name, below in value.items():
            yield from flat(f"{prefix}.{name}" if prefix else name, below)
    elif isinstance(value, list | tuple) and any(isinstance(one, dict) for one in value):
        for index, one in enumerate(value):
            yield from flat(f"{prefix}[{index}]", one)
    elif value not in ([], "", None):
        yield f"{prefix}: {', '.join(map(str, value)) if isinstance(value, list | tuple) else value}"
