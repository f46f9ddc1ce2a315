"""A bounded memory.

Law: what it holds follows from its keys alone, so the passage stays deterministic; the oldest is dropped first.
"""

from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Memo(Generic[K, V]):
    """Keeps at most `most` values."""

    __slots__ = ("_kept", "_most")

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: dict[K, V] = {}

    def get(self, key: K) -> V | None:
        """Return what is kept under a key, None when nothing is."""
        return self._kept.get(key)

    def put(self, key: K, value: V) -> None:
        """Keep a value."""
        if len(self._kept) >= self._most:
            oldest = next(iter(self._kept.copy()))  # a copy, because another thread may put something meanwhile
            self._kept.pop(oldest, None)
        self._kept[key] = value
