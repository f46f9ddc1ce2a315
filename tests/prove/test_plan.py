"""Routing never leaves the permit, for every health and every strategy; a rank that does is caught."""

import inspect
import tomllib
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from ecluse.domain.destination import DestinationId
from ecluse.domain.effects import Health
from ecluse.domain.finding import DataClass
from ecluse.domain.routing import Strategy
from ecluse.domain.verdict import Choice, Permit
from ecluse.passage.decide import Rule, decide
from ecluse.passage.decide.folded import Folded
from ecluse.passage.decide.forms import forms
from ecluse.passage.decide.mutants import mutant
from ecluse.passage.route import Route, rank
from ecluse.prove.plan import PlanLeavesPermit, every_plan_is_permitted
from tests.passage.decide.world import NOW, caller, question, rulebook, snapshot
from tests.prove.prove_world import few, unlinted

BUGS = tomllib.loads(Path(__file__).with_name("planted_routes.toml").read_text(encoding="utf-8"))["bugs"]
SOURCE = Path(inspect.getfile(rank))
OUTSIDE = ("tuple(written[id_] for id_", "tuple(written.get(id_, Choice(destination=id_, masked=False)) for id_")
"""What lets a plan have something that its permit has not."""


def planted(bug: dict[str, str]) -> Any:
    """Return the module of ranking with a bug in it."""
    text = SOURCE.read_text(encoding="utf-8")
    for old, new in [(bug["old"], bug["new"]), *([OUTSIDE] if "outside" in bug else [])]:
        assert text.count(old) == 1
        text = text.replace(old, new)
    module = ModuleType("ecluse.passage.route.rank")
    exec(compile(text, str(SOURCE), "exec"), module.__dict__)  # noqa: S102 - our own text, with a bug
    return module


@pytest.mark.parametrize("bug", BUGS, ids=[bug["what"] for bug in BUGS])
def test_a_bug_planted_in_the_ranking_itself_is_found(bug: dict[str, str]) -> None:
    with pytest.raises(PlanLeavesPermit):
        every_plan_is_permitted(planted(bug).rank)


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


def rules_with_one_mutated(draw: np.random.Generator) -> tuple[Rule, ...]:
    rules = list(rulebook().rules.values())
    changed = None
    while changed is None:
        at = int(draw.integers(len(rules)))
        changed = mutant(rules[at], draw)
    rules[at] = changed
    return tuple(rules)


def drawn_health(draw: np.random.Generator) -> Health:
    """Return a health of destinations, permitted or not: a third down, a third on trial."""
    state = {id_: int(draw.integers(3)) for id_ in few()}
    return Health(
        down=frozenset(id_ for id_ in state if state[id_] == 1),
        trial=frozenset(id_ for id_ in state if state[id_] == 2),
    )


def left(ranked: Any, draw: np.random.Generator) -> int:
    """Return how many plans have what Cedar, asked by itself, does not permit under rules of which one is mutated."""
    wrong = 0
    for name, *classes in (
        ("company", DataClass.PERSONAL),
        ("hospital", DataClass.HEALTH),
        ("bank", DataClass.PAYMENT),
    ):
        rules = rules_with_one_mutated(draw)
        folding, cedar = unlinted(*rules).rulebook, unlinted(*rules).rulebook
        folding.activate(Folded(rules))
        asked, candidates = question(caller(name), *classes), tuple(few())
        permitted = {ruling.choice for ruling in cedar.rule(asked, forms(asked, candidates)) if ruling.permitted}
        verdict = decide(replace(snapshot(rules=folding, places=()), destinations=few()), asked, candidates, now=NOW)
        assert isinstance(verdict, Permit) is bool(permitted)
        if isinstance(verdict, Permit):
            plans = [ranked(verdict, drawn_health(draw), int(draw.integers(4)), Route()) for _ in range(8)]
            wrong += sum(not permitted.issuperset(plan) for plan in plans)
    return wrong


def test_under_mutated_rules_a_plan_has_what_cedar_permits_and_a_planted_route_is_seen_to_leave_it() -> None:
    assert sum(left(rank, np.random.default_rng(seed)) for seed in range(6)) == 0
    outside = next(bug for bug in BUGS if "outside" in bug)
    assert sum(left(planted(outside).rank, np.random.default_rng(seed)) for seed in range(6)) > 0
