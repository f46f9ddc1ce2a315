"""When people ask: on working days, in office hours, less at noon; some programs at night.

Law: it draws from the chance that is handed in; the month ends at noon UTC of the pinned day, when the gateway starts.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from demo.world import DATE
from demo.worlds.play import Traffic
from ecluse.domain.snapshot import Instant

LAST = date.fromisoformat(DATE)
DAYS = 30
FIRST = LAST - timedelta(days=DAYS - 1)
HOLIDAYS = frozenset({date(2026, 11, 1), date(2026, 11, 11)})
WORKING, SATURDAY, SUNDAY = 1.0, 0.1, 0.04
PARIS = timedelta(hours=1)
"""In the whole month: summer time ended on 25 October."""
OFFICE = (0.2, 0.7, 1.0, 1.0, 0.9, 0.5, 0.6, 1.0, 1.0, 0.8, 0.4, 0.1)
"""Each hour from 7 to 18 in Paris."""
OPENS = 7
NIGHT = (1, 5)
LAST_HOURS = 0.35
"""The share of the pinned day that has passed at its end, 11:45 UTC."""
CLOSES = timedelta(hours=11, minutes=45)


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One call that is due, and of which traffic."""

    at: Instant
    traffic: Traffic


def month(traffic: Sequence[Traffic], passages: int, chance: random.Random) -> list[Due]:
    """Draw when each call of the month comes, in order."""
    whole = sum(one.weight for one in traffic)
    due = [
        Due(at=_moment(one, chance), traffic=one)
        for one in traffic
        for _ in range(max(one.least, round(passages * one.weight / whole)))
    ]
    return sorted(due, key=lambda one: one.at)


def _moment(traffic: Traffic, chance: random.Random) -> Instant:
    first, last = traffic.first or FIRST, traffic.last or LAST
    days = [first + timedelta(days=at) for at in range((last - first).days + 1)]
    while True:
        day = chance.choices(days, [_weight(day) for day in days])[0]
        office = OPENS + chance.choices(range(len(OFFICE)), OFFICE)[0]
        hour = chance.randrange(*NIGHT) if traffic.at_night else office
        midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
        at = midnight + timedelta(hours=hour, milliseconds=chance.randrange(3_600_000)) - PARIS
        if at < datetime(LAST.year, LAST.month, LAST.day, tzinfo=UTC) + CLOSES:
            return Instant(int(at.timestamp() * 1000))


def _weight(day: date) -> float:
    if day in HOLIDAYS:
        return SUNDAY
    part = LAST_HOURS if day == LAST else 1.0
    weekday = day.weekday()
    return part * (WORKING if weekday < 5 else SATURDAY if weekday == 5 else SUNDAY)  # noqa: PLR2004 - Saturday is 5
