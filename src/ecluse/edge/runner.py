"""Performs the walk's effects: the only interpreter of them, and the only owner of the HTTP client.

Law: the first HTTP byte of a call is written only once its intent is durable (INVARIANT 4). A passage that
left an intent gets its outcome: `broken` if the walk itself breaks, `interrupted` at the next start if the process was
stopped first. A caller who leaves is an answer (`Gone`), and the open call upstream is cut.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar, assert_never

from ecluse.domain.destination import Destination, DestinationId
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
    Remembered,
    Reply,
    Reserve,
    Settle,
    Unfold,
    Unfolded,
    Withdraw,
)
from ecluse.domain.errors import EcluseError, GatewayError, ProviderError
from ecluse.domain.ports import Attachments, Exchange, Openers, Store, Transport
from ecluse.domain.snapshot import Instant
from ecluse.domain.trail import Entry
from ecluse.edge.answers import Answers
from ecluse.edge.caller_side import CallerSide
from ecluse.edge.classifying import Classifying
from ecluse.edge.confirming import confirm
from ecluse.edge.keys import SecretUnavailable
from ecluse.edge.live import Live
from ecluse.edge.lodging import Lodging
from ecluse.edge.meters import Meters
from ecluse.edge.outcomes import Outcomes
from ecluse.edge.recognising import recognise
from ecluse.edge.saying import report, say
from ecluse.edge.shared.quota import Quota, Ticket, used
from ecluse.edge.shelf import Shelf
from ecluse.edge.signing.renewing import send
from ecluse.edge.staying import LeftError, while_here
from ecluse.edge.withdrawing import withdraw
from ecluse.passage.ledger import Steps
from ecluse.passage.route import Closed, Failure, First, Left, Rest, Seen, Success, rest_until

T = TypeVar("T")
SERVER_ERROR = 500
UNUSABLE = frozenset({401, 402, 403, 429})
"""Statuses by which a provider says that it will not serve the gateway now: its credential, its quota."""
OK = 200


class Runner:
    """Runs walks. One per process."""

    def __init__(
        self,
        *,
        store: Store,
        transport: Transport,
        live: Live,
        classifying: Classifying,
        meters: Meters,
        quota: Quota,
        concurrent: int,
        write_seconds: float = 60.0,
        lodging: Lodging | None = None,
        openers: Openers | None = None,
        answers: Answers | None = None,
        shelf: Shelf | None = None,
        attachments: Attachments | None = None,
    ) -> None:
        self.shelf = shelf
        self.attachments = attachments
        self.openers = openers
        self.lodging = lodging
        self.answers = answers or Answers(0)
        self.store = store
        self.outcomes = Outcomes(store)
        self.transport = transport
        self.live = live
        self.classifying = classifying
        self.meters = meters
        self.quota = quota
        self._free = concurrent
        self.write_seconds = write_seconds

    async def run(self, steps: Steps, caller: CallerSide, broken: Callable[[], Entry | None]) -> None:
        """Perform every effect of `steps`. `broken` writes the outcome of a walk that raised."""
        passage = _Passage(self, caller)
        try:
            effect = next(steps)
            while True:
                effect = steps.send(await passage.perform(effect))
        except StopIteration:
            pass
        except Exception as error:  # noqa: BLE001 - the walk or the runner is wrong: refuse, say so, keep the gateway up
            report(error)
            await passage.end_broken(broken())
        finally:
            steps.close()
            await passage.close()

    # The parts below are what a passage may use of the runner.
    def moment(self) -> Moment:
        """Return now, the current snapshot and the health of destinations."""
        return self.live.moment()

    def take_place(self) -> bool:
        """Take one of the places for passages under way."""
        if self._free <= 0:
            return False
        self._free -= 1
        return True

    def give_place(self) -> None:
        """Give it back."""
        self._free += 1


class _Passage:
    """One walk being run."""

    def __init__(self, runner: Runner, caller: CallerSide) -> None:
        self._runner = runner
        self._caller = caller
        self._exchange: Exchange | None = None
        self._chunks: AsyncIterator[bytes] | None = None
        self._destination: Destination | None = None
        self._under_way: DestinationId | None = None
        self._sent_at: Instant | None = None
        self._placed = False
        self._ticket: Ticket | None = None
        self._replied = False
        self._ended = False

    async def perform(self, effect: Effect) -> AnyAnswer:
        try:
            return await self._perform(effect)
        except LeftError:
            return Gone(moment=self._runner.moment())

    async def _perform(self, effect: Effect) -> AnyAnswer:
        if isinstance(effect, Remembered):
            return await self._remember(effect)
        match effect:
            case Reserve() | Unfold():
                return await (self._reserve(effect) if isinstance(effect, Reserve) else self._unfold(effect))
            case Recognise() | Confirm():
                return await (self._recognise(effect) if isinstance(effect, Recognise) else self._confirm(effect))
            case Dispatch():
                return await self._dispatch(effect)
            case Next():
                return await self._next()
            case Abandon():
                await self._drop()
            case Pause(seconds=seconds):
                await self._while_here(asyncio.sleep(seconds))
            case Reply() | Emit():
                await self.say(effect)
            case Settle(outcome=outcome):
                await self._drop()
                await self._settle(outcome)
            case _:
                assert_never(effect)
        return Done(moment=self._runner.moment())

    async def say(self, effect: Reply | Emit) -> None:
        if isinstance(effect, Reply):
            self._replied = True
            writing = self._caller.reply(effect.status, effect.headers)
        else:
            self._ended = effect.last
            writing = self._caller.emit(effect.data, last=effect.last)
        await self._while_here(writing, within=self._runner.write_seconds)

    async def _reserve(self, effect: Reserve) -> AnyAnswer:
        self._placed = self._runner.take_place()
        if not self._placed:
            return Refused(moment=self._runner.moment(), code="overloaded", retry_after=1.0)
        try:
            self._ticket = await self._runner.quota.enter(effect.caller, effect.passage)
        except EcluseError as error:
            return self._refused(error)
        return Done(moment=self._runner.moment())

    def _refused(self, error: EcluseError) -> Refused:
        self._runner.meters.limited(error.code)
        return Refused(
            moment=self._runner.moment(), code=error.code, retry_after=error.retry_after, detail=error.detail
        )

    async def _recognise(self, effect: Recognise) -> AnyAnswer:
        runner = self._runner
        searching = recognise(effect, runner.moment().snapshot, runner.classifying, runner.attachments)
        try:
            found = await self._while_here(searching)
        except GatewayError as error:
            return self._failed(error.code)
        return Findings(moment=runner.moment(), classification=found)

    async def _unfold(self, effect: Unfold) -> AnyAnswer:
        opener = self._runner.attachments if effect.of_call else self._runner.openers
        if opener is None:
            return self._failed("classification_unavailable")
        try:
            opened = await self._while_here(opener.unfold(effect.files))
        except GatewayError as error:
            return self._failed(error.code)
        return Unfolded(moment=self._runner.moment(), opened=opened)

    async def _confirm(self, effect: Confirm) -> AnyAnswer:
        if await self._while_here(confirm(effect, self._runner.live, self._runner.meters)):
            return Done(moment=self._runner.moment())
        return self._failed("policy_unavailable")

    async def _lodge(self, effect: Lodge) -> AnyAnswer:
        if self._runner.lodging is None:
            return self._failed("internal_error")
        return await self._runner.lodging.lodge(effect, self._runner.moment())

    async def _remember(self, effect: Remembered) -> AnyAnswer:
        if isinstance(effect, OfVault):
            return await self._of_kept(effect)
        match effect:
            case Record():
                return await self._record(effect)
            case Lodge():
                return await self._lodge(effect)
            case Recall() | Keep():
                answer = self._runner.answers.perform(effect, self._runner.moment())
                if isinstance(effect, Recall):
                    self._runner.meters.looked_for(found=isinstance(answer, Recalled))
                return answer

    async def _of_kept(self, effect: OfVault) -> AnyAnswer:
        runner = self._runner
        if isinstance(effect, Withdraw):
            return await withdraw(effect, runner.shelf, runner.store, runner.live, runner.transport)
        if runner.shelf is None:
            return self._failed("vault_unavailable")
        return await runner.shelf.perform(effect, runner.moment())

    async def _record(self, effect: Record) -> AnyAnswer:
        try:
            await self._runner.store.append(effect.entry, effect.opening)
        except GatewayError as error:
            return self._failed(error.code)
        return Done(moment=self._runner.moment())

    async def _dispatch(self, effect: Dispatch) -> AnyAnswer:
        live = self._runner.live
        try:
            destination, secret = live.way_to(effect.call.destination)
        except GatewayError as error:
            return self._failed(error.code)
        try:
            present = await self._while_here(live.bearer(destination)) or secret()
        except SecretUnavailable as error:
            say(f"destination {destination.id}: credential {error.reference}: {error.why}")
            live.saw(Failure(destination=destination.id))
            return self._failed("upstream_credentials")
        if self._ticket is not None:
            try:
                await self._runner.quota.afford(self._ticket, destination, effect.estimate)
            except EcluseError as error:
                return self._refused(error)
        if (failed := await self._announce(effect)) is not None:
            return failed
        self._destination = destination
        self._sent_at = live.clock.now()
        self._note(Left(destination=destination.id, extra=effect.extra))
        self._charged(sent=True)
        try:
            exchange = await self._while_here(send(self._runner.transport, destination, effect.call, present))
        except ProviderError as error:
            self._note(Failure(destination=destination.id))
            self._charged(sent=error.sent)
            await self._drop()
            return self._failed(error.code, sent=error.sent, recorded=True)
        self._charged(sent=exchange.status == OK)  # a provider that refuses or fails does not answer, nor charge
        rest = rest_until(exchange.status, exchange.headers, live.clock.now())
        if rest is not None:
            self._note(Rest(destination=destination.id, until=rest))
        if exchange.status >= SERVER_ERROR or (exchange.status in UNUSABLE and rest is None):
            self._note(Failure(destination=destination.id))
        self._exchange, self._chunks = exchange, exchange.chunks()
        return Head(moment=self._runner.moment(), status=exchange.status, headers=exchange.headers)

    async def _announce(self, effect: Dispatch) -> Failed | None:
        """Make the intent durable (INVARIANT 4), and see that the facts it rests on did not end during the flush."""
        try:
            await self._runner.store.append(effect.intent, effect.opening)
        except GatewayError as error:
            return self._failed(error.code)
        moment, decided = self._runner.moment(), effect.intent.body.get("snapshot_current")
        if decided == moment.snapshot.id and moment.now < moment.snapshot.valid_until:
            self._runner.meters.intent(effect.intent)
            return None
        return self._failed("facts_expired", recorded=True)

    async def _next(self) -> AnyAnswer:
        if self._chunks is None:
            raise RuntimeError("the walk waits for an answer that it did not ask for")
        try:
            data = await self._while_here(anext(self._chunks, None))
        except ProviderError as error:
            if self._destination is not None:
                self._note(Failure(destination=self._destination.id))
            return self._failed(error.code, sent=True)
        answered = self._destination is not None and self._exchange is not None and self._exchange.status == OK
        if data is None:
            if answered and self._destination is not None:
                self._note(Success(destination=self._destination.id))
            await self._drop()
            return End(moment=self._runner.moment())
        if answered and self._destination is not None and self._sent_at is not None:
            ms, self._sent_at = self._runner.live.clock.now() - self._sent_at, None
            self._note(First(destination=self._destination.id, ms=ms))
        return Chunk(moment=self._runner.moment(), data=data)

    def _note(self, event: Seen) -> None:
        """Tell what became of a call, and keep whether one is under way."""
        if isinstance(event, Left):
            self._under_way = event.destination
        self._runner.live.saw(event)

    def _charged(self, *, sent: bool) -> None:
        if self._ticket is not None:
            self._ticket.sent = sent

    async def _settle(self, outcome: Entry) -> None:
        await self._runner.outcomes.append(outcome)
        self._runner.meters.outcome(outcome)
        if self._ticket is not None:
            await self._runner.quota.settle(self._ticket, *used(outcome))

    def _failed(self, code: str, *, sent: bool = False, recorded: bool = False) -> Failed:
        return Failed(moment=self._runner.moment(), code=code, sent=sent, recorded=recorded)

    def _while_here(self, work: Awaitable[T], *, within: float | None = None) -> Awaitable[T]:
        return while_here(self._caller, work, within=within)

    async def _drop(self) -> None:
        exchange, self._exchange, self._chunks = self._exchange, None, None
        under_way, self._under_way = self._under_way, None
        if under_way is not None:
            self._note(Closed(destination=under_way))
        if exchange is not None:
            await exchange.close()

    async def end_broken(self, outcome: Entry | None) -> None:
        await self._drop()
        if outcome is not None:
            await self._settle(outcome)
        if self._caller.gone or self._ended:
            return
        if not self._replied:
            error = GatewayError("internal_error")
            body = b'{"error":{"type":"ecluse_error","code":"internal_error","message":"%s","param":null}}'
            await self._caller.reply(error.status, [("content-type", "application/json")])
            await self._caller.emit(body % error.sentence("en").encode(), last=True)
        else:
            self._caller.cut()  # a clean end would pass half an answer off as a whole one

    async def close(self) -> None:
        await self._drop()
        if self._placed:
            self._runner.give_place()
            self._placed = False
        if self._ticket is not None:
            await self._runner.quota.leave(self._ticket)
