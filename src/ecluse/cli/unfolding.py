"""A document of any kind as a text to mask: PDF, Word, OpenDocument, tables, mails, archives, read as `classify` does.

Law: what could not be read is named, and refuses unless it was said that it may be left out: a masked text must not be
taken for the whole of a document of which a part was never seen.
"""

import sys
from pathlib import Path

import typer

from ecluse.cli.common import fail
from ecluse.cli.masking import Document, read
from ecluse.scan.found import SAYS
from ecluse.scan.kinds import Kind, kind_of
from ecluse.scan.reading import Reader, ReaderFailed

_AS_IT_STANDS = frozenset({Kind.TEXT, Kind.HTML, Kind.XML})


def document(file: str, *, even_if_unread: bool) -> Document:
    """Return a document to mask, or leave with what is wrong. What is left out is said. Raises ValueError."""
    try:
        data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        fail(f"{file} cannot be read: {error.strerror}")
    name = Path(file).name
    if kind_of(data, name) in _AS_IT_STANDS:
        try:
            return read(file, data.decode("utf-8"))
        except UnicodeDecodeError as error:
            fail(f"{file} cannot be read as UTF-8 text: {error}")
    return Document(value=_unfolded(name, data, even_if_unread=even_if_unread), text=True)


def _unfolded(name: str, data: bytes, *, even_if_unread: bool) -> str:
    try:
        with Reader() as reader:
            reading = reader.read(name, data)
    except ReaderFailed as error:
        fail(str(error))
    for one in reading.unread:
        more = f" ({one.detail})" if one.detail else ""
        typer.echo(f"not read: {one.path}: {SAYS[one.why][0]}{more}", err=True)
    if reading.unread and not even_if_unread:
        fail("a part of the document was not read: nothing was written. --even-if-unread masks the rest")
    if not reading.parts:
        fail("no text could be read in the document: nothing was written")
    if reading.labels:
        typer.echo(f"the document bears {len(reading.labels)} labels, which no mask lifts", err=True)
    return "\n\n".join(part.text.rstrip("\n") for part in reading.parts) + "\n"
