"""Routing never leaves the permit, for every health; a rank that does is caught."""

import pytest

from ecluse.domain.effects import Health
from ecluse.domain.verdict import Choice, Permit
from ecluse.passage.route import rank
from ecluse.prove.plan import PlanLeavesPermit, every_plan_is_permitted


def test_no_plan_leaves_its_permit() -> None:
    assert every_plan_is_permitted() > 10_000


def test_a_rank_that_masks_or_adds_or_wakes_the_dead_is_caught() -> None:
    def unmasks(permit: Permit, health: Health, draw: int) -> tuple[Choice, ...]:
        return tuple(Choice(destination=c.destination, masked=False) for c in rank(permit, health, draw))

    def wakes(permit: Permit, health: Health, draw: int) -> tuple[Choice, ...]:
        return rank(permit, Health(trial=health.trial), draw)

    def forgets(permit: Permit, health: Health, draw: int) -> tuple[Choice, ...]:
        return rank(permit, health, draw)[:2]

    for wrong in (unmasks, wakes, forgets):
        with pytest.raises(PlanLeavesPermit):
            every_plan_is_permitted(wrong)
