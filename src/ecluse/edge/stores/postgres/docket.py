"""The docket's steps beside the trail on PostgreSQL, so that what two persons decide at one replica counts at all.

Law: one writer at a time, under a lock of the table, since each step is signed over the one before. One replica at a
time puts steps on the trail; one that is paused in the middle loses its turn with its idle transaction.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from ecluse.edge.docket import Book, DocketUnusable, Row
from ecluse.edge.stores.errors import StoreError
from ecluse.edge.stores.postgres.bridge import Bridge
from ecluse.edge.stores.postgres.opened import Opened
from ecluse.edge.stores.postgres.reader import AWAY

TURN = 0x45434C44
"""`ECLD`: the advisory lock of whoever puts steps on the trail, with a hash of the schema."""


class PostgresSteps:
    """The steps of one log."""

    def __init__(self, opened: Opened) -> None:
        self._opened = opened

    @property
    def name(self) -> str:
        """How a message calls it."""
        return f"the docket in schema {self._opened.schema}"

    def there(self) -> bool:
        """Say yes: the table is there once it is asked."""
        return True

    def look(self) -> tuple[int, ...]:
        """Return how many steps there are and how many the trail has; empty while the database is away."""
        try:
            with self._db() as (bridge, pool):
                counted = bridge.wait(
                    pool.fetchrow("SELECT coalesce(max(seq), 0), count(*) FILTER (WHERE trailed) FROM docket")
                )
        except DocketUnusable:
            return ()
        return tuple(counted)

    @contextmanager
    def reading(self) -> Iterator[Book]:
        """Open for reading."""
        with self._db() as (bridge, pool), _transaction(bridge, pool) as db:
            yield _Open(bridge, db)

    @contextmanager
    def writing(self) -> Iterator[Book]:
        """Open for writing, alone."""
        with self._db() as (bridge, pool), _transaction(bridge, pool) as db:
            bridge.wait(db.execute("LOCK TABLE docket IN EXCLUSIVE MODE"))
            yield _Open(bridge, db)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for one's turn among all replicas."""
        turn = _turn(self._db(), self._opened.schema)
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

    def __init__(self, bridge: Bridge, db: PoolConnectionProxy) -> None:
        self._bridge = bridge
        self._db = db

    def rows(self) -> Iterable[Row]:
        """Return every step, in order."""
        found = self._bridge.wait(self._db.fetch("SELECT seq, step, signature, trailed FROM docket ORDER BY seq"))
        return [(seq, bytes(step), bytes(signature), trailed) for seq, step, signature, trailed in found]

    def add(self, step: bytes, signature: bytes) -> None:
        """Add a step."""
        self._bridge.wait(self._db.execute("INSERT INTO docket (step, signature) VALUES ($1, $2)", step, signature))

    def told(self, seq: int) -> None:
        """Note that the trail has a step."""
        self._bridge.wait(self._db.execute("UPDATE docket SET trailed = true WHERE seq = $1", seq))


@contextmanager
def _turn(opening: AbstractContextManager[tuple[Bridge, asyncpg.Pool]], schema: str) -> Iterator[None]:
    with opening as (bridge, pool), _transaction(bridge, pool) as db:
        bridge.wait(db.execute("SELECT pg_advisory_xact_lock($1, hashtext($2))", TURN, schema))
        yield


@contextmanager
def _transaction(bridge: Bridge, pool: asyncpg.Pool) -> Iterator[PoolConnectionProxy]:
    db, how = bridge.wait(_begun(pool)), "ROLLBACK"
    try:
        yield db
        how = "COMMIT"
    finally:
        bridge.wait(_ended(pool, db, how))


async def _begun(pool: asyncpg.Pool) -> PoolConnectionProxy:
    db, begun = await pool.acquire(), False
    try:
        await db.execute("BEGIN")
        begun = True
    finally:
        if not begun:
            await pool.release(db)
    return db


async def _ended(pool: asyncpg.Pool, db: PoolConnectionProxy, how: str) -> None:
    try:
        await db.execute(how)
    finally:
        await pool.release(db)
