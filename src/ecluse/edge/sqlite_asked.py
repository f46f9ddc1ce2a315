"""One transaction of a SQLite file, in the words of `tables.Asked`."""

import sqlite3
from collections.abc import Sequence
from typing import Any


class SqliteAsked:
    """One transaction."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def all(self, query: str, *values: object) -> Sequence[Any]:
        """Return every row."""
        return self._db.execute(query, values).fetchall()

    def one(self, query: str, *values: object) -> Any:  # noqa: ANN401 - a row, or None
        """Return the first row, or None."""
        return self._db.execute(query, values).fetchone()

    def do(self, query: str, *values: object) -> int:
        """Change something; return how many rows."""
        return self._db.execute(query, values).rowcount
