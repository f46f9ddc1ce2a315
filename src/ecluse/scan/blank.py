"""Whether a rendered page shows nothing: a PNG of which every dot is white.

Law: what is not surely white shows something. Source: PNG, W3C Recommendation, third edition, 9 (filters).
"""

import struct
import zlib

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_CHANNELS = {0: 1, 2: 3, 4: 2, 6: 4}
"""Samples of a dot by type of colour; one with a palette is none of these."""
_ROWS = 30_000


def is_white(png: bytes) -> bool:
    """Say whether every sample of a picture of 8 bits is the highest."""
    if not png.startswith(_SIGNATURE) or len(png) < 33:  # noqa: PLR2004 - octets of the signature and the first chunk
        return False
    width, height, bits, colour, _, _, interlaced = struct.unpack(">IIBBBBB", png[16:29])
    if bits != 8 or colour not in _CHANNELS or interlaced or not 0 < height <= _ROWS or not 0 < width <= _ROWS:  # noqa: PLR2004 - as said above
        return False
    first, other = _white(width, _CHANNELS[colour], first=True), _white(width, _CHANNELS[colour], first=False)
    size = 1 + width * _CHANNELS[colour]
    try:
        rows = zlib.decompressobj().decompress(_packed(png), size * height + 1)
    except (zlib.error, struct.error):
        return False
    starts = range(size, size * height, size)
    return len(rows) == size * height and rows[:size] in first and all(rows[at : at + size] in other for at in starts)


def _packed(png: bytes) -> bytes:
    """Return the data of a PNG as it is packed."""
    at, data = len(_SIGNATURE), b""
    while at + 8 <= len(png):
        (size,) = struct.unpack(">I", png[at : at + 4])
        if png[at + 4 : at + 8] == b"IDAT":
            data += png[at + 8 : at + 8 + size]
        at += size + 12
    return data


def _white(width: int, channels: int, *, first: bool) -> frozenset[bytes]:
    """Return a white row as each filter writes it: none, the dot before, the row above, their mean, the nearest."""
    dot, rest, row = b"\xff" * channels, (width - 1) * channels, width * channels
    above = bytes(row)
    if first:
        bodies = (
            dot + b"\xff" * rest,
            dot + bytes(rest),
            dot + b"\xff" * rest,
            dot + b"\x80" * rest,
            dot + bytes(rest),
        )
    else:
        bodies = (dot + b"\xff" * rest, dot + bytes(rest), above, b"\x80" * channels + bytes(rest), above)
    return frozenset(bytes([kind]) + body for kind, body in enumerate(bodies))
