"""Presidio's REST interface: `/analyze`, `/anonymize`, `/supportedentities`, `/recognizers`, `/anonymizers`, `/health`.

Law: nothing of a body is kept, logged or repeated in an error. It asks for no key, as Presidio does not: it listens on
this machine unless told otherwise. What cannot be searched is a 503, never an empty list.
"""

import asyncio
from collections.abc import Callable
from typing import TypeVar

import msgspec

from ecluse.domain.errors import CallerError, EcluseError
from ecluse.edge.config import LimitSettings
from ecluse.edge.http.asgi import CallerGoneError, Receive, Scope, Send, answer, check_headers, read_body
from ecluse.edge.presidio import analyze, anonymize
from ecluse.edge.presidio.entities import BY_KIND, UNREADABLE, entity
from ecluse.passage.classify import Engine, OwnDetector
from ecluse.passage.classify.recogniser import Recogniser

LIMITS = LimitSettings()
AT_ONCE = 4
ANALYZE, ANONYMIZE = "/analyze", "/anonymize"
T = TypeVar("T")


class Door:
    """The ASGI application."""

    def __init__(self, engine: Engine, recognisers: list[Recogniser], own: OwnDetector | None = None) -> None:
        """Take what searches, whose entities are told, and an organisation's own entries, which are told beside."""
        self._engine = engine
        self._own = own
        recognisers = [*recognisers, *(own.recognisers if own is not None else ())]
        self._turn = asyncio.Semaphore(AT_ONCE)
        names = sorted(recogniser.name for recogniser in recognisers)
        entities = sorted({UNREADABLE, *BY_KIND.values(), *(entity(one.kind, one.name) for one in recognisers)})
        self._known = frozenset(entities)
        self._gets = {
            "/health": b"Ecluse is up",
            "/recognizers": msgspec.json.encode(names),
            "/supportedentities": msgspec.json.encode(entities),
            "/anonymizers": msgspec.json.encode(list(anonymize.OPERATORS)),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        if scope["type"] != "http":
            return
        try:
            body = await self._told(scope, receive)
        except CallerGoneError:
            return
        except EcluseError as error:
            said = error.sentence("en")
            more = isinstance(error, CallerError) and error.detail not in said
            body = msgspec.json.encode({"error": f"{said} {error.detail}" if more else said})
            await answer(send, error.status, body)
            return
        await answer(send, 200, body)

    async def _told(self, scope: Scope, receive: Receive) -> bytes:
        method, path = scope["method"], scope["path"]
        if path in self._gets:
            if method != "GET":
                raise CallerError("method_not_allowed")
            return self._gets[path]
        if path not in {ANALYZE, ANONYMIZE}:
            raise CallerError("not_found")
        if method != "POST":
            raise CallerError("method_not_allowed")
        check_headers(scope, LIMITS)
        body = await read_body(receive, LIMITS)
        if path == ANONYMIZE:
            return msgspec.json.encode(await self._work(anonymize.anonymize, _read(body, anonymize.Asked)))
        asked = _read(body, analyze.Asked)
        return msgspec.json.encode(
            await self._work(lambda a: analyze.analyze(self._engine, a, self._known, self._own), asked)
        )

    async def _work(self, work: Callable[[T], object], asked: T) -> object:
        async with self._turn:
            return await asyncio.to_thread(work, asked)


def _read(body: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        raise CallerError("invalid_request", str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise CallerError("invalid_json") from None
