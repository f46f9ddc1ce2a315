"""What must hold holds of the shipped rules; rules and facts written wrong are found, each with an example."""

from dataclasses import replace
from typing import Any

import pytest

from ecluse.domain.caller import CallerKind
from ecluse.domain.destination import DestinationId, Established, Trilean
from ecluse.domain.finding import DataClass
from ecluse.domain.verdict import Action
from ecluse.packs.registry import establish
from ecluse.passage.decide import RuleRefused
from ecluse.prove import invariants
from ecluse.prove.confirm import Engine, EngineDisagrees
from ecluse.prove.invariants import Shown, show
from ecluse.prove.residual import NotProvable
from ecluse.prove.verdicts import alike_actions, distinct, enforced, verdicts
from tests.prove.prove_world import (
    TODAY,
    but,
    changed,
    destinations,
    engine,
    faults,
    raw,
    registry,
    shipped_invariants,
    unlinted,
    without_class,
)


def shown(texts: dict[str, str] | None = None) -> Shown:
    found = engine(texts)
    return show(found.rulebook.rules, shipped_invariants(), found, drawn=3)


def broken(texts: dict[str, str]) -> dict[str, Any]:
    return {item.invariant.id: item for item in shown(texts).broken}


def test_every_invariant_holds_of_the_shipped_rules_and_facts() -> None:
    whole = engine(among=destinations())
    found = show(whole.rulebook.rules, shipped_invariants(), whole)
    assert (found.broken, found.widening, found.dead) == ((), (), ())
    assert found.questions > 40_000_000_000
    assert found.agreed >= 500
    assert faults(destinations().values()) == []


# ------------------------------------------------------------------ planted: rules
def test_a_forbid_that_lost_a_class_is_found() -> None:
    found = broken(without_class("gdpr_transfers", "gdpr.transfer", "special"))
    assert found.keys() == {"inv.transfer"}
    example = found["inv.transfer"].example
    assert example.classes == {DataClass.SPECIAL}
    assert example.thing.names[0] == "aws/us-east-1/mistral-large-3"
    assert found["inv.transfer"].questions > 0


def test_a_condition_turned_round_is_found() -> None:
    found = broken(changed("hds", "principal.care &&", "!principal.care &&"))
    assert "inv.care" in found
    assert found["inv.care"].example.caller.care


def test_an_unless_turned_round_is_found() -> None:
    text = 'when { resource.established.contains(Established::"state_cloud") }\nunless {'
    found = broken(changed("cloud_au_centre", text, text.replace("unless", "when")))
    assert found.keys() == {"inv.state_cloud"}
    assert found["inv.state_cloud"].example.caller.kind not in {
        CallerKind.STATE_ADMINISTRATION, CallerKind.STATE_OPERATOR, CallerKind.LISTED_GIP,
    }  # fmt: skip


def test_an_unless_on_a_fact_turned_round_refuses_to_load() -> None:
    text = 'unless { principal.analyses.contains(Analysis::"homologation") }'
    with pytest.raises(RuleRefused, match="an analysis may only lift refusals"):
        shown(changed("diffusion_restreinte", text, text.replace("unless", "when")))


def test_a_permit_of_the_base_made_wider_is_found() -> None:
    wide = (
        'principal.contracts.contains(resource.provider) || resource.established.contains(Established::"no_training")'
    )
    found = broken(changed("base", "principal.contracts.contains(resource.provider)", wide, count=2))
    assert "inv.contract" in found
    assert not found["inv.contract"].example.caller.contract
    assert found["inv.contract"].example.classes == frozenset()


def test_a_rule_that_is_only_observed_proves_nothing() -> None:
    pack = changed("gdpr_transfers", '@mode("enforce")', '@mode("observe")', count=5)
    found = shown(pack)
    assert "gdpr.transfer" in found.not_enforced
    assert {"inv.transfer", "inv.masked_transfer", "inv.training", "inv.nir"} <= {b.invariant.id for b in found.broken}


def test_what_the_gateway_may_hold_is_proven_too() -> None:
    sends = '(principal, action in [Action::"infer", Action::"embed"], resource)'
    found = broken(changed("gdpr_transfers", "(principal, action, resource)", sends))
    assert {id_: item.example.action for id_, item in found.items()} == {"inv.transfer": Action.HOLD}
    assert found["inv.transfer"].example.thing.names[0] in {"azure_public (US)", "unknown"}


# ------------------------------------------------------------------ planted: facts
def test_a_fact_that_no_record_bears_out_is_found() -> None:
    azure = but("azure/global/mistral-large-3")
    wrong = but("azure/global/mistral-large-3", established=azure.established | {Established.EU_CONTROL})
    assert [(f.destination, f.fact) for f in faults([wrong])] == [("azure/global/mistral-large-3", "eu_control")]


def test_an_attestation_that_expired_is_found_when_it_still_counts() -> None:
    later = TODAY.replace(month=12, day=1)
    found = faults(destinations().values(), later)
    assert {(f.destination, f.fact) for f in found} >= {("outscale/own-vm/mistral-small-4", "secnumcloud")}
    assert faults(establish(registry(), later).values(), later) == []


@pytest.mark.parametrize(
    ("id_", "facts", "fact"),
    [
        (
            "mistral/global/mistral-large-3",
            {"established": frozenset({Established.PROCESSING_IN_EEA})},
            "processing_in_eea",
        ),
        (
            "scaleway/generative-apis/gpt-oss-120b",
            {"established": frozenset({Established.NO_RETENTION})},
            "no_retention",
        ),
        ("aws/us-east-1/mistral-large-3", {"established": frozenset({Established.HDS})}, "hds"),
        ("aws/us-east-1/mistral-large-3", {"non_eu_share_max": 0}, "non_eu_share_max"),
        ("albert/state/mistral-small-3.2", {"established": frozenset()}, "state_cloud"),
        ("openai/eu/gpt-5.4", {"established": frozenset({Established.TRANSFER_TOOL})}, "transfer_tool"),
        ("azure/global/gpt-5.4", {"established": frozenset({Established.OPERATED_BY_CALLER})}, "operated_by_caller"),
    ],
)
def test_each_kind_of_mistaken_fact_is_found(id_: str, facts: dict[str, Any], fact: str) -> None:
    assert fact in {f.fact for f in faults([but(id_, **facts)])}


@pytest.mark.parametrize("day", ["2025-01-01", "2026-08-01", "2026-11-30", "2027-06-01", "2029-08-27", "2032-01-01"])
def test_what_is_established_has_its_ground_on_any_day(day: str) -> None:
    on = TODAY.fromisoformat(day)
    assert faults(establish(registry(), on).values(), on) == []


def test_terms_that_train_are_no_ground() -> None:
    shipped = destinations()[DestinationId("mistral/eu/mistral-large-3")]
    trains = replace(shipped, terms=replace(shipped.terms, trains_on_input=Trilean.UNKNOWN))
    assert [f.fact for f in faults([trains])] == ["no_training"]


# ------------------------------------------------------------------ rules that do nothing, classes that open
PERMIT = raw("base.contract", "permit (principal, action, resource);")


def test_dead_asleep_and_redundant_rules_are_told_apart() -> None:
    never = raw("test.never", "forbid (principal, action, resource) when { principal.care && !principal.care };")
    shares = "resource.non_eu_share_max > 40 && resource.non_eu_share_max < 42"
    asleep = raw("test.asleep", f"forbid (principal, action, resource) when {{ {shares} }};")
    health = 'forbid (principal, action, resource) when { context.classes.contains(DataClass::"health") };'
    found = unlinted(PERMIT, never, asleep, raw("test.one", health), raw("test.two", health))
    said = show(found.rulebook.rules, [], found, drawn=1)
    assert said.dead == ("test.never",)
    assert said.asleep == ("test.asleep",)
    assert said.redundant == ("test.one", "test.two")


def test_a_class_that_turns_a_refusal_into_a_permit_is_found() -> None:
    opens = raw(
        "test.opens", 'forbid (principal, action, resource) unless { context.classes.contains(DataClass::"payment") };'
    )
    found = unlinted(PERMIT, opens)
    (item,) = show(found.rulebook.rules, [], found, drawn=1).widening
    assert item.data_class is DataClass.PAYMENT
    assert item.example.classes == frozenset()


def test_a_purpose_that_a_rule_names_is_in_the_space() -> None:
    rule = raw("test.care", 'forbid (principal, action, resource) when { context.purpose == "care" };')
    invariant = raw("inv.care_purpose", 'forbid (principal, action, resource) when { context.purpose == "drafting" };')
    found = unlinted(PERMIT, rule)
    (item,) = show(found.rulebook.rules, [invariant], found, drawn=2).broken
    assert item.example.caller.purpose == "drafting"


# ------------------------------------------------------------------ what errs proves nothing
def test_an_example_that_cedar_does_not_confirm_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = without_class("gdpr_transfers", "gdpr.transfer", "special")
    monkeypatch.setattr(Engine, "fires", lambda *_: False)
    with pytest.raises(EngineDisagrees, match="not confirmed"):
        shown(texts)


def test_an_evaluator_that_differs_from_cedar_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Engine, "permits", lambda *_: True)
    with pytest.raises(EngineDisagrees, match="Cedar does not"):
        shown()


def test_a_rule_that_cannot_be_proven_refuses() -> None:
    named = raw("test.named", 'forbid (principal, action, resource) when { principal.purposes.contains("x") };')
    found = unlinted(PERMIT, named)
    with pytest.raises(NotProvable):
        invariants.show(found.rulebook.rules, [], found)


def test_one_caller_of_all_alike_tells_the_same_rules_apart_as_all_of_them() -> None:
    found = engine()
    decisive = enforced(found.rulebook.rules.values())
    space = invariants.space_of(decisive, found.destinations, found.places)
    for action in alike_actions(decisive):
        whole = verdicts(space, decisive, action)
        few = distinct(whole)
        assert len(few.permits) < len(whole.permits)
        every = {one: {row.tobytes() for row in where} for one, where in whole.fired.items()}
        assert {one: {row.tobytes() for row in where} for one, where in few.fired.items()} == every
        pairs = {(a.tobytes(), b.tobytes()) for a, b in zip(whole.permits, whole.permitted, strict=True)}
        assert {(a.tobytes(), b.tobytes()) for a, b in zip(few.permits, few.permitted, strict=True)} == pairs
