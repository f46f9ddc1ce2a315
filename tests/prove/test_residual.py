"""Our evaluator says what Cedar says: of the shipped rules, of mutated ones, and it refuses what it does not know."""

import json
from typing import Any

import cedarpy
import numpy as np
import pytest

from ecluse.domain.caller import AnalysisKind, CallerKind
from ecluse.domain.destination import Established
from ecluse.domain.finding import DataClass
from ecluse.domain.party import ProviderId
from ecluse.domain.verdict import Action
from ecluse.passage.decide import Rule
from ecluse.passage.decide.mutants import mutant
from ecluse.prove.residual import NotProvable, applies, asks, residual
from ecluse.prove.space import Caller, Thing, standpoint
from ecluse.prove.tables import CLASSES, number
from tests.prove.prove_world import SCHEMA, engine, raw, shipped_invariants

QUESTIONS = 24
MUTANTS = 90
RULES = (*engine().rulebook.rules.values(), *shipped_invariants())


def drawn(draw: np.random.Generator) -> tuple[Caller, Thing, frozenset[DataClass]]:
    def some(words: Any, chance: float) -> frozenset[Any]:
        return frozenset(word for word, x in zip(words, draw.random(len(words)), strict=True) if x < chance)

    caller = Caller(
        kind=tuple(CallerKind)[int(draw.integers(len(CallerKind)))],
        care=bool(draw.integers(2)),
        analyses=some(tuple(AnalysisKind), 0.5),
        contract=bool(draw.integers(2)),
        purpose="a purpose",
        purpose_on_record=bool(draw.integers(4)),
    )
    thing = Thing(
        names=("d",),
        provider=ProviderId("p"),
        established=some(tuple(Established), 0.4),
        share=int(draw.choice([0, 38, 39, 40, 100])),
    )
    return caller, thing, some(CLASSES, 0.2)


def ref(kind: str, name: str) -> dict[str, Any]:
    return {"__entity": {"type": kind, "id": name}}


def entities(caller: Caller, thing: Thing, kind: str) -> str:
    provider = {"provider": ref("Provider", "p")} if kind == "Destination" else {}
    return json.dumps(
        [
            {
                "uid": {"type": "Application", "id": "a"},
                "parents": [],
                "attrs": {
                    "kind": ref("CallerKind", caller.kind),
                    "care": caller.care,
                    "analyses": [ref("Analysis", a) for a in sorted(caller.analyses)],
                    "contracts": [ref("Provider", "p")] if caller.contract else [],
                    "purposes": ["a purpose" if caller.purpose_on_record else "another purpose"],
                },
            },
            {
                "uid": {"type": kind, "id": "d"},
                "parents": [],
                "attrs": {
                    **provider,
                    "established": [ref("Established", e) for e in sorted(thing.established)],
                    "non_eu_share_max": thing.share,
                },
            },
        ]
    )


def cedar_fires(rules: list[Rule], action: Action, caller: Caller, thing: Thing, classes: Any) -> set[str]:
    """Ask Cedar for each rule alone."""
    kind = "Place" if action is Action.HOLD else "Destination"
    request = {
        "principal": {"type": "Application", "id": "a"},
        "action": {"type": "Action", "id": action.value},
        "resource": {"type": kind, "id": "d"},
        "context": {"classes": [ref("DataClass", c) for c in sorted(classes)], "purpose": "a purpose"},
    }
    known = cedarpy.Entities.from_json_str(entities(caller, thing, kind), SCHEMA)
    fired: set[str] = set()
    for permits in (True, False):
        est = {rule.id: rule.est for rule in rules if rule.permits is permits}
        policies = json.dumps({"templates": {}, "templateLinks": [], "staticPolicies": est})
        (result,) = cedarpy.is_authorized_batch([request], cedarpy.PolicySet.from_json_str(policies), known, SCHEMA)
        assert not result.diagnostics.errors
        fired |= set(result.diagnostics.reasons)
    return fired


def ours_fires(rules: list[Rule], action: Action, caller: Caller, thing: Thing, classes: Any) -> set[str]:
    at = standpoint(caller, thing, "Place" if action is Action.HOLD else "Destination")
    return {rule.id for rule in rules if applies(rule, action) and residual(rule, at) >> number(classes) & 1}


def test_the_shipped_rules_fire_as_cedar_has_them_fire() -> None:
    draw = np.random.default_rng(7)
    rules = list(RULES)
    for index in range(QUESTIONS * 3):
        action = tuple(Action)[index % len(Action)]
        question = drawn(draw)
        assert ours_fires(rules, action, *question) == cedar_fires(rules, action, *question)


# ------------------------------------------------------------------ mutants
def test_mutated_rules_fire_as_cedar_has_them_fire() -> None:
    draw = np.random.default_rng(11)
    compared, different = 0, 0
    for index in range(MUTANTS):
        rule = RULES[index % len(RULES)]
        changed = mutant(rule, draw)
        if changed is None:
            continue
        for number_ in range(QUESTIONS // 3):
            action = tuple(Action)[number_ % len(Action)]
            question = drawn(draw)
            ours = ours_fires([changed], action, *question) if applies(changed, action) else set()
            assert ours == cedar_fires([changed], action, *question), json.dumps(changed.est["conditions"])
            compared += 1
            different += ours != ours_fires([rule], action, *question)
    assert compared > 500
    assert different > 50


# ------------------------------------------------------------------ what it does not know
@pytest.mark.parametrize(
    ("condition", "why"),
    [
        ('context.classes == [DataClass::"health"]', "with the set of data classes"),
        ('principal.analyses == [Analysis::"sren31"]', "whole set"),
        ('[Analysis::"sren31"].containsAll(principal.analyses)', "whole set"),
        ('principal.contracts.contains(Provider::"azure")', "something else than resource.provider"),
        ('principal.purposes.contains("care")', "something else than context.purpose"),
        ('(principal.care && context.classes.contains(DataClass::"health")) == true', "does not compare"),
        ('context.classes.contains(DataClass::"health") == principal.care', "does not compare"),
        ("principal.nothing", "does not know"),
        ("principal has kind", "is not known"),
        ("if principal.care then true else false", "is not known"),
    ],
)
def test_a_construct_that_is_not_known_refuses(condition: str, why: str) -> None:
    rule = raw("test.rule", f"forbid (principal, action, resource) when {{ {condition} }};")
    caller, thing, _ = drawn(np.random.default_rng(1))
    at = standpoint(caller, thing, "Destination")
    with pytest.raises(NotProvable, match=why):
        assert (asks(rule), residual(rule, at)) is None


def test_a_scope_that_names_somebody_refuses() -> None:
    rule = raw("test.rule", 'forbid (principal == Application::"a", action, resource);')
    with pytest.raises(NotProvable, match="names a principal"):
        applies(rule, Action.INFER)


def test_a_provider_named_beside_the_contracts_refuses() -> None:
    both = 'resource.provider == Provider::"azure" && principal.contracts.contains(resource.provider)'
    rule = raw("test.rule", f"forbid (principal, action, resource) when {{ {both} }};")
    with pytest.raises(NotProvable, match="two rules"):
        asks(rule)
