"""Where sealed files and batches lie, and how it is asked: one set of words, two stores.

Law: `writing` is one at a time, everything in it or nothing. A statement is one that both SQLite and PostgreSQL take,
with `?` for each value.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

TABLES = {
    "kept_files": "id, organisation, application, purpose, key, head, content, size, lines, made, ends",
    "kept_batches": "id, organisation, application, caller, file, endpoint, key, head, state, total, made, deadline,"
    " ends, cancelled, finished, completed, failed, output, errors, token",
    "kept_items": "batch, number, good, answer, size",
}
"""What is carried from one store to another."""


class KeptUnusable(ValueError):
    """What is kept cannot be read or written. Says what to do, never what is in it."""


class KeptAway(KeptUnusable):
    """The database that has it does not answer now."""


class TakenOver(KeptUnusable):
    """Another process runs the batch now: nothing more of it is written, or sent, here."""


class Asked(Protocol):
    """What may be asked within one transaction."""

    def all(self, query: str, *values: object) -> Sequence[Any]:
        """Return every row."""

    def one(self, query: str, *values: object) -> Any:  # noqa: ANN401 - a row of either store, or None
        """Return the first row, or None."""

    def do(self, query: str, *values: object) -> int:
        """Change something; return how many rows."""


class Table(Protocol):
    """The tables of one store. From any thread but a loop's own."""

    clock: str
    """How a statement says the store's time, in milliseconds: what every process that asks it agrees on."""
    alone: bool
    """Whether one process at a time has it."""

    def reading(self) -> AbstractContextManager[Asked]:
        """Open for reading. Raises KeptUnusable."""

    def writing(self) -> AbstractContextManager[Asked]:
        """Open for writing, one at a time. Raises KeptUnusable; then nothing was written, or all, when it is away."""

    def close(self) -> None:
        """Let go of it."""
