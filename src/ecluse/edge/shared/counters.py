"""What counts: claims on a limit, taken all together or not at all, and given back in part.

Law: of any number of takers at once, no more gets through than the limit holds. Time is told, never read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from math import ceil
from typing import Protocol

from ecluse.domain.snapshot import Instant

MINUTE = 60_000
LEASE = 15 * MINUTE
"""How long a passage counts as under way when its replica dies without saying that it ended."""


class Measure(StrEnum):
    """What is counted."""

    REQUESTS = "requests_per_minute"
    TOKENS = "tokens_per_minute"
    CONCURRENT = "concurrent"
    DAY = "euros_per_day"
    MONTH = "euros_per_month"


MONEY = frozenset({Measure.DAY, Measure.MONTH})
RATES = frozenset({Measure.REQUESTS, Measure.TOKENS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A wish to use `amount` of what `scope` may use at most; money is in millionths of a euro."""

    scope: str
    measure: Measure
    limit: int
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Short:
    """Which claim does not fit, how much was in use, and after how many seconds it may fit, if ever."""

    claim: Claim
    used: int
    retry_after: float | None


class CountersAway(Exception):
    """The shared counters do not answer."""


class Counters(Protocol):
    """Counts across everybody who shares it."""

    async def take(self, claims: Sequence[Claim], holder: str, now: Instant) -> Short | None:
        """Take every claim, or none and say which does not fit. Raises CountersAway."""

    async def give(self, claims: Sequence[Claim], holder: str, taken: Instant) -> None:
        """Change by `amount` (mostly back, below zero) what was taken at `taken`. Raises CountersAway."""

    async def used(self, scope: str, measure: Measure, now: Instant) -> int:
        """Return what is in use. Raises CountersAway."""

    async def close(self) -> None:
        """Let go of connections."""


def window(measure: Measure, now: Instant) -> str:
    """Name the stretch of time that `now` belongs to, in UTC: a minute by its number, a day, a month."""
    if measure in RATES:
        return str(now // MINUTE)
    day = datetime.fromtimestamp(now / 1000, tz=UTC)
    return day.strftime("%Y-%m" if measure is Measure.MONTH else "%Y-%m-%d")


def ends(measure: Measure, now: Instant) -> Instant:
    """Return when the stretch that `now` belongs to ends."""
    if measure in RATES:
        return Instant((now // MINUTE + 1) * MINUTE)
    start = datetime.fromtimestamp(now / 1000, tz=UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    if measure is Measure.MONTH:
        after = (start.replace(day=28) + timedelta(days=4)).replace(day=1)
    else:
        after = start + timedelta(days=1)
    return Instant(int(after.timestamp() * 1000))


def sliding(before: int, here: int, now: Instant) -> int:
    """Return what a minute that ends now holds: this one's count and the part of the last one's that still counts."""
    return here + before * (MINUTE - now % MINUTE) // MINUTE


def short_of(claim: Claim, used: int, before: int, now: Instant) -> Short:
    """Say what does not fit, and when to come again."""
    if claim.amount > claim.limit:
        return Short(claim=claim, used=used, retry_after=None)
    if claim.measure is Measure.CONCURRENT:
        return Short(claim=claim, used=used, retry_after=1.0)
    left = (ends(claim.measure, now) - now) / 1000
    if claim.measure in MONEY:
        return Short(claim=claim, used=used, retry_after=left)
    here = used - sliding(before, 0, now)
    room = claim.limit - claim.amount - here
    if before > 0 and room >= 0:  # the last minute's part shrinks until it fits
        fits = MINUTE - room * MINUTE // before
        return Short(claim=claim, used=used, retry_after=max(0.1, ceil(fits - now % MINUTE) / 1000))
    return Short(claim=claim, used=used, retry_after=left + 1)
