"""The database of a log, opened for what stands beside the trail: keys, admin tokens, the docket, drafts of rules.

Law: the tables are of this version when it is open. It is asked from any thread but a loop's own. One that is kept
stays open until it is closed, and takes a lost connection up again; any other lives for one move.
"""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from ecluse.edge.stores.postgres.bridge import Bridge
from ecluse.edge.stores.postgres.reader import connect
from ecluse.edge.stores.postgres.schema import migrate

SIZE = 3
"""Connections: one that waits for its turn does not keep the others from theirs."""


class Opened:
    """One schema of one database."""

    def __init__(self, url: str, schema: str, origin: str, *, keep: bool = False) -> None:
        self.schema = schema
        self._url = url
        self._origin = origin
        self._keep = keep
        self._lock = threading.Lock()
        self._held: tuple[Bridge, asyncpg.Pool] | None = None

    @contextmanager
    def db(self) -> Iterator[tuple[Bridge, asyncpg.Pool]]:
        """Open it. Raises StoreError, or what asyncpg says."""
        if self._keep:
            yield self._kept()
            return
        held = self._connect()
        try:
            yield held
        finally:
            _close(held)

    def close(self) -> None:
        """Let go of it. Idempotent."""
        with self._lock:
            held, self._held = self._held, None
        if held is not None:
            _close(held)

    def _kept(self) -> tuple[Bridge, asyncpg.Pool]:
        with self._lock:
            if self._held is None:
                self._held = self._connect()
            return self._held

    def _connect(self) -> tuple[Bridge, asyncpg.Pool]:
        with ExitStack() as undone:
            bridge = Bridge()
            undone.callback(bridge.stop)
            pool = bridge.wait(connect(self._url, self.schema, size=SIZE))
            undone.callback(lambda: bridge.wait(_let_go(pool)))
            bridge.wait(_prepare(pool, self.schema, self._origin))
            undone.pop_all()
        return bridge, pool


def _close(held: tuple[Bridge, asyncpg.Pool]) -> None:
    bridge, pool = held
    try:
        bridge.wait(_let_go(pool))
    finally:
        bridge.stop()


async def _let_go(pool: asyncpg.Pool) -> None:
    pool.terminate()


async def _prepare(pool: asyncpg.Pool, schema: str, origin: str) -> None:
    async with pool.acquire() as db:
        await migrate(db, schema, origin)


@contextmanager
def transaction(bridge: Bridge, pool: asyncpg.Pool) -> Iterator[PoolConnectionProxy]:
    """Do everything in the block, or nothing of it; when the server goes in the middle of its end, nobody knows."""
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
