"""Applications: the record, what is open by it for each data class, what is missing, and which ends come next.

Law: nothing is written here: a ticked box only asks the rules. Names of persons are shown to who says why, once the
trail has it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ecluse.console.beside import Busy, beside
from ecluse.console.ground import Ground
from ecluse.console.opening import filled, gains
from ecluse.console.page import Page
from ecluse.console.view import ground_of, names_on, reader_of, render, said
from ecluse.domain.caller import AnalysisKind, Application, ApplicationId
from ecluse.domain.errors import EcluseError
from ecluse.edge.roles import Act
from ecluse.packs.registry.changes import Shift, ahead
from ecluse.passage.decide.words import ANALYSIS_NAMES
from ecluse.passage.question import RAISABLE
from ecluse.prove.ceiling import ceiling

DAYS = 180
"""How far ahead ends are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """Something that ends: an analysis of an application, or what a destination gains and loses on a day."""

    day: date
    application: Application | None = None
    kind: AnalysisKind | None = None
    shift: Shift | None = None


def show(request: Request) -> Response:
    """Show every application, and the ends to come."""
    ground = ground_of(request)
    applications = list(ground.base.applications.values())
    today = ground.today
    values = {
        "title": said(request)("applications.title"),
        "applications": applications,
        "on_record": {one.id: len(one.on_record(today)) for one in applications},
        "next_end": {one.id: _next(one, today) for one in applications},
        "lifted": {one.id: sum(e.in_force(today) for e in one.exceptions) for one in applications},
        "ends": _ends(ground, applications),
        "analyses": ANALYSIS_NAMES,
        "days": DAYS,
    }
    return render(request, "applications.html", values)


def _next(application: Application, today: date) -> date | None:
    ends = [one.valid_until for one in application.analyses] + [one.ends for one in application.exceptions]
    return min((end for end in ends if end is not None and end >= today), default=None)


def _ends(ground: Ground, applications: Sequence[Application]) -> Sequence[End]:
    today, last = ground.today, ground.today + timedelta(days=DAYS)
    found = [
        End(day=analysis.valid_until, application=one, kind=analysis.kind)
        for one in applications
        for analysis in one.analyses
        if analysis.valid_until is not None and today <= analysis.valid_until <= last
    ]
    used = set(ground.snapshot.destinations)
    for day, shifts in ahead(ground.base.registry, today, DAYS):
        found += [End(day=day, shift=shift) for shift in shifts if shift.destination in used]
    return sorted(found, key=lambda end: end.day)


async def one(request: Request) -> Response:
    """Show one application as it is on record."""
    return await _answer(request, None)


async def look(request: Request) -> Response:
    """Show one application as the form fills it in."""
    return await _answer(request, await request.form())


async def _answer(request: Request, form: FormData | None) -> Response:
    ground, t = ground_of(request), said(request)
    known = ground.base.applications.get(ApplicationId(request.path_params["name"]))
    if known is None:
        return render(request, "missing.html", {"title": t("frame.missing")}, status=404)
    stated, values = _stated(ground, known, form)
    values |= {"title": known.name, "persons": names_on(request, request.url.path)}
    work = partial(_opened, ground, stated)
    try:
        if form is None:
            asked = partial(ground.kept, ("opened", known.id), work)
            found = await beside(request, f"application {known.id}", asked, quick=ground.is_folded)
        else:
            found = await run_in_threadpool(work)
    except EcluseError as error:
        return render(request, "application.html", values | {"problem": error.sentence(reader_of(request).language)})
    except Busy as error:
        return render(request, "application.html", values | {"problem": str(error)})
    return render(request, "application.html", values | (found or {"making": True}))


def _stated(ground: Ground, known: Application, form: FormData | None) -> tuple[Application, dict[str, object]]:
    """Return the application as it is asked about, and what the page shows of it."""
    today = ground.today
    analyses, declared = known.on_record(today), known.declared
    if form is not None:
        analyses = frozenset(kind for kind in AnalysisKind if kind in form.getlist("analysis"))
        declared = frozenset(c for c in RAISABLE.values() if c in form.getlist("declared")) | (
            declared - frozenset(RAISABLE.values())
        )
    stated = filled(known, today, analyses, declared) if form is not None else known
    return stated, {
        "one": known,
        "stated": stated,
        "on_record": stated.on_record(today),
        "declared": declared,
        "changed": form is not None and (analyses != known.on_record(today) or declared != known.declared),
        "analyses": ANALYSIS_NAMES,
        "declarable": sorted(RAISABLE.values()),
        "today": today,
        "names": {str(id_): ground.destination(id_) for id_ in ground.snapshot.destinations},
        "problem": "",
        "making": False,
    }


def _opened(ground: Ground, stated: Application) -> dict[str, object]:
    """Ask the rules what is open, and what each analysis more would open. Raises EcluseError."""
    snapshot, now = ground.folded(), ground.clock.now()
    levels = ceiling(snapshot, stated, now=now)
    every = {choice.destination for level in levels for choice in level.choices}
    opens = gains(snapshot, stated, levels, now=now)
    return {"levels": levels, "gains": opens, "open": len(every), "of": len(snapshot.destinations)}


PAGE = Page(
    name="applications",
    act=Act.READ,
    path="/applications",
    routes=[
        Route("/applications", show),
        Route("/applications/{name}", one),
        Route("/applications/{name}", look, methods=["POST"]),
    ],
    group="account",
    order=42,
)
