"""Which questions change verdict between two sets of rules: a witness in each direction, confirmed, or none."""

from dataclasses import replace

import pytest

from ecluse.domain.caller import CallerKind
from ecluse.domain.destination import DestinationId, Established
from ecluse.domain.finding import DataClass
from ecluse.domain.verdict import Action
from ecluse.prove.confirm import Engine, EngineDisagrees
from ecluse.prove.diff import CLOSED, OPENED, compare
from ecluse.prove.space import Caller, Thing
from ecluse.prove.verdicts import Witness
from ecluse.prove.words import said_witness
from tests.prove.prove_world import changed, engine, few, without_class


def test_the_same_rules_change_nothing() -> None:
    found = compare(engine(), engine())
    assert found.changes == ()
    assert found.questions > 1_000_000_000


def test_a_rule_that_no_invariant_guards_is_found_by_its_difference() -> None:
    """The house's threshold for payment data of a bank is in no invariant; the diff shows that it went."""
    text = '&& context.classes.contains(DataClass::"payment")'
    found = compare(engine(), engine(changed("dora", text, '&& context.classes.contains(DataClass::"classified")')))
    assert {change.way for change in found.changes} == {OPENED}
    example = found.changes[0].example
    assert example.caller.kind is CallerKind.FINANCIAL_ENTITY
    assert example.classes == {DataClass.PAYMENT}


def test_both_directions_have_their_witness() -> None:
    looser = without_class("gdpr_transfers", "gdpr.transfer", "special")
    stricter = changed("hds", "resource.non_eu_share_max > 39", "resource.non_eu_share_max > 5")
    ways = {change.way: change for change in compare(engine(), engine({**looser, **stricter})).changes}
    assert ways.keys() == {OPENED, CLOSED}
    assert ways[OPENED].example.classes == {DataClass.SPECIAL}
    assert ways[CLOSED].example.classes == {DataClass.HEALTH}


def test_facts_that_change_are_compared_too() -> None:
    scaleway = DestinationId("scaleway/generative-apis/mistral-medium-3.5")
    known = few()[scaleway]
    poorer = replace(known, established=known.established - {Established.EU_CONTROL})
    found = compare(engine(), engine(among={**few(), scaleway: poorer}))
    assert {change.way for change in found.changes} == {CLOSED}
    assert set(found.changes[0].where) == {scaleway}
    back = compare(engine(among={**few(), scaleway: poorer}), engine())
    assert {change.way for change in back.changes} == {OPENED}
    assert back.changes[0].questions == found.changes[0].questions


def test_a_witness_that_an_engine_does_not_confirm_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = engine(), engine(without_class("gdpr_transfers", "gdpr.transfer", "special"))
    monkeypatch.setattr(Engine, "permits", lambda *_: False)
    with pytest.raises(EngineDisagrees, match="not confirmed"):
        compare(old, new)


def test_a_french_example_elides_before_a_vowel() -> None:
    caller = Caller(
        kind=CallerKind.LOCAL_AUTHORITY,
        care=False,
        analyses=frozenset(),
        contract=False,
        purpose="p",
        purpose_on_record=True,
    )
    thing = Thing(names=("own_premises (FR)",), provider=None, established=frozenset(), share=0)
    example = Witness(action=Action.HOLD, caller=caller, thing=thing, classes=frozenset({DataClass.HEALTH}))
    assert "les données de santé d'une collectivité territoriale" in said_witness(example, fr=True)
