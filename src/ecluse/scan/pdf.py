"""PDF: the text of each page by kreuzberg, scanned pages by tesseract; forms, attachments and labels by ourselves.

Law: a page without text is looked at as a picture or reported, unless nothing at all shows on it. So is each picture on
a page with text, however small, unless no letter fits in it. Headers and footers are not stripped.
"""

import html
import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from ecluse.scan.archive import inflate
from ecluse.scan.blank import is_white
from ecluse.scan.drawn import SMALL, STAMP, report_drawings, report_hidden_pictures
from ecluse.scan.extra import RENDERED_DPI, PdfPage, pages, rendered
from ecluse.scan.found import How, Why
from ecluse.scan.office import mark_msip
from ecluse.scan.opening import Item, Opening
from ecluse.scan.picture import ocr, reads_pictures

_Shown = Callable[[PdfPage, int], bytes]
"""Renders a page at so many dots an inch."""
_GLANCE_DPI = 72
_GLANCES = 10
"""Pages without text that may show something before the others are taken to show something too: a look costs time."""
_STREAM = re.compile(rb"(?<!end)stream\r?\n")
_OBJECT = re.compile(rb"(\d{1,9})\s+\d+\s*\Z")
_NAME_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
_ATTACHED = re.compile(rb"/EF\s*<<([^<>]{0,512}+)>>")
_REFERENCE = re.compile(rb"(\d{1,9})\s+\d+\s+R")
_STRING = rb"\((?:[^()\\]|\\.|\((?:[^()\\]|\\.|\([^()\\]{0,512}+\)){0,2048}+\)){1,8192}+\)|<[0-9A-Fa-f\s]{2,16384}+>"
"""As it is written: in brackets, in which brackets stand in pairs, or in hexadecimal digits."""
_VALUE = re.compile(rb"/(?:V|Contents|TU|DA|RC|URI|Title|Subject|Author|Keywords)\s*(" + _STRING + rb")", re.DOTALL)
_LABEL = re.compile(rb"/MSIP_Label_([0-9A-Fa-f-]{36})_(\w+)\s*(" + _STRING + rb")", re.DOTALL)
_ESCAPE = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)
_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
_XMP = re.compile(rb"<x:xmpmeta.{0,200000}?</x:xmpmeta>", re.DOTALL)
_XMP_VALUE = re.compile(
    r"[\s<]([\w.-]++:[\w.-]++)\s*+(?:=\s*+(?:\"([^\"]{0,2048}+)\"|'([^']{0,2048}+)')|>([^<]{0,2048}+)(?=<))"
)
"""A property of XMP, as an attribute or as an element."""
_XMP_FORM = re.compile(r"(?:xmlns|rdf|xml|x):")
_XMP_LABEL = re.compile(r"MSIP_Label_([0-9A-Fa-f-]{36})_(\w+)")
_WIDE = ("utf-32-be", "utf-32-le", "utf-16-be", "utf-16-le")


def read_pdf(opening: Opening, item: Item) -> None:
    """Read a PDF. Raises ValueError when it cannot be."""
    if re.search(rb"/Encrypt\s+\d+\s+\d+\s+R", item.data[-65536:]) or re.search(rb"/Encrypt\s*<<", item.data):
        opening.miss(item.path, Why.ENCRYPTED)
        return
    _objects(opening, item)
    found = pages(item.data)
    _pages(opening, item, found)
    opening.attempt(f"{item.path}#pictures", lambda: report_hidden_pictures(opening, item, _listed(found)))
    if opening.limits.drawings:
        opening.attempt(f"{item.path}#drawing", lambda: report_drawings(opening, item))


def _pages(opening: Opening, item: Item, found: Sequence[PdfPage]) -> None:
    with TemporaryDirectory(prefix="ecluse-") as folder:
        file = Path(folder) / "whole.pdf"

        def shown(page: PdfPage, dpi: int) -> bytes:
            if not file.exists():
                file.write_bytes(item.data)
            return rendered(file, page.number - 1, dpi)

        glances = 0
        for page in found:
            path = f"{item.path}#page={page.number}"
            if not page.number:
                opening.say(f"{item.path}#about", page.text, How.METADATA)
            elif page.text.strip():
                opening.say(path, page.text.replace("\r\n", "\n"))
                _pictures(opening, item, page, path)
            elif page.pictures or glances >= _GLANCES or not _empty(page, shown):
                glances += not page.pictures
                _scanned(opening, page, path, shown)


def _empty(page: PdfPage, shown: _Shown) -> bool:
    """Say whether nothing at all shows on a page; one that cannot be rendered may show anything."""
    try:
        return is_white(shown(page, _GLANCE_DPI))
    except ValueError:
        return False


def _listed(found: Sequence[PdfPage]) -> int:
    """Count the different pictures that pages have."""
    return len({picture.data for page in found for picture in page.pictures})


def _pictures(opening: Opening, item: Item, page: PdfPage, path: str) -> None:
    for n, picture in enumerate(page.pictures, 1):
        inside = f"{path}/picture[{n}]"
        if 0 < min(picture.width, picture.height) < SMALL:
            continue
        if picture.readable:
            try_picture = Item(path=inside, name="", data=picture.data, depth=item.depth + 1)
            opening.enter(try_picture)
        else:
            opening.miss(inside, Why.PICTURE, picture.format)


def _scanned(opening: Opening, page: PdfPage, path: str, shown: _Shown) -> None:
    if not reads_pictures(opening):
        opening.miss(path, Why.PICTURE if page.pictures else Why.NO_TEXT)
        return
    words = ocr(opening, shown(page, RENDERED_DPI))
    if words:
        opening.say(path, words, How.OCR)
    else:
        opening.miss(path, Why.NO_TEXT)


# ------------------------------------------------------------------ what kreuzberg does not show
def _objects(opening: Opening, item: Item) -> None:
    """Read what stands in objects and streams: form fields, notes, attachments, XMP, labels."""
    found: list[str] = []
    labels: list[tuple[str, str, str]] = []
    packets: dict[str, None] = {}
    stamped = False
    attached = _attached(item.data)
    entered: set[bytes] = set()
    for n, (number, head, data) in enumerate(_streams(opening, item.path, item.data, attached)):
        entered.add(number)
        if b"/EmbeddedFile" in head or number in attached:
            path = f"{item.path}/embedded[{n}]"
            opening.enter(Item(path=path, name="", data=opening.spend(data), depth=item.depth + 1))
        elif b"/XML" in head:
            packets |= dict.fromkeys(map(_packet, _XMP.findall(data) or [data]))
        elif n == 0 or b"/ObjStm" in head:
            attached |= _attached(data)
            found += (_string(m[1]) for m in _VALUE.finditer(data))
            stamped = stamped or STAMP.search(data) is not None
            labels += [(m[1].decode(), m[2].decode("latin-1"), _string(m[3]).strip()) for m in _LABEL.finditer(data)]
            packets |= dict.fromkeys(map(_packet, _XMP.findall(data)))
    if stamped and opening.limits.drawings:
        opening.miss(f"{item.path}#stamp", Why.DRAWING)
    for number in sorted(attached - entered):
        opening.miss(f"{item.path}/embedded[{number.decode()}]", Why.BROKEN)
    for packet in packets:
        labels += _of_packet(opening, item.path, packet)
    mark_msip(opening, item.path, labels)
    opening.say(f"{item.path}#fields", "\n".join(dict.fromkeys(text for text in found if text.strip())), How.METADATA)


def _of_packet(opening: Opening, path: str, packet: str) -> list[tuple[str, str, str]]:
    """Say what a packet of XMP holds, in elements and in attributes, and return the fields of its labels."""
    named = [(m[1], html.unescape(m[2] or m[3] or m[4] or "").strip()) for m in _XMP_VALUE.finditer(packet)]
    behind = (value for name, value in named if value and not _XMP_FORM.match(name))
    shown = html.unescape(re.sub(r"<[^<>]*+>", " ", packet)).split("\n")
    lines = dict.fromkeys((*(" ".join(line.split()) for line in shown), *behind))
    opening.say(f"{path}#xmp", "\n".join(filter(None, lines)), How.METADATA)
    return [(m[1], m[2], value) for name, value in named if (m := _XMP_LABEL.search(name))]


def _packet(data: bytes) -> str:
    """Return the text of an XMP packet, which may be of any encoding of Unicode."""
    read_as = (data.decode(name, "replace") for name in (_WIDE if b"\0" in data[:64] else ()))
    return next((text for text in read_as if "rdf:RDF" in text), None) or data.decode("utf-8", "replace")


def _attached(data: bytes) -> set[bytes]:
    """Return the numbers of the objects that are files: a stream need not say so itself (ISO 32000-1, table 45)."""
    return {number for held in _ATTACHED.findall(data) for number in _REFERENCE.findall(held)}


def _streams(opening: Opening, path: str, data: bytes, attached: set[bytes]) -> Iterator[tuple[bytes, bytes, bytes]]:
    """Yield the file itself, then each stream that holds objects, metadata or a file: its number, dictionary, bytes."""
    yield b"", b"", data
    last = 0
    for match in _STREAM.finditer(data):
        begin = max(last, data.rfind(b" obj", last, match.start()))
        named = _OBJECT.search(data[max(0, begin - 32) : begin])
        number = named[1] if named else b""
        head = _NAME_ESCAPE.sub(lambda m: bytes([int(m[1], 16)]), data[begin : match.start()])
        last = match.end()
        if number not in attached and not any(mark in head for mark in (b"/ObjStm", b"/XML", b"/EmbeddedFile")):
            continue
        raw = data[match.end() : data.find(b"endstream", match.end())]
        if b"/FlateDecode" in head:
            try:
                yield number, head, inflate(raw, opening.room() + 1)
            except zlib.error:
                attached.discard(number)
                opening.miss(f"{path}#stream", Why.BROKEN)
        elif b"/Filter" not in head:
            yield number, head, raw
        else:
            attached.discard(number)
            opening.miss(f"{path}#stream", Why.UNKNOWN_FORMAT)


def _string(raw: bytes) -> str:
    if raw.startswith(b"<"):
        digits = re.sub(rb"\s+", b"", raw[1:-1])
        value = bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode("ascii"))
    else:
        value = _ESCAPE.sub(_escaped, raw[1:-1])
    if value.startswith((b"\xfe\xff", b"\xff\xfe")):
        return value.decode("utf-16", "replace")
    if value.startswith(b"\xef\xbb\xbf"):
        return value[3:].decode("utf-8", "replace")
    return value.decode("cp1252", "replace")


def _escaped(match: "re.Match[bytes]") -> bytes:
    told = match[1]
    if told[:1].isdigit():
        return bytes([int(told, 8) & 0xFF])
    return _ESCAPES.get(told, told)
