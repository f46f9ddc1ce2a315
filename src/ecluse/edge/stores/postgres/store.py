"""The trail on PostgreSQL, for any number of replicas (decision 11).

Law: `append` returns when the entry is committed, and raises `trail_unavailable` when it might not be; its index comes
later, from whichever replica leads. What a replica that is gone cut off gets its outcome `interrupted`; what a living
one has under way is left alone.
"""

import asyncio
import contextlib
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import asyncpg

from ecluse.domain.destination import DestinationId
from ecluse.domain.errors import GatewayError
from ecluse.domain.ports import Clock, Signer
from ecluse.domain.trail import Entry, EntryId, Opening, OutcomeStatus, PassageId
from ecluse.edge.stores.errors import StoreError, TrailDamaged, TrailUnreadable
from ecluse.edge.stores.file import line_of
from ecluse.edge.stores.postgres.bridge import Bridge
from ecluse.edge.stores.postgres.chain import START
from ecluse.edge.stores.postgres.reader import AWAY, PostgresReader, connect
from ecluse.edge.stores.postgres.schema import migrate
from ecluse.edge.stores.postgres.sequencer import Sequencer
from ecluse.edge.stores.postgres.staging import Staging
from ecluse.edge.stores.writer import Job
from ecluse.edge.tasks import Tasks
from ecluse.passage.record import EntryRefused, outcome
from ecluse.passage.record.tiles import HashesAt

LEASE = 5.0
"""Seconds after which a leader that says nothing is no leader."""
DEAD = 12
"""Leases after which a replica that says nothing is gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Served:
    """What a started store holds."""

    bridge: Bridge
    pool: asyncpg.Pool
    reader: PostgresReader
    staging: Staging
    sequencer: Sequencer
    tasks: Tasks


class PostgresStore:
    """The trail's storage (domain.ports.Store and Log). Nothing is touched before `start`."""

    def __init__(
        self,
        url: str,
        *,
        signer: Signer,
        clock: Clock,
        schema: str = "ecluse",
        lease: float = LEASE,
        mark: Callable[[int, HashesAt], None] | None = None,
    ) -> None:
        """Keep the words. Replicas of one log share `url`, `schema` and the signer's key."""
        self._url = url
        self._schema = schema
        self._signer = signer
        self._clock = clock
        self._lease = lease
        self._mark = mark
        self._replica = ""
        self._served: _Served | None = None

    async def start(self) -> int:
        """Make the tables, join the replicas, settle what those that are gone had cut off; return how many passages.

        Raises TrailUnreadable or TrailDamaged, with what to do.
        """
        if self._served is not None:
            return 0
        self._replica = secrets.token_hex(8)
        bridge = Bridge()
        try:
            self._served = await bridge.ask(self._open(bridge))
            if self._mark is not None:
                await asyncio.to_thread(self._mark, self._reader.size(), self._reader.hashes)
            settled = await bridge.ask(self._settle(self._served))
            await bridge.ask(self._start_settling(self._served))
        except AWAY as error:
            await self._undo(bridge)
            raise TrailUnreadable(f"PostgreSQL refused: {type(error).__name__}; see store.url") from error
        except (StoreError, GatewayError):
            await self._undo(bridge)
            raise
        return settled

    async def close(self) -> None:
        """Commit what is queued, have it sequenced if this replica leads, and leave the replicas. Idempotent."""
        served, self._served = self._served, None
        if served is not None:
            await served.bridge.ask(self._leave(served))
            await asyncio.to_thread(served.bridge.stop)

    async def append(self, entry: Entry, opening: Opening | None = None) -> None:
        """Return once the entry is committed. Raises GatewayError('trail_unavailable').

        The same entry appended twice is one entry. Cancelling the wait does not take the entry back.
        """
        await self._put(entry, opening.salt if opening else None, ())

    async def erase_opening(self, entry: EntryId, record: Entry) -> None:
        """Erase what opens an entry's commitment and append `record`, which says so, in one transaction.

        The row's bytes stay in PostgreSQL's files until VACUUM and in its write-ahead log until that is recycled;
        copies in backups are the owner's to erase. Raises KeyError for an entry that is not in the log.
        """
        await self.erase_openings([entry], record)

    async def erase_openings(self, entries: Sequence[EntryId], record: Entry) -> None:
        """Erase what opens several entries, as `erase_opening` does one. Raises KeyError, and then erases none."""
        await self.integrated()
        for entry in entries:
            if await asyncio.to_thread(self._reader.index_of, entry) is None:
                raise KeyError(entry)
        await self._put(record, None, entries)

    def opened(self) -> Iterator[bytes]:
        """Return the canonical bytes of each entry that has an opening, in order."""
        with _told():
            yield from self._reader.opened()

    async def integrated(self) -> None:
        """Return once everything that this replica appended has its index."""
        served = self._served
        if served is None:
            raise GatewayError("trail_unavailable")
        try:
            await served.bridge.ask(self._integrated(served))
        except AWAY as error:
            raise GatewayError("trail_unavailable") from error

    @property
    def failing(self) -> bool:
        """Whether the last write failed. Until one succeeds, nothing is accepted."""
        return self._served is not None and self._served.staging.failing

    def index_of(self, entry: EntryId) -> int | None:
        """Return the entry's index in the log, or None while it has none."""
        with _told():
            return self._reader.index_of(entry)

    def rows(self, start: int, stop: int) -> Iterator[bytes]:
        """Return the canonical bytes of the entries in [start, stop)."""
        with _told():
            for _, data, _ in self._reader.rows(start, stop):
                yield data

    def size(self) -> int:
        """Return how many entries have an index."""
        with _told():
            return self._reader.size()

    def opening(self, entry: EntryId) -> Opening | None:
        """Return what opens the entry's commitment, None when it has none or it was erased."""
        with _told():
            return self._reader.opening(entry)

    def orphans(self) -> tuple[PassageId, ...]:
        """Return the passages that have an intent and no outcome, of every replica."""
        with _told():
            return tuple(self._reader.unsettled())

    def checkpoint(self) -> str | None:
        """Return the newest signed head as a note, None for an empty trail."""
        with _told():
            return self._reader.last_note()

    def hashes(self, level: int, first: int, count: int) -> list[bytes]:
        """Return the roots of `count` perfect subtrees at a level that is a multiple of 8; fewer when not there."""
        with _told():
            return self._reader.hashes(level, first, count)

    @property
    def reader(self) -> PostgresReader:
        """Return the reader of the started store."""
        return self._reader

    @property
    def _reader(self) -> PostgresReader:
        if self._served is None:
            raise GatewayError("trail_unavailable")
        return self._served.reader

    async def _put(self, entry: Entry, salt: bytes | None, erases: Sequence[EntryId]) -> None:
        served = self._served
        if served is None:
            raise GatewayError("trail_unavailable")
        try:
            line = line_of(entry, salt=salt, erases=erases)
        except EntryRefused as error:
            raise GatewayError("trail_unavailable") from error
        loop = asyncio.get_running_loop()
        waiter = loop.create_future()
        served.bridge.loop.call_soon_threadsafe(served.staging.put, Job(line=line, loop=loop, waiter=waiter))
        await waiter

    # ------------------------------------------------------------------ in the bridge's loop
    async def _open(self, bridge: Bridge) -> _Served:
        pool = await connect(self._url, self._schema, lease=self._lease)
        joined = False
        try:
            served = await self._join(bridge, pool)
            joined = True
        finally:
            if not joined:
                pool.terminate()
        return served

    async def _join(self, bridge: Bridge, pool: asyncpg.Pool) -> _Served:
        async with pool.acquire() as db:
            await migrate(db, self._schema, self._signer.name)
            query = "INSERT INTO replicas (id, head, sequenced_head) VALUES ($1, $2, $2)"
            await db.execute(query, self._replica, START)
        reader = PostgresReader(bridge, pool)
        staging = Staging(pool, self._replica, self._signer)
        sequencer = Sequencer(pool, reader, self._replica, self._signer, self._lease)
        await sequencer.turn()
        if fault := await pool.fetchval("SELECT fault FROM log"):
            raise TrailDamaged(
                f"the log was stopped, nothing is accepted on it: {fault}. Keep it as evidence, and start in another "
                "store.schema; whoever has cleared it up sets log.fault to NULL"
            )
        tasks = Tasks()
        tasks.start(staging.run(), "staging")
        tasks.start(sequencer.run(), "sequencing")
        return _Served(bridge=bridge, pool=pool, reader=reader, staging=staging, sequencer=sequencer, tasks=tasks)

    async def _settle(self, served: _Served) -> int:
        """Write the outcome `interrupted` of each passage that a replica that is gone left without one."""
        found = await served.pool.fetch(
            "SELECT u.passage, u.destination"
            " FROM unsettled u JOIN replicas r ON r.id = u.replica"
            " WHERE r.closed OR r.seen < clock_timestamp() - make_interval(secs => $1) ORDER BY u.seq",
            self._lease * DEAD,
        )
        now = self._clock.now()
        lines = [
            line_of(
                outcome(
                    id=EntryId(secrets.token_hex(16)),
                    passage=PassageId(passage),
                    now=now,
                    status=OutcomeStatus.INTERRUPTED,
                    destination=DestinationId(destination),
                )
            )
            for passage, destination in dict(map(tuple, found)).items()
        ]
        if not lines:
            return 0
        loop = asyncio.get_running_loop()
        jobs = [Job(line=line, loop=loop, waiter=loop.create_future()) for line in lines]
        for job in jobs:
            served.staging.put(job)
        answers = await asyncio.gather(*(job.waiter for job in jobs), return_exceptions=True)
        await self._integrated(served)
        return sum(told is None for told in answers)  # refused is what another replica settled first

    async def _start_settling(self, served: _Served) -> None:
        served.tasks.start(self._keep_settling(served), "settling")

    async def _keep_settling(self, served: _Served) -> None:
        """Settle now and then, while this replica leads."""
        while True:
            await asyncio.sleep(self._lease * DEAD / 4)
            if served.sequencer.leads:
                with contextlib.suppress(*AWAY):
                    await self._settle(served)

    async def _integrated(self, served: _Served) -> None:
        await served.staging.drained()
        query = "SELECT number = sequenced FROM replicas WHERE id = $1"
        async with asyncio.timeout(self._lease * 4):
            while not await served.pool.fetchval(query, self._replica):  # noqa: ASYNC110 - another process may set it
                await asyncio.sleep(0.02)

    async def _leave(self, served: _Served) -> None:
        try:
            async with asyncio.timeout(self._lease * 2):
                await served.staging.drained()
                if served.sequencer.leads:
                    await self._integrated(served)
                await served.tasks.stop()
                await served.sequencer.resign()
                await served.pool.execute("UPDATE replicas SET closed = true WHERE id = $1", self._replica)
                await served.pool.close()
        except AWAY:
            await served.tasks.stop()
            served.pool.terminate()
        served.staging.refuse_the_rest()

    async def _undo(self, bridge: Bridge) -> None:
        served, self._served = self._served, None
        if served is not None:
            await bridge.ask(self._leave(served))
        await asyncio.to_thread(bridge.stop)


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Say to a caller that the trail is away, in the words of callers."""
    try:
        yield
    except TrailUnreadable as error:
        raise GatewayError("trail_unavailable") from error
