"""A compound file of Microsoft (MS-CFB, version 3), as small as the format lets it be: what an Outlook message is."""

import struct
from collections.abc import Mapping

FREE, END, FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
NONE = 0xFFFFFFFF


def _entry(name: str, kind: int, *, right: int = NONE, child: int = NONE, start: int = 0, size: int = 0) -> bytes:
    raw = (name + "\0").encode("utf-16-le")
    head = raw.ljust(64, b"\0") + struct.pack("<HBBIII", len(raw), kind, 1, NONE, right, child)
    return head + b"\0" * 16 + b"\0" * 4 + b"\0" * 16 + struct.pack("<IQ", start, size)


def compound(streams: Mapping[str, bytes]) -> bytes:
    """Return a file with these streams in its root, all of them in its small stream."""
    names = sorted(streams, key=lambda name: (len(name), name.upper()))
    small, table, places = bytearray(), [], {}
    for name in names:
        first, count = len(small) // 64, -(-len(streams[name]) // 64)
        places[name] = first if count else END
        table += [*range(first + 1, first + count), END] if count else []
        small += streams[name].ljust(count * 64, b"\0")
    entries = [_entry("Root Entry", 5, child=1, start=0, size=len(small))]
    for n, name in enumerate(names, 1):
        right = n + 1 if n < len(names) else NONE
        entries.append(_entry(name, 2, right=right, start=places[name], size=len(streams[name])))
    while len(entries) % 4:
        entries.append(_entry("", 0)[:0].ljust(128, b"\0"))
    body = (
        _sectors(bytes(small)),
        _sectors(struct.pack(f"<{len(table)}I", *table), b"\xff"),
        _sectors(b"".join(entries)),
    )
    fat: list[int] = []
    starts = []
    for part in body:
        starts.append(len(fat))
        fat += [*range(len(fat) + 1, len(fat) + len(part)), END]
    fat.append(FAT)
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16
    header += struct.pack(
        "<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, starts[2], 0, 4096, starts[1], len(body[1]), END, 0
    )
    header += struct.pack("<109I", len(fat) - 1, *[FREE] * 108)
    raw_fat = struct.pack(f"<{len(fat)}I", *fat).ljust(512, b"\xff")
    return header + b"".join(b"".join(part) for part in body) + raw_fat


def _sectors(data: bytes, fill: bytes = b"\0") -> list[bytes]:
    return [data[i : i + 512].ljust(512, fill) for i in range(0, len(data), 512)] or [fill * 512]


def message(subject: str, body: str, sender: str) -> bytes:
    """Return an Outlook message (MS-OXMSG)."""
    wide = {"001A": "IPM.Note", "0037": subject, "1000": body, "0C1A": sender, "5D01": sender}
    streams = {f"__substg1.0_{tag}001F": text.encode("utf-16-le") for tag, text in wide.items()}
    rows = b"".join(
        struct.pack("<HHIQ", 0x001F, int(tag, 16), 6, len(text.encode("utf-16-le")) + 2) for tag, text in wide.items()
    )
    return compound(streams | {"__properties_version1.0": b"\0" * 32 + rows})
