"""`ecluse migrate`: carry the trail of a state directory to PostgreSQL, whole or not at all."""

from pathlib import Path
from typing import Annotated

import typer

from ecluse.cli.common import Json, fail, print_json
from ecluse.domain.errors import GatewayError
from ecluse.edge.admin_tokens import TokensUnusable
from ecluse.edge.batches.table import KeptUnusable
from ecluse.edge.capture.unusable import CaptureUnusable
from ecluse.edge.chain import DocketUnusable
from ecluse.edge.config import SettingsError, StoreSettings
from ecluse.edge.extras import ExtraMissing, load
from ecluse.edge.keys import KeysUnusable, Secrets, SecretsUnusable
from ecluse.edge.keys import state as where
from ecluse.edge.stores.beside import take_over
from ecluse.edge.stores.errors import StoreError
from ecluse.edge.stores.kept_tables import carry_kept
from ecluse.edge.stores.key_tables import carry_keys
from ecluse.edge.stores.opening import url_of
from ecluse.edge.stores.safe_tables import carry_captured
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
    """Carry the trail and what stands beside it from their files to PostgreSQL. Stop the gateway first.

    That is keys, docket, drafts of rules, admin tokens, files and batches, and prompts that were kept. The files are
    kept under other names, but for those with contents, which are deleted: what was kept until an end does not stay.
    """
    source = where.trail(state_dir)
    if not source.exists():
        fail(f"there is no trail at {source}; `--state-dir` names the folder that has it")
    try:
        own = Secrets.open(state_dir)
        carry = load("ecluse.edge.stores.postgres.carry", "postgres").carry
        report: Report = carry(source, url_of(to), schema, own.signer())
        named = StoreSettings(url=to, schema=schema)
        keys = carry_keys(named, state_dir, own)
        steps, tokens = take_over(named, state_dir, own)
        files, batches = carry_kept(named, state_dir, own)
        contents = carry_captured(named, state_dir, own)
    except (KeysUnusable, DocketUnusable, TokensUnusable, KeptUnusable, CaptureUnusable) as error:
        fail(
            f"the trail was carried, but not all that stands beside it: {error}; a gateway takes that over at its start"
        )
    except (StoreError, SettingsError, SecretsUnusable, GatewayError, ExtraMissing, OSError) as error:
        fail(str(error))
    if json:
        print_json(
            {"entries": report.size, "checkpoints": report.checkpoints, "root": report.root, "schema": schema}
            | {"keys": keys, "steps": steps, "admin_tokens": tokens, "files": files, "batches": batches}
            | {"contents": contents}
        )
        return
    typer.echo(
        f"{report.size} entries and {report.checkpoints} checkpoints carried; the copy verifies, root {report.root}.\n"
        f"{keys} keys, {steps} steps of the docket and of drafts of rules, {tokens} admin tokens, "
        f"{files} files, {batches} batches, and {contents} prompts that were kept, carried.\n"
        f"The files are now {source.name}.carried and so on. Set store.url and store.schema, and start the gateway."
    )
