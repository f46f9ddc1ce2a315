"""Archives, opened one entry at a time within what may still be unfolded.

Law: an entry that cannot be opened is an unread part of its own; sizes that an archive states are not believed.
"""

import bz2
import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Iterator

from ecluse.scan.found import Why
from ecluse.scan.opening import FAULTS, Item, Opening, OverLimit

_STEP = 2**20
_LOCKED = 0x1


def entries(opening: Opening, item: Item) -> Iterator[Item]:
    """Yield the files of a zip; report those that cannot be opened."""
    with zipfile.ZipFile(io.BytesIO(item.data)) as held:
        for entry in held.infolist():
            if entry.is_dir():
                continue
            path = f"{item.path}/{_shown(entry.filename)}"
            if opening.late() or opening.items > opening.limits.items:
                opening.miss(path, Why.TOO_LONG if opening.late() else Why.TOO_MANY)
                return
            opening.items += 1
            if entry.flag_bits & _LOCKED:
                opening.miss(path, Why.ENCRYPTED)
                continue
            try:
                with held.open(entry) as file:
                    data = opening.spend(file.read(opening.room() + 1))
            except OverLimit as over:
                opening.miss(path, over.why)
                continue
            except FAULTS as fault:
                opening.miss(path, Why.BROKEN, type(fault).__name__)
                continue
            yield Item(path=path, name=entry.filename, data=data, depth=item.depth + 1)


def _shown(name: str) -> str:
    return "".join(c if c.isprintable() else "\ufffd" for c in name)[:200]


def read_zip(opening: Opening, item: Item) -> None:
    """Read every file of a zip."""
    for inside in entries(opening, item):
        opening.enter(inside)


def read_tar(opening: Opening, item: Item) -> None:
    """Read every file of a tar; a link or a device holds nothing of its own and is reported."""
    with tarfile.open(fileobj=io.BytesIO(item.data)) as held:
        for entry in held:
            if entry.isdir():
                continue
            path = f"{item.path}/{_shown(entry.name)}"
            file = held.extractfile(entry) if entry.isreg() else None
            if file is None:
                opening.miss(path, Why.UNKNOWN_FORMAT, "link or device")
                continue
            data = opening.spend(file.read(opening.room() + 1))
            opening.enter(Item(path=path, name=entry.name, data=data, depth=item.depth + 1))
            if opening.items > opening.limits.items or opening.late():
                return


def _unpacked(opening: Opening, kind: str, data: bytes) -> bytes:
    """Unfold a compressed file, all of its members. Raises OverLimit."""
    out = bytearray()
    while data:
        if kind == "gzip":
            piece, data = _inflated(data, opening.room() + 1 - len(out), zlib.MAX_WBITS | 16)
        else:
            unpacker = bz2.BZ2Decompressor() if kind == "bzip2" else lzma.LZMADecompressor(memlimit=256 * 2**20)
            piece = unpacker.decompress(data, max_length=opening.room() + 1 - len(out))
            data = unpacker.unused_data if unpacker.eof else b""
        out += piece
        if len(out) > opening.room():
            raise OverLimit(Why.TOO_LARGE)
        data = data.lstrip(b"\0")
    return opening.spend(bytes(out))


def _inflated(data: bytes, most: int, bits: int) -> tuple[bytes, bytes]:
    unpacker = zlib.decompressobj(bits)
    piece = unpacker.decompress(data, max(1, most))
    return piece, unpacker.unused_data if unpacker.eof else b""


def inflate(data: bytes, most: int) -> bytes:
    """Return what a zlib stream holds, `most` bytes of it. Raises zlib.error."""
    return _inflated(data, most, zlib.MAX_WBITS)[0]


def read_gzip(opening: Opening, item: Item) -> None:
    """Read what a gzip file holds."""
    _enter(opening, item, _unpacked(opening, "gzip", item.data))


def read_bzip2(opening: Opening, item: Item) -> None:
    """Read what a bzip2 file holds."""
    _enter(opening, item, _unpacked(opening, "bzip2", item.data))


def read_xz(opening: Opening, item: Item) -> None:
    """Read what an xz file holds."""
    _enter(opening, item, _unpacked(opening, "xz", item.data))


def _enter(opening: Opening, item: Item, data: bytes) -> None:
    name = item.name.rpartition("/")[2].rpartition(".")[0] or "unpacked"
    if name.endswith(("tgz", "tbz", "txz")) or item.name.endswith((".tgz", ".tbz", ".txz")):
        name += ".tar"
    opening.enter(Item(path=f"{item.path}/{_shown(name)}", name=name, data=data, depth=item.depth + 1))
