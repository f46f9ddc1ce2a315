"""The console's server: beside the gateway in one process, or alone over its state directory.

Law: the gateway's server owns the signals; the console ends when it does, and its end ends nothing else.
"""

import asyncio
import contextlib
from collections.abc import Callable, Iterator

import uvicorn
from starlette.types import ASGIApp


class _Beside(uvicorn.Server):
    """A server that leaves the process's signals to another."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def server(app: ASGIApp, host: str, port: int, *, beside: bool) -> uvicorn.Server:
    """Return a server of the console's pages."""
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        http="httptools",
        ws="none",
        lifespan="off",
        access_log=False,
        log_level="critical",  # an error's words may repeat a text; site.py tells its kind,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=3,
    )
    return _Beside(config) if beside else uvicorn.Server(config)


async def serve_both(gateway: uvicorn.Server, console: uvicorn.Server | None, broken: Callable[[], None]) -> None:
    """Run the gateway, with the console beside it, until the gateway ends. `broken` is told if the console cannot."""
    if console is None:
        await gateway.serve()
        return

    async def beside() -> None:
        with contextlib.suppress(SystemExit):
            await console.serve()
        if not console.started:
            broken()
            gateway.should_exit = True

    async with asyncio.TaskGroup() as group:
        group.create_task(beside())
        await gateway.serve()
        console.should_exit = True
