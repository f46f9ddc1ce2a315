"""What was found in texts before: turn twenty of a chat costs its new message.

Law: no text is kept, only its keyed hash, under a key drawn at each start; what one organisation sent spares no other
one a search, so that time tells nobody what others send. The oldest is forgotten first; the bound is of bytes.
"""

import hashlib
import secrets
import threading
from collections import OrderedDict
from collections.abc import Sized
from typing import NamedTuple

MOST = 32 * 2**20
"""Bytes, reckoned: about 100,000 texts in which a thing or two is found."""
_TEXT, _CLAIM = 240, 120
"""Bytes reckoned for a text, and for each thing found in it."""


class _Kept(NamedTuple):
    found: object
    weight: int


class Remembered:
    """The memory of one gateway. Several threads may use it."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._key = secrets.token_bytes(32)
        self._lock = threading.Lock()
        self._kept: OrderedDict[bytes, _Kept] = OrderedDict()
        self.weight = 0

    def of(self, organisation: str) -> "Share":
        """Return an organisation's share."""
        return Share(self, organisation)

    def name(self, *words: str) -> bytes:
        """Return the keyed hash of some words."""
        digest = hashlib.blake2b(key=self._key, digest_size=20)
        for word in words:
            written = word.encode("utf-8", "surrogatepass")
            digest.update(len(written).to_bytes(8, "big"))
            digest.update(written)
        return digest.digest()

    def get(self, name: bytes) -> object | None:
        """Return what is kept under a name."""
        with self._lock:
            kept = self._kept.get(name)
            if kept is None:
                return None
            self._kept.move_to_end(name)
            return kept.found

    def put(self, name: bytes, found: object) -> None:
        """Keep something, and forget the oldest where there is no room; what would take an eighth is not kept."""
        weight = _TEXT + _CLAIM * _count(found)
        if weight > self._most // 8:
            return
        with self._lock:
            if (old := self._kept.pop(name, None)) is not None:
                self.weight -= old.weight
            self._kept[name] = _Kept(found, weight)
            self.weight += weight
            while self.weight > self._most:
                _, oldest = self._kept.popitem(last=False)
                self.weight -= oldest.weight


def _count(found: object) -> int:
    """Count the things found: what a search tells is a tuple of tuples."""
    return sum(len(part) for part in found if isinstance(part, Sized)) if isinstance(found, tuple) else 0


class Share:
    """Implements `domain.snapshot.Memory` for one organisation."""

    def __init__(self, whole: Remembered, organisation: str) -> None:
        self._whole = whole
        self._organisation = organisation

    def recall(self, version: str, text: str) -> object | None:
        """Return what was found in a text by this version, if it is known."""
        return self._whole.get(self._whole.name(self._organisation, version, text))

    def keep(self, version: str, text: str, found: object) -> None:
        """Keep what was found."""
        self._whole.put(self._whole.name(self._organisation, version, text), found)
