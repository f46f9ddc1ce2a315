"""One document being opened: what it gave so far, and how much more it may ask.

Law: past a bound a part is reported, not read; what a reader does not manage becomes an unread part of that name and
reason, and its neighbours are read all the same.
"""

import lzma
import re
import struct
import tarfile
import time
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.errors import MessageError
from typing import TypeAlias
from xml.parsers.expat import ExpatError

import msgspec

from ecluse.scan.found import How, Label, Part, Reading, Unread, Why
from ecluse.scan.kinds import Kind, kind_of

FAULTS = (
    ValueError, LookupError, ArithmeticError, TypeError, AttributeError, OSError, EOFError, RuntimeError, MemoryError,
    AssertionError, zlib.error, lzma.LZMAError, struct.error, zipfile.BadZipFile, tarfile.TarError, ExpatError,
    MessageError,
)  # fmt: skip
"""What libraries raise over files that are not what they seem. Anything else ends the process that reads."""
PIECE = 2**20
"""Characters of one part; a longer text is cut at a line."""


_BLANK = b" \t\r\n\v\f\0\xef\xbb\xbf\xff\xfe"
_LONE = re.compile("[\ud800-\udfff]")


def clean(text: str) -> str:
    """Return a text that can be written: half of a pair of surrogates becomes the sign of the unknown."""
    return _LONE.sub("\N{REPLACEMENT CHARACTER}", text)


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Bounds of one document. `ratio` is how many times its size it may unfold to, once past `free` bytes.

    `drawings` is whether what a PDF draws as lines and curves is reported as unread.
    """

    depth: int = 8
    items: int = 5_000
    unfolded: int = 256 * 2**20
    ratio: int = 100
    free: int = 32 * 2**20
    seconds: float = 60.0
    memory: int = 2 * 2**30
    pictures: int = 40
    drawings: bool = False


class OverLimit(Exception):
    """A bound is reached."""

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why = why


class Hostile(Exception):
    """A part is built to exhaust its reader."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A file, alone or in another: its way there, its own name, its bytes."""

    path: str
    name: str
    data: bytes
    depth: int = 0
    media: str = ""


Read: TypeAlias = "Callable[[Opening, Item], None]"


@dataclass(slots=True, kw_only=True)
class Opening:
    """What is read so far, and the bounds."""

    limits: Limits
    readers: Mapping[Kind, Read]
    size: int
    ends: float
    parts: list[Part] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    items: int = 0
    unfolded: int = 0
    pictures: int = 0
    seen: set[bytes] = field(default_factory=set)

    def say(self, path: str, text: str, how: How = How.TEXT) -> None:
        """Add a text, in pieces when it is long."""
        path, text = clean(path), clean(text)
        start = 0
        for n in range(1, 2 + len(text) // PIECE * 2):
            end = len(text) if len(text) - start <= PIECE else text.rfind("\n", start, start + PIECE) + 1
            end = end if end > start else start + PIECE
            piece = text[start:end]
            if piece.strip():
                whole = start == 0 and end >= len(text)
                self.parts.append(Part(path=path if whole else f"{path}#{n}", text=piece, how=how))
            if end >= len(text):
                return
            start = end

    def miss(self, path: str, why: Why, detail: str = "") -> None:
        """Report a part that is not read."""
        self.unread.append(Unread(path=clean(path), why=why, detail=detail))

    def mark(self, path: str, id_: str, name: str = "") -> None:
        """Add a label, once."""
        label = Label(path=clean(path), id=clean(id_).strip().strip("{}").lower(), name=clean(name).strip())
        if label not in self.labels:
            self.labels.append(label)

    def room(self) -> int:
        """Return how many bytes may still be unfolded."""
        most = min(self.limits.unfolded, max(self.limits.free, self.size * self.limits.ratio))
        return max(0, most - self.unfolded)

    def spend(self, data: bytes) -> bytes:
        """Count unfolded bytes. Raises OverLimit when there are more than may be."""
        if len(data) > self.room():
            raise OverLimit(Why.TOO_LARGE)
        self.unfolded += len(data)
        return data

    def late(self) -> bool:
        """Say whether the time is up."""
        return time.monotonic() > self.ends

    def enter(self, item: Item) -> Kind | None:
        """Read a file, and those in it; return what it is, None when a bound forbids to look."""
        self.items += 1
        if bound := self._bound(item):
            self.miss(item.path, bound)
            return None
        kind = kind_of(item.data, item.name, item.media)
        told = len(self.parts) + len(self.unread)
        self.attempt(item.path, lambda: self.readers[kind](self, item))
        if told == len(self.parts) + len(self.unread) and item.data.strip(_BLANK) and kind is not Kind.PICTURE:
            self.miss(item.path, Why.NO_TEXT)  # a picture may be one that was read before
        return kind

    def attempt(self, path: str, read: Callable[[], None]) -> None:
        """Read a part; report it when that does not go."""
        try:
            read()
        except OverLimit as over:
            self.miss(path, over.why)
        except Hostile:
            self.miss(path, Why.HOSTILE)
        except FAULTS as fault:
            self.miss(path, Why.BROKEN, type(fault).__name__)

    def _bound(self, item: Item) -> Why | None:
        if item.depth > self.limits.depth:
            return Why.TOO_DEEP
        if self.items > self.limits.items:
            return Why.TOO_MANY
        return Why.TOO_LONG if self.late() else None

    def reading(self, kind: Kind | None) -> Reading:
        """Return all of it."""
        return Reading(kind=str(kind or ""), parts=self.parts, unread=self.unread, labels=self.labels)
