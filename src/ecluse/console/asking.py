"""The console asks the gateway, in the same process, as any caller does: through the gate, with a key of its own.

Law: nothing goes round the gate. What the chat page sends is admitted, classified, decided, recorded and sent by the
one walk that there is; the console only carries bytes to and fro.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

from starlette.types import Message, Receive, Scope, Send

from ecluse.domain.caller import ApplicationId, KeyId
from ecluse.edge.http.gate import Gate
from ecluse.edge.keys.secret import Secret

KEY = KeyId("console")
PASSED = frozenset({b"content-type", b"content-length", b"accept-language", b"x-ecluse-conversation"})
"""What of a browser's headers the gate is shown."""


class Asking:
    """Asks the gate for the applications on record."""

    def __init__(self, gate: Gate) -> None:
        """Begin without a key."""
        self._gate = gate
        self._keys: dict[ApplicationId, Secret] = {}

    async def relay(self, path: str, application: ApplicationId, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a browser's request to the gate as one of `application`, and its answer back as it comes."""
        await self._gate(self._scope(path, application, scope), receive, send)

    async def ask(self, path: str, application: ApplicationId, scope: Scope, body: bytes) -> tuple[int, bytes]:
        """Ask for a whole answer."""
        status, pieces, given = 0, list[bytes](), False

        async def receive() -> Message:
            nonlocal given
            if given:
                await asyncio.Event().wait()
            given = True
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            else:
                pieces.append(message.get("body", b""))

        await self._gate(self._scope(path, application, scope, size=len(body)), receive, send)
        return status, b"".join(pieces)

    def _scope(self, path: str, application: ApplicationId, scope: Scope, size: int | None = None) -> dict[str, Any]:
        key = self._keys.get(application)
        if key is None:
            key = self._keys[application] = self._gate.lend(application, KEY)
        headers = [(name, value) for name, value in scope["headers"] if name in PASSED]
        if size is not None:
            headers = [pair for pair in headers if pair[0] != b"content-length"]
            headers.append((b"content-length", str(size).encode()))
        headers.append((b"authorization", b"Bearer " + key.reveal().encode()))
        kept: Mapping[str, Any] = {name: scope[name] for name in ("type", "asgi", "http_version", "scheme", "server")}
        asked = {"method": "POST", "path": path, "raw_path": path.encode(), "query_string": b"", "headers": headers}
        return {**kept, **asked}
