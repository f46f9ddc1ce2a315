"""A small HTTP/1.1 server on loopback that hides nothing of its connections.

Law: every accepted connection is in the journal before a byte of it is read; a caller who leaves is noticed at once,
and the answer under way is dropped. A fault (`faults.py`) can close the door, hold an answer open or cut it.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

import h11

from simulators.journal import Journal

READ_SIZE = 65_536
BODY_LIMIT = 64 * 1024 * 1024


class CutError(Exception):
    """The answer is to break here, as when a provider dies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One request, whole. Header names are in lower case; `target` is path and query as sent."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    connection: int

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer: whole bytes, or pieces as they come."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | AsyncIterator[bytes] = b""


Respond = Callable[[Ask], Awaitable[Reply]]


class Door:
    """One listening port and its open connections."""

    def __init__(self, respond: Respond, journal: Journal) -> None:
        self._respond = respond
        self._journal = journal
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._count = 0
        self.port = 0

    async def open(self) -> None:
        """Listen, on the same port as before if there was one."""
        if self._server is None:
            self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
            self.port = self._server.sockets[0].getsockname()[1]
            self._journal.write("listening", port=self.port)

    async def close(self) -> None:
        """Stop listening and cut every connection: the next attempt is refused by the system."""
        server, self._server = self._server, None
        if server is not None:
            server.close()
            for writer in tuple(self._open):
                writer.transport.abort()
            await server.wait_closed()
            self._journal.write("closed_door", port=self.port)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._count += 1
        number = self._count
        self._journal.write("connection", connection=number)
        self._open.add(writer)
        try:
            with suppress(ConnectionError, h11.RemoteProtocolError):
                await _Conversation(reader, writer, number, self._respond, self._journal).run()
        finally:
            self._open.discard(writer)
            writer.close()
            self._journal.write("ended", connection=number)


class _Conversation:
    """One connection: requests and answers in turn."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        number: int,
        respond: Respond,
        journal: Journal,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._number = number
        self._respond = respond
        self._journal = journal
        self._wire = h11.Connection(h11.SERVER)
        self._left = False

    async def run(self) -> None:
        while (ask := await self._read()) is not None:
            if not await self._answer(ask) or self._wire.our_state is not h11.DONE:
                return
            self._wire.start_next_cycle()

    async def _read(self) -> Ask | None:
        head: h11.Request | None = None
        body = bytearray()
        while True:
            event = self._wire.next_event()
            if event is h11.NEED_DATA:
                self._wire.receive_data(await self._reader.read(READ_SIZE))
            elif isinstance(event, h11.Request):
                head = event
                if self._wire.they_are_waiting_for_100_continue:
                    await self._send(h11.InformationalResponse(status_code=100, headers=[]))
            elif isinstance(event, h11.Data):
                body += event.data
                if len(body) > BODY_LIMIT:
                    return None
            elif isinstance(event, h11.EndOfMessage) and head is not None:
                return Ask(
                    method=head.method.decode(),
                    target=head.target.decode(),
                    headers={name.decode(): value.decode("latin-1") for name, value in head.headers},
                    body=bytes(body),
                    connection=self._number,
                )
            else:
                return None

    async def _answer(self, ask: Ask) -> bool:
        """Answer while the caller is there. Returns whether the answer is complete."""
        async with asyncio.TaskGroup() as both:
            sending = both.create_task(self._respond_to(ask))
            watching = both.create_task(self._watch(sending))
            sending.add_done_callback(lambda _: watching.cancel())
        return not sending.cancelled() and sending.result()

    async def _watch(self, sending: asyncio.Task[bool]) -> None:
        with suppress(ConnectionError):
            while data := await self._reader.read(READ_SIZE):
                self._wire.receive_data(data)
        if not sending.done():
            self._caller_left()
            sending.cancel()

    def _caller_left(self) -> None:
        """Write it once, whether reading or writing noticed it first."""
        if not self._left:
            self._left = True
            self._journal.write("caller_left", connection=self._number)

    async def _respond_to(self, ask: Ask) -> bool:
        reply = await self._respond(ask)
        headers = {"server": "simulator", **reply.headers}
        whole = isinstance(reply.body, bytes)
        if isinstance(reply.body, bytes):
            headers["content-length"] = str(len(reply.body))
        try:
            await self._send(h11.Response(status_code=reply.status, headers=list(headers.items())))
            if isinstance(reply.body, bytes):
                await self._send(h11.Data(data=reply.body))
            else:
                async for piece in reply.body:
                    await self._send(h11.Data(data=piece))
            await self._send(h11.EndOfMessage())
        except CutError:
            self._journal.write("cut", connection=self._number, whole=whole)
            self._writer.transport.abort()
            return False
        except ConnectionError:
            self._caller_left()
            return False
        return True

    async def _send(self, event: h11.InformationalResponse | h11.Response | h11.Data | h11.EndOfMessage) -> None:
        data = self._wire.send(event)
        if data:
            self._writer.write(data)
            await self._writer.drain()
