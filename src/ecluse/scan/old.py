"""Old Office files, Outlook messages and RTF: their text by kreuzberg, and every other word in their bytes.

Law: what kreuzberg leaves out (headers, footers, notes, properties, deleted text) is read as it lies in the file;
what pictures and attachments hold is not read, and said.
"""

import re
from collections.abc import Iterator

from ecluse.scan.extra import extracted
from ecluse.scan.found import How, Why
from ecluse.scan.office import MSIP, mark_msip
from ecluse.scan.opening import Item, Opening
from ecluse.scan.rtf import rtf_lines

_STREAMS = {
    "WordDocument": "application/msword",
    "Workbook": "application/vnd.ms-excel",
    "Book": "application/vnd.ms-excel",
    "PowerPoint Document": "application/vnd.ms-powerpoint",
    "__properties_version1.0": "application/vnd.ms-outlook",
}
_WIDE = re.compile(
    rb"(?:[\t\r\n\x20-\x7e\xa0-\xff]\x00|[\x52\x53\x92\x78\x7d]\x01|[\x13\x14\x18-\x1e\x20\x22\x26\xac]\x20){6,}"
)
"""Text in two octets a character, of Latin letters and the signs of print."""
_NARROW = re.compile(rb"[\t\r\n\x20-\x7e\x80-\xff]{6,}")
_WORD = re.compile(r"[^\W\d_]{3}|\d{4}")
_NOISE = re.compile(r"[^\x00-\x7f]{3}|[^\w\s.,;:!?'\"()@/&%+*=<>{}\[\]#|~\u2018-\u201d\u20ac-]")
"""What no text of an office has, and pictures and tables of octets are full of."""
_MOST_ACCENTS = 0.3
_PROPERTY = re.compile(r"\{\\propname (MSIP_Label_[^}]{1,80})\}\s*\\proptype\d+\s*\{\\staticval ([^}]{0,200})\}")


def read_old(opening: Opening, item: Item) -> None:
    """Read an OLE file by what it holds. Raises ValueError."""
    media = next((media for name, media in _STREAMS.items() if name.encode("utf-16-le") in item.data), None)
    if media is None:
        opening.miss(item.path, Why.UNKNOWN_FORMAT)
    else:
        opening.attempt(item.path, lambda: _extract(opening, item, media))
    opening.miss(f"{item.path}#embedded", Why.UNKNOWN_FORMAT, "pictures and attachments of an old format, if any")
    _lying(opening, item)


def read_rtf(opening: Opening, item: Item) -> None:
    """Read RTF. Raises ValueError."""
    if b"\\pict" in item.data or b"\\objdata" in item.data:
        opening.miss(f"{item.path}#embedded", Why.UNKNOWN_FORMAT, "pictures or objects in RTF")
    fields = [(m[1], m[2]) for m in _PROPERTY.finditer(item.data.decode("latin-1"))]
    named = [(found[1], found[2], value) for name, value in fields if (found := MSIP.fullmatch(name))]
    mark_msip(opening, item.path, named)
    opening.say(f"{item.path}#properties", "\n".join(value for _, value in fields), How.METADATA)
    _extract(opening, item, "application/rtf")
    said = _said(opening, item)
    rest = (line for line in dict.fromkeys(rtf_lines(item.data)) if "".join(line.split()) not in said)
    opening.say(f"{item.path}#octets", "\n".join(rest), How.METADATA)


def _extract(opening: Opening, item: Item, media: str) -> None:
    text = extracted(item.data, media, pictures=False).content
    if not text.strip():
        opening.miss(item.path, Why.NO_TEXT)
    opening.say(item.path, text)


def _lying(opening: Opening, item: Item) -> None:
    """Read the words that lie in the octets of a file, but for those that were read already."""
    read = _said(opening, item)
    lines = [line for line in runs(item.data) if "".join(line.split()) not in read]
    mark_msip(opening, item.path, [(m[1], m[2], "") for line in lines for m in MSIP.finditer(line)])
    opening.say(f"{item.path}#octets", "\n".join(lines), How.METADATA)


def _said(opening: Opening, item: Item) -> str:
    return "".join("".join(part.text.split()) for part in opening.parts if part.path.startswith(item.path))


def runs(data: bytes) -> Iterator[str]:
    """Yield the lines of text in octets that are none as a whole."""
    found = [m[0].decode("utf-16-le", "replace") for m in _WIDE.finditer(data)]
    found += [_narrow(m[0]) for m in _NARROW.finditer(data)]
    lines = (line.strip() for run in found for line in re.split(r"[\r\n]+", run))
    for line in dict.fromkeys(lines):
        accents = sum(not character.isascii() for character in line)
        if _WORD.search(line) and not _NOISE.search(line) and accents <= _MOST_ACCENTS * len(line):
            yield line


def _narrow(run: bytes) -> str:
    """Read UTF-8, which LibreOffice writes properties in, else Windows-1252."""
    try:
        return run.decode("utf-8")
    except UnicodeDecodeError:
        return run.decode("cp1252", "replace")
