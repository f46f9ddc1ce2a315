"""A stage for play-books: a snapshot, a caller and rules that a test states in a line; no server, no clock."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from ecluse.domain.caching import Caching
from ecluse.domain.caller import (
    Application,
    ApplicationId,
    Caller,
    CallerKind,
    KeyId,
    Organisation,
    OrganisationId,
    Purpose,
)
from ecluse.domain.destination import (
    Destination,
    DestinationId,
    Established,
    ModelId,
    OfferId,
    OperatedBy,
    Place,
    PlaceId,
    ProcessingScope,
    Scope,
    Terms,
    Trilean,
)
from ecluse.domain.document import Attachment, AttachmentFound, Opened
from ecluse.domain.effects import (
    Abandon,
    AnyAnswer,
    Chunk,
    Confirm,
    Dispatch,
    Done,
    Effect,
    Emit,
    End,
    Failed,
    Findings,
    Gone,
    Head,
    Health,
    Keep,
    Lodge,
    Moment,
    Next,
    OfVault,
    Pause,
    Recall,
    Recalled,
    Recognise,
    Record,
    Refused,
    Reply,
    Reserve,
    Settle,
    Unfold,
    Unfolded,
)
from ecluse.domain.errors import GatewayError
from ecluse.domain.finding import Classification, DataClass, Finding
from ecluse.domain.party import Confidence, ProviderId, Source
from ecluse.domain.request import Capability, Slot, SlotPath, Surface
from ecluse.domain.snapshot import Alias, Instant, Memory, Snapshot, SnapshotId, never
from ecluse.domain.trail import PassageId
from ecluse.domain.verdict import Basis, Choice, Question, Reason, RuleId, Ruling
from ecluse.edge.recognising import with_files
from ecluse.passage.admit import DIALECTS as INBOUND
from ecluse.passage.arrival import Arrival
from ecluse.passage.ledger import Steps
from ecluse.passage.question import Asked
from ecluse.passage.send import DIALECTS as OUTBOUND
from ecluse.passage.walk import walk

NOW = Instant(1_795_521_600_000)
LATER = Instant(NOW + 10**10)
SOURCE = Source(title="a test", url="https://example.org", as_of=date(2026, 1, 1), confidence=Confidence.HIGH)
REASON = Reason(
    rule=RuleId("test.no"), en="The test says no.", fr="Le test dit non.", source="a test", basis=Basis.HOUSE
)
PERMITS = RuleId("test.yes")


def destination(name: str, *, model: str = "m", operated_by: OperatedBy = OperatedBy.PROVIDER) -> Destination:
    return Destination(
        id=DestinationId(name),
        model=ModelId(model),
        provider=ProviderId("p"),
        offer=OfferId("o"),
        operated_by=operated_by,
        dialect="openai_chat",
        base_url=f"https://{name}.example/v1",
        wire_model=f"{model}-wire",
        capabilities=frozenset(Capability),
        scope=ProcessingScope(processing=Scope.EU, storage=Scope.EU, source=SOURCE),
        terms=Terms(trains_on_input=Trilean.NO, retention_days=0, human_review=Trilean.NO, source=SOURCE),
        established=frozenset({Established.PROCESSING_IN_EU}),
    )


@dataclass
class Rules:
    """Rules that a test states: which (destination, masked) forms are permitted for which classes."""

    permits: Callable[[Question, Choice], bool] = lambda _q, _c: True
    holds: Callable[[Question, Place], bool] = lambda _q, _p: True
    broken: bool = False

    def rule(self, question: Question, choices: Sequence[Choice]) -> tuple[Ruling, ...]:
        if self.broken:
            raise GatewayError("policy_unavailable")
        return tuple(
            Ruling(choice=choice, permitted=True, permitted_by=(PERMITS,))
            if self.permits(question, choice)
            else Ruling(choice=choice, permitted=False, reasons=(REASON,))
            for choice in choices
        )

    def hold(self, question: Question, place: Place) -> tuple[Reason, ...]:
        return () if self.holds(question, place) else (REASON,)

    is_folded = True
    confirms: bool = True

    def confirm(self, question: Question, choices: Sequence[Choice], places: Sequence[Place]) -> bool:
        del question, choices, places
        return self.confirms

    def distrust(self) -> None:
        self.is_folded = False


@dataclass
class Finds:
    """A detector that finds the given words."""

    words: Mapping[str, DataClass] = field(default_factory=dict)
    version: str = "test"

    def classify(
        self, slots: Sequence[Slot], stopped: Callable[[], bool] = never, memory: Memory | None = None
    ) -> Classification:
        del stopped, memory
        found = tuple(
            Finding(
                slot=slot.path,
                start=at,
                end=at + len(word),
                kind="person",
                data_class=data_class,
                confidence=1.0,
                recogniser="test",
                evidence="the test says so",
                maskable=slot.maskable,
            )
            for slot in slots
            for word, data_class in self.words.items()
            if (at := slot.text.find(word)) >= 0
        )
        return Classification(findings=found, detector=self.version)


def snapshot(
    *destinations: Destination,
    rules: Rules | None = None,
    finds: Finds | None = None,
    name: str = "s1",
    valid_until: Instant = LATER,
    caching: Caching | None = None,
) -> Snapshot:
    known = destinations or (destination("a"), destination("b"))
    return Snapshot(
        id=SnapshotId(name),
        today="2026-11-24",
        valid_until=valid_until,
        destinations={d.id: d for d in known},
        aliases={"auto": Alias(name="auto", models=tuple(dict.fromkeys(d.model for d in known)))},
        places=(Place(id=PlaceId("own_premises"), role="runs"),),
        rulebook=rules or Rules(),
        detector=finds or Finds(),
        caching=caching or Caching(),
    )


def arrival(shot: Snapshot, body: Mapping[str, Any] | bytes | None = None, **asked: Any) -> Arrival:
    stated = {"model": "m", "messages": [{"role": "user", "content": "Hello Ada Lovelace."}], "stream": True}
    raw = body if isinstance(body, bytes) else json.dumps(stated if body is None else body).encode()
    organisation = Organisation(id=OrganisationId("org"), name="Org", kind=CallerKind.PRIVATE)
    application = Application(
        id=ApplicationId("app"), organisation=organisation, name="App", purposes=(Purpose("drafting"),)
    )
    return Arrival(
        passage=PassageId("ab" * 16),
        seed=bytes(range(32)),
        moment=Moment(now=NOW, snapshot=shot),
        caller=Caller(application=application, key=KeyId("k1")),
        dialect=INBOUND["openai_chat"],
        surface=Surface.CHAT,
        body=raw,
        asked=Asked(**asked),
        masking_key=b"k" * 32,
        outbound=OUTBOUND,
    )


def sse(*pieces: str, finish: bool = True) -> list[bytes]:
    """A provider's stream that says these pieces of text."""
    head = {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "m-wire"}
    chunks = [
        head | {"choices": [{"index": 0, "delta": {"content": piece}, "finish_reason": None}]} for piece in pieces
    ]
    if finish:
        chunks.append(head | {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    out = [f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n".encode() for chunk in chunks]
    return [*out, b"data: [DONE]\n\n"] if finish else out


@dataclass
class Stage:
    """Answers effects and remembers them. `upstream` maps a destination to what it does."""

    shot: Snapshot
    upstream: dict[str, Any] = field(default_factory=dict)
    trail_fails: bool = False
    classify_fails: bool = False
    gone_at: int | None = None
    short: Refused | None = None
    affords: int = 0
    later: Snapshot | None = None
    health: Health = field(default_factory=Health)
    headers: Mapping[str, str] = field(default_factory=dict)
    seen: list[Effect] = field(default_factory=list)
    kept: dict[str, bytes] = field(default_factory=dict)
    reads: Callable[[Attachment], AttachmentFound] | None = None
    opened: Opened | None = None
    _pieces: list[Any] = field(default_factory=list)

    def play(self, start: Arrival, begin: Callable[[Arrival], Steps] = walk) -> list[Effect]:
        steps = begin(start)
        try:
            effect = next(steps)
            while True:
                self.seen.append(effect)
                effect = steps.send(self._answer(effect))
        except StopIteration:
            return self.seen

    def _moment(self) -> Moment:
        current = self.later if self.later is not None and self.of(Dispatch) else self.shot
        return Moment(now=NOW, snapshot=current, health=self.health)

    def _answer(self, effect: Effect) -> AnyAnswer:
        moment = self._moment()
        if self.gone_at is not None and len(self.seen) > self.gone_at and not isinstance(effect, Settle):
            return Gone(moment=moment)
        if isinstance(effect, Unfold | OfVault):
            return self._opened(effect, moment)
        match effect:
            case Recognise():
                if self.classify_fails:
                    return Failed(moment=moment, code="classification_unavailable")
                return Findings(moment=moment, classification=self._recognised(effect))
            case Confirm():
                same = self.shot.rulebook.confirm(effect.question, effect.choices, ())
                return Done(moment=moment) if same else Failed(moment=moment, code="policy_unavailable")
            case Dispatch():
                return self._dispatch(effect, moment)
            case Next():
                return self._next(moment)
            case Record() | Recall() | Keep():
                return self._remember(effect, moment)
            case Reserve() | Lodge() | Pause() | Abandon() | Reply() | Emit() | Settle():
                return Done(moment=moment)

    def _opened(self, effect: Unfold | OfVault, moment: Moment) -> AnyAnswer:
        """Open files where there are readers; there is no vault."""
        if isinstance(effect, OfVault):
            return Failed(moment=moment, code="vault_unavailable")
        failed = Failed(moment=moment, code="classification_unavailable")
        return Unfolded(moment=moment, opened=self.opened) if self.opened else failed

    def _recognised(self, effect: Recognise) -> Classification:
        found = self.shot.detector.classify(effect.slots)
        return found if self.reads is None else with_files(found, [self.reads(file) for file in effect.files])

    def _remember(self, effect: Record | Recall | Keep, moment: Moment) -> AnyAnswer:
        if isinstance(effect, Record):
            return Failed(moment=moment, code="trail_unavailable") if self.trail_fails else Done(moment=moment)
        if isinstance(effect, Keep):
            self.kept[effect.name] = effect.data
        elif effect.name in self.kept:
            return Recalled(moment=moment, data=self.kept[effect.name], at=NOW)
        return Done(moment=moment)

    def _dispatch(self, effect: Dispatch, moment: Moment) -> AnyAnswer:
        if self.trail_fails:
            return Failed(moment=moment, code="trail_unavailable")
        if self.short is not None and len(self.of(Dispatch)) > self.affords:
            return self.short
        does = self.upstream.get(effect.call.destination, sse("Hi."))
        if isinstance(does, str):
            return Failed(moment=moment, code=does, recorded=True)
        if isinstance(does, int):
            self._pieces = [b'{"error":{"message":"the prompt was: Ada Lovelace"}}']
            return Head(moment=moment, status=does, headers=self.headers)
        self._pieces = list(does)
        return Head(moment=moment, status=200, headers={"content-type": "text/event-stream", **self.headers})

    def _next(self, moment: Moment) -> AnyAnswer:
        if not self._pieces:
            return End(moment=moment)
        piece = self._pieces.pop(0)
        return Failed(moment=moment, code=piece) if isinstance(piece, str) else Chunk(moment=moment, data=piece)

    # ------------------------------------------------------------- what a test looks at
    def of(self, kind: type) -> list[Any]:
        return [effect for effect in self.seen if isinstance(effect, kind)]

    @property
    def order(self) -> list[str]:
        return [type(effect).__name__ for effect in self.seen]

    @property
    def sent_to(self) -> list[str]:
        return [effect.call.destination for effect in self.of(Dispatch)]

    @property
    def status(self) -> int:
        return int(self.of(Reply)[0].status)

    @property
    def reply_headers(self) -> list[tuple[str, str]]:
        return list(self.of(Reply)[0].headers)

    @property
    def said(self) -> str:
        return b"".join(effect.data for effect in self.of(Emit)).decode()

    @property
    def outcome(self) -> Mapping[str, Any]:
        (settled,) = self.of(Settle)
        return dict(settled.outcome.body)


ADA = SlotPath("messages/0/parts/0")
