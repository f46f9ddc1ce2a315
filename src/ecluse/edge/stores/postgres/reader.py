"""Reads a trail on PostgreSQL: the same words as the reader of a file.

Law: it never writes. The log only grows, so pages of rows read one after the other are one log; what stands beside it
is compared with it in one transaction, for which the reader is told to stand still.
"""

import asyncio
from collections.abc import Iterator
from typing import Any

import asyncpg

from ecluse.domain.destination import DestinationId
from ecluse.domain.trail import EntryId, Opening, PassageId
from ecluse.edge.stores.errors import TrailDamaged, TrailUnreadable
from ecluse.edge.stores.postgres.bridge import Bridge
from ecluse.passage.record.tiles import node_at
from ecluse.prove.verify import Row

PAGE = 1000
LOWEST = -(2**63)
AWAY = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, asyncio.TimeoutError)
"""How a database says that it cannot."""


async def connect(url: str, schema: str, *, lease: float = 10.0, size: int = 4) -> asyncpg.Pool:
    """Open a pool on one schema. Raises TrailUnreadable, without the URL, which may hold a password.

    The server ends a transaction that its owner leaves idle for `lease` seconds: a paused leader holds no lock.
    """
    try:
        return await asyncpg.create_pool(
            url,
            min_size=1,
            max_size=size,
            timeout=10.0,
            command_timeout=30.0,
            server_settings={
                "application_name": "ecluse",
                "search_path": schema,
                "synchronous_commit": "on",
                "idle_in_transaction_session_timeout": str(int(lease * 1000)),
            },
        )
    except (*AWAY, ValueError) as error:
        raise TrailUnreadable(f"PostgreSQL cannot be reached: {type(error).__name__}; see store.url") from error


class PostgresReader:
    """Reads through a pool. Several threads may share it."""

    def __init__(self, bridge: Bridge, pool: asyncpg.Pool) -> None:
        self._bridge = bridge
        self._pool = pool
        self._still: Any = None

    @classmethod
    def open(cls, url: str, schema: str) -> "PostgresReader":
        """Open a log for reading by itself. Raises TrailUnreadable."""
        bridge = Bridge()
        try:
            return cls(bridge, bridge.wait(connect(url, schema, size=1)))
        except TrailUnreadable:
            bridge.stop()
            raise

    def close(self) -> None:
        """Close the pool and its thread, for a reader that was opened by itself."""
        if self._still is not None:
            self._pool.terminate()  # the transaction only read
        self._bridge.wait(self._pool.close())
        self._bridge.stop()

    def stand_still(self) -> None:
        """Let every later read see the trail as it is now, whatever replicas do meanwhile; until `close`."""
        try:
            self._still = self._bridge.wait(self._stand_still())
        except AWAY as error:
            raise TrailUnreadable(f"the trail cannot be read: {type(error).__name__}") from error

    def stopped(self) -> str | None:
        """Return why the log accepts nothing more, as the replica that stopped it found; None while it does."""
        found = self._all("SELECT fault FROM log")
        return found[0][0] if found else None

    def staged(self) -> list[tuple[str, str]]:
        """Return passage and kind of what is durable and has no index yet, in the order it was written."""
        return [
            (str(passage), str(kind)) for passage, kind in self._all("SELECT passage, kind FROM staging ORDER BY seq")
        ]

    def size(self) -> int:
        """Return how many entries are in the log."""
        return int(self._all("SELECT coalesce(max(idx) + 1, 0) FROM entries")[0][0])

    def index_of(self, entry: EntryId) -> int | None:
        """Return the entry's index, or None while it has none."""
        found = self._all("SELECT idx FROM entries WHERE id = $1", id_bytes(entry))
        return int(found[0][0]) if found else None

    def rows(self, start: int, stop: int) -> Iterator[Row]:
        """Read the rows whose index is in [start, stop), in order."""
        query = f"SELECT idx, entry, leaf FROM entries WHERE idx >= $1 AND idx < $2 ORDER BY idx LIMIT {PAGE}"  # noqa: S608 - a number
        while page := self._all(query, start, stop):
            yield from ((int(index), bytes(entry), bytes(leaf)) for index, entry, leaf in page)
            start = page[-1][0] + 1

    def everything(self) -> tuple[Iterator[Row], list[str]]:
        """Return every row and every checkpoint, as they stand now: the checkpoints are read first."""
        notes = self.notes()
        return self.rows(LOWEST, self.size()), notes

    def notes(self) -> list[str]:
        """Return every signed checkpoint, oldest first."""
        return [str(note) for (note,) in self._all("SELECT note FROM checkpoints ORDER BY size")]

    def last_note(self) -> str | None:
        """Return the newest signed checkpoint."""
        found = self._all("SELECT note FROM checkpoints ORDER BY size DESC LIMIT 1")
        return str(found[0][0]) if found else None

    def of_passage(self, passage: PassageId) -> list[Row]:
        """Return the entries of one passage, in order."""
        found = self._all("SELECT idx, entry, leaf FROM entries WHERE passage = $1 ORDER BY idx", passage)
        return [(int(index), bytes(entry), bytes(leaf)) for index, entry, leaf in found]

    def opening(self, entry: EntryId) -> Opening | None:
        """Return what opens the entry's commitment, or None when it has none or it was erased."""
        found = self._all("SELECT salt FROM openings WHERE id = $1", id_bytes(entry))
        return Opening(salt=bytes(found[0][0])) if found else None

    def opened(self) -> Iterator[bytes]:
        """Return the canonical bytes of each entry that has an opening, in order."""
        start = LOWEST
        query = f"SELECT idx, entry FROM openings JOIN entries USING (id) WHERE idx >= $1 ORDER BY idx LIMIT {PAGE}"  # noqa: S608 - a number
        while page := self._all(query, start):
            yield from (bytes(data) for _, data in page)
            start = page[-1][0] + 1

    def strays(self) -> list[int]:
        """Return the rows of openings that belong to no intent."""
        query = (
            "SELECT coalesce(idx, -1) FROM openings LEFT JOIN entries USING (id)"
            " WHERE kind IS DISTINCT FROM 'intent' AND NOT EXISTS"
            " (SELECT 1 FROM staging s WHERE s.id = openings.id AND s.kind = 'intent') ORDER BY 1"
        )
        return [int(index) for (index,) in self._all(query)]

    def columns(self) -> Iterator[tuple[int, bytes, str, str, bytes]]:
        """Read index, id, passage, kind and bytes of every row, in order."""
        start = LOWEST
        query = f"SELECT idx, id, passage, kind, entry FROM entries WHERE idx >= $1 ORDER BY idx LIMIT {PAGE}"  # noqa: S608 - a number
        while page := self._all(query, start):
            yield from (
                (int(i), bytes(id_), str(passage), str(kind), bytes(data)) for i, id_, passage, kind, data in page
            )
            start = page[-1][0] + 1

    def nodes(self) -> dict[tuple[int, int], bytes]:
        """Return every stored node by level and index."""
        return {(level, index): bytes(top) for level, index, top in self._all("SELECT level, idx, hash FROM nodes")}

    def unsettled(self) -> dict[PassageId, DestinationId]:
        """Return the passages that have an intent and no outcome, with the destination of their last intent."""
        return {
            PassageId(passage): DestinationId(destination)
            for passage, destination in self._all("SELECT passage, destination FROM unsettled ORDER BY seq")
        }

    def hashes(self, level: int, first: int, count: int) -> list[bytes]:
        """Return the roots of `count` perfect subtrees at a level that is a multiple of 8; fewer when not there."""
        table, column, where = ("nodes", "hash", "level = $1 AND") if level else ("entries", "leaf", "$1 = 0 AND")
        query = f"SELECT {column} FROM {table} WHERE {where} idx >= $2 AND idx < $3 ORDER BY idx"  # noqa: S608 - our words
        return [bytes(hashed) for (hashed,) in self._all(query, level, first, first + count)]

    def node(self, level: int, index: int) -> bytes:
        """Return the root of a perfect subtree. Raises TrailDamaged when what it is made of is not there."""
        try:
            return node_at(self.hashes)(level, index)
        except LookupError as error:
            raise TrailDamaged(str(error)) from error

    def _all(self, query: str, *values: object) -> list[Any]:
        try:
            return self._bridge.wait(self._fetch(query, values))
        except AWAY as error:
            raise TrailUnreadable(f"the trail cannot be read: {type(error).__name__}") from error

    async def _fetch(self, query: str, values: tuple[object, ...]) -> list[Any]:
        asked = self._still or self._pool
        found: list[Any] = await asked.fetch(query, *values)
        return found

    async def _stand_still(self) -> asyncpg.Connection:
        held = await self._pool.acquire()
        await held.execute("SET idle_in_transaction_session_timeout = 0")  # whoever reads may take its time
        await held.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        await held.fetchval("SELECT count(*) FROM log")  # the first read is the moment that counts
        return held


def id_bytes(entry: EntryId) -> bytes:
    """Return an entry id as it is stored; what is no id is the id of nothing."""
    try:
        return bytes.fromhex(entry)
    except ValueError:
        return b""
