"""How sealed content that is kept is asked for: one set of words, for a file and for PostgreSQL.

Law: `writing` is one at a time, everything in it or nothing. A statement is one that both stores take, with `?` for
each value.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol


class Asked(Protocol):
    """What may be asked within one transaction."""

    def all(self, query: str, *values: object) -> Sequence[Any]:
        """Return every row."""

    def one(self, query: str, *values: object) -> Any:  # noqa: ANN401 - a row of either store, or None
        """Return the first row, or None."""

    def do(self, query: str, *values: object) -> int:
        """Change something; return how many rows."""


class Tables(Protocol):
    """The tables of one store. From any thread but a loop's own."""

    clock: str
    """How a statement says the store's time, in milliseconds: what every process that asks it agrees on."""
    alone: bool
    """Whether one process at a time has it."""

    def there(self) -> bool:
        """Say whether anything was ever kept, without making anything."""

    def reading(self) -> AbstractContextManager[Asked]:
        """Open for reading. Raises what its owner says."""

    def writing(self) -> AbstractContextManager[Asked]:
        """Open for writing, one at a time. Raises what its owner says; nothing was written then, or all."""

    def close(self) -> None:
        """Let go of it."""


def copied(source: Asked, to: Asked, table: str, columns: str, **row: object) -> int:
    """Copy the one row that has these values; return whether it was not there."""
    wanted = " AND ".join(f"{name} = ?" for name in row)
    found = source.one(f"SELECT {columns} FROM {table} WHERE {wanted}", *row.values())  # noqa: S608 - our words
    values = ", ".join("?" for _ in columns.split(","))
    return to.do(f"INSERT INTO {table} ({columns}) VALUES ({values}) ON CONFLICT DO NOTHING", *found)  # noqa: S608 - our words
