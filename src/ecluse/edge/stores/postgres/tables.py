"""Sealed content that is kept beside the trail on PostgreSQL, so that each replica finds it.

Law: one writer at a time, under a lock that replicas share; one that is paused in the middle loses its turn with its
idle transaction. What is deleted stays in the database's files until VACUUM, and in its write-ahead log and backups.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from typing import Any

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from ecluse.edge.batches.table import KeptAway
from ecluse.edge.capture.unusable import CaptureUnusable
from ecluse.edge.stores.errors import StoreError
from ecluse.edge.stores.postgres.bridge import Bridge
from ecluse.edge.stores.postgres.opened import Opened, transaction
from ecluse.edge.stores.postgres.reader import AWAY

KEPT = 0x45434B50
CAPTURED = 0x45434350
"""`ECKP`, `ECCP`: the advisory locks of whoever writes, with a hash of the schema."""
PATIENCE = 60.0
"""Seconds that a move may take; the server is given up before."""


def kept_tables(url: str, schema: str, origin: str, *, keep: bool = False) -> "PostgresTables":
    """Return the tables of files and batches."""
    return PostgresTables(Opened(url, schema, origin, keep=keep), KEPT, KeptAway)


def safe_tables(url: str, schema: str, origin: str, *, keep: bool = False) -> "PostgresTables":
    """Return the tables of what is kept of prompts and answers."""
    return PostgresTables(Opened(url, schema, origin, keep=keep), CAPTURED, CaptureUnusable)


class PostgresTables:
    """Some tables of one log (implements `edge.tables.Tables`). Raises what is `away` for its owner."""

    clock = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint"
    alone = False

    def __init__(self, opened: Opened, lock: int, away: Callable[[str], Exception]) -> None:
        self._opened = opened
        self._lock = lock
        self._away = away

    def there(self) -> bool:
        """Say yes: the tables are there once they are asked."""
        return True

    @contextmanager
    def reading(self) -> Iterator["_Asked"]:
        """Open for reading. Raises what is `away`."""
        with self._transaction() as asked:
            yield asked

    @contextmanager
    def writing(self) -> Iterator["_Asked"]:
        """Open for writing, one at a time among all replicas. Raises what is `away`."""
        with self._transaction() as asked:
            asked.one("SELECT pg_advisory_xact_lock(?, hashtext(?))", self._lock, self._opened.schema)
            yield asked

    def close(self) -> None:
        """Let go of the database."""
        self._opened.close()

    @contextmanager
    def _transaction(self) -> Iterator["_Asked"]:
        try:
            with self._opened.db() as (bridge, pool), transaction(bridge, pool) as db:
                yield _Asked(bridge, db)
        except (*AWAY, StoreError) as error:
            raise self._away(f"what is kept on PostgreSQL cannot be used: {type(error).__name__}") from error


class _Asked:
    """One transaction."""

    def __init__(self, bridge: Bridge, db: PoolConnectionProxy) -> None:
        self._bridge = bridge
        self._db = db

    def all(self, query: str, *values: object) -> Sequence[Any]:
        """Return every row."""
        rows: list[asyncpg.Record] = self._bridge.wait(self._db.fetch(_numbered(query), *values), PATIENCE)
        return rows

    def one(self, query: str, *values: object) -> Any:  # noqa: ANN401 - a row, or None
        """Return the first row, or None."""
        return self._bridge.wait(self._db.fetchrow(_numbered(query), *values), PATIENCE)

    def do(self, query: str, *values: object) -> int:
        """Change something; return how many rows."""
        told: str = self._bridge.wait(self._db.execute(_numbered(query), *values), PATIENCE)
        return int(told.rsplit(" ", 1)[-1])


def _numbered(query: str) -> str:
    """Write each `?` of a statement, which has no other, as PostgreSQL does."""
    first, *rest = query.split("?")
    return first + "".join(f"${number}{part}" for number, part in zip(count(1), rest, strict=False))
