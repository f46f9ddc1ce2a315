"""`ecluse migrate`: carry the trail of a state directory to PostgreSQL, whole or not at all."""

from pathlib import Path
from typing import Annotated

import typer

from ecluse.cli.common import Json, fail, print_json
from ecluse.domain.errors import GatewayError
from ecluse.edge.config import SettingsError
from ecluse.edge.extras import ExtraMissing, load
from ecluse.edge.keys import Secrets, SecretsUnusable
from ecluse.edge.keys import state as where
from ecluse.edge.stores.errors import StoreError
from ecluse.edge.stores.opening import url_of
from ecluse.prove.verify import Report


def migrate(
    *,
    to: Annotated[str, typer.Option(help="The store.url to carry to: postgresql://..., env:NAME or file:PATH.")],
    schema: Annotated[str, typer.Option(help="The store.schema to carry to.")] = "ecluse",
    state_dir: Annotated[
        Path, typer.Option("--state-dir", help="The folder that holds the gateway's state.")
    ] = where.DEFAULT,
    json: Json = False,
) -> None:
    """Carry the trail from its file to PostgreSQL. Stop the gateway first; the file is kept under another name."""
    source = where.trail(state_dir)
    if not source.exists():
        fail(f"there is no trail at {source}; `--state-dir` names the folder that has it")
    try:
        signer = Secrets.open(state_dir).signer()
        report: Report = load("ecluse.edge.stores.postgres.carry", "postgres").carry(source, url_of(to), schema, signer)
    except (StoreError, SettingsError, SecretsUnusable, GatewayError, ExtraMissing, OSError) as error:
        fail(str(error))
    if json:
        print_json({"entries": report.size, "checkpoints": report.checkpoints, "root": report.root, "schema": schema})
        return
    typer.echo(
        f"{report.size} entries and {report.checkpoints} checkpoints carried; the copy verifies, root {report.root}.\n"
        f"The file is now {source.name}.carried. Set store.url and store.schema, and start the gateway."
    )
