"""The playground: a text under the rules of four callers side by side, with nothing sent."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TypeVar

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ecluse.console.ground import Ground
from ecluse.console.page import Page
from ecluse.console.trying import KINDS, LONGEST, Tried, supposed, try_text, with_declared
from ecluse.console.view import ground_of, reader_of, render, said
from ecluse.domain.caller import AnalysisKind, Application, ApplicationId, CallerKind
from ecluse.domain.errors import EcluseError
from ecluse.domain.finding import DataClass
from ecluse.domain.request import Capability
from ecluse.domain.verdict import Reason
from ecluse.edge.config import SettingsError
from ecluse.edge.roles import Act
from ecluse.passage.decide.words import ANALYSIS_NAMES
from ecluse.passage.question import RAISABLE

_K = TypeVar("_K", AnalysisKind, DataClass)
ON_RECORD = "app:"
FIRST_ANALYSES = frozenset(
    {
        AnalysisKind.REGISTER_ENTRY,
        AnalysisKind.IMPACT_ASSESSMENT,
        AnalysisKind.SREN31,
        AnalysisKind.MASKING_ASSESSMENT,
    }
)


class Choices:
    """What the form says, each value checked: an unknown one is the default."""

    def __init__(self, ground: Ground, form: Mapping[str, object], many: FormData | None) -> None:
        """Read the form; without one, the first view."""
        self.text = str(form.get("text", ""))[:LONGEST].replace("\r\n", "\n")
        self.day = _day(str(form.get("date", "")), ground.today)
        self.columns = [str(form.get(f"caller{i}", kind)) for i, kind in enumerate(KINDS)]
        known = many is not None
        self.analyses = _among(AnalysisKind, many, "analysis") if known else FIRST_ANALYSES
        self.declared = frozenset(c for c in _among(DataClass, many, "declared") if c in RAISABLE.values())
        self.care = bool(form.get("care")) if known else True
        self.lost = str(form.get("lost", ""))

    def callers(self, ground: Ground, names: Mapping[str, str]) -> Sequence[tuple[str, Application]]:
        """Return the four callers, each with the name to show."""
        return [self._caller(ground, stated, names) for stated in self.columns]

    def _caller(self, ground: Ground, stated: str, names: Mapping[str, str]) -> tuple[str, Application]:
        known = ground.base.applications.get(ApplicationId(stated.removeprefix(ON_RECORD)))
        if stated.startswith(ON_RECORD) and known is not None:
            return known.name, with_declared(known, self.declared)
        kind = CallerKind(stated) if stated in set(CallerKind) else CallerKind.PRIVATE
        caller = supposed(ground, kind, analyses=self.analyses, declared=self.declared, care=self.care)
        return names[kind], caller


async def show(request: Request) -> Response:
    """Show an empty playground, or one with an example."""
    ground = ground_of(request)
    t = said(request)
    example = request.query_params.get("example", "")
    text = t(f"playground.example.{example}.text") if t.has(f"playground.example.{example}.text") else ""
    return await _answer(request, Choices(ground, {"text": text}, None))


async def look(request: Request) -> Response:
    """Show what a text gives."""
    form = await request.form()
    return await _answer(request, Choices(ground_of(request), form, form))


async def _answer(request: Request, choices: Choices) -> Response:
    values = await run_in_threadpool(_values, request, choices)
    return render(request, "playground.html", values)


def _values(request: Request, choices: Choices) -> dict[str, object]:
    ground, t = ground_of(request), said(request)
    tried: Tried | None = None
    problem = ""
    snapshot = ground.snapshot
    try:
        snapshot = ground.snapshot_on(choices.day, frozenset({choices.lost} - {""}))
        if choices.text.strip():
            names = {str(kind): t(f"caller.{kind}") for kind in CallerKind}
            tried = try_text(ground, snapshot, choices.text, choices.callers(ground, names))
    except EcluseError as error:
        problem = error.sentence(reader_of(request).language)
    except SettingsError as error:
        problem = str(error)
    chat = [d for d in snapshot.destinations.values() if Capability.CHAT in d.capabilities]
    return {
        "title": t("playground.title"),
        "choices": choices,
        "tried": tried,
        "problem": problem,
        "destinations": chat,
        "names": {d.id: ground.destination(d.id) for d in chat},
        "reach": {d.id: ground.exposed(d.id, choices.day).word for d in chat},
        "kinds": list(CallerKind),
        "applications": ground.applications(),
        "analyses": ANALYSIS_NAMES,
        "declarable": sorted(RAISABLE.values()),
        "attestations": ground.attestations(),
        "examples": ("letter", "care", "secret", "plain"),
        "why": _why(tried) if tried else [],
    }


def _why(tried: Tried) -> Sequence[tuple[Reason, Sequence[str], Sequence[str]]]:
    """Gather each rule that refused somewhere: for whom, and which destinations."""
    gathered: dict[str, tuple[Reason, dict[str, None], dict[str, None]]] = {}
    for column in tried.columns:
        for destination, cell in column.cells.items():
            for reason in cell.ruling.reasons if cell.way == "refused" else ():
                _, callers, places = gathered.setdefault(reason.rule, (reason, {}, {}))
                callers[column.name] = None
                places[destination] = None
    return [(reason, list(callers), list(places)) for reason, callers, places in gathered.values()]


def _among(kind: type[_K], form: FormData | None, name: str) -> frozenset[_K]:
    stated = {str(value) for value in form.getlist(name)} if form is not None else set()
    return frozenset(one for one in kind if one in stated)


def _day(stated: str, today: date) -> date:
    try:
        day = date.fromisoformat(stated)
    except ValueError:
        return today
    return day if date(2020, 1, 1) <= day <= date(2100, 1, 1) else today


PAGE = Page(
    name="playground",
    act=Act.TRY,
    path="/playground",
    routes=[Route("/playground", show), Route("/playground", look, methods=["POST"])],
    group="try",
    order=30,
)
