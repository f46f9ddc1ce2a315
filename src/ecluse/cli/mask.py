"""`ecluse mask`: a document without what was found in it, with a sealed vault or with no way back."""

import secrets
from collections.abc import Collection
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from ecluse.cli import in_place, unfolding
from ecluse.cli.common import DEFAULT_CONFIG, fail
from ecluse.cli.detecting import Own, Where, detector_for
from ecluse.cli.masking import Document, document_of, request_of
from ecluse.cli.vaults import Named, shelf_for
from ecluse.domain.errors import GatewayError
from ecluse.domain.finding import MASKED_FORM, DataClass
from ecluse.domain.masking import FORMS, MaskingStyle, Quasi
from ecluse.domain.request import slots
from ecluse.domain.snapshot import Detector
from ecluse.domain.vault import SurrogateType, Vault
from ecluse.edge.keys import SecretsUnusable
from ecluse.edge.keys import state as where
from ecluse.edge.vaults import VaultUnusable
from ecluse.packs.errors import PackError
from ecluse.passage.classify import classify
from ecluse.passage.mask import mask as replace
from ecluse.scan.reading import ReaderFailed

State = Annotated[Path, typer.Option("--state-dir", help="The folder whose secrets seal the vault.")]
Out = Annotated[Path | None, typer.Option("--out", "-o", help="Where to write; standard output without it.")]


def mask(
    file: Annotated[
        str, typer.Argument(help="A text, .csv, .tsv, .json, or any document that can be read; - reads one.")
    ],
    *,
    out: Out = None,
    vault: Annotated[
        str | None,
        typer.Option(
            help="Where to keep the way back: a file, or postgresql:// or valkey://; without it there is none."
        ),
    ] = None,
    name: Named = None,
    days: Annotated[int, typer.Option(help="After how many days the vault ends.", min=1, max=3650)] = 30,
    generalise: Annotated[list[Quasi] | None, typer.Option(help="What to make coarser: age, date, postcode.")] = None,
    form: Annotated[
        list[str] | None, typer.Option(help="What gets a surrogate of its own format: iban, phone, email, date.")
    ] = None,
    even_if_unread: Annotated[
        bool, typer.Option("--even-if-unread", help="Leave out what cannot be read, instead of refusing.")
    ] = False,
    leave_unread: Annotated[
        bool, typer.Option("--leave-unread", help="In a document that keeps its form, leave pictures as they are.")
    ] = False,
    organisation: Own = None,
    config: Where = DEFAULT_CONFIG,
    state_dir: State = where.DEFAULT,
) -> None:
    """Replace what is found in a document by surrogates, and keep the way back in a sealed vault if one is named."""
    if even_if_unread and leave_unread:
        fail("--even-if-unread empties what cannot be masked and --leave-unread leaves it: say one of them")
    if name is not None and vault is None:
        fail("--name names a vault at a server: say which with --vault")
    try:
        shelf = None if vault is None else shelf_for(vault, name, drawn=True)
        style = MaskingStyle(formatted=_formatted(form or ()), generalised=frozenset(generalise or ()))
        own = detector_for(organisation, config)
        if (kept := in_place.asked(file, out)) is not None:
            made = in_place.masked(kept, own, style, even_if_unread=even_if_unread, leave_unread=leave_unread)
            done = _Done(made.data, made.vault, made.generalised, made.classes - made.cover)
        else:
            done = _text(unfolding.document(file, even_if_unread=even_if_unread), own, style)
        if shelf is not None:
            shelf.keep(done.hidden, days, state_dir)
    except GatewayError as error:
        why = error.detail or error.code
        fail(
            f"{why}: nothing was written. Values in keys, in the first line of a table and in numbers cannot be masked"
        )
    except (PackError, ReaderFailed, SecretsUnusable, VaultUnusable, ValueError) as error:
        fail(str(error))
    write(done.content, out)
    said = f"{done.hidden.surrogates} surrogates, {done.coarser} values made coarser"
    if shelf is None:
        said += "; no way back"
    elif vault != shelf.said:
        said += f"; the vault is {shelf.said}"
    typer.echo(said, err=True)
    if done.left:
        typer.echo(f"left as they are, since no mask lifts them: {', '.join(sorted(done.left))}", err=True)


class _Done(NamedTuple):
    content: str | bytes
    hidden: Vault
    coarser: int
    left: frozenset[DataClass]


def _text(document: Document, own: Detector, style: MaskingStyle) -> _Done:
    """Mask a text, a table or JSON. Raises GatewayError: a value stands where it cannot be replaced."""
    request = request_of(document)
    found = classify(own, slots(request))
    cover = frozenset(MASKED_FORM) & found.classes
    masked = replace(request, found, cover=cover, key=secrets.token_bytes(32), style=style)
    content = document_of(masked.request, document).written()
    return _Done(content, masked.vault, masked.generalised, found.classes - cover)


def _formatted(kinds: Collection[str]) -> frozenset[SurrogateType]:
    """Return the types whose surrogates have a format; raises ValueError for a kind that has none."""
    for kind in kinds:
        if kind not in FORMS:
            raise ValueError(f"no format is known for {kind!r}; there are: {', '.join(FORMS)}")
    return frozenset(FORMS[kind][1] for kind in kinds)


def write(content: str | bytes, out: Path | None) -> None:
    """Write to a file or to standard output."""
    if out is None:
        typer.echo(content, nl=False)
        return
    try:
        out.write_bytes(content if isinstance(content, bytes) else content.encode())
    except OSError as error:
        fail(f"{out} cannot be written: {error.strerror}")
