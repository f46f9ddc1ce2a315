"""The log as files that never change, in the C2SP format tlog-tiles (https://c2sp.org/tlog-tiles).

Law: a tile is a projection of the rows and nothing is stored for it. Only what a signed checkpoint covers has an
address: a tile that is wider than the log is not there.
"""

import re
import struct
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from ecluse.passage.record.merkle import Frontier, NodeAt

WIDTH = 256
HEIGHT = 8
"""A full tile has 256 hashes: it stands for a subtree eight levels high."""
LEVELS = 8
"""A log of 2^63 entries has no more."""

HashesAt: TypeAlias = Callable[[int, int, int], Sequence[bytes]]
"""(level, first, count) -> the roots of `count` perfect subtrees; `level` is a multiple of 8. Fewer when not there."""

PATH = re.compile(r"tile/(entries|[0-9])/((?:x[0-9]{3}/){0,5}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """An address: `level` of the tile, None for a bundle of entries; the first `width` of it, 256 when it is full."""

    level: int | None
    index: int
    width: int = WIDTH

    @property
    def start(self) -> int:
        """The first hash or entry, counted on its level."""
        return self.index * WIDTH

    def covered(self, size: int) -> bool:
        """Say whether a log of `size` entries has it."""
        return self.start + self.width <= size >> HEIGHT * (self.level or 0)


def parse_tile(path: str) -> Tile | None:
    """Read an address, without a slash before it. None for what is none, also when spelt otherwise than the rule."""
    found = PATH.fullmatch(path)
    if found is None:
        return None
    level, index, width = found.groups()
    tile = Tile(
        level=None if level == "entries" else int(level),
        index=int(index.replace("x", "").replace("/", "")),
        width=int(width) if width else WIDTH,
    )
    return tile if (tile.level or 0) < LEVELS and tile_path(tile) == path else None


def tile_path(tile: Tile) -> str:
    """Write an address: the index in groups of three digits, an x before each but the last."""
    groups = [f"{tile.index % 1000:03d}"]
    rest = tile.index // 1000
    while rest:
        groups.insert(0, f"x{rest % 1000:03d}")
        rest //= 1000
    level = "entries" if tile.level is None else str(tile.level)
    partial = "" if tile.width == WIDTH else f".p/{tile.width}"
    return f"tile/{level}/{'/'.join(groups)}{partial}"


def bundle(entries: Iterable[bytes]) -> bytes:
    """Write entries one after the other, each behind its length in two bytes, big-endian."""
    return b"".join(struct.pack(">H", len(entry)) + entry for entry in entries)


def node_at(hashes: HashesAt) -> NodeAt:
    """Return every node of the tree from those at levels 0, 8, 16 ... Raises LookupError when they are not there."""

    def node(level: int, index: int) -> bytes:
        below = level - level % HEIGHT
        width = 1 << (level - below)
        found = hashes(below, index * width, width)
        if len(found) != width:
            raise LookupError(f"the nodes of level {below} from {index * width} are not all there")
        return Frontier().extend(found).root()

    return node
