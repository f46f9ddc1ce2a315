"""No request with a hosted tool goes where the tool's recipient would not be permitted: over every small rulebook.

Law: exhaustive over every answer that rules can give of a destination and two recipients, as is and masked, with and
without what the tools bring; a permit has only what all of them permit in that form, and nothing that all permit is
missing (INVARIANT 1).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations, product

from ecluse.domain.caller import Application, ApplicationId, CallerKind, Organisation, OrganisationId, Purpose
from ecluse.domain.destination import (
    Destination,
    DestinationId,
    ModelId,
    OfferId,
    OperatedBy,
    ProcessingScope,
    Scope,
    Terms,
    Trilean,
)
from ecluse.domain.errors import GatewayError
from ecluse.domain.finding import Classification, DataClass
from ecluse.domain.hosted import HostedKind, HostedRef
from ecluse.domain.party import Confidence, ProviderId, Source
from ecluse.domain.recipient import Recipient
from ecluse.domain.request import Slot
from ecluse.domain.snapshot import Instant, Memory, Snapshot, SnapshotId, never
from ecluse.domain.verdict import Action, Basis, Choice, Question, Reason, RuleId, Ruling
from ecluse.passage.decide import explain

BROUGHT = DataClass.HEALTH
_DIALECT = "openai_responses"
_MODEL, _SEARCH, _SERVER = DestinationId("p/o/m"), DestinationId("p/search"), DestinationId("q/server")
_THINGS = (_MODEL, _SEARCH, _SERVER)
_TOOLS = {
    _SEARCH: HostedRef(kind=HostedKind.WEB_SEARCH, dialect=_DIALECT),
    _SERVER: HostedRef(kind=HostedKind.MCP, dialect=_DIALECT, address="https://mcp.example"),
}
_SOURCE = Source(title="none", url="", as_of=date(2026, 1, 1), confidence=Confidence.HIGH)

Explain = Callable[[Snapshot, Question, Sequence[DestinationId]], tuple[Ruling, ...]]


class ToolLeavesPermit(Exception):
    """A verdict on a request with a hosted tool is not the one on all who would receive it. Nothing may be sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    """Rules that permit what a table says, with one for what a tool brings."""

    permits: frozenset[tuple[DestinationId, bool]]
    with_brought: bool

    is_folded = True

    def rule(self, question: Question, choices: Sequence[Choice]) -> tuple[Ruling, ...]:
        """Rule by the table."""
        lets = self.with_brought or BROUGHT not in question.classes
        return tuple(
            Ruling(choice=c, permitted=ok, reasons=() if ok else (_REFUSED,))
            for c in choices
            for ok in (lets and (c.destination, c.masked) in self.permits,)
        )

    def hold(self, question: Question, place: object) -> tuple[Reason, ...]:  # noqa: ARG002 - as the protocol has it
        """Permit every place."""
        return ()

    def confirm(self, question: Question, choices: Sequence[Choice], places: object) -> bool:  # noqa: ARG002 - as the protocol has it
        """Agree."""
        return True

    def distrust(self) -> None:
        """Have nothing else."""


_REFUSED = Reason(rule=RuleId("table"), en="no", fr="non", source="", basis=Basis.HOUSE)


def every_tool_is_permitted(explained: Explain = explain) -> int:
    """Return how many verdicts were looked at. Raises ToolLeavesPermit with the first that is wrong."""
    seen = 0
    for snapshot, table, question, brings in _cases():
        asked = {id_ for id_, ref in _TOOLS.items() if ref in question.tools}
        for ruling in explained(snapshot, question, (_MODEL,)):
            seen += 1
            lets = table.with_brought or not (brings & asked)
            right = lets and all((id_, ruling.choice.masked) in table.permits for id_ in (_MODEL, *asked))
            if ruling.permitted is not right:
                raise ToolLeavesPermit(f"{ruling.choice} with {sorted(asked)}: {ruling.permitted}, not {right}")
    return seen


def _cases() -> Iterator[tuple[Snapshot, _Table, Question, frozenset[DestinationId]]]:
    cells = [(id_, masked) for id_ in _THINGS for masked in (False, True)]
    subsets = [frozenset(some) for n in range(len(_TOOLS) + 1) for some in combinations(_TOOLS, n)]
    for told, with_brought, brings in product(product((False, True), repeat=len(cells)), (False, True), subsets):
        permits = frozenset(cell for cell, ok in zip(cells, told, strict=True) if ok)
        table = _Table(permits=permits, with_brought=with_brought)
        snapshot = _snapshot(table, brings)
        for asked in subsets:
            yield snapshot, table, _question(frozenset(_TOOLS[id_] for id_ in asked)), brings


def _question(tools: frozenset[HostedRef]) -> Question:
    organisation = Organisation(id=OrganisationId("o"), name="o", kind=CallerKind.OTHER)
    application = Application(
        id=ApplicationId("a"), name="a", organisation=organisation, purposes=(Purpose("p"),), owner="o"
    )
    personal = frozenset({DataClass.PERSONAL})
    return Question(
        application=application,
        action=Action.INFER,
        purpose=Purpose("p"),
        classes=personal,
        covered=personal,
        tools=tools,
    )


def _snapshot(table: _Table, brings: frozenset[DestinationId]) -> Snapshot:
    received = tuple(
        Recipient(
            destination=_destination(id_),
            kind=ref.kind,
            via=frozenset() if ref.address else frozenset({ProviderId("p")}),
            address=ref.address,
            brings=frozenset({BROUGHT}) if id_ in brings else frozenset(),
            source=_SOURCE,
        )
        for id_, ref in _TOOLS.items()
    )
    return Snapshot(
        id=SnapshotId("s"),
        today="2026-01-01",
        valid_until=Instant(1),
        destinations={_MODEL: _destination(_MODEL)},
        aliases={},
        places=(),
        rulebook=table,
        detector=_Nothing(),
        recipients=received,
    )


class _Nothing:
    """A detector that is asked nothing."""

    version = "none"

    def classify(
        self,
        slots: Sequence[Slot],  # noqa: ARG002 - as the protocol has it
        stopped: Callable[[], bool] = never,  # noqa: ARG002 - as the protocol has it
        memory: Memory | None = None,  # noqa: ARG002 - as the protocol has it
    ) -> Classification:
        """Refuse to be asked. Raises GatewayError."""
        raise GatewayError("classification_unavailable")


def _destination(id_: DestinationId) -> Destination:
    return Destination(
        id=id_,
        model=ModelId("m"),
        provider=ProviderId(id_.partition("/")[0]),
        offer=OfferId("o"),
        operated_by=OperatedBy.PROVIDER,
        dialect=_DIALECT,
        base_url="",
        wire_model="",
        capabilities=frozenset(),
        scope=ProcessingScope(processing=Scope.UNKNOWN, storage=Scope.UNKNOWN, source=_SOURCE),
        terms=Terms(trains_on_input=Trilean.UNKNOWN, retention_days=None, human_review=Trilean.UNKNOWN, source=_SOURCE),
    )
