"""Old Office files, Outlook messages and RTF: their text by kreuzberg, as one piece.

Law: what their pictures and attachments hold is not read, and said.
"""

from ecluse.scan.extra import extracted
from ecluse.scan.found import Why
from ecluse.scan.opening import Item, Opening

_STREAMS = {
    "WordDocument": "application/msword",
    "Workbook": "application/vnd.ms-excel",
    "Book": "application/vnd.ms-excel",
    "PowerPoint Document": "application/vnd.ms-powerpoint",
    "__properties_version1.0": "application/vnd.ms-outlook",
}


def read_old(opening: Opening, item: Item) -> None:
    """Read an OLE file by what it holds. Raises ValueError."""
    media = next((media for name, media in _STREAMS.items() if name.encode("utf-16-le") in item.data), None)
    if media is None:
        opening.miss(item.path, Why.UNKNOWN_FORMAT)
        return
    _extract(opening, item, media)
    opening.miss(f"{item.path}#embedded", Why.UNKNOWN_FORMAT, "pictures and attachments of an old format, if any")


def read_rtf(opening: Opening, item: Item) -> None:
    """Read RTF. Raises ValueError."""
    _extract(opening, item, "application/rtf")
    if b"\\pict" in item.data or b"\\objdata" in item.data:
        opening.miss(f"{item.path}#embedded", Why.UNKNOWN_FORMAT, "pictures or objects in RTF")


def _extract(opening: Opening, item: Item, media: str) -> None:
    text = extracted(item.data, media, pictures=False).content
    if not text.strip():
        opening.miss(item.path, Why.NO_TEXT)
    opening.say(item.path, text)
