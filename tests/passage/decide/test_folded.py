"""The folded rules decide as Cedar does, only once they were held against it, and never again after a difference."""

import json
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecluse.domain.caller import AnalysisKind, Application
from ecluse.domain.destination import DestinationId
from ecluse.domain.errors import GatewayError
from ecluse.domain.finding import DataClass
from ecluse.domain.verdict import Action, Choice
from ecluse.packs import policies
from ecluse.passage.decide import CedarRulebook, RuleRefused, activate, compile_rules, decide, read_packs
from ecluse.passage.decide import agreement as agreement_module
from ecluse.passage.decide.folded import Folded, View
from ecluse.passage.decide.memo import Memo
from ecluse.passage.decide.question import Fired
from tests.passage.decide.world import NOW, SELF_HOSTED, TODAY, caller, destinations, here, question, snapshot

SOURCES = policies.load()
EVERYWHERE = [Choice(destination=id_, masked=masked) for id_ in destinations() for masked in (False, True)]
MINE = Choice(destination=DestinationId(SELF_HOSTED), masked=False)
COMPANY = question(caller("company"))


def compiled() -> CedarRulebook:
    return compile_rules(SOURCES.schema, SOURCES.policies, destinations=destinations(), today=TODAY)


ASKED_AT: list[float] = []
"""CPU seconds of this thread at each question whether to stop."""


def napping() -> bool:
    ASKED_AT.append(time.thread_time())
    return False


CEDAR = compiled()
FOLDED = compiled()
AGREED = activate(FOLDED, [here()], seed=7, stopped=napping)


def test_the_shipped_rules_agree_and_then_decide() -> None:
    assert AGREED.difference is None
    assert AGREED.compared > 200
    assert FOLDED.is_folded
    assert not CEDAR.is_folded


def test_a_comparison_gives_way_after_each_few_milliseconds() -> None:
    pieces = sorted(last - first for first, last in pairwise(ASKED_AT))
    assert len(pieces) > 30
    assert pieces[len(pieces) * 9 // 10] < 0.03  # a look for cycles may make one of them longer


@settings(max_examples=25)
@given(
    name=st.sampled_from(["ministry", "hospital", "region", "bank", "company"]),
    classes=st.frozensets(st.sampled_from([c for c in DataClass if not c.endswith("_masked")]), max_size=4),
    lost=st.frozensets(st.sampled_from(list(AnalysisKind)), max_size=2),
    action=st.sampled_from([Action.INFER, Action.EMBED]),
)
def test_both_give_the_same_rulings(name: str, classes: Any, lost: Any, action: Action) -> None:
    asked = question(caller(name, minus=sorted(lost)), *sorted(classes), action=action)
    assert FOLDED.rule(asked, EVERYWHERE) == CEDAR.rule(asked, EVERYWHERE)
    assert FOLDED.hold(asked, here()) == CEDAR.hold(asked, here())
    assert FOLDED.confirm(asked, EVERYWHERE[:4], [here()])


def test_the_folded_rules_ask_nothing_of_cedar(monkeypatch: pytest.MonkeyPatch) -> None:
    def dead(*_: object) -> Any:
        raise RuntimeError("nobody asks me")

    monkeypatch.setattr("cedarpy.is_authorized_batch", dead)
    assert FOLDED.rule(COMPANY, [MINE])[0].permitted
    assert FOLDED.hold(COMPANY, here()) == ()


# ------------------------------------------------------------------ what errs
@pytest.mark.parametrize("facts", [{"established": frozenset({"invented"})}, {"non_eu_share_max": None}])
def test_an_unknown_or_missing_fact_of_a_place_refuses(facts: dict[str, Any]) -> None:
    with pytest.raises(GatewayError, match="policy_unavailable"):
        FOLDED.hold(COMPANY, replace(here(), **facts))


def test_an_unknown_class_or_destination_refuses() -> None:
    with pytest.raises(GatewayError, match="policy_unavailable"):
        FOLDED.rule(replace(COMPANY, classes=frozenset({"invented"})), [MINE])  # type: ignore[arg-type]  # the point of the test
    with pytest.raises(GatewayError, match="policy_unavailable"):
        FOLDED.rule(COMPANY, [Choice(destination=DestinationId("nobody/nowhere/nothing"), masked=False)])


def test_a_rule_that_cannot_be_folded_refuses_to_load() -> None:
    notes = '@id("planted.rule") @reason("A.") @reason_fr("A.") @source("s") @basis("house") @mode("enforce")'
    text = f'\n{notes} forbid (principal == Application::"caller", action, resource);'
    with pytest.raises(RuleRefused, match="its scope names a principal") as raised:
        read_packs(SOURCES.schema, {**SOURCES.policies, "planted": text})
    assert (raised.value.file, raised.value.line) == ("planted.cedar", 2)


# ------------------------------------------------------------------ a difference
def wrong(view: View, facts: Any) -> Any:
    """Answer that nothing is ever forbidden."""
    del view, facts

    class Nothing:
        def __getitem__(self, classes: int) -> Fired:
            del classes
            return Fired(permits=(), forbids=())

    return Nothing()


def test_a_difference_at_load_leaves_cedar_deciding(monkeypatch: pytest.MonkeyPatch) -> None:
    book = compiled()
    monkeypatch.setattr(View, "__getitem__", wrong)
    found = activate(book, [here()], seed=1)
    assert found.difference is not None
    assert not book.is_folded


def test_a_difference_on_mutated_rules_alone_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    book, real = compiled(), Folded

    def deaf(rules: Any) -> Folded:
        return real(tuple(book.rules.values()) if len(rules) > 1 else rules)

    monkeypatch.setattr(agreement_module, "Folded", deaf)
    assert activate(book, seed=1).difference is not None
    assert not book.is_folded


def test_a_comparison_that_cannot_be_made_leaves_cedar_deciding(monkeypatch: pytest.MonkeyPatch) -> None:
    book = compiled()

    def broken(*_: object) -> Any:
        raise ValueError("broken")

    monkeypatch.setattr("cedarpy.is_authorized_batch", broken)
    found = activate(book, seed=1)
    assert found.difference == "it could not be compared: ValueError"
    assert not book.is_folded


def test_a_comparison_that_is_stopped_activates_nothing() -> None:
    book = compiled()
    assert activate(book, seed=1, stopped=lambda: True).compared == 0
    assert not book.is_folded


def test_a_difference_on_a_request_is_not_confirmed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(View, "__getitem__", wrong)
    assert not FOLDED.confirm(COMPANY, [MINE])


def test_an_engine_that_fails_does_not_confirm(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> Any:
        raise RuntimeError("broken")

    monkeypatch.setattr("cedarpy.is_authorized_batch", broken)
    assert not FOLDED.confirm(COMPANY, [MINE])


def test_what_is_distrusted_is_not_activated_again() -> None:
    book = compiled()
    book.activate(Folded(tuple(book.rules.values())))
    book.distrust()
    book.activate(Folded(tuple(book.rules.values())))
    assert not book.is_folded


# ------------------------------------------------------------------ memory
def test_a_verdict_is_remembered_for_the_same_record_alone() -> None:
    shot, candidates = snapshot(rules=FOLDED), (MINE.destination,)
    first = decide(shot, COMPANY, candidates, now=NOW)
    assert decide(shot, COMPANY, candidates, now=NOW) is first
    assert decide(shot, COMPANY, (MINE.destination,), now=NOW) is first
    other: Application = replace(COMPANY.application, purposes=("nothing",))  # type: ignore[arg-type]  # a purpose
    assert decide(shot, replace(COMPANY, application=other), candidates, now=NOW) is not first
    assert replace(shot, places=()).answered == {}


def test_a_list_of_candidates_that_may_change_is_not_remembered() -> None:
    shot, candidates = snapshot(rules=FOLDED), [MINE.destination]
    decide(shot, COMPANY, candidates, now=NOW)
    assert [kept for _, kept in shot.answered.values()] == [[]]


def test_what_a_snapshot_remembers_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["ecluse.passage.decide.decide"], "QUESTIONS", 2)
    shot = snapshot(rules=FOLDED)
    for data_class in (DataClass.PERSONAL, DataClass.HEALTH, DataClass.SPECIAL):
        decide(shot, question(caller("company"), data_class), (MINE.destination,), now=NOW)
    assert len(shot.answered) == 2


def test_a_memory_drops_its_oldest() -> None:
    memo: Memo[int, str] = Memo(2)
    for number in range(3):
        memo.put(number, str(number))
    assert [memo.get(number) for number in range(3)] == [None, "1", "2"]


@pytest.mark.parametrize("ask", [lambda book: book.rule(COMPANY, EVERYWHERE), lambda book: book.hold(COMPANY, here())])
def test_destinations_with_the_same_facts_are_folded_once(
    ask: Callable[[CedarRulebook], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    folds: list[str] = []
    real = Folded._fold

    def counted(self: Folded, *told: Any) -> Any:
        folds.append(json.dumps(repr(told[-1])))
        return real(self, *told)

    monkeypatch.setattr(Folded, "_fold", counted)
    book = compiled()
    book.activate(Folded(tuple(book.rules.values())))
    folds.clear()
    ask(book)
    once = len(folds)
    ask(book)
    assert len(folds) == len(set(folds)) == once
