"""The trail on SQLite, for one serving process (decision 11).

Law: `append` returns when the entry would survive a power cut, and raises `trail_unavailable` when it might not; there
is no third answer. At start, what a crash cut off gets its outcome `interrupted` before anything is served.
"""

import asyncio
import contextlib
import secrets
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ecluse.domain.destination import DestinationId
from ecluse.domain.errors import GatewayError
from ecluse.domain.ports import Clock, Signer
from ecluse.domain.snapshot import Instant
from ecluse.domain.trail import Entry, EntryId, Opening, OutcomeStatus, PassageId
from ecluse.edge.stores.errors import TrailUnreadable
from ecluse.edge.stores.file import TrailFile, line_of
from ecluse.edge.stores.lock import TrailLock
from ecluse.edge.stores.reader import TrailReader
from ecluse.edge.stores.schema import create
from ecluse.edge.stores.writer import Job, Writer
from ecluse.passage.record import EntryRefused, outcome
from ecluse.passage.record.tiles import HashesAt


@dataclass(frozen=True, slots=True, kw_only=True)
class _Served:
    """What a started store holds."""

    lock: TrailLock
    reader: TrailReader
    writer: Writer
    interrupted: int


class SqliteStore:
    """The trail's storage (domain.ports.Store). Nothing is touched before `start`."""

    def __init__(
        self,
        path: Path,
        *,
        signer: Signer,
        clock: Clock,
        mark: Callable[[int, HashesAt], None] | None = None,
    ) -> None:
        """Keep how to compare the trail, before anything is written on it, with heads that are kept elsewhere."""
        self._path = path
        self._mark = mark
        self._signer = signer
        self._clock = clock
        self._served: _Served | None = None

    async def start(self) -> int:
        """Open or make the trail, check that it is the one that was signed, settle what a crash had cut off.

        Returns how many passages were settled. Raises TrailInUse, TrailUnreadable or TrailDamaged, with what to do.
        """
        if self._served is None:
            self._served = await asyncio.to_thread(self._open)
        return self._served.interrupted

    async def close(self) -> None:
        """Write what is queued, sign the last head, and give the trail back. Idempotent."""
        served, self._served = self._served, None
        if served is not None:
            await asyncio.to_thread(_shut, served)

    @property
    def failing(self) -> bool:
        """Whether the last write failed: until one succeeds, nothing can be sent."""
        return self._served is None or self._served.writer.failing

    async def append(self, entry: Entry, opening: Opening | None = None) -> None:
        """Return once the entry would survive a power cut. Raises GatewayError('trail_unavailable').

        The same entry appended twice is one entry. Cancelling the wait does not take the entry back.
        """
        await self._put(entry, opening.salt if opening else None, ())

    async def erase_opening(self, entry: EntryId, record: Entry) -> None:
        """Erase what opens an entry's commitment and append `record`, which says so, in one transaction.

        Every proof stays valid; the content can no longer be proven. Copies in backups are the owner's to erase.
        Raises KeyError for an entry that is not in the log.
        """
        await self.erase_openings([entry], record)

    async def erase_openings(self, entries: Sequence[EntryId], record: Entry) -> None:
        """Erase what opens several entries, as `erase_opening` does one. Raises KeyError, and then erases none."""
        for entry in entries:
            if self._reader.index_of(entry) is None:
                raise KeyError(entry)
        await self._put(record, None, entries)

    def opened(self) -> Iterator[bytes]:
        """Return the canonical bytes of each entry that has an opening, in order."""
        return self._reader.opened()

    async def integrated(self) -> None:
        """Return once everything appended has its index: here at once, an append answers after its commit."""

    def index_of(self, entry: EntryId) -> int | None:
        """Return the entry's index in the log, or None while it has none."""
        return self._reader.index_of(entry)

    def rows(self, start: int, stop: int) -> Iterator[bytes]:
        """Return the canonical bytes of the entries in [start, stop)."""
        return (data for _, data, _ in self._reader.rows(start, stop))

    def size(self) -> int:
        """Return how many entries are in the log."""
        return self._reader.size()

    def opening(self, entry: EntryId) -> Opening | None:
        """Return what opens the entry's commitment, None when it has none or it was erased."""
        return self._reader.opening(entry)

    def orphans(self) -> tuple[PassageId, ...]:
        """Return the passages that have an intent and no outcome: under way, for settled ones are no orphans."""
        return tuple(self._reader.unsettled())

    def checkpoint(self) -> str | None:
        """Return the newest signed head as a note, None for an empty trail."""
        return self._reader.last_note()

    def hashes(self, level: int, first: int, count: int) -> list[bytes]:
        """Return the roots of `count` perfect subtrees at a level that is a multiple of 8; fewer when not there."""
        return self._reader.hashes(level, first, count)

    @property
    def _reader(self) -> TrailReader:
        if self._served is None:
            raise GatewayError("trail_unavailable")
        return self._served.reader

    async def _put(self, entry: Entry, salt: bytes | None, erases: Sequence[EntryId]) -> None:
        if self._served is None:
            raise GatewayError("trail_unavailable")
        try:
            line = line_of(entry, salt=salt, erases=erases)
        except EntryRefused as error:
            raise GatewayError("trail_unavailable") from error
        loop = asyncio.get_running_loop()
        waiter = loop.create_future()
        self._served.writer.put(Job(line=line, loop=loop, waiter=waiter))
        await waiter

    def _open(self) -> _Served:
        path = self._path
        with contextlib.ExitStack() as undo:
            try:
                lock = TrailLock(path)
                undo.callback(lock.release)
                create(path)
                file = TrailFile(path, self._signer)
                undo.callback(file.close)
                file.open()
                reader = TrailReader.open(path)
                undo.callback(reader.close)
                if self._mark is not None:
                    self._mark(reader.size(), reader.hashes)
                interrupted = _settle(file, reader.unsettled(), self._clock.now())
            except OSError as error:
                raise TrailUnreadable(f"{path} cannot be opened: {error.strerror}") from error
            except sqlite3.Error as error:
                raise TrailUnreadable(f"{path} cannot be written: {error}") from error
            writer = Writer(file)
            undo.pop_all()
        return _Served(lock=lock, reader=reader, writer=writer, interrupted=interrupted)


def _shut(served: _Served) -> None:
    served.reader.close()  # first: SQLite folds its write-ahead log in when the writing connection closes last
    served.writer.stop()
    served.lock.release()


def _settle(file: TrailFile, cut_off: dict[PassageId, DestinationId], now: Instant) -> int:
    """Write the outcome `interrupted` of each passage that a crash left without one."""
    lines = [
        line_of(
            outcome(
                id=EntryId(secrets.token_hex(16)),
                passage=passage,
                now=now,
                status=OutcomeStatus.INTERRUPTED,
                destination=destination,
            )
        )
        for passage, destination in cut_off.items()
    ]
    if lines or file.unsealed:
        file.commit(lines, seal=True)
    return len(lines)
