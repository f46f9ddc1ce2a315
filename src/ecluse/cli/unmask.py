"""`ecluse unmask`: the originals back in a document, or in what a model made of it, from its sealed vault."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from ecluse.cli import in_place
from ecluse.cli.common import fail
from ecluse.cli.mask import Out, State, write
from ecluse.cli.masking import Counts, read, restored
from ecluse.cli.vaults import Named, shelf_for
from ecluse.domain.vault import Vault
from ecluse.edge.keys import SecretsUnusable
from ecluse.edge.keys import state as where
from ecluse.edge.vaults import VaultUnusable
from ecluse.scan.inplace.restoring import restored as package_restored


def unmask(
    file: Annotated[
        str | None, typer.Argument(help="A masked file, or an answer about it; - reads a text. None with --forget.")
    ] = None,
    *,
    vault: Annotated[str, typer.Option(help="The vault that `ecluse mask` wrote: a file, postgresql:// or valkey://.")],
    name: Named = None,
    out: Out = None,
    forget: Annotated[bool, typer.Option("--forget", help="Delete the vault afterwards.")] = False,
    state_dir: State = where.DEFAULT,
) -> None:
    """Put the originals back. Nothing is guessed: what is no surrogate of the vault stays."""
    if file is None and not forget:
        fail("name the file to put the originals back into, or --forget to delete the vault alone")
    try:
        shelf = shelf_for(vault, name)
        if file is not None:
            counts = _put_back(file, shelf.vault(state_dir), out)
            typer.echo(
                f"{counts.restored} put back; {counts.unknown} look like surrogates and are none of this vault; "
                f"{counts.withheld} stand in a link and stay",
                err=True,
            )
        if forget:
            there = shelf.forget()
            typer.echo(f"the vault {shelf.said} {'is deleted' if there else 'was not there'}", err=True)
    except (SecretsUnusable, VaultUnusable, ValueError) as error:
        fail(str(error))


def _put_back(file: str, opened: Vault, out: Path | None) -> Counts:
    kept = in_place.package(file)
    if kept is not None:
        if out is None:
            fail("a document keeps its form in a file only: name it with --out")
        whole = package_restored(kept.data, opened)
        write(whole.data, out)
        return Counts(restored=whole.tally.restored, unknown=whole.tally.unknown, withheld=whole.tally.withheld)
    back, counts = restored(read(file, _text(file)), opened)
    write(back.written(), out)
    return counts


def _text(file: str) -> str:
    """Return a text with its ends of lines as they are, or leave with what is wrong."""
    try:
        return (sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()).decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        fail(f"{file} cannot be read as UTF-8 text: {error}")
