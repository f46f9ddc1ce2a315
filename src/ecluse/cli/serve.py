"""`ecluse serve`: run the gateway until it is told to stop."""

import asyncio
import signal
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
import uvicorn
import uvloop

from ecluse.app import Program, grounds, program
from ecluse.cli.common import DEFAULT_CONFIG, Config, fail_with, settings_of
from ecluse.cli.console import tell_token
from ecluse.console.ground import Ground
from ecluse.console.serving import serve_all
from ecluse.console.serving import server as console_server
from ecluse.console.site import site
from ecluse.domain.errors import GatewayError
from ecluse.edge.config import Settings, SettingsError
from ecluse.edge.http.patience import LastCalls, patient
from ecluse.edge.keys import KeysUnusable, SecretsUnusable
from ecluse.edge.stores.errors import StoreError
from ecluse.edge.turns import serve_first

DRAIN_SECONDS = 20


def serve(
    config: Config = DEFAULT_CONFIG,
    host: Annotated[str | None, typer.Option(help="Listen here instead of the settings' host.")] = None,
    port: Annotated[int | None, typer.Option(help="Listen on this port instead of the settings' port.")] = None,
) -> None:
    """Run the gateway: one endpoint in front of every destination."""
    settings = settings_of(config)
    try:
        uvloop.run(_serve(settings, config, host or settings.server.host, port or settings.server.port))
    except (SettingsError, SecretsUnusable, KeysUnusable, StoreError, GatewayError, OSError, ValueError) as error:
        fail_with(error, config)


async def _serve(settings: Settings, config: Path, host: str, port: int) -> None:
    async with program(settings, config) as running:
        serve_first()
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, running.reloading.now)
        server = LastCalls(
            uvicorn.Config(
                running.gate,
                host=host,
                port=port,
                http=patient(settings.limits.header_seconds),
                ws="none",
                lifespan="off",
                access_log=False,
                log_level="warning",
                server_header=False,
                date_header=False,
                proxy_headers=False,
                timeout_keep_alive=75,
                timeout_graceful_shutdown=DRAIN_SECONDS,
            )
        )
        others = _console(running, settings, f"{host}:{port}") | _admin(running, settings)
        _welcome(running, settings, host, port)
        await serve_all(server, others, lambda address: typer.echo(f"ecluse: cannot listen on {address}", err=True))
        if not server.started:
            raise OSError(f"cannot listen on {host}:{port}; is something else there? `--port` takes another")


def _console(running: Program, settings: Settings, listens: str) -> dict[str, uvicorn.Server]:
    """Return the console's server by its address, when the settings ask for it."""
    host, port = settings.console.host, settings.console.port
    if port is None:
        return {}
    address = f"{host}:{port}"
    ground = Ground(
        settings=settings, base=grounds(settings), clock=running.live.clock, gate=running.gate, listens=listens
    )
    running.reloading.told.append(lambda taken: ground.adopt(taken.settings, taken.base))
    pages = site(ground, address=address, tell=partial(tell_token, settings.console.origin or f"http://{address}"))
    return {address: console_server(pages, host, port, beside=True)}


def _admin(running: Program, settings: Settings) -> dict[str, uvicorn.Server]:
    """Return the server of the admin API by its address, when the settings ask for it."""
    host, port = settings.admin.host, settings.admin.port
    if running.door is None or port is None:
        return {}
    http = patient(settings.limits.header_seconds)
    return {f"{host}:{port}": console_server(running.door, host, port, beside=True, http=http)}


def trail_place(settings: Settings) -> str:
    """Say where the trail is kept; of PostgreSQL its schema alone, since the address may be a secret."""
    if settings.store.url is None:
        return str(settings.gateway.state_dir)
    return f"PostgreSQL, schema {settings.store.schema}"


def _welcome(running: Program, settings: Settings, host: str, port: int) -> None:
    snapshot = running.live.moment().snapshot
    simulated = sum(destination.simulated for destination in snapshot.destinations.values())
    pinned = " (pinned)" if settings.gateway.unsafe_pinned_date else ""
    lines = [
        f"ecluse: http://{host}:{port}/v1",
        f"  facts of {snapshot.today}{pinned}, snapshot {snapshot.id[:12]}, {len(snapshot.destinations)} destinations",
        f"  runs on {settings.gateway.hosted_on}; the trail is in {trail_place(settings)}",
    ]
    if simulated:
        lines.append(f"  {simulated} of them are SIMULATED: for demonstration and tests only")
    typer.echo("\n".join(lines), err=True)
