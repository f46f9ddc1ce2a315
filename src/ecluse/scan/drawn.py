"""What a PDF draws instead of writing: curves, very many lines, pictures inside a page's own stream.

Law: a drawing may be a word in outlines, a signature or a chart, and nobody here reads it; where a rule rests on the
reading it is reported. Rules of a table and boxes are lines, and few to a page.
"""

import re
import zlib
from base64 import a85decode
from collections.abc import Iterator

from ecluse.scan.archive import inflate
from ecluse.scan.found import Why
from ecluse.scan.opening import Item, Opening

_STREAM = re.compile(rb"(?<!end)stream\r?\n")
_HEAD = 2_048
_CURVE = re.compile(rb"[\d.][ \t\r\n]+[cvy][ \t\r\n]")
_LINE = re.compile(rb"[\d.][ \t\r\n]+l[ \t\r\n]")
_PICTURE = re.compile(rb"(?:^|[ \t\r\n])BI[ \t\r\n]")
CURVES = 24
"""Curves of one stream that say nothing: a rounded box has four, a letter in outlines about ten."""
LINES = 1_000
"""Lines of one stream that say nothing. Most counted on a page of tables in a manual of 270 pages: 413."""
_NO_PAGE = (
    b"/Image", b"/FontFile", b"/Length1", b"/Type1C", b"/CIDFontType0C", b"/OpenType", b"/ObjStm", b"/XRef", b"/XML",
    b"/EmbeddedFile", b"/ICCBased", b"/Alternate", b"/CMap", b"/Metadata",
)  # fmt: skip
"""Marks of streams that are no page and no piece of one; pictures, fonts and files are others' to read or report."""


def report_drawings(opening: Opening, item: Item) -> None:
    """Report what a PDF draws, once for the file."""
    for data in _pages(opening, item.data):
        curves = sum(1 for _ in _CURVE.finditer(data))
        lines = sum(1 for _ in _LINE.finditer(data))
        if curves > CURVES or lines > LINES or _PICTURE.search(data):
            opening.miss(f"{item.path}#drawing", Why.DRAWING)
            return


def _pages(opening: Opening, data: bytes) -> Iterator[bytes]:
    """Yield each stream that may be a page or a piece of one. One that cannot be opened counts as a drawing."""
    for match in _STREAM.finditer(data):
        head = data[max(0, match.start() - _HEAD) : match.start()]
        head = head[head.rfind(b" obj") :]
        if any(mark in head for mark in _NO_PAGE):
            continue
        raw = data[match.end() : data.find(b"endstream", match.end())]
        yield opening.spend(_opened(head, raw, opening.room() + 1))


def _opened(head: bytes, raw: bytes, most: int) -> bytes:
    """Return a stream without its filters; where one is not known, what counts as a picture."""
    if b"/ASCII85Decode" in head:
        try:
            raw = a85decode(raw.strip().removesuffix(b"~>"))
        except ValueError:
            return b" BI "
    if b"/FlateDecode" in head:
        try:
            return inflate(raw, most)
        except zlib.error:
            return b" BI "
    return raw if b"/Filter" not in head or b"/ASCII85Decode" in head else b" BI "
