"""The runner, alone: a broken walk is settled, an intent is durable before its call, leaving is an answer."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pytest

from ecluse.domain.destination import Destination, DestinationId
from ecluse.domain.effects import (
    AnyAnswer,
    Call,
    Confirm,
    Dispatch,
    Effect,
    Emit,
    Estimate,
    Failed,
    Gone,
    Headers,
    Moment,
    Next,
    Reply,
    Reserve,
    Settle,
)
from ecluse.domain.errors import GatewayError
from ecluse.domain.finding import Classification
from ecluse.domain.ports import Clock
from ecluse.domain.snapshot import Instant, Snapshot, SnapshotId
from ecluse.domain.trail import Entry, EntryId, EntryKind, Opening, PassageId
from ecluse.edge.classifying import Classifying
from ecluse.edge.clock import SystemClock
from ecluse.edge.keys import SecretUnavailable
from ecluse.edge.meters import Meters
from ecluse.edge.runner import Runner
from ecluse.edge.signing import Present
from ecluse.passage.ledger import Steps
from ecluse.passage.question import question_of
from ecluse.passage.route import Seen
from tests.edge.shared.counting import quota
from tests.passage.play import NOW, Rules, arrival, destination, snapshot

INTENT = Entry(
    kind=EntryKind.INTENT,
    id=EntryId("1" * 32),
    passage=PassageId("2" * 32),
    at="2026-11-24T12:00:00.000Z",
    body={"snapshot_current": snapshot().id},
)
OUTCOME = Entry(
    kind=EntryKind.OUTCOME, id=EntryId("3" * 32), passage=PassageId("2" * 32), at="2026-11-24T12:00:01.000Z"
)
ESTIMATE = Estimate(tokens_in=10, tokens_out=10)
CALLER = arrival(snapshot()).caller
PASSAGE = PassageId("2" * 32)
CALL = Call(destination=DestinationId("a"), path="/x", headers=(), body=b"{}", stream=False)


@dataclass
class Diary:
    """What happened, in order."""

    lines: list[str] = field(default_factory=list)


@dataclass
class FakeStore:
    diary: Diary
    fails: bool = False

    async def append(self, entry: Entry, opening: Opening | None = None) -> None:
        del opening
        await asyncio.sleep(0.01)
        if self.fails:
            raise GatewayError("trail_unavailable")
        self.diary.lines.append(f"durable {entry.kind}")

    def index_of(self, _entry: EntryId) -> int | None:
        return None

    def rows(self, _start: int, _stop: int) -> Sequence[bytes]:
        return ()

    def size(self) -> int:
        return 0


@dataclass
class FakeTransport:
    diary: Diary
    hangs: bool = False
    status: int = 200

    async def send(self, _destination: Destination, _call: Call, _secret: Sequence[tuple[str, str]]) -> "FakeExchange":
        self.diary.lines.append("sent")
        if self.hangs:
            try:
                await asyncio.sleep(30)
            finally:
                self.diary.lines.append("cut")
        return FakeExchange(status=self.status)

    async def close(self) -> None:
        return


@dataclass
class FakeExchange:
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    pieces: Sequence[bytes] = ()

    async def chunks(self) -> AsyncIterator[bytes]:
        for piece in self.pieces:
            yield piece

    async def close(self) -> None:
        return


@dataclass
class FakeLive:
    secret: Callable[[], Present] = lambda: lambda _call: ()
    seen: list[str] = field(default_factory=list)
    clock: Clock = field(default_factory=SystemClock)
    now: Instant = NOW
    current: Snapshot = field(default_factory=snapshot)

    def moment(self) -> Moment:
        return Moment(now=self.now, snapshot=self.current)

    def way_to(self, _id: DestinationId) -> tuple[Destination, Callable[[], Present]]:
        return destination("a"), self.secret

    async def bearer(self, _destination: Destination) -> None:
        return None

    def distrust(self, _snapshot: Snapshot) -> None:
        self.seen.append("distrust")

    def saw(self, event: Seen) -> None:
        self.seen.append(type(event).__name__)


@dataclass
class FakeCaller:
    diary: Diary
    gone: bool = False
    reads_nothing: bool = False
    told: Callable[[], object] | None = None

    def on_gone(self, told: Callable[[], object] | None) -> None:
        self.told = told

    def leave(self) -> None:
        self.gone = True
        if self.told is not None:
            self.told()

    async def reply(self, status: int, _headers: Headers) -> None:
        self.diary.lines.append(f"replied {status}")

    async def emit(self, _data: bytes, *, last: bool) -> None:
        if self.reads_nothing:
            await asyncio.sleep(30)
        self.diary.lines.append("ended" if last else "emitted")

    def cut(self) -> None:
        self.diary.lines.append("cut off")


def runner(
    diary: Diary,
    *,
    store_fails: bool = False,
    hangs: bool = False,
    concurrent: int = 4,
    live: FakeLive | None = None,
    status: int = 200,
) -> Runner:
    return Runner(
        store=FakeStore(diary, fails=store_fails),
        transport=FakeTransport(diary, hangs=hangs, status=status),
        live=live or FakeLive(),  # type: ignore[arg-type] # a stand-in
        classifying=Classifying(),
        meters=Meters(),
        quota=quota(),
        concurrent=concurrent,
        write_seconds=0.2,
    )


def dispatching(answers: list[AnyAnswer]) -> Steps:
    answers.append((yield Dispatch(intent=INTENT, opening=Opening(salt=b"s" * 32), call=CALL, estimate=ESTIMATE)))
    answers.append((yield Settle(outcome=OUTCOME)))


def test_the_intent_is_durable_before_the_call_leaves() -> None:
    diary, answers = Diary(), list[AnyAnswer]()
    asyncio.run(runner(diary).run(dispatching(answers), FakeCaller(diary), lambda: None))
    assert diary.lines == ["durable intent", "sent", "durable outcome"]


def test_an_intent_that_is_not_durable_refuses_the_call() -> None:
    diary, answers = Diary(), list[AnyAnswer]()
    asyncio.run(runner(diary, store_fails=True).run(dispatching(answers), FakeCaller(diary), lambda: None))
    assert "sent" not in diary.lines
    assert getattr(answers[0], "code", "") == "trail_unavailable"


@pytest.mark.parametrize(
    "live",
    [
        FakeLive(now=Instant(snapshot().valid_until)),
        FakeLive(current=replace(snapshot(), id=SnapshotId("of tomorrow"))),
    ],
    ids=["at its end", "replaced"],
)
def test_facts_that_end_while_the_intent_is_flushed_refuse_the_call(live: FakeLive) -> None:
    diary, answers = Diary(), list[AnyAnswer]()
    asyncio.run(runner(diary, live=live).run(dispatching(answers), FakeCaller(diary), lambda: None))
    assert diary.lines == ["durable intent", "durable outcome"]
    failed = answers[0]
    assert isinstance(failed, Failed)
    assert (failed.code, failed.recorded, failed.sent) == ("facts_expired", True, False)


def test_a_walk_that_breaks_is_settled_as_broken_and_the_caller_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    diary = Diary()

    def breaks() -> Steps:
        yield Reserve(caller=CALLER, passage=PASSAGE)
        raise RuntimeError("Ada Lovelace's secret")

    asyncio.run(runner(diary).run(breaks(), FakeCaller(diary), lambda: OUTCOME))
    assert diary.lines == ["durable outcome", "replied 500", "ended"]
    logged = capsys.readouterr().err
    assert "RuntimeError" in logged
    assert "Ada" not in logged, "an exception's text may carry content"


def test_a_caller_who_leaves_while_the_provider_is_silent_is_an_answer() -> None:
    diary, answers = Diary(), list[AnyAnswer]()

    async def play() -> None:
        caller = FakeCaller(diary)
        running = asyncio.ensure_future(runner(diary, hangs=True).run(dispatching(answers), caller, lambda: None))
        await asyncio.sleep(0.05)
        caller.leave()
        await asyncio.wait_for(running, 1)

    asyncio.run(play())
    assert isinstance(answers[0], Gone)
    assert diary.lines == ["durable intent", "sent", "cut", "durable outcome"]


def test_places_are_limited_and_given_back() -> None:
    diary, given = Diary(), list[AnyAnswer]()

    def takes() -> Steps:
        given.append((yield Reserve(caller=CALLER, passage=PASSAGE)))
        effect: Effect = Reply(status=200, headers=())
        yield effect

    async def play() -> None:
        one = runner(diary, concurrent=1)
        assert one.take_place()
        await one.run(takes(), FakeCaller(diary), lambda: None)
        one.give_place()
        await one.run(takes(), FakeCaller(diary), lambda: None)
        await one.run(takes(), FakeCaller(diary), lambda: None)

    asyncio.run(play())
    assert [type(answer).__name__ for answer in given] == ["Refused", "Done", "Done"]


def test_a_walk_that_breaks_mid_answer_is_cut_off_and_not_ended_well() -> None:
    diary = Diary()

    def breaks() -> Steps:
        yield Reply(status=200, headers=())
        yield Emit(data=b"half")
        raise RuntimeError

    asyncio.run(runner(diary).run(breaks(), FakeCaller(diary), lambda: OUTCOME))
    assert diary.lines == ["replied 200", "emitted", "durable outcome", "cut off"]


def test_a_caller_who_does_not_read_counts_as_one_who_left() -> None:
    diary, answers = Diary(), list[AnyAnswer]()

    def emits() -> Steps:
        answers.append((yield Emit(data=b"x")))

    asyncio.run(runner(diary).run(emits(), FakeCaller(diary, reads_nothing=True), lambda: None))
    assert isinstance(answers[0], Gone)


def test_a_credential_that_cannot_be_had_refuses_before_any_intent(capsys: pytest.CaptureFixture[str]) -> None:
    diary, answers = Diary(), list[AnyAnswer]()

    def missing() -> Present:
        raise SecretUnavailable("env:NO_SUCH_KEY", "it is not set")

    live = FakeLive(secret=missing)
    asyncio.run(runner(diary, live=live).run(dispatching(answers), FakeCaller(diary), lambda: None))
    assert diary.lines == ["durable outcome"]
    assert getattr(answers[0], "code", "") == "upstream_credentials"
    assert "NO_SUCH_KEY" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("status", "seen"),
    [
        (200, ["Left", "Success", "Closed"]),
        (429, ["Left", "Failure", "Closed"]),
        (401, ["Left", "Failure", "Closed"]),
        (400, ["Left", "Closed"]),
    ],
)
def test_only_a_whole_answer_is_a_success(status: int, seen: list[str]) -> None:
    diary, live = Diary(), FakeLive()

    def asks() -> Steps:
        yield Dispatch(intent=INTENT, opening=Opening(salt=b"s" * 32), call=CALL, estimate=ESTIMATE)
        yield Next()

    asyncio.run(runner(diary, live=live, status=status).run(asks(), FakeCaller(diary), lambda: None))
    assert live.seen == seen


@pytest.mark.parametrize(("same", "seen", "count"), [(True, [], 'same="true"'), (False, ["distrust"], 'same="false"')])
def test_a_decision_that_is_not_confirmed_refuses_and_cedar_decides_from_then_on(
    *, same: bool, seen: list[str], count: str, capsys: pytest.CaptureFixture[str]
) -> None:
    diary, answers, live = Diary(), list[AnyAnswer](), FakeLive()
    shot = snapshot(rules=Rules(confirms=same))
    start = arrival(shot)
    found = Classification(findings=(), detector="test")
    question = question_of(start.caller.application, start.asked, start.surface, found)

    def confirms() -> Steps:
        answers.append((yield Confirm(snapshot=shot, question=question, choices=())))

    played = runner(diary, live=live)
    asyncio.run(played.run(confirms(), FakeCaller(diary), lambda: None))
    assert live.seen == seen
    assert getattr(answers[0], "code", None) == (None if same else "policy_unavailable")
    assert ("Cedar decides from now on" in capsys.readouterr().err) is not same
    assert f"ecluse_decisions_confirmed_total{{{count}}} 1.0" in played.meters.text().decode()
