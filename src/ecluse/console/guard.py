"""What stands before every page: the host that is called, the session, the mark of a change, the headers.

Law: no page but the entrance without a session; no change without the session's mark and from our own pages alone; no
script or style but our files; nothing is kept by a browser or a proxy; a request's content is in no log.
"""

import hmac
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ecluse.console.session import Sessions
from ecluse.edge.roles import Act

COOKIE = "ecluse_console"
CSRF_HEADER = "x-csrf-token"
CSRF_FIELD = "csrf"
BODY = 2 * 1024 * 1024
"""Bytes of a form."""
SAFE = frozenset({"GET", "HEAD"})
HERE = frozenset({"same-origin", "none"})

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """Which hosts are ours, and which paths need no session."""

    hosts: frozenset[str]
    open_paths: Sequence[str]
    secure: bool
    acts: Mapping[str, Act]
    """What each first part of an address is; one that is not here is for administrators."""

    def closed(self, path: str, acts: frozenset[Act]) -> bool:
        """Say whether somebody who may do these acts may not open a path."""
        return self.acts.get(path.split("/")[1] if "/" in path else path, Act.ADMINISTER) not in acts

    def open(self, path: str) -> bool:
        """Say whether a path needs no session."""
        return any(path == one or (one.endswith("/") and path.startswith(one)) for one in self.open_paths)


class Guard:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp, *, sessions: Sessions, doors: Doors) -> None:
        """Stand before `app`."""
        self._app = app
        self._sessions = sessions
        self._doors = doors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request pass, or answer it."""
        if scope["type"] != "http":
            return
        headers = Headers(scope=scope)
        name = cookies(headers).get(COOKIE)
        session = self._sessions.find(name)
        scope.setdefault("state", {})
        scope["state"] |= {"session": session, "session_name": name, "csrf": session.csrf if session else ""}
        sending = _with_headers(send, kept=scope["path"].startswith("/static/"))
        refused, receive = await self._refused(scope, headers, receive)
        await (refused or self._app)(scope, receive, sending)

    async def _refused(self, scope: Scope, headers: Headers, receive: Receive) -> tuple[Response | None, Receive]:
        session = scope["state"]["session"]
        refused = self._at_the_door(scope, headers)
        if refused is not None or scope["method"] in SAFE:
            return refused, receive
        body = await _body(receive)
        if body is None:
            return PlainTextResponse("The form is too large.\n", 413), receive
        marked = session is None or hmac.compare_digest(_mark(headers, body).encode(), session.csrf.encode())
        refused = None if marked else PlainTextResponse("The page has expired: load it again.\n", 403)
        return refused, _replay(body, receive)

    def _at_the_door(self, scope: Scope, headers: Headers) -> Response | None:
        """Refuse another host, who has no session, and a change that comes from elsewhere."""
        if headers.get("host", "").lower() not in self._doors.hosts:
            return PlainTextResponse("This host is not the console's; set console.origin.\n", 421)
        safe, session = scope["method"] in SAFE, scope["state"]["session"]
        if session is None and not self._doors.open(scope["path"]):
            if not safe:
                return PlainTextResponse("No session: enter again.\n", 401)
            query = scope["query_string"].decode("latin-1")
            return RedirectResponse(f"/login?next={_quoted(scope['path'], query)}", 303)
        if (
            session is not None
            and not self._doors.open(scope["path"])
            and self._doors.closed(scope["path"], session.acts)
        ):
            return PlainTextResponse("Your roles do not open this page. / Vos rôles n'ouvrent pas cette page.\n", 403)
        if not safe and not _from_here(headers, self._doors.hosts):
            return PlainTextResponse("A change comes from the console's own pages only.\n", 403)
        return None


def cookies(headers: Headers) -> dict[str, str]:
    """Return the cookies; a broken line has none."""
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(headers.get("cookie", "")).items()}
    except CookieError:
        return {}


def _quoted(path: str, query: str) -> str:
    whole = f"{path}?{query}" if query else path
    return whole.replace("%", "%25").replace("&", "%26").replace("#", "%23").replace("+", "%2B")


def _from_here(headers: Headers, hosts: frozenset[str]) -> bool:
    """Say whether a change comes from our own pages: browsers of today say so by either header."""
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None and site not in HERE:
        return False
    return origin is None or urlsplit(origin).netloc.lower() in hosts


def _mark(headers: Headers, body: bytes) -> str:
    if CSRF_HEADER in headers:
        return headers[CSRF_HEADER]
    if headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return parse_qs(body.decode("utf-8", "replace")).get(CSRF_FIELD, [""])[0]
    return ""


async def _body(receive: Receive) -> bytes | None:
    pieces: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        piece: bytes = message.get("body", b"")
        size += len(piece)
        if size > BODY:
            return None
        pieces.append(piece)
        if message["type"] != "http.request" or not message.get("more_body", False):
            return b"".join(pieces)


def _replay(body: bytes, receive: Receive) -> Receive:
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def _with_headers(send: Send, *, kept: bool) -> Callable[[MutableMapping[str, Any]], Any]:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers[name] = value
            headers["Cache-Control"] = "private, max-age=31536000, immutable" if kept else "no-store"
        await send(message)

    return sending
