"""What holds whatever destination anyone adds; what is planted is found, with an example that Cedar confirms."""

import time
from datetime import date

import pytest

from ecluse.domain.destination import Established
from ecluse.domain.finding import DataClass
from ecluse.domain.verdict import Action
from ecluse.packs.registry import establish
from ecluse.prove.confirm import Engine, EngineDisagrees
from ecluse.prove.diff import CLOSED, OPENED
from ecluse.prove.residual import NotProvable
from ecluse.prove.restated import reworded
from ecluse.prove.symbolic.compare import compare_symbolic
from ecluse.prove.symbolic.encode import LAWS, QUALIFIED_SHARE, fires, words
from ecluse.prove.symbolic.show import ANYBODY, Symbolic, show_symbolic
from tests.prove.prove_world import changed, engine, places, raw, registry, shipped_invariants, unlinted, without_class

PERMIT = raw("base.contract", "permit (principal, action, resource);")


def shown(texts: dict[str, str] | None = None, *, only: str = "inv.") -> Symbolic:
    found = engine(texts)
    stated = [rule for rule in shipped_invariants() if rule.id.startswith(only)]
    return show_symbolic(found.rulebook.rules, stated, found)


def test_the_invariants_hold_for_any_destination_within_two_seconds_each() -> None:
    start = time.process_time()
    found = shown()
    assert time.process_time() - start < 2 * len(found.invariants)
    assert found.broken == ()
    assert found.widening == ()
    assert found.dead == ()
    assert found.redundant == ("base.no_permit", "base.kept_unstated")
    assert len(found.invariants) > 15


@pytest.mark.parametrize("day", [date(2025, 1, 1), date(2026, 11, 24), date(2027, 6, 1), date(2032, 1, 1)])
def test_what_follows_among_facts_holds_of_every_destination_on_record(day: date) -> None:
    for one in establish(registry(), day).values():
        for fact, others in LAWS:
            assert fact not in one.established or others <= one.established, one.id
        if Established.SECNUMCLOUD in one.established:
            assert one.non_eu_share_max <= QUALIFIED_SHARE
        if Established.ON_OWN_PREMISES in one.established:
            assert one.non_eu_share_max == 0


def test_what_follows_among_facts_holds_of_every_place() -> None:
    for name, place in places().items():
        for fact, others in LAWS[1:]:
            assert fact not in place.established or others <= place.established, name
        if Established.ON_OWN_PREMISES in place.established:
            assert place.non_eu_share_max == 0


# ------------------------------------------------------------------ planted
def test_a_hole_that_no_destination_on_record_shows_is_found() -> None:
    """Nobody on record has a share between these two bounds: the proof over the record cannot see it."""
    text = "resource.non_eu_share_max > 39"
    found = shown(changed("hds", text, "resource.non_eu_share_max > 47"), only="inv.public_health")
    assert [broken.invariant.id for broken in found.broken] == ["inv.public_health"]
    example = found.broken[0].example
    assert example.thing.names == (ANYBODY,)
    assert 39 < example.thing.share <= 47
    assert example.classes == {DataClass.HEALTH}


def test_a_change_that_neither_a_destination_on_record_nor_an_invariant_shows_is_found() -> None:
    """No rule of ours guards the guide for State agents, and nobody on record has what the bug lets in."""
    old = 'resource.established.containsAny([Established::"eu_control", '
    wrong = changed("state_agents", old, f'{old}Established::"seal_3", ')
    assert reworded(engine().rulebook.rules, engine(wrong).rulebook.rules) == ("state_agents.tool",)
    found = list(compare_symbolic(engine(), engine(wrong)))
    assert {(one.way, one.action) for one in found} == {(OPENED, Action.INFER), (OPENED, Action.EMBED)}
    assert all(Established.SEAL_3 in one.example.thing.established for one in found)
    assert [one.way for one in compare_symbolic(engine(wrong), engine())] == [CLOSED, CLOSED]


def test_what_is_only_written_otherwise_changes_nothing_for_any_destination() -> None:
    once = 'Established::"eu_control", Established::"on_own_premises"'
    turned = changed("state_agents", once, 'Established::"on_own_premises", Established::"eu_control"')
    assert reworded(engine().rulebook.rules, engine(turned).rulebook.rules) == ("state_agents.tool",)
    assert list(compare_symbolic(engine(), engine(turned))) == []


@pytest.mark.parametrize(
    ("texts", "invariant"),
    [
        (without_class("gdpr_transfers", "gdpr.transfer", "special"), "inv.transfer"),
        (changed("hds", "principal.care &&", "!principal.care &&"), "inv.care"),
        (changed("dora", 'principal.analyses.contains(Analysis::"dora_register")', "true"), "inv.dora"),
    ],
)
def test_a_planted_bug_is_found_with_a_small_example(texts: dict[str, str], invariant: str) -> None:
    (found,) = (broken for broken in shown(texts, only=invariant).broken if broken.invariant.id == invariant)
    assert len(found.example.classes) == 1


def test_what_the_gateway_may_hold_is_proven_too() -> None:
    sends = '(principal, action in [Action::"infer", Action::"embed", Action::"store"], resource)'
    (broken,) = shown(changed("gdpr_transfers", "(principal, action, resource)", sends), only="inv.transfer").broken
    assert (broken.invariant.id, broken.example.action) == ("inv.transfer", Action.HOLD)


def test_a_class_that_opens_dead_and_redundant_rules_are_found() -> None:
    opens = raw(
        "test.opens", 'forbid (principal, action, resource) unless { context.classes.contains(DataClass::"payment") };'
    )
    never = raw("test.never", "forbid (principal, action, resource) when { principal.care && !principal.care };")
    health = 'forbid (principal, action, resource) when { context.classes.contains(DataClass::"health") };'
    found = unlinted(PERMIT, opens, never, raw("test.one", health), raw("test.two", health))
    said = show_symbolic(found.rulebook.rules, [], found)
    assert {item.data_class for item in said.widening} == {DataClass.PAYMENT}
    assert said.dead == ("test.never",)
    assert said.redundant == ("test.one", "test.two")


# ------------------------------------------------------------------ what errs proves nothing
def test_an_example_that_cedar_does_not_confirm_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Engine, "fires", lambda *_: False)
    with pytest.raises(EngineDisagrees, match="not confirmed"):
        shown(without_class("gdpr_transfers", "gdpr.transfer", "special"), only="inv.transfer")


@pytest.mark.parametrize(
    "condition",
    [
        'context.classes == [DataClass::"health"]',
        'principal.purposes.contains("care")',
        "principal has kind",
        "resource.non_eu_share_max == 3",
        'resource.provider == Provider::"azure"',
    ],
)
def test_a_construct_that_is_not_known_refuses(condition: str) -> None:
    rule = raw("test.rule", f"forbid (principal, action, resource) when {{ {condition} }};")
    with pytest.raises(NotProvable):
        fires(rule, words(Action.INFER))
