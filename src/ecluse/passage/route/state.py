"""What is believed of the health of destinations, from what became of the calls.

Law: pure; the edge keeps the state and gives the time. A destination is down after FAILURES failures in a row, for a
time that doubles each time that it fails again; after that it may be tried, and one answer decides.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TypeAlias

from ecluse.domain.destination import DestinationId
from ecluse.domain.effects import Health
from ecluse.domain.snapshot import Instant

FAILURES = 3
"""Failures in a row after which a destination is believed down."""
MEMORY = 60_000
"""Milliseconds after which a failure no longer counts as in a row with the next."""
COOL_DOWN = 5_000
"""Milliseconds for which a destination is left alone the first time."""
LONGEST_COOL_DOWN = 300_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Success:
    """A destination answered."""

    destination: DestinationId


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A destination failed by its own fault: unreachable, too slow, an error of the server."""

    destination: DestinationId


Seen: TypeAlias = Success | Failure


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What is remembered of one destination that failed.

    `failures` in a row, the last one at `last`. It went down `trips` times, the last time until `until`.
    """

    failures: int = 0
    last: Instant
    trips: int = 0
    until: Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What is believed. A destination without a record is up."""

    records: Mapping[DestinationId, Record] = field(default_factory=dict)


def observe(state: State, event: Seen, now: Instant) -> State:
    """Return what to believe after `event`. A success forgets everything that was held against a destination."""
    destination = event.destination
    record = state.records.get(destination)
    others = {id_: kept for id_, kept in state.records.items() if id_ != destination}
    if isinstance(event, Success):
        return state if record is None else State(records=MappingProxyType(others))
    return State(records=MappingProxyType({**others, destination: _failed(record or Record(last=now), now)}))


def _failed(record: Record, now: Instant) -> Record:
    if record.until is not None:
        # A failure before `until` is of a call that left before the destination went down.
        return record if now < record.until else _down(record, now)
    recent = record.failures if now - record.last <= MEMORY else 0
    counted = replace(record, failures=recent + 1, last=now)
    return _down(counted, now) if counted.failures >= FAILURES else counted


def _down(record: Record, now: Instant) -> Record:
    rest = min(COOL_DOWN << min(record.trips, 16), LONGEST_COOL_DOWN)
    return replace(record, last=now, trips=record.trips + 1, until=Instant(now + rest))


def health(state: State, now: Instant) -> Health:
    """Look at the state at one moment."""
    tripped = {id_: record.until for id_, record in state.records.items() if record.until is not None}
    return Health(
        down=frozenset(id_ for id_, until in tripped.items() if now < until),
        trial=frozenset(id_ for id_, until in tripped.items() if until <= now),
    )
