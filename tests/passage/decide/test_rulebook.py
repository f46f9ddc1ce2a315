"""The engine decides; whatever errs refuses, and never permits."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import cedarpy
import pytest

from ecluse.domain.destination import DestinationId
from ecluse.domain.errors import GatewayError
from ecluse.domain.finding import DataClass
from ecluse.domain.verdict import Action, Choice, Mode
from ecluse.packs import policies
from ecluse.packs.registry import place
from ecluse.passage.decide import CedarRulebook, compile_rules
from ecluse.passage.decide.rulebook import NO_PERMIT
from tests.passage.decide.world import (
    SELF_HOSTED,
    TODAY,
    caller,
    destinations,
    here,
    moded,
    question,
    registry,
    rulebook,
)

HERE = Choice(destination=DestinationId(SELF_HOSTED), masked=False)
AZURE = Choice(destination=DestinationId("azure/global/gpt-5.4"), masked=False)
COMPANY = question(caller("company"))


def fresh(**facts: Any) -> CedarRulebook:
    """Compile anew, so that nothing is remembered; `facts` change the destination on one's own premises."""
    sources = policies.load()
    changed = {**destinations(), HERE.destination: replace(destinations()[HERE.destination], **facts)}
    return compile_rules(sources.schema, sources.policies, destinations=changed, today=TODAY)


class Answer:
    """What cedarpy returns, made up."""

    def __init__(self, decision: cedarpy.Decision, reasons: list[str], errors: list[str]) -> None:
        self.decision = decision
        self.allowed = decision is cedarpy.Decision.Allow
        self.diagnostics = cedarpy.Diagnostics({"reason": reasons, "errors": errors})


def raising(error: Exception) -> Callable[..., Any]:
    def batch(*_: Any) -> Any:
        raise error

    return batch


def answering(
    decision: cedarpy.Decision, reasons: Sequence[str] = (), errors: Sequence[str] = ()
) -> Callable[..., Any]:
    def batch(requests: list[Any], *_: Any) -> list[Answer]:
        return [Answer(decision, list(reasons), list(errors)) for _ in requests]

    return batch


ALLOW, DENY, NONE = cedarpy.Decision.Allow, cedarpy.Decision.Deny, cedarpy.Decision.NoDecision
FAILURES = {
    "the engine raises": raising(ValueError("broken")),
    "the engine misunderstands": raising(TypeError("broken")),
    "the engine dies": raising(RuntimeError("broken")),
    "an error beside a permit": answering(ALLOW, ["base.contract"], ["a policy erred"]),
    "an error beside a refusal": answering(DENY, ["base.no_permit"], ["a policy erred"]),
    "no decision": answering(NONE),
    "a permit by no rule": answering(ALLOW),
    "fewer answers than questions": lambda *_: [],
    "a rule that does not exist": answering(DENY, ["ghost.rule"]),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_a_failure_of_the_engine_refuses(failure: str, monkeypatch: pytest.MonkeyPatch) -> None:
    book = fresh()
    monkeypatch.setattr(cedarpy, "is_authorized_batch", FAILURES[failure])
    with pytest.raises(GatewayError, match="policy_unavailable"):
        book.rule(COMPANY, [HERE])
    with pytest.raises(GatewayError, match="policy_unavailable"):
        book.hold(COMPANY, here())


def test_a_failure_is_not_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    book = fresh()
    with monkeypatch.context() as broken:
        broken.setattr(cedarpy, "is_authorized_batch", FAILURES["no decision"])
        with pytest.raises(GatewayError):
            book.rule(COMPANY, [HERE])
    assert book.rule(COMPANY, [HERE])[0].permitted


def test_a_destination_without_facts_refuses() -> None:
    with pytest.raises(GatewayError, match="policy_unavailable"):
        rulebook().rule(COMPANY, [Choice(destination=DestinationId("nobody/nowhere/nothing"), masked=False)])


def test_an_unknown_fact_of_a_place_refuses() -> None:
    with pytest.raises(GatewayError, match="policy_unavailable"):
        rulebook().hold(COMPANY, replace(here(), established=frozenset({"invented"})))  # type: ignore[arg-type]  # the point of the test


def test_a_missing_attribute_of_a_place_refuses() -> None:
    with pytest.raises(GatewayError, match="policy_unavailable"):
        rulebook().hold(COMPANY, replace(here(), non_eu_share_max=None))  # type: ignore[arg-type]  # the point of the test


def test_an_unknown_fact_of_a_destination_refuses_to_compile() -> None:
    with pytest.raises(ValueError, match="conform to the schema"):
        fresh(established=frozenset({"invented"}))


def test_a_missing_attribute_of_a_destination_refuses_to_compile() -> None:
    with pytest.raises(ValueError, match="entity"):
        fresh(non_eu_share_max=None)


def test_an_unknown_class_refuses() -> None:
    with pytest.raises(GatewayError, match="policy_unavailable"):
        rulebook().rule(replace(COMPANY, classes=frozenset({"invented"})), [HERE])  # type: ignore[arg-type]  # the point of the test


def test_a_mode_that_does_not_exist_refuses() -> None:
    asked = question(moded(caller("company"), gdpr__transfer="off"), DataClass.PERSONAL)
    with pytest.raises(GatewayError, match="policy_unavailable"):
        rulebook().rule(asked, [AZURE])


# ------------------------------------------------------------------ modes
def test_a_rule_in_observation_is_told_and_refuses_nothing() -> None:
    asked = question(moded(caller("company"), gdpr__transfer="observe"), DataClass.PERSONAL)
    (ruling,) = rulebook().rule(asked, [AZURE])
    assert ruling.permitted
    assert ruling.permitted_by == ("base.contract",)
    assert [(reason.rule, reason.mode) for reason in ruling.observed] == [("gdpr.transfer", Mode.OBSERVE)]


def test_an_enforced_rule_refuses_beside_one_that_only_warns() -> None:
    asked = question(moded(caller("bank"), gdpr__transfer="warn"), DataClass.PAYMENT)
    (ruling,) = rulebook().rule(asked, [AZURE])
    assert [reason.rule for reason in ruling.reasons] == ["dora.payment"]
    assert [(reason.rule, reason.mode) for reason in ruling.observed] == [("gdpr.transfer", Mode.WARN)]


@pytest.mark.parametrize("rule", sorted(id_ for id_, rule in rulebook().rules.items() if rule.floor))
def test_the_floor_knows_no_mode(rule: str) -> None:
    organisation = replace(caller("company").organisation, modes={rule: "observe"}, contracts=frozenset())
    application = replace(caller("company"), organisation=organisation)
    everything = question(application, DataClass.CREDENTIAL, DataClass.RESTRICTED, DataClass.CLASSIFIED)
    everything = everything.with_classes(frozenset({DataClass.HEALTH}))
    (ruling,) = rulebook().rule(everything, [AZURE])
    (kept,) = rulebook().rule(replace(everything, action=Action.STORE), [AZURE])
    held = rulebook().hold(everything, place(registry(), "unknown", "runs", TODAY))
    assert rule in {reason.rule for reason in (*ruling.reasons, *kept.reasons, *held)}
    assert ruling.observed == ()
    assert {reason.mode for reason in held} == {Mode.ENFORCE}


def test_a_mode_does_not_make_a_permit() -> None:
    asked = question(moded(caller("company", contracts=[]), base__no_permit="observe", base__contract="observe"))
    (ruling,) = rulebook().rule(asked, [AZURE])
    assert [reason.rule for reason in ruling.reasons] == [NO_PERMIT]


def test_the_rules_that_no_mode_changes_are_named() -> None:
    modes = {"gdpr.transfer": "observe", "gdpr.tranfer": "observe", "dr.classified": "observe", "base.hold": "observe"}
    assert rulebook().unchangeable(modes) == ("base.hold", "dr.classified", "gdpr.tranfer")


# ------------------------------------------------------------------ memory
def test_a_verdict_is_remembered_and_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    book = fresh()
    first = book.rule(COMPANY, [HERE, AZURE])
    monkeypatch.setattr(cedarpy, "is_authorized_batch", FAILURES["the engine raises"])
    assert book.rule(COMPANY, [HERE, AZURE]) == first
    with pytest.raises(GatewayError):
        book.rule(question(caller("bank")), [HERE])


def test_the_memory_drops_the_oldest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ecluse.passage.decide.rulebook.REMEMBERED", 1)
    book = fresh()
    book.rule(COMPANY, [HERE])
    book.rule(COMPANY, [AZURE])
    monkeypatch.setattr(cedarpy, "is_authorized_batch", FAILURES["the engine raises"])
    assert book.rule(COMPANY, [AZURE])
    with pytest.raises(GatewayError):
        book.rule(COMPANY, [HERE])


def test_an_analysis_counts_until_its_last_day() -> None:
    application = caller("company")
    ended = tuple(replace(analysis, valid_until=TODAY.replace(day=23)) for analysis in application.analyses)
    current = tuple(replace(analysis, valid_until=TODAY) for analysis in application.analyses)
    asked = [question(replace(application, analyses=on), DataClass.PERSONAL) for on in (current, ended)]
    assert [rulebook().rule(one, [HERE])[0].permitted for one in asked] == [True, False]


def test_a_rule_is_told_before_it_applies_whatever_its_mode_and_refuses_from_that_day() -> None:
    asked = question(caller("company", modes={"ai_act.logs": "enforce"}))
    (before,) = rulebook(date(2027, 12, 1)).rule(asked, [HERE])
    (after,) = rulebook(date(2027, 12, 2)).rule(asked, [HERE])
    assert [(reason.rule, reason.mode) for reason in before.observed] == [("ai_act.logs", Mode.OBSERVE)]
    assert (before.permitted, after.permitted) == (True, False)
