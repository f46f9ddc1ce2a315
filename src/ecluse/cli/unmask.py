"""`ecluse unmask`: the originals back in a document, or in what a model made of it, from its sealed vault."""

from pathlib import Path
from typing import Annotated

import typer

from ecluse.cli import in_place
from ecluse.cli.classify import read_text
from ecluse.cli.common import fail
from ecluse.cli.mask import DOCUMENTS, Out, State, write
from ecluse.cli.masking import Counts, read, restored
from ecluse.edge.clock import SystemClock
from ecluse.edge.keys import Secrets, SecretsUnusable
from ecluse.edge.keys import state as where
from ecluse.edge.vaults import FileVaults, VaultUnusable, unseal, vault_key
from ecluse.scan.inplace.restoring import restored as package_restored


def unmask(
    file: Annotated[str, typer.Argument(help="A masked file, or an answer about it; - reads a text.")],
    *,
    vault: Annotated[Path, typer.Option(help="The vault that `ecluse mask` wrote.")],
    out: Out = None,
    forget: Annotated[bool, typer.Option("--forget", help="Delete the vault afterwards.")] = False,
    state_dir: State = where.DEFAULT,
) -> None:
    """Put the originals back. Nothing is guessed: what is no surrogate of the vault stays."""
    counts = Counts()
    try:
        kept = in_place.package(file)
        if kept is not None and out is None:
            fail("a document keeps its form in a file only: name it with --out")
        document = None if kept else read(file, read_text(file))
        now = SystemClock().now()
        vaults = FileVaults(vault.parent)
        record = vaults.read(vault.name, now)
        if record is None:
            fail(f"there is no vault {vault}, or it has ended: what it hid does not come back")
        key = vault_key(Secrets.open(state_dir).masking_key(DOCUMENTS))
        opened = unseal(key, vault.name, record, now)
        if kept is not None:
            whole = package_restored(kept.data, opened)
            counts = Counts(restored=whole.tally.restored, unknown=whole.tally.unknown, withheld=whole.tally.withheld)
            write(whole.data, out)
        elif document is not None:
            back, counts = restored(document, opened)
            write(back.written(), out)
        if forget:
            vaults.delete(vault.name)
    except (SecretsUnusable, VaultUnusable, ValueError) as error:
        fail(str(error))
    typer.echo(
        f"{counts.restored} put back; {counts.unknown} look like surrogates and are none of this vault; "
        f"{counts.withheld} stand in a link and stay",
        err=True,
    )
