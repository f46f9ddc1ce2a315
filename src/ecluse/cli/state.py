"""`ecluse state`: the secrets of a state directory, for replicas that share one log.

Law: secrets are never printed, and never overwritten: whatever is signed and kept beside them would be lost with them.
"""

from pathlib import Path
from typing import Annotated

import typer

from ecluse.cli.common import Json, fail, print_json
from ecluse.edge.keys import Secrets, SecretsUnusable, make_secrets
from ecluse.edge.keys import state as where

app = typer.Typer(help="Make and share the secrets of a state directory.", no_args_is_help=True)


@app.command()
def new(
    out: Annotated[Path, typer.Option("--out", "-o", help="Write the secrets to this new file.")],
    *,
    json: Json = False,
) -> None:
    """Make the secrets of a new log in a file, to be given to each of its replicas; print the log's public key."""
    try:
        vkey = make_secrets(out)
    except SecretsUnusable as error:
        fail(str(error))
    if json:
        print_json({"file": str(out), "vkey": vkey})
    else:
        typer.echo(vkey)


@app.command()
def adopt(
    secrets: Annotated[Path, typer.Option(help="The secrets of the log: of `ecluse state new`, or of a replica.")],
    *,
    state_dir: Annotated[
        Path, typer.Option("--state-dir", help="The folder that holds the gateway's state.")
    ] = where.DEFAULT,
    json: Json = False,
) -> None:
    """Put the secrets of a file into a state directory before its gateway's first start; other secrets stay."""
    try:
        adopted = Secrets.adopt(state_dir, secrets)
        origin = Secrets.open(state_dir).origin
    except SecretsUnusable as error:
        fail(str(error), 1)
    if json:
        print_json({"adopted": adopted, "origin": origin})
    else:
        typer.echo(f"{where.secrets(state_dir)}: {origin}, {'adopted' if adopted else 'there already'}")
