"""Routing never leaves the permit: shown over every small permit, every health and every draw.

Law: exhaustive up to DESTINATIONS destinations; a plan has choices of its permit only, none that is believed down, each
destination once, and masked only where as is is not permitted (INVARIANT 1).
"""

from collections.abc import Callable, Iterator
from itertools import permutations, product

from ecluse.domain.destination import DestinationId
from ecluse.domain.effects import Health
from ecluse.domain.verdict import Choice, Permit, RuleId
from ecluse.passage.route import rank
from ecluse.passage.route.rank import TRIALS

DESTINATIONS = 3
_FORMS = ((False,), (True,), (False, True), (True, False))
_STATES = ("up", "down", "trial", "both")

Rank = Callable[[Permit, Health, int], tuple[Choice, ...]]


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
    for permit, health, draw in _cases():
        plan = ranked(permit, health, draw)
        seen += 1
        if not _sound(permit, health, plan):
            raise PlanLeavesPermit(permit, health, draw, plan)
    return seen


def _sound(permit: Permit, health: Health, plan: tuple[Choice, ...]) -> bool:
    alive = {choice.destination for choice in permit.choices} - health.down
    as_is = {choice.destination for choice in permit.choices if not choice.masked}
    return (
        set(plan) <= set(permit.choices)
        and sorted(choice.destination for choice in plan) == sorted(alive)
        and all(choice.masked is (choice.destination not in as_is) for choice in plan)
    )


def _cases() -> Iterator[tuple[Permit, Health, int]]:
    names = [DestinationId(name) for name in "abc"[:DESTINATIONS]]
    for count in range(1, DESTINATIONS + 1):
        for forms in product(_FORMS, repeat=count):
            written = [Choice(destination=n, masked=m) for n, f in zip(names, forms, strict=False) for m in f]
            orders = permutations(written) if len(written) <= DESTINATIONS else [tuple(written), tuple(written[::-1])]
            for choices in orders:
                permit = Permit(choices=tuple(choices), rules=(RuleId("base.contract"),))
                for states in product(_STATES, repeat=count):
                    health = _health(names, states)
                    yield from ((permit, health, draw) for draw in range(TRIALS))


def _health(names: list[DestinationId], states: tuple[str, ...]) -> Health:
    told = list(zip(names, states, strict=False))
    return Health(
        down=frozenset(name for name, state in told if state in {"down", "both"}),
        trial=frozenset(name for name, state in told if state in {"trial", "both"}),
    )
