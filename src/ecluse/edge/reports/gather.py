"""The material of a report: one organisation's record, its past decisions, and who stands behind each destination.

Law: it joins what is on record and counts what the trail says; it concludes nothing.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from ecluse.domain.caller import Application, ApplicationId, OrganisationId
from ecluse.domain.destination import Destination, DestinationId, Scope, Trilean
from ecluse.domain.finding import DataClass
from ecluse.domain.not_checked import NOT_CHECKED
from ecluse.domain.party import StakeKind
from ecluse.domain.snapshot import Snapshot
from ecluse.edge.exposing import exposed
from ecluse.packs.policies import Review
from ecluse.packs.registry import Registry, establish
from ecluse.packs.registry.model import OfferRecord, Provider, good
from ecluse.prove.exposure import Exposure
from ecluse.prove.past import Passed
from ecluse.prove.reports import Below, Material, Part, Recipient, Use


@dataclass(slots=True)
class _Sum:
    classes: set[DataClass] = field(default_factory=set)
    passages: set[str] = field(default_factory=set)
    first: str = ""
    last: str = ""


def gather(
    registry: Registry,
    snapshot: Snapshot,
    applications: Mapping[ApplicationId, Application],
    organisation: OrganisationId,
    decisions: Iterable[Passed],
    reviews: Mapping[str, Review],
) -> Material:
    """Return the material of one organisation. Raises LookupError when it has no application."""
    mine = {id_: one for id_, one in applications.items() if one.organisation.id == organisation}
    if not mine:
        raise LookupError(f"organisation {organisation!r} has no application in these settings")
    uses = tuple(_uses(entry for entry in decisions if entry.past.application in mine))
    today = date.fromisoformat(snapshot.today)
    tools = {one.id: one.destination for one in snapshot.recipients}
    known = {**establish(registry, today), **snapshot.destinations, **tools}
    names = dict.fromkeys(use.destination for use in uses if use.destination is not None)
    return Material(
        organisation=next(iter(mine.values())).organisation,
        applications=tuple(mine.values()),
        uses=uses,
        recipients={name: _recipient(registry, known[name], today) for name in names if name in known},
        since=min((use.first for use in uses), default="-"),
        until=max((use.last for use in uses), default="-"),
        date=snapshot.today,
        snapshot=snapshot.id,
        milestones={one.id: one.on.isoformat() for one in registry.milestones if good(one.source)},
        places=tuple((place.role, place.facts.get("name", str(place.id))) for place in snapshot.places),
        not_checked=(*((hint.en, hint.fr) for hint in NOT_CHECKED), *_unread(reviews)),
    )


def _unread(reviews: Mapping[str, Review]) -> Iterator[tuple[str, str]]:
    """Say of which rules nobody reviewed the text."""
    if unread := ", ".join(sorted(name for name, review in reviews.items() if review.by is None)):
        yield (
            f"The text of these packs of rules, which decided, was reviewed by nobody: {unread}.",
            f"Personne n'a relu le texte de ces jeux de règles, qui ont décidé : {unread}.",
        )


def _uses(decisions: Iterable[Passed]) -> Iterable[Use]:
    sums: dict[tuple[ApplicationId, DestinationId | None, bool, DestinationId | None], _Sum] = {}
    for entry in decisions:
        choice = entry.choice
        where, masked = (choice.destination, choice.masked) if choice else (None, False)
        _count(sums.setdefault((entry.past.application, where, masked, None), _Sum()), entry)
        for tool in sorted(entry.past.recipients) if where else ():
            _count(sums.setdefault((entry.past.application, tool, masked, where), _Sum()), entry)
    for (application, destination, masked, through), one in sums.items():
        yield Use(
            application=application,
            destination=destination,
            masked=masked,
            classes=frozenset(one.classes),
            requests=len(one.passages),
            first=one.first,
            last=one.last,
            through=through,
        )


def _count(one: _Sum, entry: Passed) -> None:
    """Count an entry; what a tool might bring counts as in the request."""
    one.classes |= entry.past.found | entry.past.declared | entry.brought
    one.passages.add(entry.passage)
    one.first = min(one.first or entry.at, entry.at)
    one.last = max(one.last, entry.at)


def _recipient(registry: Registry, one: Destination, today: date) -> Recipient:
    offer = registry.offers[one.offer]
    provider = registry.providers[one.provider]
    entity = registry.entities.get(provider.entity) if provider.entity else None
    host = registry.offers[one.runs_on] if one.runs_on else None
    model = registry.models.get(one.model)
    hosted = one.id not in registry.destinations
    exposure = exposed(registry, one.id, today)
    certain, possible = _compelled(exposure.exposure)
    cited = [offer.offer.source, one.scope.source, *(() if entity is None else (entity.source,))]
    return Recipient(
        destination=_as_read(one),
        provider=provider.name,
        entity=entity.name if entity else None,
        seat=entity.seat if entity else None,
        offer=offer.offer.name,
        host=registry.providers[host.offer.provider].name if host else None,
        below=tuple(_below(registry, provider, registry.providers[host.offer.provider] if host else None)),
        model=model.name if model else str(one.model),
        licence=model.licence if model else None,
        attestations=_attested([offer, *([host] if host else [])], today),
        compelled_certain=certain,
        compelled_possible=possible,
        exposure_known=exposure.exposure is not None or exposure.word == "own",
        adequate=_adequate(registry, one, today, conditional=False),
        adequate_if=_adequate(registry, one, today, conditional=True),
        tool=offer.tool.title if offer.tool and good(offer.tool) else None,
        sources=tuple(dict.fromkeys(f"{source.title} ({source.as_of}): {source.url}" for source in cited)),
        hosted=hosted,
    )


def _below(registry: Registry, provider: Provider, host: Provider | None) -> Iterator[Below]:
    """Iterate over the companies under a recipient: whose machines it runs on, and sub-processors of either."""
    yield from _sub_processors(registry, provider, 1)
    if host is not None:
        entity = registry.entities.get(host.entity) if host.entity else None
        yield Below(depth=1, name=host.name, seat=entity.seat if entity else None, part=Part.MACHINES)
        yield from _sub_processors(registry, host, 2)


def _sub_processors(registry: Registry, provider: Provider, depth: int) -> Iterator[Below]:
    """Iterate over the sub-processors on record, however good their source: one more in a chain opens nothing."""
    for stake in registry.stakes:
        if stake.kind is StakeKind.SUB_PROCESSOR and stake.held == provider.entity:
            one = registry.entities[stake.holder]
            yield Below(depth=depth, name=one.name, seat=one.seat, part=Part.SUB_PROCESSOR)


def _as_read(one: Destination) -> Destination:
    """Return a destination without what no good source says: it is unknown, in a report as in a decision."""
    scope, terms = one.scope, one.terms
    if not good(scope.source):
        scope = replace(scope, processing=Scope.UNKNOWN, storage=Scope.UNKNOWN, countries=())
    if not good(terms.source):
        terms = replace(terms, trains_on_input=Trilean.UNKNOWN, human_review=Trilean.UNKNOWN, retention_days=None)
    return replace(one, scope=scope, terms=terms)


def _compelled(exposure: Exposure | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the third countries whose law reaches, for certain and possibly."""
    if exposure is None:
        return (), ()
    third = [one for one in exposure.compelled_by if not one.inside]
    certain = tuple(dict.fromkeys(one.country for one in third if one.certain))
    possible = dict.fromkeys(one.country for one in third if not one.certain)
    return certain, tuple(country for country in possible if country not in certain)


def _attested(offers: Iterable[OfferRecord], today: date) -> tuple[str, ...]:
    rows = [row for record in offers for row in record.offer.attestations]
    return tuple(
        f"{row.scheme} {row.reference} ({row.valid_until})"
        for row in rows
        if good(row.source) and row.valid_from and row.valid_until and row.valid_from <= today < row.valid_until
    )


def _adequate(registry: Registry, one: Destination, today: date, *, conditional: bool) -> tuple[str, ...]:
    """Return the countries of a destination under a decision of adequacy on that day."""
    return tuple(
        row.country
        for row in registry.adequacy
        if row.country in one.scope.countries
        and row.valid_from <= today
        and (row.valid_until is None or today < row.valid_until)
        and good(row.source)
        and bool(row.condition) is conditional
    )
