"""`ecluse presidio`: the REST interface of Presidio over our detector, for LiteLLM, Kong, Bifrost and others."""

from pathlib import Path
from typing import Annotated

import typer
import uvicorn
import uvloop

from ecluse.api import detector
from ecluse.cli.common import DEFAULT_CONFIG, fail
from ecluse.cli.detecting import Own, Where, detector_for
from ecluse.edge.presidio.door import Door
from ecluse.packs.errors import PackError
from ecluse.passage.classify import OwnDetector, built_in
from ecluse.passage.classify.tagger import NAME, SOURCES

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def presidio(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port.")] = 5002,
    organisation: Own = None,
    config: Where = DEFAULT_CONFIG,
) -> None:
    """Answer as Presidio's analyzer and anonymizer do: `/analyze`, `/anonymize` and what describes them."""
    try:
        uvloop.run(_serve(host, port, _own(organisation, config)))
    except (PackError, OSError) as error:
        fail(str(error))


def _own(organisation: str | None, config: Path) -> OwnDetector | None:
    used = detector_for(organisation, config, tagger=False)
    return used if isinstance(used, OwnDetector) else None


async def _serve(host: str, port: int, own: OwnDetector | None) -> None:
    server = uvicorn.Server(
        uvicorn.Config(
            Door(detector(), [*built_in().values(), *SOURCES.values(), NAME], own),
            host=host,
            port=port,
            ws="none",
            lifespan="off",
            access_log=False,
            log_level="warning",
            server_header=False,
            limit_concurrency=256,
        )
    )
    typer.echo(f"ecluse presidio: http://{host}:{port}/analyze", err=True)
    if host not in LOOPBACK:
        typer.echo("ecluse: it asks for no key: whoever reaches this address may use it", err=True)
    await server.serve()
    if not server.started:
        raise OSError(f"cannot listen on {host}:{port}; is something else there? `--port` takes another")
