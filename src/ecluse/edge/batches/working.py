"""Answers the lines of batches, a few at a time: each is a passage of its own, as if its caller sent it now.

Law: that a line begins is on the disk before its passage; a line that began is never begun again, so after a stop it is
told as interrupted. A key that counts no more, a cancelled or ended batch, no room left, a batch that another process
runs now: nothing of a line is sent. While the store is away, what is in hand waits for it.
"""

import asyncio
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TypeVar

import msgspec

from ecluse.domain.caller import Application, ApplicationId, KeyId
from ecluse.domain.effects import AnyAnswer, Dispatch, Failed, Headers, Refused
from ecluse.domain.errors import CallerError, EcluseError, GatewayError, error_of
from ecluse.domain.ports import Store
from ecluse.domain.snapshot import Instant
from ecluse.domain.trail import EntryId, Scalar
from ecluse.edge.batches.kept import Keeping
from ecluse.edge.batches.lines import OK, Line, answered, item, read, unasked
from ecluse.edge.batches.objects import Batch, Kept
from ecluse.edge.batches.table import KeptUnusable, TakenOver
from ecluse.edge.batches.turns import Turns
from ecluse.edge.capture.capturing import Capturing
from ecluse.edge.http.passages import Passages
from ecluse.edge.http.routes import Route
from ecluse.edge.keys import Ring
from ecluse.edge.saying import say
from ecluse.edge.tasks import Tasks
from ecluse.passage.ledger import Steps
from ecluse.passage.question import Asked
from ecluse.passage.record import admin
from ecluse.passage.walk import walk

T = TypeVar("T")
AWAY = "trail_unavailable"
WAITED = frozenset({"rate_limited", "overloaded", AWAY})
"""Refusals for want of room, or of the trail, after which a line of which nothing was sent waits and asks again."""
AGAIN = 5.0
"""Seconds until a batch is taken up again that could not be read or written."""
PAUSE = 1.0
"""Seconds until what is in hand is written again."""
LONGEST = 30.0
TIDY = 60.0


class Captured:
    """The caller of a line: nobody waits, the answer is kept (implements `caller_side.CallerSide`)."""

    def __init__(self) -> None:
        self.gone = False
        self.status = 0
        self.headers: dict[str, str] = {}
        self.data = bytearray()
        self.whole = False

    def on_gone(self, told: Callable[[], object] | None) -> None:
        """Never leave."""

    async def reply(self, status: int, headers: Headers) -> None:
        """Keep status and headers."""
        self.status, self.headers = status, {name.lower(): value for name, value in headers}

    async def emit(self, data: bytes, *, last: bool) -> None:
        """Keep bytes."""
        self.data += data
        self.whole = self.whole or last

    def cut(self) -> None:
        """Hold the answer for broken."""
        self.whole = False

    def close(self) -> None:
        """Hold nothing open."""


class Sent:
    """Whether something of a passage may have been sent, or an intent of it is on the trail."""

    def __init__(self) -> None:
        self.maybe = False

    def watch(self, steps: Steps) -> Steps:
        """Pass a walk's effects on, and note what became of its calls."""
        try:
            effect = next(steps)
            while True:
                answer = yield effect
                self.maybe = self.maybe or (isinstance(effect, Dispatch) and _left(answer))
                effect = steps.send(answer)
        except StopIteration:
            return
        finally:
            steps.close()


def _left(answer: AnyAnswer) -> bool:
    """Say whether a call may have left, or its intent is on the trail."""
    if isinstance(answer, Failed):
        return answer.sent or answer.recorded
    return not isinstance(answer, Refused)


class Working:
    """Runs the batches of one process."""

    def __init__(
        self,
        *,
        keeping: Keeping,
        passages: Passages,
        ring: Ring,
        store: Store,
        tasks: Tasks,
        post: Callable[[str, Mapping[str, str]], Route | None],
        lines: int,
        concurrent: int,
        keep: int,
        capturing: Capturing | None = None,
    ) -> None:
        self.keeping = keeping
        self.passages = passages
        self.post = post
        self.lines = lines
        self.keep = keep
        """Milliseconds that anything is kept."""
        self._ring = ring
        self._store = store
        self._tasks = tasks
        self._places = asyncio.Semaphore(concurrent)
        self._concurrent = concurrent
        self._running: set[str] = set()
        self._capturing = capturing

    def now(self) -> Instant:
        """Return the gateway's time."""
        return self.passages.live.clock.now()

    async def record(self, action: str, actor: str, subject: str, facts: Mapping[str, Scalar]) -> None:
        """Say on the trail what is kept or forgotten. Raises GatewayError."""
        id_ = EntryId(secrets.token_hex(16))
        await self._store.append(
            admin(id=id_, now=self.now(), action=action, actor=actor, subject=subject, facts=dict(facts))
        )

    async def run(self) -> None:
        """Take up what a stop left, here or at another process, and delete what ends, until cancelled."""
        claims = self.keeping.claims
        await self._lasting(claims.begin)
        if not claims.alone:
            self._tasks.start(Turns(claims).run(self.take, lambda: bool(self._running)), "turns of batches")
        else:
            for one in await self._lasting(claims.free):
                self.take(one.id)
        await self.tidy()

    async def tidy(self) -> None:
        """Delete what ends, until cancelled."""
        while True:
            try:
                for id_, application in await asyncio.to_thread(self.keeping.ended, self.now()):
                    await self.record("file_forgotten", "retention", id_, {"application": application})
            except (KeptUnusable, GatewayError):
                say("kept files that have ended could not be deleted, or not recorded as deleted, yet")
            await asyncio.sleep(TIDY)

    def take(self, id_: str, seen: int | None = None) -> None:
        """Begin to answer a batch, unless this or another process does."""
        if id_ not in self._running:
            self._running.add(id_)
            self._tasks.start(self._work(id_, seen), "a batch")

    async def stop(self) -> None:
        """Let other processes go on with what ran here."""
        try:
            await asyncio.to_thread(self.keeping.claims.release)
        except KeptUnusable:
            return  # they go on when they see that it is left

    async def _work(self, id_: str, seen: int | None) -> None:
        try:
            while True:
                try:
                    token = await asyncio.to_thread(self.keeping.claims.take, id_, seen)
                    if token is None:
                        return  # another process runs it
                    await self._batch(id_, token)
                except TakenOver as error:
                    say(str(error))
                    return
                except (KeptUnusable, GatewayError) as error:
                    say(f"{id_} waits, nothing of it is sent: {error}")
                    await asyncio.sleep(AGAIN)
                    if not self.keeping.claims.alone:
                        return  # another may have it by now: it is looked for in turn
                except CallerError:
                    return  # it is not there any more
                else:
                    return
        finally:
            self._running.discard(id_)

    async def _batch(self, id_: str, token: int) -> None:
        batch, input_, begun = await asyncio.to_thread(self.keeping.whole, id_, self.now())
        batch = msgspec.structs.replace(batch, token=token)
        if input_ is None:
            await self._finish(batch, "failed")
            return
        kept, data = input_
        lines = read(data, kept.lines)
        asked = _asked(batch, kept)
        for number, done in begun.items():
            if not done:
                error = GatewayError("batch_interrupted")
                await self._keep(
                    batch, number, unasked(id_, number, lines[number - 1], error, asked.language), good=False
                )
        left = iter([(n, line) for n, line in enumerate(lines, 1) if n not in begun])
        ended = await asyncio.gather(*(self._some(batch, left, asked) for _ in range(self._concurrent)))
        if not all(ended):
            raise TakenOver(f"{id_} is run by another process now: what was under way here is dropped")
        await self._finish(batch)

    async def _some(self, batch: Batch, left: Iterator[tuple[int, Line]], asked: Asked) -> bool:
        """Answer lines until none is left; stop when another process runs the batch, so that the others end well."""
        for number, line in left:
            async with self._places:
                try:
                    await self._one(batch, number, line, asked)
                except TakenOver:
                    return False
        return True

    async def _lasting(self, move: Callable[..., T], *values: object) -> T:
        """Make a move of what is kept; wait for as long as it cannot be made. Raises TakenOver and CallerError."""
        said = False
        while True:
            try:
                return await asyncio.to_thread(move, *values)
            except TakenOver:
                raise
            except KeptUnusable as error:
                if not said:
                    say(f"batches wait: {error}")
                said = True
                await asyncio.sleep(PAUSE)

    async def _one(self, batch: Batch, number: int, line: Line, asked: Asked) -> None:
        why = "batch_expired" if self.now() >= batch.deadline else ""
        why = why or await self._lasting(self.keeping.start, batch, number, secrets.token_hex(8))
        if why:
            await self._keep(batch, number, unasked(batch.id, number, line, error_of(why), asked.language), good=False)
            return
        try:
            said = await self._ask(batch, line, asked)
            if not said.whole:
                raise GatewayError("internal_error")
            entry = said.headers.get("x-ecluse-entry", "")
            told = answered(batch.id, number, line, said.status, entry, bytes(said.data))
        except EcluseError as error:
            await self._keep(batch, number, unasked(batch.id, number, line, error, asked.language), good=False)
            return
        await self._keep(batch, number, told, good=said.status == OK)

    async def _ask(self, batch: Batch, line: Line, asked: Asked) -> Captured:
        """Take a line through the walk; wait for room while nothing of it was sent. Raises EcluseError."""
        while True:
            application, key = ApplicationId(batch.application), KeyId(batch.caller)
            if (counts := self._counts(application, key)) is None:
                if self.now() >= batch.deadline:
                    raise GatewayError(AWAY)
                await self._rest(batch, PAUSE)
                continue
            if not counts:
                raise CallerError("invalid_api_key")
            caller, call = self.passages.caller(application, key), item(line, self.post)
            if caller.application.organisation.id != batch.organisation:
                raise CallerError("invalid_api_key")
            said, sent = Captured(), Sent()
            arrival = self.passages.arrival(caller, call.dialect, call.surface, call.body, asked)
            await self.passages.run(sent.watch(walk(arrival)), arrival, said, trailed=True)
            if sent.maybe or _code(said) not in WAITED or self.now() >= batch.deadline:
                self._capture(caller.application, call.body, said)
                return said
            await self._rest(batch, min(float(said.headers.get("retry-after", "1")), LONGEST))

    def _capture(self, application: Application, body: bytes, said: Captured) -> None:
        """Have a line kept for its organisation beside its batch, where it asks for that, as a call of its own is."""
        if self._capturing is None or said.status != OK or not said.whole:
            return
        heard = self._capturing.heard(application, body, said.headers, bytes(said.data))
        if heard is not None:
            self._tasks.start(self._capturing.keep(heard), "capture")

    def _counts(self, application: ApplicationId, key: KeyId) -> bool | None:
        """Say whether a key counts still; None while the keys are away."""
        try:
            return self._ring.counts(application, key, self.now())
        except GatewayError:
            return None

    async def _rest(self, batch: Batch, seconds: float) -> None:
        """Wait for a batch that goes on. Raises CallerError for one that was cancelled."""
        await asyncio.sleep(seconds)
        if await self._lasting(self.keeping.state, batch.id) != "in_progress":
            raise CallerError("batch_cancelled")

    async def _keep(self, batch: Batch, number: int, data: bytes, *, good: bool) -> None:
        await self._lasting(partial(self.keeping.answer, batch, number, data, good=good, now=self.now()))

    async def _finish(self, batch: Batch, end: str = "") -> None:
        """Put the answers in files, and end the batch; one whose input is gone has failed."""
        state = await asyncio.to_thread(self.keeping.state, batch.id)
        if state == "gone":
            return
        files: dict[str, str | None] = {}
        now = self.now()
        for name, good in (("output", True), ("errors", False)):
            rows = await asyncio.to_thread(partial(self.keeping.answers, batch, good=good, now=now))
            files[name] = await self._file(batch, name, rows, now) if rows else None
        late = state == "in_progress" and now >= batch.deadline
        end = end or ("cancelled" if state == "cancelling" else "expired" if late else "completed")
        await asyncio.to_thread(self.keeping.finish, batch, end, files, now)

    async def _file(self, batch: Batch, name: str, rows: Sequence[bytes], now: Instant) -> str:
        data = b"".join(rows)
        kept = Kept(
            id=f"file-{batch.id.removeprefix('batch_')}-{name}",  # the same when a stop comes between two steps
            organisation=batch.organisation,
            application=batch.application,
            purpose="batch_output",
            size=len(data),
            lines=len(rows),
            made=now,
            ends=Instant(now + self.keep),
            name=f"{batch.id}_{name}.jsonl",
        )
        facts: dict[str, Scalar] = {"application": batch.application, "lines": kept.lines, "batch": batch.id}
        await self.record("file_kept", f"key:{batch.caller}", kept.id, facts)
        await asyncio.to_thread(self.keeping.put, kept, data, batch)
        return kept.id


def _asked(batch: Batch, kept: Kept) -> Asked:
    """Return what the batch's headers asked, with what was stated of the file: a sensitivity is never lost."""
    asked = msgspec.convert(batch.asked, Asked)
    raised = tuple(dict.fromkeys((*asked.sensitivity, *kept.sensitivity)))
    return msgspec.convert({**batch.asked, "sensitivity": raised}, Asked)


def _code(said: Captured) -> str:
    if said.status == OK:
        return ""
    try:
        told = msgspec.json.decode(bytes(said.data))
    except msgspec.DecodeError:
        return ""
    return str(told.get("error", {}).get("code", "")) if isinstance(told, dict) else ""
