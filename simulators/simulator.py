"""One simulated provider: a door, a provider's manners, a brain, a journal, and the fault in force.

Law: the journal has the request before it is judged, and the answer's text before its last byte leaves.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path

from simulators.brain import Brain, BrainError, Ending
from simulators.connections import Ask, CutError, Door, Reply
from simulators.faults import Fault, FaultKind, Faults
from simulators.journal import Journal, Line, presentable
from simulators.provider import Answer, Identity, Provider, RefusedError, json_reply, texts
from simulators.providers import KINDS
from simulators.published import Body
from simulators.surfaces import other

RETRY_LATER = frozenset({429, 503})


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Which simulator to run: its name, the kind of provider (a file of `providers/`), its key, models and region."""

    name: str
    kind: str
    key: str
    models: frozenset[str]
    region: str = ""
    port: int = 0

    @property
    def identity(self) -> Identity:
        """Who it is."""
        return Identity(key=self.key, models=self.models, region=self.region)


LISTENERS: list[Callable[[Plan, Line], None]] = []
"""Told of every request that a simulator of this process gets, before it is judged."""


class Simulator:
    """One simulator. Use it from one event loop."""

    def __init__(self, plan: Plan, brain: Brain, journal_folder: Path | None = None) -> None:
        self.plan = plan
        self.journal = Journal(journal_folder / f"{plan.name}.jsonl" if journal_folder else None)
        self.faults = Faults()
        self.provider: Provider = KINDS[plan.kind](plan.identity)
        self._brain = brain
        self.door = Door(self.respond, self.journal)
        self.door.port = plan.port

    @property
    def base_url(self) -> str:
        """The address that an SDK is given."""
        return f"http://127.0.0.1:{self.door.port}{self.provider.base}"

    async def stop(self) -> None:
        """Close the door and the journal."""
        await self.door.close()
        self.journal.close()

    async def respond(self, ask: Ask) -> Reply:
        """Answer one request: what the door does with each, and who needs no door may do."""
        body = ask.body.decode("utf-8", errors="replace")
        line = self.journal.write(
            "request",
            connection=ask.connection,
            method=ask.method,
            path=ask.target,
            attempt=ask.headers.get("x-request-id"),
            headers=presentable(ask.headers),
            body=body,
        )
        for listen in LISTENERS:
            listen(self.plan, line)
        fault = self.faults.next()
        if fault is not None:
            self.journal.write("fault", connection=ask.connection, kind=fault.kind.value)
            if fault.kind is FaultKind.SLOW:
                await asyncio.sleep(fault.seconds)
        try:
            reply = await self._answer(ask, fault)
        except RefusedError as error:
            reply = error.reply
        except BrainError as error:
            reply = self.provider.refusal(500, str(error)).reply
        self.journal.write("answer", connection=ask.connection, status=reply.status)
        return reply

    async def _answer(self, ask: Ask, fault: Fault | None) -> Reply:
        told = self._failing(fault) or await self.provider.work(ask, self._brain)
        told = told or await other(self.provider, ask, self._brain)
        if told is not None:
            return told
        admitted = self.provider.admit(ask)
        headers = self.provider.headers()
        if not isinstance(admitted, Answer):
            found = await self._brain.embed(texts(admitted))
            return json_reply(200, self.provider.vectors(admitted, found), headers)
        if admitted.asked.get("stream"):
            stream = self._stream(admitted, ask.connection, fault)
            return Reply(headers={"content-type": self.provider.stream_type, **headers}, body=stream)
        async with aclosing(self._pieces(admitted, ask.connection)) as pieces:
            async for _ in pieces:
                pass
        whole = json_reply(200, self.provider.whole(admitted), headers)
        if fault is not None and fault.kind in (FaultKind.CUT, FaultKind.HOLD, FaultKind.INSIDE):
            return Reply(headers=whole.headers, body=self._half(whole, fault))
        return whole

    def _failing(self, fault: Fault | None) -> Reply | None:
        """Return the answer of a fault that gives none of the provider's."""
        if fault is not None and fault.kind is FaultKind.REDIRECT:
            return Reply(status=307, headers={"location": fault.location})
        if fault is not None and fault.kind is FaultKind.STATUS:
            later = {"retry-after": "1"} if fault.status in RETRY_LATER else None
            return json_reply(fault.status, self.provider.error(fault.status, "a fault was asked for"), later)
        return None

    async def _pieces(self, answer: Answer, connection: int) -> AsyncGenerator[str, None]:
        async with aclosing(self._brain.answer(self.provider.question(answer))) as pieces:
            async for piece in pieces:
                if isinstance(piece, Ending):
                    answer.ending = piece
                else:
                    answer.text += piece
                    yield piece
        self.journal.write("said", connection=connection, text=answer.text, tool=answer.tool_name or None)

    async def _stream(self, answer: Answer, connection: int, fault: Fault | None) -> AsyncIterator[bytes]:
        for event in self._written(self.provider.begin(answer)):
            yield event
        count = 0
        if fault is None:
            fault = Fault(kind=FaultKind.SLOW)
        try:
            async with aclosing(self._pieces(answer, connection)) as pieces:
                async for piece in pieces:
                    await self._fail(fault, count)
                    if fault.kind is FaultKind.INSIDE and count == fault.after:
                        yield self.provider.event(self.provider.error(500, "a fault was asked for"))
                        return
                    for event in self._written(self.provider.piece(answer, piece)):
                        yield event
                    count += 1
        except BrainError as error:
            yield self.provider.event(self.provider.error(500, str(error)))
            return
        for event in self._written(self.provider.end(answer)):
            yield event
        yield self.provider.done

    async def _fail(self, fault: Fault, count: int) -> None:
        if count != fault.after:
            return
        if fault.kind is FaultKind.CUT:
            raise CutError
        if fault.kind is FaultKind.HOLD:
            await asyncio.Event().wait()

    async def _half(self, whole: Reply, fault: Fault) -> AsyncIterator[bytes]:
        assert isinstance(whole.body, bytes)  # noqa: S101 - a whole answer is bytes
        yield whole.body[: len(whole.body) // 2]
        if fault.kind is FaultKind.HOLD:
            await asyncio.Event().wait()
        raise CutError

    def _written(self, chunks: Iterable[Body]) -> Iterable[bytes]:
        return (self.provider.event(chunk) for chunk in chunks)
