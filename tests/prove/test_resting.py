"""What rests on a rule alone no longer holds without it, and everything else still does."""

from functools import cache

import pytest

from ecluse.domain.verdict import RuleId
from ecluse.prove.invariants import show
from ecluse.prove.resting import resting
from tests.prove.prove_world import SOURCES, engine, shipped_invariants


@cache
def shipped() -> dict[RuleId, tuple[RuleId, ...]]:
    found = engine()
    return dict(resting(found.rulebook.rules, shipped_invariants(), found))


def without(rule: str) -> dict[str, str]:
    """Return the pack of a rule as if the rule had never been written."""
    (pack,) = (name for name, text in SOURCES.policies.items() if f'@id("{rule}")' in text)
    text = SOURCES.policies[pack]
    start = text.index(f'@id("{rule}")')
    return {pack: text[:start] + text[text.index(";\n", start) + 2 :]}


@pytest.mark.parametrize(
    ("rule", "rests"),
    [("gdpr.transfer", True), ("cac.sren31", True), ("base.place", True), ("gdpr.processor", False)],
)
def test_what_breaks_without_a_rule_is_what_rests_on_it_alone(rule: str, *, rests: bool) -> None:
    less = engine(without(rule))
    broken = show(less.rulebook.rules, shipped_invariants(), less, drawn=1).broken
    assert {one.invariant.id for one in broken if not one.by_modes} == set(shipped()[RuleId(rule)])
    assert bool(shipped()[RuleId(rule)]) is rests


def test_nothing_is_said_of_rules_that_permit_or_are_not_enforced() -> None:
    rules = engine().rulebook.rules
    silent = {id_ for id_, rule in rules.items() if rule.permits or rule.opt_in or rule.reason.mode != "enforce"}
    assert shipped().keys() == rules.keys() - silent
    assert silent
