"""Documents that are masked in the form that they have: the name of what is written says that this is asked.

Law: a file whose name says Word, Excel, PowerPoint, OpenDocument or PDF is never written with a text in it.
"""

import secrets
from dataclasses import dataclass, field
from pathlib import Path

import typer

from ecluse.cli.common import fail
from ecluse.domain.masking import MaskingStyle
from ecluse.domain.snapshot import Detector
from ecluse.scan.inplace.masking import Made, Unmaskable
from ecluse.scan.inplace.masking import masked as replaced
from ecluse.scan.kinds import Kind, kind_of
from ecluse.scan.reading import Reader

_PACKAGES = frozenset({Kind.OFFICE, Kind.SHEETS, Kind.ODF})
_FORMS = frozenset({".docx", ".docm", ".dotx", ".xlsx", ".xlsm", ".pptx", ".pptm", ".odt", ".ods", ".odp"})
_NO_TEXT = _FORMS | {".pdf", ".doc", ".xls", ".ppt", ".rtf", ".msg", ".eml", ".zip"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A document that is to keep its form."""

    name: str
    data: bytes = field(repr=False)


def package(file: str) -> Kept | None:
    """Return a document of Office or OpenDocument, nothing if a file is none, or leave with what is wrong."""
    if file == "-":
        return None
    try:
        data = Path(file).read_bytes()
    except OSError as error:
        fail(f"{file} cannot be read: {error.strerror}")
    return Kept(name=Path(file).name, data=data) if kind_of(data, file) in _PACKAGES else None


def asked(file: str, out: Path | None) -> Kept | None:
    """Return the document if what is to be written has its form; nothing if a text is asked for."""
    if out is None or out.suffix.lower() not in _NO_TEXT:
        return None
    kept = package(file)
    if kept is None or out.suffix.lower() != Path(file).suffix.lower():
        fail(f"{Path(file).name} cannot be written as {out.suffix}: name a .txt, which has its text")
    return kept


def masked(kept: Kept, detector: Detector, style: MaskingStyle, *, even_if_unread: bool, leave_unread: bool) -> Made:
    """Return the masked document; say what was emptied or left. Raises what `replaced` raises."""
    way = Unmaskable.LEAVE if leave_unread else Unmaskable.EMPTY if even_if_unread else Unmaskable.REFUSE
    with Reader() as reader:
        made = replaced(kept.name, kept.data, reader, detector, secrets.token_bytes(32), style, way)
    for part, why in made.unmaskable:
        typer.echo(f"{'left as it is' if leave_unread else 'emptied'}: {part}: {why}", err=True)
    if made.labels:
        typer.echo(f"the document bears {made.labels} labels, which no mask lifts", err=True)
    return made
