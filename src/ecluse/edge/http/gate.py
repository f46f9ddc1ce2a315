"""The routes of the gateway.

Law: a path is one of ours or 404; who calls is settled before the body is read; the host that is called is never taken
from a request. `/health`, `/ready` and `/metrics` say nothing of any caller.
"""

import asyncio
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any, Protocol
from urllib.parse import parse_qs

import msgspec

from ecluse.domain.caller import EVERYTHING, ApplicationId, Caller, KeyId, KeyScope
from ecluse.domain.dialect import InboundDialect
from ecluse.domain.errors import CallerError, EcluseError
from ecluse.domain.ports import Log, Store
from ecluse.edge.capture.capturing import Capturing
from ecluse.edge.config import LimitSettings
from ecluse.edge.http.asgi import (
    CallerGoneError,
    Receive,
    Scope,
    Send,
    answer,
    check_headers,
    headers_of,
    read_body,
)
from ecluse.edge.http.forms import form_to_json, is_form
from ecluse.edge.http.listing import listed_models
from ecluse.edge.http.openapi import OPENAPI, document
from ecluse.edge.http.passages import Passages
from ecluse.edge.http.receipt import RECEIPT, ReceiptConnection
from ecluse.edge.http.routes import MODELS, Route, Routes
from ecluse.edge.http.tiles import Receipts, TrailRoutes
from ecluse.edge.identity import Tokens, is_token
from ecluse.edge.keys import Ring
from ecluse.edge.keys.secret import Secret
from ecluse.edge.live import Live
from ecluse.edge.meters import Meters
from ecluse.edge.tasks import Tasks
from ecluse.edge.trace_context import HEADER as TRACEPARENT
from ecluse.edge.trail_settings import TrailSettings
from ecluse.passage.question import Asked

STATUS = ("/health", "/ready", "/metrics", OPENAPI)
FRESH = frozenset({"no-cache", "no-store"})
"""Words of `cache-control` by which a caller asks for an answer that is made now."""


class BrokenAnswerError(Exception):
    """An answer that began cannot be ended well: the server then closes the connection without its closing mark."""


class Site(Protocol):
    """Routes that are there only when the settings ask for them."""

    def takes(self, path: str) -> bool:
        """Say whether a path is one of these routes."""

    def paths(self) -> Mapping[str, dict[str, object]]:
        """Return them as the OpenAPI document has them."""

    async def answer(self, scope: Scope, receive: Receive, send: Send, caller: Caller, asked: Asked) -> None:
        """Answer one request of a caller who is known."""


class Gate:
    """The ASGI application."""

    def __init__(
        self,
        *,
        live: Live,
        keys: Ring,
        tokens: Tokens,
        passages: Passages,
        store: Store,
        tasks: Tasks,
        meters: Meters,
        limits: LimitSettings,
        inbound: Mapping[str, InboundDialect],
        receipts: Receipts,
        trail: TrailSettings,
        log: Log,
        fault: Callable[[], str] = str,
        capturing: Capturing | None = None,
        kept: Site | None = None,
    ) -> None:
        self._live = live
        self._keys = keys
        self._tokens = tokens
        self._passages = passages
        self._store = store
        self._tasks = tasks
        self._meters = meters
        self._limits = limits
        self._fault = fault
        self._capturing = capturing
        self._kept = kept
        self._routes = Routes(inbound)
        self._document = document(inbound, kept.paths() if kept else None, keeps=passages.keeps_for > 0)
        self._trail = TrailRoutes(
            log=log,
            receipts=receipts,
            authenticate=self._caller,
            readers=[ApplicationId(name) for name in trail.readers],
            public=trail.public,
        )

    def lend(self, application: ApplicationId, name: KeyId) -> Secret:
        """Make a key that lives in this process alone: the console asks with it, through the same gate as everybody."""
        return self._keys.lend(application, name)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        if scope["type"] != "http":
            return
        try:
            await self._route(scope, receive, send)
        except CallerGoneError:
            return
        except EcluseError as error:
            dialect = self._dialect(scope)
            headers = [("content-type", "application/json")]
            if error.code in {"body_too_large", "request_timeout"}:
                headers.append(("connection", "close"))
            await answer(send, error.status, dialect.error(error, _language(headers_of(scope))), headers)

    async def _route(self, scope: Scope, receive: Receive, send: Send) -> None:
        method, path, headers = scope["method"], scope["path"], headers_of(scope)
        if self._kept is not None and self._kept.takes(path):
            check_headers(scope, self._limits)
            await self._of_kept(self._kept, scope, receive, send)
            return
        route = self._about_kept(scope) or self._routes.post(path, headers)
        reading = self._trail.takes(path)
        listing = path == MODELS or path.startswith(f"{MODELS}/")
        gets = listing or reading or path in STATUS
        refused = None if route or gets else self._routes.refused(path)
        if not (route or gets or refused):
            raise CallerError("not_found")
        if method != (route.method if route else "GET") and not refused:
            raise CallerError("method_not_allowed")
        check_headers(scope, self._limits)
        if refused:
            self._caller(headers)
            raise CallerError(refused)
        if route:
            if route.method != "POST" and scope.get("query_string") and not route.query:
                raise CallerError("unsupported_field", "a query")
            await self._passage(scope, receive, send, route)
        elif reading:
            await self._trail.get(scope, send)
        elif listing:
            self._caller(headers)
            await answer(send, 200, self._models(self._dialect(scope), path.removeprefix(MODELS)[1:]))
        else:
            await self._status(path, send)

    def _about_kept(self, scope: Scope) -> Route | None:
        """Return what is asked about a kept answer, or about a conversation object."""
        method, path = scope["method"], scope["path"]
        query = parse_qs(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)
        return self._routes.kept(method, path) or self._routes.conversation(method, path, query)

    async def _of_kept(self, kept: Site, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a call about files or batches, and count it by the first word of its path."""
        headers, began, status = headers_of(scope), self._live.clock.now(), 0

        async def counted(message: MutableMapping[str, Any]) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            await kept.answer(scope, receive, counted, self._caller(headers, KeyScope.FILES), asked_of(headers))
        except EcluseError as error:
            status = error.status
            raise
        finally:
            surface = scope["path"].split("/")[2]
            self._meters.request(surface, status, (self._live.clock.now() - began) / 1000)

    async def _status(self, path: str, send: Send) -> None:
        if path == "/metrics":
            await answer(send, 200, self._meters.text(), [("content-type", "text/plain; version=0.0.4; charset=utf-8")])
            return
        if path == OPENAPI:
            await answer(send, 200, self._document)
            return
        if path == "/health":
            await answer(send, 200, b'{"status":"up"}')
            return
        moment = self._live.moment()
        fault = self._fault() or ("facts_expired" if moment.now >= moment.snapshot.valid_until else "")
        body = {
            "status": fault or "ready",
            "snapshot": moment.snapshot.id,
            "date": moment.snapshot.today,
            "destinations": len(moment.snapshot.destinations),
            "down": sorted(moment.health.down),
            "entries": await asyncio.to_thread(self._store.size),  # a database may take its time
        }
        await answer(send, 503 if fault else 200, msgspec.json.encode(body))

    def _dialect(self, scope: Scope) -> InboundDialect:
        """Return the format that a reply is written in."""
        return self._routes.dialect(scope["path"], headers_of(scope))

    def _models(self, dialect: InboundDialect, name: str) -> bytes:
        """Return the list of models, or the one that is named."""
        listed = listed_models(self._live.moment().snapshot)
        if not name:
            return dialect.models(listed)
        found = next((one for one in listed if one.name == name), None)
        if found is None:
            raise CallerError("model_not_found")
        return dialect.model(found)

    def _caller(self, headers: Mapping[str, str], scope: KeyScope | None = None) -> Caller:
        """Return who calls. Raises CallerError, also when the key lacks the scope that is needed."""
        presented = headers.get("authorization")
        if presented is None and "x-api-key" in headers:
            presented = f"Bearer {headers['x-api-key']}"
        now, scopes = self._live.clock.now(), EVERYTHING
        if is_token(presented):
            application, key = self._tokens.authenticate(presented, now)
        else:
            application, key, scopes = self._keys.authenticate(presented, now)
        caller = self._passages.caller(application, key, scopes)
        if scope is not None and not caller.may(scope):
            raise CallerError("scope_required", scope)
        return caller

    async def _passage(self, scope: Scope, receive: Receive, send: Send, route: Route) -> None:
        headers = headers_of(scope)
        caller = self._caller(headers, route.scope)
        began = self._live.clock.now()
        body = await read_body(receive, self._limits)
        if route.form and is_form(headers.get("content-type", "")):
            body = form_to_json(headers["content-type"], body)
        arrival = self._passages.arrival(caller, route.dialect, route.surface, body, asked_of(headers))
        if route.trailed and TRACEPARENT in headers:
            self._meters.came(arrival.passage, headers[TRACEPARENT])
        wanted = headers.get(RECEIPT, "").strip().lower() == "true"
        receipts = self._trail.receipts if wanted and route.trailed else None
        kept = self._capturing if route.trailed else None
        watched = kept.watch(caller.application, body, send) if kept else None
        connection = ReceiptConnection(receive, watched.send if watched else send, self._tasks, receipts)
        self._meters.under_way.inc()
        try:
            await self._passages.run(route.begin(arrival), arrival, connection, trailed=route.trailed)
            if connection.broken:
                raise BrokenAnswerError
        finally:
            connection.close()
            if kept and watched and watched.entry:
                self._tasks.start(kept.keep(watched), "capture")
            self._meters.under_way.dec()
            seconds = (self._live.clock.now() - began) / 1000
            self._meters.request(route.meter, connection.status, seconds)


def asked_of(headers: Mapping[str, str]) -> Asked:
    """Read what the headers ask for."""
    stated = headers.get("x-ecluse-sensitivity", "")
    return Asked(
        purpose=headers.get("x-ecluse-purpose"),
        conversation=headers.get("x-ecluse-conversation"),
        sensitivity=tuple(name.strip().lower() for name in stated.split(",") if name.strip()),
        language=_language(headers),
        fresh=bool(FRESH & {word.strip().lower() for word in headers.get("cache-control", "").split(",")}),
    )


def _language(headers: Mapping[str, str]) -> str:
    return "fr" if headers.get("accept-language", "").strip().lower().startswith("fr") else "en"
