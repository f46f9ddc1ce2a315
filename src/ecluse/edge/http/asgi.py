"""ASGI without a framework: the few types and moves that the routes share.

Law: a body is read within its limits of size and time before anything else is done; nothing of a request is echoed.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any, TypeAlias

from ecluse.domain.effects import Headers
from ecluse.domain.errors import CallerError
from ecluse.edge.config import LimitSettings
from ecluse.edge.tasks import Tasks

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]

HOP_BY_HOP = frozenset(
    {"connection", "keep-alive", "proxy-authenticate", "te", "trailer", "transfer-encoding", "upgrade"}
)


class CallerGoneError(Exception):
    """The caller left before the request was complete."""


ONCE = frozenset({"authorization", "x-api-key", "x-ecluse-purpose", "x-ecluse-conversation"})
"""Headers that may stand once: of two values nobody could say which was meant."""


def headers_of(scope: Scope) -> dict[str, str]:
    """Return the request's headers, names in lower case, the values of a repeated one joined by commas (RFC 9110, 5.3).

    A repeated `x-ecluse-sensitivity` so adds up: no line of it is lost (INVARIANT 5).
    """
    joined: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        joined[name] = f"{joined[name]}, {value}" if name in joined else value
    return joined


def check_headers(scope: Scope, limits: LimitSettings) -> None:
    """Refuse headers over the limit, and compressed bodies."""
    if sum(len(name) + len(value) for name, value in scope["headers"]) > limits.header_bytes:
        raise CallerError("headers_too_large", f"at most {limits.header_bytes} bytes")
    names = [name.decode("latin-1").lower() for name, _ in scope["headers"]]
    if repeated := next((name for name in names if name in ONCE and names.count(name) > 1), None):
        raise CallerError("invalid_request", f"the header {repeated} stands twice")
    for name, value in scope["headers"]:
        if name == b"content-encoding" and value.strip().lower() not in {b"", b"identity"}:
            raise CallerError("unsupported_encoding")
        if name == b"content-length" and (not value.isdigit() or int(value) > limits.body_bytes):
            raise CallerError("body_too_large", f"at most {limits.body_bytes} bytes")


async def read_body(receive: Receive, limits: LimitSettings) -> bytes:
    """Read the body. Raises CallerError past its limits, CallerGoneError when the caller left."""
    pieces: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(limits.body_seconds):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise CallerGoneError
                piece: bytes = message.get("body", b"")
                size += len(piece)
                if size > limits.body_bytes:
                    raise CallerError("body_too_large", f"at most {limits.body_bytes} bytes")
                pieces.append(piece)
                if not message.get("more_body", False):
                    return b"".join(pieces)
    except TimeoutError:
        raise CallerError("request_timeout", f"within {limits.body_seconds:g} seconds") from None


async def answer(
    send: Send, status: int, body: bytes, headers: Headers = (("content-type", "application/json"),)
) -> None:
    """Send a whole answer."""
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": _encoded([*headers, ("content-length", str(len(body)))]),
        }
    )
    await send({"type": "http.response.body", "body": body})


def _encoded(headers: Sequence[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    return [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in headers]


EVENTS = "text/event-stream"
PING_EVERY = 15.0
"""Seconds of silence in a stream after which a comment is sent: many proxies cut what says nothing for a minute."""
PING = b": still working\n\n"
"""A comment is no event: every client skips it (WHATWG HTML, 9.2.6). Pieces of an answer are whole events."""


class Connection:
    """The open connection to a caller: implements `caller_side.CallerSide`."""

    def __init__(self, receive: Receive, send: Send, tasks: Tasks) -> None:
        self._receive = receive
        self._send = send
        self._gone = False
        self._told: Callable[[], object] | None = None
        self._tasks = tasks
        self._watch = tasks.start(self._listen(), "caller")
        self._pings: asyncio.Task[None] | None = None
        self._writing = asyncio.Lock()
        self._spoke = 0.0
        self._over = False
        self.status = 0
        self.broken = False

    async def _listen(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._gone = True
        if self._told is not None:
            self._told()

    @property
    def gone(self) -> bool:
        """Whether the caller left."""
        return self._gone

    def on_gone(self, told: Callable[[], object] | None) -> None:
        """Tell `told` once when the caller leaves; None to stop."""
        self._told = told

    async def reply(self, status: int, headers: Headers) -> None:
        """Send status and headers."""
        self.status = status
        await self._send({"type": "http.response.start", "status": status, "headers": _encoded(list(headers))})
        if ("content-type", EVENTS) in headers:
            self._pings = self._tasks.start(self._ping(), "ping")

    async def emit(self, data: bytes, *, last: bool) -> None:
        """Send bytes and return when the socket has drained."""
        async with self._writing:
            self._over = last
            await self._send({"type": "http.response.body", "body": data, "more_body": not last})
            self._spoke = asyncio.get_running_loop().time()

    async def _ping(self) -> None:
        """Break every silence of a stream, until its last piece."""
        loop = asyncio.get_running_loop()
        self._spoke = loop.time()
        while True:
            await asyncio.sleep(self._spoke + PING_EVERY - loop.time())
            async with self._writing:
                if self._over:
                    return
                if loop.time() - self._spoke >= PING_EVERY:
                    await self._send({"type": "http.response.body", "body": PING, "more_body": True})
                    self._spoke = loop.time()

    def cut(self) -> None:
        """Break the connection off: the server closes a response that never ended without its closing mark."""
        self.broken = True

    def close(self) -> None:
        """Stop listening for the caller's leaving."""
        self._told = None
        self._watch.cancel()
        if self._pings is not None:
            self._pings.cancel()
