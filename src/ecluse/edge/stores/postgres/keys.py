"""API keys beside the trail on PostgreSQL, so that what is made or revoked on one replica counts on every one.

Law: the table holds keyed hashes, never a key. A replica answers from memory and looks again every second; one that
could not look for a while lets nobody pass, since it does not know who was revoked.
"""

import asyncio
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

import asyncpg

from ecluse.domain.caller import Key, KeyId
from ecluse.domain.errors import GatewayError
from ecluse.edge.keys.own import Secrets
from ecluse.edge.keys.ring import Known, Ring, known
from ecluse.edge.keys.table import COLUMNS, Keys, KeysUnusable, keys_of, spelt
from ecluse.edge.stores.errors import StoreError
from ecluse.edge.stores.postgres.bridge import Bridge
from ecluse.edge.stores.postgres.opened import Opened
from ecluse.edge.stores.postgres.reader import AWAY, connect

INSERT = f"INSERT INTO keys ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, false, $6, null)"  # noqa: S608 - our words
STALE = 10.0
"""Seconds after the last look that succeeded from which nobody passes."""


class PostgresKeys(Keys):
    """Writes the table; opens the database for each move, from any thread but a loop's own."""

    def __init__(self, url: str, schema: str, own: Secrets) -> None:
        super().__init__(own)
        self._opened = Opened(url, schema, own.origin)

    def list(self) -> tuple[Key, ...]:
        """Return every key, the oldest first. Raises KeysUnusable."""
        with self._open() as (bridge, pool):
            return bridge.wait(_read(pool))

    def adopt(self, keys: Iterable[Key]) -> None:
        """Take over the keys of a state directory; what is here already stays as it is. Raises KeysUnusable."""
        rows = [
            (key.id, key.application, key.index, key.created, key.expires, key.revoked, spelt(key.scopes), key.used)
            for key in keys
        ]
        if rows:
            with self._open() as (bridge, pool):
                bridge.wait(
                    pool.executemany(
                        f"INSERT INTO keys ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",  # noqa: S608 - our words
                        rows,
                    )
                )

    def _add(self, key: Key) -> None:
        self._do(INSERT, *_row(key))

    def _replace(self, old: KeyId, day: str, new: Key) -> bool:
        with self._open() as (bridge, pool):
            return bridge.wait(_replaced(pool, old, day, new))

    def _refuse(self, key: KeyId) -> None:
        self._do("UPDATE keys SET revoked = true WHERE id = $1", key)

    def _do(self, statement: str, *values: object) -> None:
        with self._open() as (bridge, pool):
            bridge.wait(pool.execute(statement, *values))

    @contextmanager
    def _open(self) -> Iterator[tuple[Bridge, asyncpg.Pool]]:
        try:
            with self._opened.db() as held:
                yield held
        except (*AWAY, StoreError) as error:
            raise KeysUnusable(f"the keys on PostgreSQL cannot be used: {type(error).__name__}: {error}") from error


class PostgresRing(Ring):
    """The keys of all replicas, as they were a moment ago. `begin` before the first question, `keep` beside them."""

    def __init__(self, url: str, schema: str, own: Secrets) -> None:
        super().__init__(own)
        self._url = url
        self._schema = schema
        self._pool: asyncpg.Pool | None = None
        self._looked: float | None = None

    async def begin(self) -> None:
        """Read the table once; the store has made it. Raises TrailUnreadable when PostgreSQL cannot be reached."""
        self._pool = await connect(self._url, self._schema, size=1)
        await self._look()

    async def end(self) -> None:
        """Write when keys were last used, and let go of the database; nobody passes from then on."""
        await self.tell()
        pool, self._pool, self._looked = self._pool, None, None
        if pool is not None:
            pool.terminate()

    async def _write(self, used: Mapping[KeyId, str]) -> None:
        if self._pool is None:
            return
        try:
            async with asyncio.timeout(STALE):
                await self._pool.executemany(
                    "UPDATE keys SET used = greatest(used, $2) WHERE id = $1", list(used.items())
                )
        except AWAY as error:
            raise KeysUnusable("the keys on PostgreSQL are away") from error

    async def _look(self) -> None:
        if self._pool is None:
            return
        asked = time.monotonic()
        try:
            async with asyncio.timeout(STALE / 2):
                self._known = known(await _read(self._pool))
        except AWAY:
            return
        self._looked = asked

    def _table(self) -> Mapping[bytes, Known]:
        if self._looked is None or time.monotonic() - self._looked > STALE:
            raise GatewayError("trail_unavailable")  # the database that keeps both is away
        return self._known


async def _read(pool: asyncpg.Pool) -> tuple[Key, ...]:
    rows = await pool.fetch(f"SELECT {COLUMNS} FROM keys ORDER BY created, id")  # noqa: S608 - our words
    return keys_of(rows)


async def _replaced(pool: asyncpg.Pool, old: KeyId, day: str, new: Key) -> bool:
    async with pool.acquire() as db, db.transaction():
        ended = await db.execute("UPDATE keys SET expires = least(expires, $2) WHERE id = $1 AND NOT revoked", old, day)
        if ended != "UPDATE 1":
            return False
        await db.execute(INSERT, *_row(new))
        return True


def _row(key: Key) -> tuple[object, ...]:
    """Return a new key's values, in the order of `INSERT`."""
    return key.id, key.application, key.index, key.created, key.expires, spelt(key.scopes)
