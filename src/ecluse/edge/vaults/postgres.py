"""Sealed vaults on a PostgreSQL that replicas share (the extra `postgres`).

Law: the database sees names and sealed bytes. Each move first deletes what has ended, so that nothing lies there much
longer than it was meant to; a database that does not answer in time is away: nothing is taken for forgotten.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg

from ecluse.domain.snapshot import Instant
from ecluse.edge.vaults.sealed import VaultUnusable

_SECONDS = 5.0
_LOCK = 0x45435641
"""`ECVA`: the advisory lock under which replicas make the table, one at a time."""
_TABLE = """
CREATE TABLE IF NOT EXISTS vaults (name text PRIMARY KEY, record bytea NOT NULL, expires bigint NOT NULL);
CREATE INDEX IF NOT EXISTS vaults_expires ON vaults (expires);
"""
_CLOCK = "extract(epoch FROM clock_timestamp()) * 1000"
_PUT = """
INSERT INTO vaults (name, record, expires) VALUES ($1, $2, $3)
ON CONFLICT (name) DO UPDATE SET record = excluded.record, expires = excluded.expires
"""

_SWAP = "UPDATE vaults SET record = $3, expires = $4 WHERE name = $1 AND record = $2 RETURNING 1"


class PostgresVaults:
    """Vaults of one schema of one database."""

    def __init__(self, url: str, schema: str = "public", *, seconds: float = _SECONDS) -> None:
        """Connect when first asked."""
        self._url = url
        self._schema = _quoted(schema)
        self._seconds = seconds
        self._opening = asyncio.Lock()
        self._pool: asyncpg.Pool | None = None

    async def put(self, name: str, record: bytes, *, expires: Instant) -> None:
        """Keep a record until it ends, in the place of one of the same name."""
        with _answering():
            pool = await self._opened()
            await pool.execute(f"DELETE FROM vaults WHERE expires <= {_CLOCK}")  # noqa: S608 - our own words
            await pool.execute(_PUT, name, record, expires)

    async def get(self, name: str, *, now: Instant) -> bytes | None:
        """Return a record that has not ended by the gateway's clock."""
        with _answering():
            pool = await self._opened()
            await pool.execute("DELETE FROM vaults WHERE expires <= $1", now)
            record = await pool.fetchval("SELECT record FROM vaults WHERE name = $1", name)
        return None if record is None else bytes(record)

    async def swap(self, name: str, before: bytes, record: bytes, *, expires: Instant) -> bool:
        """Put a record in the place of another, if that still stands there."""
        with _answering():
            pool = await self._opened()
            return await pool.fetchval(_SWAP, name, before, record, expires) is not None

    async def forget(self, name: str) -> bool:
        """Delete a record; say whether there was one."""
        with _answering():
            pool = await self._opened()
            return await pool.fetchval("DELETE FROM vaults WHERE name = $1 RETURNING 1", name) is not None

    async def close(self) -> None:
        """Close the connections."""
        if self._pool is not None:
            await self._pool.close()

    async def _opened(self) -> asyncpg.Pool:
        async with self._opening:
            if self._pool is None:
                await self._make()
                self._pool = await asyncpg.create_pool(
                    self._url, min_size=1, max_size=4, timeout=self._seconds, command_timeout=self._seconds,
                    server_settings={"application_name": "ecluse", "search_path": self._schema},
                )  # fmt: skip
            return self._pool

    async def _make(self) -> None:
        connection = await asyncpg.connect(self._url, timeout=self._seconds, command_timeout=self._seconds)
        try:
            async with connection.transaction():
                await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
                await connection.execute(f"CREATE SCHEMA IF NOT EXISTS {self._schema}")
                await connection.execute(f"SET LOCAL search_path TO {self._schema}")
                await connection.execute(_TABLE)
        finally:
            await connection.close()


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


@contextmanager
def _answering() -> Iterator[None]:
    try:
        yield
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError, ValueError) as error:
        raise VaultUnusable(
            "the PostgreSQL of the vaults does not answer, or lets nobody in: start it, or look at its address and user"
        ) from error
