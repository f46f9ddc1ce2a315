"""Registry: attestations on a timeline of their ends, destinations with the law that reaches them, and what if.

Law: facts are shown with source, date and confidence; an unknown end is drawn as unknown, never as far away.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ecluse.console.ground import Ground
from ecluse.console.page import Page
from ecluse.console.picture import Picture, picture
from ecluse.console.problem import Problem, problem_of
from ecluse.console.view import ground_of, reader_of, render, said
from ecluse.domain.destination import Attestation, Destination, DestinationId
from ecluse.domain.party import EntityId
from ecluse.edge.exposing import exposed, exposed_entity, graph_of
from ecluse.edge.roles import Act
from ecluse.packs.registry import Registry, establish
from ecluse.prove.exposure import Party
from ecluse.prove.exposure_words import told_exposure
from ecluse.prove.whatif import NoSuchSupposition, read_supposition, suppose

SOON = timedelta(days=90)
SUPPOSED = "microsoft converts 15 MEUR in mistral_ai at 20 GEUR post-money"
LONGEST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """An attestation on the timeline, in percent of its width. `state` is `good`, `soon`, `ended` or `unknown`."""

    offer: str
    provider: str
    attestation: Attestation
    state: str
    x: float
    width: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The timeline: its spans, where today stands, its years."""

    spans: Sequence[Span]
    today: float
    years: Sequence[tuple[int, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Supposed:
    """What a conversion would change: the holder's share, and the law that reaches destinations, before and after."""

    stated: str
    share: float
    changes: Sequence[tuple[str, str, str]]
    company: str = ""
    classes: Sequence[tuple[str, str, str, bool]] = ()
    pictures: Sequence[tuple[str, Picture | None]] = ()
    problem: Problem | None = None


def show(request: Request) -> Response:
    """Show the registry."""
    ground = ground_of(request)
    stated = request.query_params.get("if", "").strip()[:LONGEST]
    every = establish(ground.base.registry, ground.today)
    return render(
        request,
        "registry.html",
        {
            "title": said(request)("registry.title"),
            "line": timeline(ground.base.registry, ground.today),
            "destinations": [ground.snapshot.destinations.get(id_, one) for id_, one in every.items()],
            "in_use": set(ground.snapshot.destinations),
            "reach": {id_: ground.exposed(id_, ground.today).word for id_ in every},
            "names": {id_: ground.destination(id_) for id_ in every},
            "companies": sorted(ground.base.registry.entities.values(), key=lambda entity: entity.name.lower()),
            "example": SUPPOSED,
            "stated": stated,
            "supposed": _supposed(request, stated, every) if stated else None,
        },
    )


def one(request: Request) -> Response:
    """Show one destination, or one company: what is established of it, and who can compel it, by which path."""
    ground, t = ground_of(request), said(request)
    if request.path_params["name"] in ground.base.registry.entities:
        return _company(request, EntityId(request.path_params["name"]))
    name = DestinationId(request.path_params["name"])
    known = establish(ground.base.registry, ground.today).get(name)
    if known is None:
        return render(request, "missing.html", {"title": t("frame.missing")}, status=404)
    seen = ground.exposed(name, ground.today)
    graph, language = graph_of(ground.base.registry), reader_of(request).language
    model, place = ground.destination(name)
    return render(
        request,
        "destination.html",
        {
            "title": model,
            "place": place,
            "one": known,
            "word": seen.word,
            "told": told_exposure(seen.exposure, graph, language) if seen.exposure else None,
            "picture": picture(seen.exposure, graph, language),
            "offer": ground.base.registry.offers[known.offer].offer,
        },
    )


def _company(request: Request, name: EntityId) -> Response:
    ground, language = ground_of(request), reader_of(request).language
    registry = ground.base.registry
    graph, seen = graph_of(registry), exposed_entity(registry, name, ground.today)
    runs = [
        id_
        for id_, one in registry.destinations.items()
        if seen.exposure and name in {party.entity for party in _hands(ground, id_)}
    ]
    return render(
        request,
        "company.html",
        {
            "title": registry.entities[name].name,
            "one": registry.entities[name],
            "word": seen.word,
            "told": told_exposure(seen.exposure, graph, language) if seen.exposure else None,
            "picture": picture(seen.exposure, graph, language),
            "runs": [(id_, ground.destination(id_)) for id_ in runs],
        },
    )


def _hands(ground: Ground, destination: DestinationId) -> Sequence[Party]:
    exposure = ground.exposed(destination, ground.today).exposure
    return exposure.parties if exposure else ()


def timeline(registry: Registry, today: date) -> Line:
    """Lay out every attestation between the first year that has one and the last."""
    rows = [
        (registry.providers[record.offer.provider].name, record.offer.name, attestation)
        for record in registry.offers.values()
        for attestation in record.offer.attestations
    ]
    ends = [a.valid_until for _, _, a in rows if a.valid_until is not None]
    first = date(min([a.valid_from.year for _, _, a in rows if a.valid_from] + [today.year]), 1, 1)
    last = date(max([end.year for end in ends] + [today.year]) + 1, 1, 1)
    whole = (last - first).days

    def at(day: date) -> float:
        return round(100 * (day - first).days / whole, 2)

    spans = []
    for provider, offer, attestation in rows:
        start, end = attestation.valid_from or first, attestation.valid_until
        x = at(start)
        spans.append(
            Span(
                offer=offer,
                provider=provider,
                attestation=attestation,
                state=_state(attestation, today),
                x=x,
                width=round(at(end or last) - x, 2),
            )
        )

    def end_of(span: Span) -> tuple[bool, date, str]:
        end = span.attestation.valid_until
        return end is None, end or today, span.offer

    years = [(year, at(date(year, 1, 1))) for year in range(first.year, last.year)]
    return Line(spans=sorted(spans, key=end_of), today=at(today), years=years)


def _state(attestation: Attestation, today: date) -> str:
    if attestation.valid_from is None or attestation.valid_until is None:
        return "unknown"
    if attestation.valid_until < today:
        return "ended"
    return "soon" if attestation.valid_until < today + SOON else "good"


def _supposed(request: Request, stated: str, every: Mapping[DestinationId, Destination]) -> Supposed:
    ground, language = ground_of(request), reader_of(request).language
    registry = ground.base.registry
    try:
        conversion = read_supposition(stated, registry.entities)
    except NoSuchSupposition as error:
        return Supposed(stated=stated, share=0, changes=[], problem=problem_of(request, error))
    after = replace(registry, stakes=suppose(registry.stakes, conversion, ground.today))
    then = establish(after, ground.today)
    changes = []
    for id_, before in every.items():
        words = ground.exposed(id_, ground.today).word, exposed(after, id_, ground.today).word
        moved = words[0] != words[1] or before.established != then[id_].established
        if moved:
            changes.append((str(id_), *words))
    return Supposed(
        stated=conversion.stated,
        share=conversion.share,
        changes=changes,
        company=registry.entities[conversion.held].name,
        classes=_classes(registry, after, conversion.held, ground.today, language),
        pictures=[
            (when, picture(exposed_entity(one, conversion.held, ground.today).exposure, graph_of(one), language))
            for when, one in (("before", registry), ("after", after))
        ],
    )


def _classes(
    registry: Registry, after: Registry, held: EntityId, today: date, language: str
) -> Sequence[tuple[str, str, str, bool]]:
    """Say of each class of exposure of a company what it is before and after, and whether it moved."""
    then, now = (
        told_exposure(found, graph_of(one), language)["classes"]
        for one in (after, registry)
        if (found := exposed_entity(one, held, today).exposure) is not None
    )
    return [
        (one["is"], one["says"], other["says"], one["status"] != other["status"] or one["paths"] != other["paths"])
        for one, other in zip(now, then, strict=True)
    ]


PAGE = Page(
    name="registry",
    act=Act.LOOK,
    path="/registry",
    routes=[Route("/registry", show), Route("/registry/{name:path}", one)],
    group="know",
    order=60,
)
