"""A bounded memory.

Law: what it holds follows from its keys alone, so the passage stays deterministic; the oldest is dropped first.
"""

from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Memo(dict[K, V]):
    """Keeps at most `most` values, if they are `put`."""

    __slots__ = ("_most",)

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def put(self, key: K, value: V) -> None:
        """Keep a value."""
        if len(self) >= self._most:
            oldest = next(iter(self.copy()))  # a copy, because another thread may put something meanwhile
            self.pop(oldest, None)
        self[key] = value
