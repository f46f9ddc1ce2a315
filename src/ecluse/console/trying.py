"""A text under the rules of several callers at once, with nothing sent: what is found, decided, masked.

Law: it asks the functions that the gateway asks (INVARIANT 7), over the snapshot of the chosen day; what is shown as
masked is what the mask would write. Nothing is kept.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from ecluse.console.ground import Ground
from ecluse.domain.caller import (
    HDS_ACTIVITIES,
    Analysis,
    AnalysisKind,
    Application,
    ApplicationId,
    CallerKind,
    Organisation,
    OrganisationId,
    Purpose,
)
from ecluse.domain.destination import DestinationId
from ecluse.domain.errors import EcluseError
from ecluse.domain.finding import Classification, DataClass, Finding
from ecluse.domain.request import Capability, Message, Request, Role, Surface, TextPart, slots
from ecluse.domain.snapshot import Snapshot
from ecluse.domain.verdict import Permit, Question, Refusal, Ruling, Verdict
from ecluse.edge.clock import start_of
from ecluse.passage.classify import classify
from ecluse.passage.decide import decide, explain, resolve
from ecluse.passage.mask import mask
from ecluse.passage.question import Asked, question_of

_KEY = secrets.token_bytes(32)
"""Surrogates of the playground mean nothing elsewhere."""
PURPOSE = Purpose("drafting")
KINDS = (
    CallerKind.STATE_ADMINISTRATION,
    CallerKind.LOCAL_AUTHORITY,
    CallerKind.HEALTH_ESTABLISHMENT,
    CallerKind.PRIVATE,
)
"""The four callers that are shown first."""
LONGEST = 100_000
"""Characters of a text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A run of text: under a finding, or none; or a surrogate in the masked text."""

    text: str
    finding: Finding | None = None
    surrogate: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What the rules say of one destination for one caller, in the best form that is permitted."""

    way: str
    ruling: Ruling


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One caller: its verdict, and the cell of each destination."""

    name: str
    application: Application
    question: Question
    verdict: Verdict
    cells: Mapping[DestinationId, Cell]

    @property
    def permitted(self) -> bool:
        """Whether anything may be sent at all."""
        return isinstance(self.verdict, Permit)

    @property
    def first(self) -> str:
        """The way of the first choice, or `refused`."""
        if isinstance(self.verdict, Refusal):
            return "refused"
        return "masked" if self.verdict.choices[0].masked else "as_is"

    @property
    def open(self) -> int:
        """How many destinations are open."""
        return len(self.verdict.choices) if isinstance(self.verdict, Permit) else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """Everything that a text gave."""

    request: Request
    found: Classification
    pieces: Sequence[Piece]
    columns: Sequence[Column]
    masked: Sequence[Piece]


def try_text(ground: Ground, snapshot: Snapshot, text: str, applications: Sequence[tuple[str, Application]]) -> Tried:
    """Try a text for each caller. Raises EcluseError where the gateway would."""
    request = Request(
        surface=Surface.CHAT,
        model="auto",
        messages=(Message(role=Role.USER, parts=(TextPart(text=text),)),),
        needs=frozenset({Capability.CHAT}),
    )
    found = classify(snapshot.detector, slots(request))
    now = (
        ground.clock.now()
        if snapshot.today == ground.today.isoformat()
        else start_of(date.fromisoformat(snapshot.today))
    )
    columns = []
    seen = {snapshot.detector.version: found}
    for name, application in applications:
        detector = snapshot.detector_of(application.id)
        if detector.version not in seen:
            seen[detector.version] = classify(detector, slots(request))
        question = question_of(application, Asked(), Surface.CHAT, seen[detector.version])
        candidates = resolve(snapshot, "auto", request.needs)
        verdict = decide(snapshot, question, candidates, now=now)
        rulings = explain(snapshot, question, candidates, now=now)
        columns.append(
            Column(
                name=name,
                application=application,
                question=question,
                verdict=verdict,
                cells=_cells(rulings, held=isinstance(verdict, Permit) or verdict.place is None),
            )
        )
    return Tried(
        request=request,
        found=found,
        pieces=_pieces(text, found.findings),
        columns=columns,
        masked=_masked(request, found),
    )


def _cells(rulings: Sequence[Ruling], *, held: bool) -> Mapping[DestinationId, Cell]:
    """Keep for each destination the first permitted form, else the last one that was tried."""
    cells: dict[DestinationId, Cell] = {}
    for ruling in rulings:
        known = cells.get(ruling.choice.destination)
        if known is not None and known.ruling.permitted:
            continue
        permitted = ruling.permitted and held
        way = ("masked" if ruling.choice.masked else "as_is") if permitted else "refused"
        cells[ruling.choice.destination] = Cell(way=way, ruling=ruling)
    return cells


def _pieces(text: str, findings: Sequence[Finding]) -> Sequence[Piece]:
    """Cut a text at its findings; of two that overlap the surer one is shown."""
    pieces: list[Piece] = []
    at = 0
    for finding in sorted(findings, key=lambda f: (f.start, -f.confidence, -f.end)):
        if finding.start < at:
            continue
        if finding.start > at:
            pieces.append(Piece(text=text[at : finding.start]))
        pieces.append(Piece(text=text[finding.start : finding.end], finding=finding))
        at = finding.end
    if at < len(text):
        pieces.append(Piece(text=text[at:]))
    return pieces


def _masked(request: Request, found: Classification) -> Sequence[Piece]:
    """Return the text that would leave masked, cut at its surrogates; nothing when there is nothing to mask."""
    cover = found.coverable
    if not cover:
        return []
    try:
        masked = mask(request, found, cover=cover, key=_KEY)
    except EcluseError:
        return []
    text = next(
        part.text
        for message in masked.request.messages
        if message.role is Role.USER
        for part in message.parts
        if isinstance(part, TextPart)
    )
    pieces: list[Piece] = []
    rest = text
    while rest:
        found_at = [(rest.find(one), -len(one), one) for one in masked.vault.originals if one in rest]
        if not found_at:
            pieces.append(Piece(text=rest))
            break
        at, _, surrogate = min(found_at)
        if at:
            pieces.append(Piece(text=rest[:at]))
        pieces.append(Piece(text=surrogate, surrogate=True))
        rest = rest[at + len(surrogate) :]
    return pieces


# ------------------------------------------------------------------ callers
def supposed(
    ground: Ground, kind: CallerKind, *, analyses: frozenset[AnalysisKind], declared: frozenset[DataClass], care: bool
) -> Application:
    """Suppose a caller of a kind: contracts with every provider, the analyses that are ticked."""
    return Application(
        id=ApplicationId("supposed"),
        organisation=Organisation(
            id=OrganisationId("supposed"),
            name=kind,
            kind=kind,
            contracts=frozenset(destination.provider for destination in ground.snapshot.destinations.values()),
        ),
        name=kind,
        purposes=(PURPOSE,),
        declared=declared,
        analyses=tuple(Analysis(kind=one, reference="supposed", activities=HDS_ACTIVITIES) for one in sorted(analyses)),
        care=care and kind is CallerKind.HEALTH_ESTABLISHMENT,
    )


def with_declared(application: Application, declared: frozenset[DataClass]) -> Application:
    """Return an application on record with more classes declared."""
    return replace(application, declared=application.declared | declared)
