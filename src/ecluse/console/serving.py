"""The console's server: beside the gateway in one process, or alone over its state directory.

Law: the gateway's server owns the signals; the console ends when it does, and its end ends nothing else.
"""

import asyncio
import contextlib
from asyncio import Protocol
from collections.abc import Callable, Iterator, Mapping
from typing import Literal

import uvicorn
from starlette.types import ASGIApp


class _Beside(uvicorn.Server):
    """A server that leaves the process's signals to another."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def server(
    app: ASGIApp, host: str, port: int, *, beside: bool, http: Literal["httptools"] | type[Protocol] = "httptools"
) -> uvicorn.Server:
    """Return a server of the console's pages, or of another application beside the gateway."""
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        http=http,
        ws="none",
        lifespan="off",
        access_log=False,
        log_level="critical",  # an error's words may repeat a text; site.py tells its kind,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=3,
    )
    return _Beside(config) if beside else uvicorn.Server(config)


async def serve_all(
    gateway: uvicorn.Server, others: Mapping[str, uvicorn.Server], broken: Callable[[str], None]
) -> None:
    """Run the gateway, with others beside it, until the gateway ends. `broken` is told the address of one that cannot.

    `others` are servers by their addresses.
    """

    async def beside(address: str, other: uvicorn.Server) -> None:
        with contextlib.suppress(SystemExit):
            await other.serve()
        if not other.started:
            broken(address)
            gateway.should_exit = True

    async with asyncio.TaskGroup() as group:
        for address, other in others.items():
            group.create_task(beside(address, other))
        await gateway.serve()
        for other in others.values():
            other.should_exit = True
