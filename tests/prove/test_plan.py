"""Routing never leaves the permit, for every health and every strategy; a rank that does is caught."""

import pytest

from ecluse.domain.destination import DestinationId
from ecluse.domain.effects import Health
from ecluse.domain.routing import Strategy
from ecluse.domain.verdict import Choice, Permit
from ecluse.passage.route import Route, rank
from ecluse.prove.plan import PlanLeavesPermit, every_plan_is_permitted


def test_no_plan_leaves_its_permit() -> None:
    assert every_plan_is_permitted() > 10_000


def test_a_rank_that_masks_or_adds_or_wakes_the_dead_is_caught() -> None:
    def unmasks(permit: Permit, health: Health, draw: int, route: Route) -> tuple[Choice, ...]:
        return tuple(Choice(destination=c.destination, masked=False) for c in rank(permit, health, draw, route))

    def wakes(permit: Permit, health: Health, draw: int, route: Route) -> tuple[Choice, ...]:
        return rank(permit, Health(trial=health.trial), draw, route)

    def forgets(permit: Permit, health: Health, draw: int, route: Route) -> tuple[Choice, ...]:
        return rank(permit, health, draw, route)[:2]

    def drops_what_rests(permit: Permit, health: Health, draw: int, route: Route) -> tuple[Choice, ...]:
        return tuple(c for c in rank(permit, health, draw, route) if c.destination not in health.resting)

    def repeats(permit: Permit, health: Health, draw: int, route: Route) -> tuple[Choice, ...]:
        plan = rank(permit, health, draw, route)
        return (*plan, *plan[:1])

    for wrong in (unmasks, wakes, forgets, drops_what_rests, repeats):
        with pytest.raises(PlanLeavesPermit):
            every_plan_is_permitted(wrong)


def test_a_strategy_that_adds_what_was_refused_is_caught() -> None:
    """One wrong strategy is enough: the others order as they should."""

    def cheapest_of_all(permit: Permit, health: Health, draw: int, route: Route) -> tuple[Choice, ...]:
        plan = rank(permit, health, draw, route)
        if route.strategy is not Strategy.CHEAPEST:
            return plan
        return (Choice(destination=DestinationId("b"), masked=False), *plan)

    with pytest.raises(PlanLeavesPermit):
        every_plan_is_permitted(cheapest_of_all)
