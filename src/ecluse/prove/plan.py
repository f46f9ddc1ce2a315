"""Routing never leaves the permit: shown over every small permit, every health, every draw and every strategy.

Law: exhaustive up to DESTINATIONS destinations; a plan has choices of its permit only, none that is believed down, each
destination once, and masked only where as is is not permitted (INVARIANT 1). What ranking reads (health, prices,
weights, measures) is known of some destinations and not of others, and of some that the rules refused.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import permutations, product
from typing import TypeAlias

from ecluse.domain.destination import DestinationId
from ecluse.domain.effects import Health, Pace
from ecluse.domain.routing import Strategy
from ecluse.domain.snapshot import Instant
from ecluse.domain.verdict import Choice, Permit, RuleId
from ecluse.passage.route import Route, rank
from ecluse.passage.route.rank import TRIALS

DESTINATIONS = 3
_FORMS = ((False,), (True,), (False, True), (True, False))
_STATES = ("up", "down", "trial", "both", "resting")
_A, _B = DestinationId("a"), DestinationId("b")
_UP, _TRIAL, _RESTING, _DOWN = (DestinationId(name) for name in ("up", "trial", "resting", "down"))
"""Destinations that no permit has: what a call may know of those that the rules refused, better than of the others."""
_REFUSED = (_UP, _TRIAL, _RESTING, _DOWN)
_PACE = {_A: Pace(first_ms=40, open=2), _B: Pace(open=1)} | dict.fromkeys(_REFUSED, Pace(first_ms=1))
_WEIGHTS = {_A: 0, _B: 3} | dict.fromkeys(_REFUSED, 9)
_PRICES = {_B: 5} | dict.fromkeys(_REFUSED, 1)

Rank = Callable[[Permit, Health, int, Route], tuple[Choice, ...]]


class PlanLeavesPermit(Exception):
    """A plan has what its permit has not, or repeats or misses a destination. Nothing may be routed by it."""

    def __init__(self, permit: Permit, health: Health, draw: int, plan: tuple[Choice, ...]) -> None:
        """Keep the first such plan."""
        super().__init__(f"permit {permit.choices}, {health}, draw {draw}: plan {plan}")
        self.permit = permit
        self.plan = plan


def every_plan_is_permitted(ranked: Rank = rank) -> int:
    """Return how many plans were looked at. Raises PlanLeavesPermit with the first that does."""
    seen = 0
    for permit, health, asked in _cases():
        right = _right(permit, health)
        for draw, route in asked:
            plan = ranked(permit, health, draw, route)
            seen += 1
            if len(plan) != len(right) or right != set(plan):
                raise PlanLeavesPermit(permit, health, draw, plan)
    return seen


def _right(permit: Permit, health: Health) -> frozenset[Choice]:
    """Return what a plan has in some order: each destination that is up once, masked where as is is not permitted."""
    as_is = {choice.destination for choice in permit.choices if not choice.masked}
    return frozenset(
        choice
        for choice in permit.choices
        if choice.destination not in health.down and choice.masked is (choice.destination not in as_is)
    )


_Case: TypeAlias = tuple[Permit, Health, tuple[tuple[int, Route], ...]]


def _cases() -> Iterator[_Case]:
    """Iterate over small permits and health, each with all draws and routes that it is ranked by."""
    for count in range(1, DESTINATIONS + 1):
        names = tuple(DestinationId(name) for name in "abc"[:count])
        yield from _by_order(names)
        yield from _by_strategy(names)


def _by_order(names: Sequence[DestinationId]) -> Iterator[_Case]:
    """Iterate over written orders. Of three, that of two forms of one destination is shown by the reverse alone."""
    written_order = tuple((draw, Route()) for draw in range(TRIALS))
    for forms in product(_FORMS if len(names) < DESTINATIONS else _FORMS[:-1], repeat=len(names)):
        written = [Choice(destination=n, masked=m) for n, f in zip(names, forms, strict=True) for m in f]
        orders = permutations(written) if len(written) <= DESTINATIONS else [tuple(written), tuple(written[::-1])]
        for choices in orders:
            permit = Permit(choices=tuple(choices), rules=(RuleId("base.contract"),))
            for states in product(_STATES, repeat=len(names)):
                yield permit, _health(names, states), written_order


def _by_strategy(names: Sequence[DestinationId]) -> Iterator[_Case]:
    """Iterate over the other strategies: they order by what they read, so one written order shows them all."""
    asked = tuple((draw, route) for route in _routes() for draw in range(TRIALS))
    for forms in product(_FORMS[:-1], repeat=len(names)):
        choices = tuple(Choice(destination=n, masked=m) for n, f in zip(names, forms, strict=True) for m in f)
        permit = Permit(choices=choices, rules=(RuleId("base.contract"),))
        for states in product(_STATES, repeat=len(names)):
            yield permit, _health(names, states), asked


def _routes() -> Iterator[Route]:
    for strategy in Strategy:
        if strategy is not Strategy.WRITTEN:
            yield Route(strategy=strategy, weights=_WEIGHTS, prices=_PRICES, conversation=b"conversation")


@cache
def _health(names: Sequence[DestinationId], states: tuple[str, ...]) -> Health:
    told = list(zip(names, states, strict=True))
    return Health(
        down=frozenset({_DOWN, *(name for name, state in told if state in {"down", "both"})}),
        trial=frozenset({_TRIAL, *(name for name, state in told if state in {"trial", "both"})}),
        resting={_RESTING: Instant(1)} | {name: Instant(1) for name, state in told if state == "resting"},
        pace=_PACE,
    )
