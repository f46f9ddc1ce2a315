"""The witness over HTTP: `POST /add-checkpoint` and `GET /{origin hash}/checkpoint` (https://c2sp.org/tlog-witness).

Law: nothing else is answered; there is nothing to protect but the key, which never leaves the process.
"""

import asyncio
import sys

from ecluse.domain.errors import CallerError
from ecluse.edge.config import LimitSettings
from ecluse.edge.http.asgi import CallerGoneError, Receive, Scope, Send, answer, read_body
from ecluse.edge.witness.cosigning import TEXT, Answer, Witness
from ecluse.passage.record.submission import LIMIT

ADD = "/add-checkpoint"
LIMITS = LimitSettings(body_bytes=LIMIT, body_seconds=10.0)


class Door:
    """The ASGI application."""

    def __init__(self, witness: Witness) -> None:
        self._witness = witness

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        if scope["type"] != "http":
            return
        try:
            told = await self._told(scope, receive)
        except CallerGoneError:
            return
        except CallerError as error:
            told = Answer(status=error.status, body=f"{error.code}\n")
        await answer(send, told.status, told.body.encode(), [("content-type", told.kind)])

    async def _told(self, scope: Scope, receive: Receive) -> Answer:
        method, path = scope["method"], scope["path"]
        if (method, path) == ("POST", ADD):
            body = await read_body(receive, LIMITS)
            try:
                told = await asyncio.to_thread(self._witness.add_checkpoint, body)
            except OSError as error:
                told = Answer(status=503, body="the checkpoint could not be kept, so it is not cosigned\n")
                print(f"ecluse witness: {error.strerror}", file=sys.stderr, flush=True)  # noqa: T201 - stderr
            return told
        words = path.split("/")
        if method == "GET" and len(words) == len(("", "hash", "checkpoint")) and words[2] == "checkpoint":
            note = await asyncio.to_thread(self._witness.newest, words[1])
            if note is not None:
                return Answer(status=200, body=note, kind=TEXT)
        return Answer(status=404, body="not found\n")
