"""What a PDF shows instead of writing: curves, very many lines, pictures that no page lists, stamps.

Law: a drawing may be a word in outlines, a signature or a chart, and nobody here reads it; where a rule rests on the
reading it is reported. Rules of a table and boxes are lines, and few to a page. A picture inside a form, a pattern or
a note is reported wherever the pictures of pages are.
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
_INLINE = re.compile(rb"(?:^|[ \t\r\n])BI[ \t\r\n]")
_IMAGE = re.compile(rb"/Subtype\s*/Image(?![A-Za-z])")
_SIZE = re.compile(rb"/(?:Width|Height)\s+(\d{1,9})(?!\s+\d+\s+R)")
_SOFT_MASK = re.compile(rb"/SMask\s+(\d{1,9})\s+\d+\s+R")
_NUMBER = re.compile(rb"(\d{1,9})\s+\d+\s*\Z")
_PIECE = re.compile(rb"/Subtype\s*/Form(?![A-Za-z])|/PatternType\s")
"""What is a piece of a page, whatever it names among its resources."""
STAMP = re.compile(
    rb"/Subtype\s*/(?:Stamp|Watermark|Ink|Square|Circle|Polygon|PolyLine|Line|Caret|Redact|Screen|Movie|3D|RichMedia)"
    rb"(?![A-Za-z])"
)
"""Notes that are drawn onto a page: what is written in their looks stands in no page's text."""
SMALL = 8
"""Height or width in dots under which no letter fits: a line, a dot, a spacer."""
CURVES = 24
"""Curves of one stream that say nothing: a rounded box has four, a letter in outlines about ten."""
LINES = 1_000
"""Lines of one stream that say nothing. Most counted on a page of tables in a manual of 270 pages: 413."""
_NO_PAGE = (
    b"/Image", b"/FontFile", b"/Length1", b"/Type1C", b"/CIDFontType0C", b"/OpenType", b"/ObjStm", b"/XRef", b"/XML",
    b"/EmbeddedFile", b"/ICCBased", b"/Alternate", b"/CMap", b"/Metadata",
)  # fmt: skip
"""Marks of streams that are no page and no piece of one; pictures, fonts and files are others' to read or report."""


def report_hidden_pictures(opening: Opening, item: Item, listed: int) -> None:
    """Report, once for the file, that it has more pictures than the `listed` of its pages.

    Where drawings are reported, any picture is one too many: whoever draws one twice may list it once.
    """
    streams = [(number, head, raw) for number, head, raw in _streams(item.data) if _pictured(head)]
    if not opening.limits.drawings:
        soft = {number for _, head, _ in streams for number in _SOFT_MASK.findall(head)}
        different = {raw for number, _, raw in streams if number not in soft}
        if len(different) <= listed:
            return
    if streams:
        opening.miss(f"{item.path}#pictures", Why.PICTURE)


def _pictured(head: bytes) -> bool:
    sizes = [int(size) for size in _SIZE.findall(head)]
    return _IMAGE.search(head) is not None and not (sizes and min(sizes) < SMALL)


def report_drawings(opening: Opening, item: Item) -> None:
    """Report what a PDF draws, once for the file."""
    for data in _pages(opening, item.data):
        curves = sum(1 for _ in _CURVE.finditer(data))
        lines = sum(1 for _ in _LINE.finditer(data))
        if curves > CURVES or lines > LINES or _INLINE.search(data):
            opening.miss(f"{item.path}#drawing", Why.DRAWING)
            return


def _pages(opening: Opening, data: bytes) -> Iterator[bytes]:
    """Yield each stream that may be a page or a piece of one. One that cannot be opened counts as a drawing."""
    for _, head, raw in _streams(data):
        if _PIECE.search(head) is not None or not any(mark in head for mark in _NO_PAGE):
            yield opening.spend(_opened(head, raw, opening.room() + 1))


def _streams(data: bytes) -> Iterator[tuple[bytes, bytes, bytes]]:
    """Yield each stream: the number of its object, what stands before it from there on, and its bytes."""
    for match in _STREAM.finditer(data):
        before = data[max(0, match.start() - _HEAD) : match.start()]
        begin = max(0, before.rfind(b" obj"))
        number = _NUMBER.search(before[:begin])
        raw = data[match.end() : data.find(b"endstream", match.end())]
        yield number[1] if number else b"", before[begin:], raw


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
