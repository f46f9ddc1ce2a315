"""The console as one ASGI application: its pages, its files, its guard.

Law: it listens on its own port, never the gateway's; it needs a session for everything but the entrance. Only files are
compressed, never a page: it holds the mark of a session beside what a reader typed, and lengths would tell.
"""

import pkgutil
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from ecluse.console import pages as folder
from ecluse.console.ground import Ground
from ecluse.console.guard import Doors, Guard
from ecluse.console.page import Page
from ecluse.console.pages.login import BACK, ENDED, PROVIDER
from ecluse.console.session import Sessions
from ecluse.console.view import render, said
from ecluse.console.words import words
from ecluse.edge.config import ConsoleSettings, SettingsError
from ecluse.edge.identity.signing_in import SigningIn


def site(ground: Ground, *, address: str, tell: Callable[[str], None]) -> ASGIApp:
    """Build the console that is reached at `address` (host:port). `tell` is told each token that opens a session."""
    settings = ground.settings.console
    pages = every_page()
    for language in ("fr", "en"):
        words(language)
    app = Starlette(
        routes=[
            *(route for page in pages for route in page.routes),
            Route("/tokens.css", _tokens),
            Mount("/static", GZipMiddleware(StaticFiles(packages=[("ecluse.console", "static")]))),
        ],
        exception_handlers={404: _missing, 405: _missing, 500: _broken},
        lifespan=_lifespan,
    )
    app.state.ground = ground
    ground.digest()
    app.state.pages = pages
    app.state.sessions = Sessions(ground.clock, tell)
    stated = ground.settings.identity.console
    back = f"{settings.origin or f'http://{address}'}".rstrip("/") + BACK
    app.state.signing_in = SigningIn(stated, ground.settings.egress, ground.clock, back) if stated else None
    app.state.secure = (settings.origin or "").startswith("https://")
    doors = Doors(
        hosts=hosts(settings, address),
        open_paths=(
            "/static/",
            "/tokens.css",
            "/leave",
            PROVIDER,
            BACK,
            ENDED,
            *(page.path for page in pages if page.bare),
        ),
        secure=app.state.secure,
        acts={route.path.split("/")[1]: page.act for page in pages for route in page.routes},
    )
    return Guard(app, sessions=app.state.sessions, doors=doors)


def every_page() -> tuple[Page, ...]:
    """Return every page, found by looking: each module of `pages/` exports `PAGE`."""
    found: list[Page] = []
    for module in pkgutil.iter_modules(folder.__path__):
        page = import_module(f"{folder.__name__}.{module.name}").PAGE
        if not isinstance(page, Page) or page.name != module.name:
            raise TypeError(f"pages/{module.name}.py exports no PAGE of that name")
        found.append(page)
    return tuple(sorted(found, key=lambda page: (page.order, page.name)))


def hosts(settings: ConsoleSettings, address: str) -> frozenset[str]:
    """Return the hosts under which the console answers. Raises SettingsError for an origin that is none."""
    port = address.rpartition(":")[2]
    ours = {address.lower(), f"127.0.0.1:{port}", f"localhost:{port}"}
    if settings.origin is not None:
        parts = urlsplit(settings.origin)
        if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path.strip("/"):
            raise SettingsError('console.origin: write scheme and host alone, e.g. "https://console.example.fr"')
        ours.add(parts.netloc.lower())
    return frozenset(ours)


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    try:
        yield
    finally:
        app.state.ground.close()


def _tokens(request: Request) -> Response:
    """Answer the design tokens of the house, which stand after ours; nothing when it has none."""
    stated = request.app.state.ground.settings.console.tokens
    if stated is None:
        return PlainTextResponse("", media_type="text/css")
    path = Path(stated)
    return FileResponse(path, media_type="text/css") if path.is_file() else PlainTextResponse("", 404)


async def _missing(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 404
    return render(request, "missing.html", {"title": said(request)("frame.missing")}, status=status)


def _broken(request: Request, error: Exception) -> Response:
    """Say that a page broke, and of what kind its error was: never its words, which may repeat a text."""
    print(f"ecluse: the console's page {request.url.path} broke: {type(error).__name__}", file=sys.stderr)  # noqa: T201 - stderr
    return render(request, "broken.html", {"title": said(request)("frame.broken")}, status=500)
