"""A trail served over loopback by the routes alone, in a thread of its own: no gateway, no provider."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import uvicorn

from ecluse.domain.caller import ApplicationId, Caller, KeyScope
from ecluse.domain.errors import CallerError, EcluseError
from ecluse.domain.snapshot import Instant
from ecluse.domain.trail import Entry
from ecluse.edge.http.asgi import answer
from ecluse.edge.http.tiles import Receipts, TrailRoutes
from ecluse.edge.keys import Ed25519Signer
from ecluse.edge.stores.sqlite import SqliteStore
from ecluse.passage.record.checkpoint import key_of
from tests.passage.record import samples

SIGNER = Ed25519Signer("ecluse.local/test", bytes(range(32)))
KEY = key_of(SIGNER)
READER = samples.CALLER.application.id
App = Callable[[MutableMapping[str, Any], Any, Any], Awaitable[None]]


class StandingClock:
    """A clock that stands."""

    def now(self) -> Instant:
        return samples.NOW


def store_in(folder: Path) -> SqliteStore:
    return SqliteStore(folder / "trail.db", signer=SIGNER, clock=StandingClock())


def write(folder: Path, entries: Sequence[Entry]) -> None:
    """Append entries to a trail and close it: its last head covers everything."""

    async def work() -> None:
        store = store_in(folder)
        await store.start()
        await asyncio.gather(*(store.append(entry) for entry in entries))
        await store.close()

    asyncio.run(work())


def authenticate(headers: Mapping[str, str], _scope: KeyScope) -> Caller:
    if headers.get("authorization") != "Bearer reader":
        raise CallerError("invalid_api_key")
    return samples.CALLER


@dataclass
class Site:
    """What a test sees."""

    url: str


@contextmanager
def site(folder: Path, *, public: bool = False, readers: Sequence[ApplicationId] = (READER,)) -> Iterator[Site]:
    """Serve the trail in a folder until the block ends."""
    store = store_in(folder)

    async def app(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        del receive
        routes = TrailRoutes(
            log=store, receipts=Receipts(store, KEY), authenticate=authenticate, readers=readers, public=public
        )
        try:
            await routes.get(scope, send)
        except EcluseError as error:
            await answer(send, error.status, error.code.encode(), [("content-type", "text/plain")])

    with served(app, before=store.start, after=store.close) as url:
        yield Site(url=url)


@contextmanager
def served(
    app: App,
    *,
    before: Callable[[], Awaitable[object]] | None = None,
    after: Callable[[], Awaitable[object]] | None = None,
    http: type[asyncio.Protocol] | Literal["auto"] = "auto",
) -> Iterator[str]:
    """Serve an ASGI application on loopback until the block ends."""
    config = uvicorn.Config(app, host="127.0.0.1", port=0, http=http, ws="none", lifespan="off", log_level="warning")
    server = uvicorn.Server(config)
    ready = threading.Event()

    async def live() -> None:
        if before is not None:
            await before()
        serving = asyncio.get_running_loop().create_task(server.serve())
        while not server.started and not serving.done():
            await asyncio.sleep(0.005)
        ready.set()
        await serving
        if after is not None:
            await after()
        await asyncio.sleep(0.01)

    thread = threading.Thread(target=lambda: asyncio.run(live()), name="site")
    thread.start()
    try:
        assert ready.wait(20)
        [port] = [socket.getsockname()[1] for one in server.servers for socket in one.sockets]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(20)
        assert not thread.is_alive()
