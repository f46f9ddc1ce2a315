"""`ecluse console`: the console alone, over a state directory: it reads a trail that another process may be writing."""

from functools import partial
from typing import Annotated

import typer

from ecluse.app import clock as clock_of
from ecluse.app import grounds
from ecluse.cli.common import DEFAULT_CONFIG, Config, fail, settings_of
from ecluse.console.ground import Ground
from ecluse.console.serving import server
from ecluse.console.site import site
from ecluse.domain.errors import GatewayError
from ecluse.edge.config import SettingsError

PORT = 8090


def console(
    config: Config = DEFAULT_CONFIG,
    host: Annotated[str | None, typer.Option(help="Listen here instead of the settings' host.")] = None,
    port: Annotated[int | None, typer.Option(help="Listen on this port instead of the settings' port.")] = None,
) -> None:
    """Show where data goes, and why. Without a gateway beside it there is no chat page."""
    settings = settings_of(config)
    host, port = host or settings.console.host, port or settings.console.port or PORT
    address = f"{host}:{port}"
    try:
        ground = Ground(settings=settings, base=grounds(settings), clock=clock_of(settings))
        pages = site(ground, address=address, tell=partial(tell_token, settings.console.origin or f"http://{address}"))
        serving = server(pages, host, port, beside=False)
        serving.run()
    except (SettingsError, GatewayError, OSError, ValueError) as error:
        fail(str(error))
    if not serving.started:
        fail(f"cannot listen on {address}; is something else there? `--port` takes another")


def tell_token(origin: str, token: str) -> None:
    """Print the address that opens the console once."""
    typer.echo(f"  console: {origin}/login#{token} (opens once)", err=True)
