"""What is believed of destinations, from what became of the calls.

Law: pure; the edge keeps the state and gives the time. A destination is down after FAILURES failures in a row, for a
time that doubles each time that it fails again; after that it may be tried, and one answer decides.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TypeAlias, TypeVar, assert_never

from ecluse.domain.destination import DestinationId
from ecluse.domain.effects import Health, Pace
from ecluse.domain.snapshot import Instant

FAILURES = 3
"""Failures in a row after which a destination is believed down."""
MEMORY = 60_000
"""Milliseconds after which a failure no longer counts as in a row with the next."""
COOL_DOWN = 5_000
"""Milliseconds for which a destination is left alone the first time."""
LONGEST_COOL_DOWN = 300_000
FRESH = 300_000
"""Milliseconds after which a measure is forgotten, so that a slow destination is tried again."""
NEWEST = 4
"""The newest measure counts for one part in NEWEST of the mean."""
LONGEST_REST = 60_000
"""Milliseconds for which a provider's wish to be left alone is believed."""
RESERVE = 20_000
"""Thousandths of an extra call in the full budget. It refills by one call a second, and by a share of the calls."""
EXTRA = 1_000
BEGINNING = Instant(0)

V = TypeVar("V")


@dataclass(frozen=True, slots=True, kw_only=True)
class Success:
    """A destination answered."""

    destination: DestinationId


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A destination failed by its own fault: unreachable, too slow, an error of the server."""

    destination: DestinationId


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """A call left for a destination; `extra` when it is not the first one for its request."""

    destination: DestinationId
    extra: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """That call is over, however it ended."""

    destination: DestinationId


@dataclass(frozen=True, slots=True, kw_only=True)
class First:
    """The first piece of an answer came, `ms` after the call had left."""

    destination: DestinationId
    ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """A destination asked to be left alone until a moment."""

    destination: DestinationId
    until: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Alive:
    """A destination that was down answers a question without content: it may be tried, and is not up yet."""

    destination: DestinationId


Seen: TypeAlias = Success | Failure | Left | Closed | First | Rest | Alive


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
class Tempo:
    """The moving mean of the milliseconds until an answer began, and when it was last fed."""

    ms: int
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What is believed. A destination without a record is up.

    `reserve` is what is left for extra calls, in thousandths of one, at `filled`; every call adds `percent` of one.
    """

    records: Mapping[DestinationId, Record] = field(default_factory=dict)
    tempos: Mapping[DestinationId, Tempo] = field(default_factory=dict)
    open: Mapping[DestinationId, int] = field(default_factory=dict)
    rests: Mapping[DestinationId, Instant] = field(default_factory=dict)
    percent: int = 10
    reserve: int = RESERVE
    filled: Instant = BEGINNING


def observe(state: State, event: Seen, now: Instant) -> State:
    """Return what to believe after `event`. A success forgets everything that was held against a destination."""
    id_ = event.destination
    match event:
        case Success() | Failure() | Alive():
            records = _judged(state.records, event, now)
            return state if records is state.records else replace(state, records=records)
        case Left(extra=extra):
            return _left(state, id_, now, extra=extra)
        case Closed():
            still = state.open.get(id_, 0) - 1
            return replace(state, open=_with(state.open, id_, still) if still > 0 else _without(state.open, id_))
        case First(ms=ms):
            return replace(state, tempos=_with(state.tempos, id_, _mean(state.tempos.get(id_), max(0, ms), now)))
        case Rest(until=until):
            return replace(state, rests=_with(state.rests, id_, Instant(min(until, now + LONGEST_REST))))
        case _:
            assert_never(event)


def _judged(
    records: Mapping[DestinationId, Record], event: Success | Failure | Alive, now: Instant
) -> Mapping[DestinationId, Record]:
    id_ = event.destination
    held = records.get(id_)
    if isinstance(event, Failure):
        return _with(records, id_, _failed(held or Record(last=now), now))
    if held is None:
        return records
    if isinstance(event, Success):
        return _without(records, id_)
    return _with(records, id_, replace(held, until=now)) if held.until is not None and now < held.until else records


def _with(known: Mapping[DestinationId, V], id_: DestinationId, value: V) -> Mapping[DestinationId, V]:
    return MappingProxyType({**known, id_: value})


def _without(known: Mapping[DestinationId, V], id_: DestinationId) -> Mapping[DestinationId, V]:
    return MappingProxyType({key: value for key, value in known.items() if key != id_})


def _left(state: State, id_: DestinationId, now: Instant, *, extra: bool) -> State:
    reserve = min(RESERVE, _reserve(state, now) + 10 * state.percent) - (EXTRA if extra else 0)
    under_way = _with(state.open, id_, state.open.get(id_, 0) + 1)
    return replace(state, open=under_way, reserve=max(0, reserve), filled=now)


def _reserve(state: State, now: Instant) -> int:
    return min(RESERVE, state.reserve + max(0, now - state.filled))


def _mean(tempo: Tempo | None, ms: int, now: Instant) -> Tempo:
    if tempo is None or now - tempo.at > FRESH:
        return Tempo(ms=ms, at=now)
    return Tempo(ms=(tempo.ms * (NEWEST - 1) + ms) // NEWEST, at=now)


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
    fresh = {id_: tempo.ms for id_, tempo in state.tempos.items() if now - tempo.at <= FRESH}
    back = {id_: until for id_, until in tripped.items() if now < until}
    return Health(
        down=frozenset(back),
        back=back,
        trial=frozenset(id_ for id_, until in tripped.items() if until <= now),
        resting={id_: until for id_, until in state.rests.items() if now < until},
        pace={
            id_: Pace(open=state.open.get(id_, 0), first_ms=fresh.get(id_))
            for id_ in dict.fromkeys([*state.open, *fresh])
        },
        extra=_reserve(state, now) >= EXTRA,
    )


def steady_until(state: State, now: Instant) -> Instant:
    """Return until when a look at `now` stays true if nothing is observed."""
    ends = [record.until for record in state.records.values() if record.until is not None and now < record.until]
    ends += [until for until in state.rests.values() if now < until]
    ends += [Instant(tempo.at + FRESH + 1) for tempo in state.tempos.values() if now - tempo.at <= FRESH]
    short = EXTRA - _reserve(state, now)
    ends += [Instant(now + short)] if short > 0 else []
    return min(ends, default=Instant(now + FRESH))
