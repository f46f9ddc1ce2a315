"""Counters of one process whose money outlives it: each change of a budget is in a file before its call may leave.

Law: what cannot be written is not taken. A process that is killed loses no change of a budget; what it had reserved
stays spent until its window ends. The file is not flushed to the disk at each call: a machine that loses its power may
lose the last seconds. One process at a time has the file; a line that cannot be read refuses, and is never skipped.
A clock that is wrong at the start forgets nothing: what is of a later day stays, and what is of the two days before.
"""

import fcntl
import os
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from ecluse.domain.snapshot import Instant
from ecluse.edge.saying import say
from ecluse.edge.shared.counters import MINUTE, MONEY, Claim, CountersAway, Measure, Short, ends, window
from ecluse.edge.shared.memory import MemoryCounters

LONGEST = 8 * 1024 * 1024
"""Bytes of the file from which it is written anew, with one line for each sum."""

LATE = 2 * 24 * 60 * MINUTE
"""Milliseconds for which what a budget spent is remembered after its window, as the clock tells it."""

Line = tuple[str, Measure, str, int]
"""A scope, a measure, its window, and by how much it changed in millionths of a euro."""


class KeptCounters(MemoryCounters):
    """Counts in memory, and keeps money in the file at `path`: it is opened when money is first counted."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self._lock = -1
        self._file = -1
        self._size = 0
        self._longest = LONGEST
        self._told = ""

    async def take(self, claims: Sequence[Claim], holder: str, now: Instant) -> Short | None:
        """Take every claim, or none. Raises CountersAway when it cannot be written down."""
        money = [claim for claim in claims if claim.measure in MONEY]
        if not money:
            return await super().take(claims, holder, now)
        self._opened(now)
        short = await super().take(claims, holder, now)
        if short is None:
            try:
                self._write(money, now)
            except CountersAway:
                await super().give([_back(claim) for claim in claims], holder, now)
                raise
            self._shorten()
        return short

    async def give(self, claims: Sequence[Claim], holder: str, taken: Instant) -> None:
        """Change what was taken. Raises CountersAway when it cannot be written down; it stays reserved then."""
        money = [claim for claim in claims if claim.measure in MONEY]
        if money:
            self._opened(taken)
            self._write(money, taken)
        await super().give(claims, holder, taken)
        if money:
            self._shorten()

    async def used(self, scope: str, measure: Measure, now: Instant) -> int:
        """Return what is in use. Raises CountersAway."""
        if measure in MONEY:
            self._opened(now)
        return await super().used(scope, measure, now)

    async def close(self) -> None:
        """Let go of the file."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def _opened(self, now: Instant) -> None:
        """Have the file and what it says, once."""
        if self._file >= 0:
            return
        try:
            self._alone()
            self._forget()
            for scope, measure, name, amount in _read(self._path):
                if name >= window(measure, Instant(now - LATE)):
                    self._counts[scope, measure, name] = self._counts.get((scope, measure, name), 0) + amount
                    self._until[scope, measure, name] = _until(measure, name)
            self._rewrite()
        except BlockingIOError:
            raise self._away("another process counts in this state directory; set shared.url") from None
        except (OSError, ValueError, msgspec.DecodeError) as error:
            self._forget()
            what = "cannot be written" if isinstance(error, OSError) else "has a line that cannot be read"
            raise self._away(f"{self._path} {what}; mend it, or take it away to count from zero") from None

    def _alone(self) -> None:
        """Take the right to the file, which the kernel gives back however the process ends. Raises OSError."""
        if self._lock >= 0:
            return
        lock = os.open(self._path.with_name(self._path.name + ".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(lock)
            raise
        self._lock = lock

    def _forget(self) -> None:
        """Take out of memory what a file that could not be used gave: the next look reads it again."""
        for name in [name for name in self._counts if name[1] in MONEY]:
            del self._counts[name]
            self._until.pop(name, None)

    def _write(self, claims: Iterable[Claim], at: Instant) -> None:
        lines: list[Line] = [(one.scope, one.measure, window(one.measure, at), one.amount) for one in claims]
        data = _encoded(lines)
        try:
            _whole(self._file, data)
        except OSError:
            self._undo()
            raise self._away(f"{self._path.name} cannot be written; see whether the disk is full") from None
        self._size += len(data)
        self._told = ""

    def _undo(self) -> None:
        """Cut a line off that was written in part; where even that fails, have the file anew at the next look."""
        try:
            os.ftruncate(self._file, self._size)
        except OSError:
            os.close(self._file)
            self._file = -1
            self._forget()

    def _shorten(self) -> None:
        """Write a file that grew long anew, once memory has what it says."""
        if self._file < 0 or self._size <= self._longest:
            return
        try:
            self._rewrite()
        except OSError:
            self._longest = self._size + LONGEST  # tried again then; the long file still counts

    def _rewrite(self) -> None:
        """Write the sums in the place of the changes, whole or not at all. Raises OSError."""
        data = _encoded([(*name, amount) for name, amount in self._counts.items() if name[1] in MONEY])
        beside = self._path.with_name(self._path.name + ".new")
        made = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            _whole(made, data)
            os.fsync(made)
            beside.replace(self._path)
        except OSError:
            os.close(made)
            raise
        if self._file >= 0:
            os.close(self._file)
        self._file, self._size, self._longest = made, len(data), max(LONGEST, 2 * len(data))

    def _away(self, why: str) -> CountersAway:
        """Say why budgets in euros refuse, once, and return the error."""
        if why != self._told:
            say(f"budgets in euros are not counted, and calls that have one are refused: {why}")
            self._told = why
        return CountersAway(why)


def _until(measure: Measure, name: str) -> Instant:
    """Return until when a day or a month by its name is remembered. Raises ValueError for what is neither."""
    if measure not in MONEY:
        raise ValueError(measure)
    began = datetime.fromisoformat(name if measure is Measure.DAY else f"{name}-01").replace(tzinfo=UTC)
    return Instant(ends(measure, Instant(int(began.timestamp() * 1000))) + LATE)


def _back(claim: Claim) -> Claim:
    return Claim(scope=claim.scope, measure=claim.measure, limit=claim.limit, amount=-claim.amount)


def readable(path: Path) -> bool:
    """Say whether what is there can be read, so that it counts; without a file the count begins at zero."""
    try:
        _read(path)
    except (OSError, ValueError, msgspec.DecodeError):
        return False
    return True


def _whole(file: int, data: bytes) -> None:
    """Write all of it. Raises OSError."""
    if os.write(file, data) != len(data):
        raise OSError


def _encoded(lines: Iterable[Line]) -> bytes:
    return b"".join(msgspec.json.encode(line) + b"\n" for line in lines)


def _read(path: Path) -> list[Line]:
    """Return every whole line; none where there is no file. Raises OSError, ValueError and msgspec.DecodeError."""
    if not path.exists():
        return []
    whole, _, _ = path.read_bytes().rpartition(b"\n")  # what follows was cut off as it was written: its call never left
    lines = [msgspec.json.decode(line, type=Line) for line in whole.split(b"\n")] if whole else []
    for measure, name in {(measure, name) for _, measure, name, _ in lines}:
        _until(measure, name)
    return lines
