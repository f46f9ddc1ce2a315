"""What the commands of `ecluse trail` share: options, the reader, the keys, and how a proof is written to a file."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from ecluse.cli.common import fail
from ecluse.domain.errors import VerificationFailed
from ecluse.edge.keys import state as where
from ecluse.edge.stores.errors import StoreError
from ecluse.edge.stores.opening import Reader, open_reader
from ecluse.passage.record.checkpoint import COSIGNATURE, ED25519, VerifierKey, parse_vkey

State = Annotated[Path, typer.Option("--state-dir", help="The folder that holds the gateway's state.")]
Vkey = Annotated[
    str | None,
    typer.Option(help="The log's public key, or a file that has it; by default the one in the state directory."),
]
Witnesses = Annotated[
    list[str] | None,
    typer.Option("--witness", help="A witness's public key, or a file that has it; may be given several times."),
]
Language = Annotated[Literal["en", "fr"], typer.Option("--language", "-l", help="Sentences in `en` or `fr`.")]
Out = Annotated[Path | None, typer.Option("--out", "-o", help="Write to this new file instead of standard output.")]


def reader_of(state: Path) -> Reader:
    """Open the trail of a state directory for reading, or leave with why not."""
    try:
        return open_reader(state)
    except StoreError as error:
        fail(str(error))


def log_key(state: Path, given: str | None) -> VerifierKey:
    """Read the log's key as given, or from the state directory."""
    return _key(given or str(where.vkey(state)), ED25519)


def witness_keys(given: list[str] | None) -> list[VerifierKey]:
    """Read the keys of witnesses."""
    return [_key(one, COSIGNATURE) for one in given or ()]


def _key(given: str, algorithm: bytes) -> VerifierKey:
    try:
        return parse_vkey((given if "+" in given else text_of(Path(given))).strip(), algorithm)
    except VerificationFailed as error:
        fail(str(error))


def text_of(path: Path) -> str:
    """Read a file, or leave with why it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        fail(f"{path} cannot be read: {error}")


def put(text: str, out: Path | None) -> None:
    """Write to standard output, or to a file that must not be there yet."""
    if out is None:
        typer.echo(text, nl=False)
        return
    try:
        with out.open("x", encoding="utf-8", newline="") as file:
            file.write(text)
    except OSError as error:
        fail(f"{out} cannot be written: {error.strerror}")
