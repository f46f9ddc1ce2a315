"""Makes a replica's entries durable: batches of lines, each batch one transaction, without waiting for an index.

Law: whatever arrives while a batch is under way is the next one; a waiter is answered only once its entry is
committed. What verification would call wrong is refused. After any error the end of the chain is read again, and a
chain that ends elsewhere than here is a fault.
"""

import asyncio
import contextlib
from collections.abc import Sequence

import asyncpg

from ecluse.domain.ports import Signer
from ecluse.domain.trail import Entry, EntryKind
from ecluse.edge.stores.errors import TrailDamaged
from ecluse.edge.stores.file import Line
from ecluse.edge.stores.postgres.chain import START, Batch, batch_of
from ecluse.edge.stores.postgres.reader import AWAY, id_bytes
from ecluse.edge.stores.writer import BATCH, Job, answer

RETRY_EVERY = 1.0
"""Seconds between two tries to write nothing, after a write that failed."""
ENDED = "the passage has already ended"


class Staging:
    """The writer of one replica. Lives in the bridge's loop."""

    def __init__(self, pool: asyncpg.Pool, replica: str, signer: Signer) -> None:
        self._pool = pool
        self._replica = replica
        self._signer = signer
        self._pending: list[Job] = []
        self._ready = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._end: tuple[int, bytes] | None = (0, START)
        self._last: tuple[int, bytes] = (0, START)
        self._tried: tuple[int, bytes] | None = None
        self.failing = False
        """Whether the last write failed. Then a write of nothing is tried again and again, until one succeeds."""

    def put(self, job: Job) -> None:
        """Queue one job."""
        self._pending.append(job)
        self._idle.clear()
        self._ready.set()

    async def run(self) -> None:
        """Write batches until cancelled."""
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._ready.wait(), RETRY_EVERY if self.failing else None)
            self._ready.clear()
            if self.failing and not self._pending:
                await self._commit(())
            while self._pending:
                batch, self._pending = self._pending[:BATCH], self._pending[BATCH:]
                answer(batch, await self._commit([job.line for job in batch]))
            self._idle.set()

    async def drained(self) -> None:
        """Return once nothing waits to be committed."""
        await self._idle.wait()

    def refuse_the_rest(self) -> None:
        """Answer whoever still waits: not durable."""
        left, self._pending = self._pending, []
        answer(left, ["the store has closed"] * len(left))

    async def _commit(self, lines: Sequence[Line]) -> Sequence[str | None]:
        try:
            async with asyncio.timeout(30), self._pool.acquire() as db:
                written = await self._write(db, lines)
        except (*AWAY, TrailDamaged) as error:
            self._end, self.failing = None, True
            return [type(error).__name__] * len(lines)
        self.failing = False
        return written

    async def _write(self, db: asyncpg.Connection, lines: Sequence[Line]) -> list[str | None]:
        async with db.transaction():
            number, head = await self._chain(db)
            if fault := await db.fetchval("SELECT fault FROM log"):
                raise TrailDamaged(fault)
            refused, fresh = _sift(lines, *await _known(db, lines))
            if fresh:
                batch = batch_of(self._replica, number + 1, head, [line.leaf for line in fresh], self._signer)
                self._tried = (batch.number, batch.head)
                await self._insert(db, batch, fresh)
        if fresh:
            self._end = self._last = (batch.number, batch.head)
        return refused

    async def _chain(self, db: asyncpg.Connection) -> tuple[int, bytes]:
        """Return the chain's end; after an error, as the database has it, which is one of two places."""
        if self._end is None:
            found = await db.fetchrow("SELECT number, head FROM replicas WHERE id = $1", self._replica)
            end = (int(found["number"]), bytes(found["head"])) if found else (-1, START)
            if end not in {self._last, self._tried}:
                raise TrailDamaged(f"the chain of replica {self._replica} does not end where it was left")
            self._end = self._last = end
        return self._end

    async def _insert(self, db: asyncpg.Connection, batch: Batch, lines: Sequence[Line]) -> None:
        seq = await db.fetchval(
            "INSERT INTO batches (replica, number, previous, head, signature)"
            " VALUES ($1, $2, $3, $4, $5) RETURNING seq",
            batch.replica,
            batch.number,
            batch.previous,
            batch.head,
            batch.signature,
        )
        entries = [line.entry for line in lines]
        await db.execute(
            "INSERT INTO staging (batch, id, passage, kind, entry, leaf)"
            " SELECT $1, * FROM unnest($2::bytea[], $3::text[], $4::text[], $5::bytea[], $6::bytea[])",
            seq,
            [id_bytes(entry.id) for entry in entries],
            [entry.passage for entry in entries],
            [entry.kind.value for entry in entries],
            [line.data for line in lines],
            [line.leaf for line in lines],
        )
        await self._beside(db, lines)
        await db.execute(
            "UPDATE replicas SET number = $2, head = $3, seen = clock_timestamp() WHERE id = $1",
            batch.replica,
            batch.number,
            batch.head,
        )

    async def _beside(self, db: asyncpg.Connection, lines: Sequence[Line]) -> None:
        """Write what stands beside the log: openings, erasures, and which passages have an intent and no outcome."""
        if salted := [(id_bytes(line.entry.id), line.salt) for line in lines if line.salt is not None]:
            await db.executemany("INSERT INTO openings (id, salt) VALUES ($1, $2)", salted)
        if erased := [(id_bytes(entry),) for line in lines for entry in line.erases]:
            await db.executemany("DELETE FROM openings WHERE id = $1", erased)
        intents = [line.entry for line in lines if line.entry.kind is EntryKind.INTENT]
        if intents:
            await db.executemany(
                "INSERT INTO unsettled (passage, destination, replica) VALUES ($1, $2, $3)",
                [(entry.passage, str(entry.body.get("destination")), self._replica) for entry in intents],
            )
        if ended := [line.entry.passage for line in lines if line.entry.kind is EntryKind.OUTCOME]:
            await db.execute("DELETE FROM unsettled WHERE passage = ANY($1::text[])", ended)


async def _known(
    db: asyncpg.Connection, lines: Sequence[Line]
) -> tuple[dict[str, set[str]], set[str], dict[bytes, bytes]]:
    """Return, for the passages and ids of these lines: what is announced, which have ended, which entries are there."""
    passages = list({line.entry.passage for line in lines})
    ids = [id_bytes(line.entry.id) for line in lines]
    announced: dict[str, set[str]] = {}
    # Locked, so that of two who would end one passage the second sees the end that the first wrote.
    query = "SELECT passage, destination FROM unsettled WHERE passage = ANY($1::text[]) ORDER BY seq FOR UPDATE"
    for passage, destination in await db.fetch(query, passages):
        announced.setdefault(passage, set()).add(destination)
    ended = await db.fetch(
        "SELECT passage FROM entries WHERE kind = 'outcome' AND passage = ANY($1::text[])"
        " UNION ALL SELECT passage FROM staging WHERE kind = 'outcome' AND passage = ANY($1::text[])",
        passages,
    )
    there = await db.fetch(
        "SELECT id, entry FROM entries WHERE id = ANY($1::bytea[])"
        " UNION ALL SELECT id, entry FROM staging WHERE id = ANY($1::bytea[])",
        ids,
    )
    return announced, {passage for (passage,) in ended}, {bytes(id_): bytes(entry) for id_, entry in there}


def _sift(
    lines: Sequence[Line], announced: dict[str, set[str]], ended: set[str], there: dict[bytes, bytes]
) -> tuple[list[str | None], list[Line]]:
    """Tell which lines are refused and why, and which are new. The sets are changed as the lines are read."""
    refused: list[str | None] = []
    fresh: list[Line] = []
    for line in lines:
        entry, name = line.entry, id_bytes(line.entry.id)
        if name in there:
            refused.append(None if there[name] == line.data else "the entry's id is taken")
            continue
        why = _out_of_turn(entry, announced.get(entry.passage, set()), entry.passage in ended)
        refused.append(why)
        if why is not None:
            continue
        there[name] = line.data
        fresh.append(line)
        if entry.kind is EntryKind.INTENT:
            announced.setdefault(entry.passage, set()).add(str(entry.body.get("destination")))
        elif entry.kind is EntryKind.OUTCOME:
            announced.pop(entry.passage, None)
            ended.add(entry.passage)
    return refused, fresh


def _out_of_turn(entry: Entry, announced: set[str], ended: bool) -> str | None:  # noqa: FBT001 - one of three facts
    """Say why verification would call this entry wrong after those before it."""
    if entry.kind is EntryKind.ADMIN:
        return None
    if not announced and ended:
        return ENDED
    if entry.kind is EntryKind.OUTCOME:
        destination = entry.body.get("destination")
        if destination is not None and destination not in announced:
            return "no intent of the passage announced this destination"
    return None
