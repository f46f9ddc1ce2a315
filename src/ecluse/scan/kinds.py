"""What a file is, by its first bytes; its name only decides between kinds of text.

Law: a name that lies deceives nobody: a PDF called `.txt` is read as a PDF.
"""

import io
import lzma
import re
import struct
import zipfile
import zlib
from enum import StrEnum


class Kind(StrEnum):
    """What can be told apart."""

    TEXT = "text"
    HTML = "html"
    XML = "xml"
    MAIL = "mail"
    MAILBOX = "mailbox"
    PDF = "pdf"
    OFFICE = "office"
    SHEETS = "sheets"
    ODF = "odf"
    FLAT_ODF = "flat_odf"
    OLD_OFFICE = "old_office"
    RTF = "rtf"
    ZIP = "zip"
    TAR = "tar"
    GZIP = "gzip"
    BZIP2 = "bzip2"
    XZ = "xz"
    PICTURE = "picture"
    SOUND = "sound"
    ENCRYPTED = "encrypted"
    UNKNOWN = "unknown"


_FIRST: tuple[tuple[bytes, Kind], ...] = (
    (b"\x1f\x8b", Kind.GZIP),
    (b"BZh", Kind.BZIP2),
    (b"\xfd7zXZ\x00", Kind.XZ),
    (b"{\\rtf", Kind.RTF),
    (b"\x89PNG\r\n", Kind.PICTURE),
    (b"\xff\xd8\xff", Kind.PICTURE),
    (b"GIF8", Kind.PICTURE),
    (b"II*\x00", Kind.PICTURE),
    (b"MM\x00*", Kind.PICTURE),
    (b"BM", Kind.PICTURE),
    (b"ID3", Kind.SOUND),
    (b"OggS", Kind.SOUND),
    (b"fLaC", Kind.SOUND),
    (b"\x1aE\xdf\xa3", Kind.SOUND),
    (b"7z\xbc\xaf'\x1c", Kind.UNKNOWN),
    (b"Rar!", Kind.UNKNOWN),
    (b"-----BEGIN PGP MESSAGE", Kind.ENCRYPTED),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LOCKED = "EncryptedPackage".encode("utf-16-le")
_MAIL = re.compile(
    rb"(?im)^(?:from|return-path|received|mime-version|date|subject|to|message-id|delivered-to|reply-to|sender"
    rb"|content-type):"
)
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_ODF = b"application/vnd.oasis.opendocument"
_FLAT_ODF = re.compile(rb"<office:document[\s>]")
_PLAIN_FAULTS = (RuntimeError, OSError, EOFError, ValueError, LookupError, MemoryError, OverflowError)
_BLANKS = b"\xef\xbb\xbf \t\r\n"
_HEAD = 4096
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_WIDE = (b"\xff\xfe", b"\xfe\xff")


def kind_of(data: bytes, name: str = "", media: str = "") -> Kind:
    """Say what a file is."""
    if (known := _binary_kind(data)) is not None:
        return known
    return _text_kind(data, name.lower(), media.lower()) if _is_text(data) else Kind.UNKNOWN


def is_plain(data: bytes, name: str = "") -> bool:
    """Say whether a file is a text that stands as it is, without unfolding anything of it."""
    return not data.startswith(_ZIP) and kind_of(data, name) is Kind.TEXT


def _binary_kind(data: bytes) -> Kind | None:
    if b"%PDF-" in data[:1024]:
        return Kind.PDF
    if data.startswith(_ZIP):
        return _zip_kind(data)
    if data.startswith(_OLE):
        return Kind.ENCRYPTED if _LOCKED in data else Kind.OLD_OFFICE
    if data[257:262] == b"ustar":
        return Kind.TAR
    if data[4:8] == b"ftyp" or data[:4] == b"RIFF":
        return Kind.PICTURE if data[8:12] == b"WEBP" else Kind.SOUND
    return next(
        (kind for first, kind in _FIRST if data.startswith(first) and not (first == b"BM" and _is_text(data))), None
    )


def _is_text(data: bytes) -> bool:
    if data.startswith(_WIDE):
        return True
    return _CONTROL.search(data) is None


def _zip_kind(data: bytes) -> Kind:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as held:
            names = set(held.namelist())
            if "[Content_Types].xml" in names:
                return Kind.SHEETS if any(n.startswith("xl/") for n in names) else Kind.OFFICE
            if "mimetype" in names:
                with held.open("mimetype") as stated:
                    return Kind.ODF if stated.read(len(_ODF)) == _ODF else Kind.ZIP
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, *_PLAIN_FAULTS):
        return Kind.ZIP
    return Kind.ZIP


def _text_kind(data: bytes, name: str, media: str) -> Kind:
    head = data[:_HEAD].lstrip(_BLANKS)
    low = head[:512].lower()
    if media == "text/html" or low.startswith((b"<!doctype html", b"<html")) or name.endswith((".html", ".htm")):
        return Kind.HTML
    if low.startswith(b"<?xml") and _FLAT_ODF.search(head):
        return Kind.FLAT_ODF
    if low.startswith(b"<?xml"):
        return Kind.HTML if b"<html" in head.lower() else Kind.XML
    block = re.split(rb"\r?\n\r?\n", head, maxsplit=1)[0]
    if name.endswith(".eml") or len({m.lower() for m in _MAIL.findall(block)}) >= _ENOUGH:
        return Kind.MAILBOX if head.startswith(b"From ") else Kind.MAIL
    return Kind.TEXT


_ENOUGH = 3
"""Different header lines by which a text is taken for a mail whatever it is called."""
