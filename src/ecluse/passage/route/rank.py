"""A permit to a plan: which permitted choices to try, in which order.

Law: a plan has nothing that the permit has not (INVARIANT 1). The order is the owner's written rule and nothing else
(INVARIANT 8): health leaves out what is believed down, puts last what asked to be left alone, and lets one passage in
TRIALS begin with what may be up again, one call at a time.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import log
from typing import assert_never

from ecluse.domain.destination import DestinationId
from ecluse.domain.effects import Health, Pace
from ecluse.domain.routing import Strategy
from ecluse.domain.verdict import Choice, Permit

TRIALS = 4
_IDLE = Pace()


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """What one passage is ordered by: a strategy and what it reads.

    `prices` are comparable millionths per million tokens; `conversation` is what `sticky` holds on to.
    """

    strategy: Strategy = Strategy.WRITTEN
    weights: Mapping[DestinationId, int] = field(default_factory=dict)
    prices: Mapping[DestinationId, int] = field(default_factory=dict)
    conversation: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Choices in the order to try.

    `scores` is what they were ordered by, where there is a number; the least is best but for a weight. `left_out` says
    why a permitted destination is not in the plan, or stands at its end.
    """

    strategy: Strategy
    choices: tuple[Choice, ...]
    scores: Mapping[DestinationId, int] = field(default_factory=dict)
    left_out: Mapping[DestinationId, str] = field(default_factory=dict)


WRITTEN_ORDER = Route()


def rank(permit: Permit, health: Health, draw: int, route: Route = WRITTEN_ORDER) -> tuple[Choice, ...]:
    """Return the choices to try, in order; none when everything permitted is down."""
    return plan(permit, health, draw, route).choices


def plan(permit: Permit, health: Health, draw: int, route: Route = WRITTEN_ORDER) -> Plan:
    """Return the choices to try, in order, and why.

    A destination comes once, as is if that is permitted: what failed as is would fail masked too. One on trial keeps
    its place if `draw` says so and no call is trying it, and else comes after the others.
    """
    written: dict[DestinationId, Choice] = {}
    for choice in permit.choices:
        kept = written.setdefault(choice.destination, choice)
        if kept.masked and not choice.masked:
            written[choice.destination] = choice
    alive = [id_ for id_ in written if id_ not in health.down]
    scores = _scores(alive, health, route)
    ordered = _ordered(alive, scores, draw, route)
    kept_back = {id_: why for id_ in ordered if (why := _kept_back(id_, health, draw))}
    order = sorted(ordered, key=lambda id_: (id_ in health.resting, id_ in kept_back))
    return Plan(
        strategy=route.strategy,
        choices=tuple(written[id_] for id_ in order),
        scores=scores,
        left_out={id_: "down" for id_ in written if id_ in health.down} | kept_back,
    )


def _kept_back(id_: DestinationId, health: Health, draw: int) -> str:
    if id_ in health.resting:
        return "resting"
    if id_ in health.trial and (draw % TRIALS or health.pace.get(id_, _IDLE).open):
        return "trial"
    return ""


def _scores(alive: Sequence[DestinationId], health: Health, route: Route) -> dict[DestinationId, int]:
    """Return the numbers that the strategy looks at; what is unknown has none."""
    match route.strategy:
        case Strategy.CHEAPEST:
            return {id_: route.prices[id_] for id_ in alive if id_ in route.prices}
        case Strategy.FASTEST:
            known = {id_: health.pace.get(id_, _IDLE).first_ms for id_ in alive}
            return {id_: ms for id_, ms in known.items() if ms is not None}
        case Strategy.LEAST_BUSY:
            return {id_: health.pace.get(id_, _IDLE).open for id_ in alive}
        case Strategy.WEIGHTED:
            return {id_: route.weights.get(id_, 1) for id_ in alive}
        case Strategy.WRITTEN | Strategy.STICKY:
            return {}
        case _:
            assert_never(route.strategy)


def _ordered(
    alive: list[DestinationId], scores: Mapping[DestinationId, int], draw: int, route: Route
) -> list[DestinationId]:
    match route.strategy:
        case Strategy.WRITTEN:
            return alive
        case Strategy.CHEAPEST | Strategy.LEAST_BUSY:
            return sorted(alive, key=lambda id_: (id_ not in scores, scores.get(id_, 0)))
        case Strategy.FASTEST:
            return _better_of_two(alive, scores, draw)
        case Strategy.WEIGHTED:
            return sorted(alive, key=lambda id_: _lot(draw, id_, scores[id_]))
        case Strategy.STICKY:
            return sorted(alive, key=lambda id_: _hash(route.conversation, id_))
        case _:
            assert_never(route.strategy)


def _better_of_two(alive: list[DestinationId], scores: Mapping[DestinationId, int], draw: int) -> list[DestinationId]:
    """Begin with the faster of two drawn ones: the fastest of all would be run over. What is not measured is tried."""
    by_speed = sorted(alive, key=lambda id_: scores.get(id_, -1))
    if len(by_speed) < 2:  # noqa: PLR2004 - two are drawn
        return by_speed
    lots = sorted(alive, key=lambda id_: _hash(draw.to_bytes(16, "big"), id_))[:2]
    first = min(lots, key=by_speed.index)
    return [first, *(id_ for id_ in by_speed if id_ != first)]


def _lot(draw: int, id_: DestinationId, weight: int) -> tuple[bool, float]:
    """Draw by weight without putting back (Efraimidis and Spirakis, 2006); without a weight comes last."""
    even = (int.from_bytes(_hash(draw.to_bytes(16, "big"), id_)[:6], "big") + 1) / (2**48 + 1)
    return (False, -log(even) / weight) if weight > 0 else (True, -log(even))


def _hash(key: bytes, id_: DestinationId) -> bytes:
    """Return the same for the same: so a destination that goes moves only its own conversations."""
    return hashlib.blake2b(id_.encode(), key=key[:64], digest_size=8).digest()
