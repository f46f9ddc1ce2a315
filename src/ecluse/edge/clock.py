"""The only places where time is read.

Law: everything else is told the time. A pinned clock starts at a date on record and then runs like the real one.
"""

import time
from datetime import UTC, date, datetime

from ecluse.domain.snapshot import Instant

NOON = 12 * 3600 * 1000


class SystemClock:
    """The machine's clock."""

    def now(self) -> Instant:
        """Return milliseconds since the epoch, UTC."""
        return Instant(time.time_ns() // 1_000_000)


class UnsafePinnedClock:
    """A clock that was set to noon UTC of a chosen day when it was made: for demos and tests, and said on screen."""

    def __init__(self, day: date) -> None:
        self._start = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000) + NOON
        self._origin = time.monotonic_ns()

    def now(self) -> Instant:
        """Return milliseconds since the epoch, UTC, as if the process had started at noon of that day."""
        return Instant(self._start + (time.monotonic_ns() - self._origin) // 1_000_000)


def day_of(instant: Instant) -> date:
    """Return the UTC day of an instant."""
    return datetime.fromtimestamp(instant / 1000, tz=UTC).date()


def start_of(day: date) -> Instant:
    """Return the first instant of a UTC day."""
    return Instant(int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000))
