"""`ecluse witness`: the program of another body, which cosigns a log's heads when they continue what it saw.

Law: it needs the log's public key and nothing else of the gateway; who runs the gateway should not run it.
"""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from ecluse.cli.common import fail
from ecluse.cli.trail.options import text_of
from ecluse.domain.errors import VerificationFailed
from ecluse.edge.clock import SystemClock
from ecluse.edge.witness.cosigning import Witness, WitnessUnusable
from ecluse.edge.witness.door import Door
from ecluse.edge.witness.key import make_key, read_key
from ecluse.passage.record.checkpoint import VerifierKey, parse_vkey
from ecluse.passage.record.cosign import cosigner_of

app = typer.Typer(help="Cosign the heads of somebody else's trail.", no_args_is_help=True)


@app.command("key")
def key_command(
    out: Annotated[Path, typer.Option("--out", "-o", help="Write the private key to this new file.")],
    name: Annotated[str, typer.Option(help="Who the witness is, such as dpo.example.org/witness.")],
) -> None:
    """Make a witness's key, and print its public half for the gateway's settings and for those who verify."""
    try:
        typer.echo(cosigner_of(make_key(out, name)).vkey)
    except WitnessUnusable as error:
        fail(str(error))


@app.command("serve")
def serve_command(
    key: Annotated[Path, typer.Option(help="The witness's private key, from `ecluse witness key`.")],
    log_key: Annotated[
        list[str], typer.Option(help="The public key of a log, or a file that has it (`trail.vkey`); may be repeated.")
    ],
    state_dir: Annotated[Path, typer.Option(help="Where it keeps the last head that it cosigned.")] = Path(".witness"),
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port.")] = 8090,
) -> None:
    """Run the witness: `POST /add-checkpoint`, as https://c2sp.org/tlog-witness says."""
    clock = SystemClock()
    try:
        witness = Witness(read_key(key), [_log(one) for one in log_key], state_dir, lambda: clock.now() // 1000)
        asyncio.run(_serve(witness, host, port))
    except (WitnessUnusable, OSError) as error:
        fail(str(error))


async def _serve(witness: Witness, host: str, port: int) -> None:
    server = uvicorn.Server(
        uvicorn.Config(
            Door(witness),
            host=host,
            port=port,
            ws="none",
            lifespan="off",
            access_log=False,
            log_level="warning",
            server_header=False,
        )
    )
    typer.echo(f"ecluse witness: http://{host}:{port}/add-checkpoint", err=True)
    await server.serve()
    if not server.started:
        raise OSError(f"cannot listen on {host}:{port}; is something else there? `--port` takes another")


def _log(given: str) -> VerifierKey:
    try:
        return parse_vkey((given if "+" in given else text_of(Path(given))).strip())
    except VerificationFailed as error:
        fail(str(error))
