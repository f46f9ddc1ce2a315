"""Signed steps beside the trail on PostgreSQL, so that what two persons decide at one replica counts at all.

Law: one writer at a time, under a lock of the table, since each step is signed over the one before. One replica at a
time puts steps on the trail; one that is paused in the middle loses its turn with its idle transaction.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from ecluse.edge.chain import Book, DocketUnusable, Row
from ecluse.edge.stores.errors import StoreError
from ecluse.edge.stores.postgres.bridge import Bridge
from ecluse.edge.stores.postgres.opened import Opened, transaction
from ecluse.edge.stores.postgres.reader import AWAY

TURNS = {"docket": 0x45434C44, "drafts": 0x45434C52}
"""By table, the advisory lock of whoever puts its steps on the trail, with a hash of the schema: `ECLD`, `ECLR`."""


class PostgresSteps:
    """The steps of one log in one table, which is one of our own words."""

    def __init__(self, opened: Opened, table: str) -> None:
        self._opened = opened
        self._table = table
        self._turn_of = TURNS[table]

    @property
    def name(self) -> str:
        """How a message calls it."""
        return f"the table {self._table} in schema {self._opened.schema}"

    def there(self) -> bool:
        """Say yes: the table is there once it is asked."""
        return True

    def look(self) -> tuple[int, ...]:
        """Return how many steps there are and how many the trail has; empty while the database is away."""
        try:
            with self._db() as (bridge, pool):
                counted = bridge.wait(
                    pool.fetchrow(f"SELECT coalesce(max(seq), 0), count(*) FILTER (WHERE trailed) FROM {self._table}")  # noqa: S608 - our words
                )
        except DocketUnusable:
            return ()
        return tuple(counted)

    @contextmanager
    def reading(self) -> Iterator[Book]:
        """Open for reading."""
        with self._db() as (bridge, pool), transaction(bridge, pool) as db:
            yield _Open(bridge, db, self._table)

    @contextmanager
    def writing(self) -> Iterator[Book]:
        """Open for writing, alone."""
        with self._db() as (bridge, pool), transaction(bridge, pool) as db:
            bridge.wait(db.execute(f"LOCK TABLE {self._table} IN EXCLUSIVE MODE"))
            yield _Open(bridge, db, self._table)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for one's turn among all replicas."""
        turn = _turn(self._db(), self._turn_of, self._opened.schema)
        await asyncio.to_thread(turn.__enter__)
        try:
            yield
        finally:
            await asyncio.to_thread(turn.__exit__, None, None, None)

    @contextmanager
    def _db(self) -> Iterator[tuple[Bridge, asyncpg.Pool]]:
        try:
            with self._opened.db() as held:
                yield held
        except (*AWAY, StoreError) as error:
            raise DocketUnusable(f"{self.name} cannot be used: {type(error).__name__}: {error}") from error


class _Open:
    """The steps within one transaction."""

    def __init__(self, bridge: Bridge, db: PoolConnectionProxy, table: str) -> None:
        self._bridge = bridge
        self._db = db
        self._table = table

    def rows(self) -> Iterable[Row]:
        """Return every step, in order."""
        query = f"SELECT seq, step, signature, trailed FROM {self._table} ORDER BY seq"  # noqa: S608 - our words
        found = self._bridge.wait(self._db.fetch(query))
        return [(seq, bytes(step), bytes(signature), trailed) for seq, step, signature, trailed in found]

    def add(self, step: bytes, signature: bytes) -> None:
        """Add a step."""
        query = f"INSERT INTO {self._table} (step, signature) VALUES ($1, $2)"  # noqa: S608 - our words
        self._bridge.wait(self._db.execute(query, step, signature))

    def told(self, seq: int) -> None:
        """Note that the trail has a step."""
        query = f"UPDATE {self._table} SET trailed = true WHERE seq = $1"  # noqa: S608 - our words
        self._bridge.wait(self._db.execute(query, seq))


@contextmanager
def _turn(opening: AbstractContextManager[tuple[Bridge, asyncpg.Pool]], turn: int, schema: str) -> Iterator[None]:
    with opening as (bridge, pool), transaction(bridge, pool) as db:
        bridge.wait(db.execute("SELECT pg_advisory_xact_lock($1, hashtext($2))", turn, schema))
        yield
