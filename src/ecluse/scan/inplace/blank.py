"""What stands in the place of a part that cannot be masked and may not stay: a picture of one dot, or nothing."""

import struct
import zlib

from ecluse.scan.inplace.package import Entry
from ecluse.scan.kinds import Kind, kind_of


def blank(entry: Entry) -> Entry:
    """Return a part without its content: a picture is a grey dot, whatever it was written in."""
    return entry.holding(_dot() if kind_of(entry.data, entry.name) is Kind.PICTURE else b"")


def _dot() -> bytes:
    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(b"\0\x7f")) + _chunk(b"IEND", b"")
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")
