"""An answer given again is a whole passage: classified, decided, recorded; only the call is missing."""

import json
from dataclasses import replace
from typing import Any

import pytest

from ecluse.domain.caching import Caching
from ecluse.domain.caller import OrganisationId
from ecluse.domain.destination import DestinationId, Price
from ecluse.domain.effects import Dispatch, Keep, Record
from ecluse.domain.finding import DataClass
from ecluse.passage.arrival import Arrival
from tests.passage.play import SOURCE, Finds, Rules, Stage, arrival, destination, snapshot, sse
from tests.passage.test_walk import whole

FIVE = Caching(seconds=300)
PERSON = Finds({"Ada Lovelace": DataClass.PERSONAL})
MASKED_ONLY = Rules(permits=lambda _q, choice: choice.masked)
PLAIN = {"model": "m", "messages": [{"role": "user", "content": "What is a lock?"}]}
PRICED = replace(destination("a"), price=Price(per_million_in=1, per_million_out=1, currency="EUR", source=SOURCE))


def of(other: str, start: Arrival) -> Arrival:
    application = start.caller.application
    organisation = replace(application.organisation, id=OrganisationId(other))
    return replace(start, caller=replace(start.caller, application=replace(application, organisation=organisation)))


def after(first: Stage, **changed: Any) -> Stage:
    """Return a stage with the memory of `first`, whose provider would say something else."""
    return replace(first, seen=[], upstream={"a": whole("Something else.")}, _pieces=[], **changed)


def asked(stage: Stage, start: Arrival) -> Stage:
    stage.play(start)
    return stage


def kept(body: dict[str, Any] | None = None, **words: Any) -> Stage:
    shot = snapshot(PRICED, **{"caching": FIVE, **words})
    return asked(Stage(shot, upstream={"a": whole("A lock.")}), arrival(shot, PLAIN if body is None else body))


def content(stage: Stage) -> str:
    return str(json.loads(stage.said)["choices"][0]["message"]["content"])


def test_a_hit_is_classified_decided_recorded_and_settled_and_calls_nobody() -> None:
    stage = after(kept())
    stage.play(arrival(stage.shot, PLAIN))
    assert stage.order == ["Reserve", "Recognise", "Recall", "Record", "Reply", "Emit", "Settle"]
    assert content(stage) == "A lock."
    (record,) = stage.of(Record)
    assert record.entry.body["cached"] is True
    assert record.entry.body["permitted_by"]
    assert record.opening is not None
    headers = dict(stage.reply_headers)
    assert (headers["x-ecluse-cache"], headers["x-ecluse-cost"][:2]) == ("hit; age=0", "0;")
    assert headers["x-ecluse-entry"] == record.entry.id
    outcome = stage.outcome
    assert (outcome["calls"], outcome["tokens_in"], outcome["tokens_out"], outcome["cost_micro"]) == (0, 0, 0, 0)


def test_a_first_call_says_that_it_is_not_from_memory() -> None:
    stage = kept()
    (dispatch,) = stage.of(Dispatch)
    assert dispatch.intent.body["cached"] is False
    assert "x-ecluse-cache" not in dict(stage.reply_headers)


def test_it_is_off_until_the_owner_writes_it() -> None:
    shot = snapshot()
    stage = asked(Stage(shot, upstream={"a": whole("A lock.")}), arrival(shot, PLAIN))
    assert stage.order == ["Reserve", "Recognise", "Dispatch", "Next", "Next", "Reply", "Emit", "Settle"]


def test_another_organisation_never_meets_the_answer() -> None:
    stage = after(kept())
    stage.play(of("other", arrival(stage.shot, PLAIN)))
    assert stage.sent_to == ["a"]


@pytest.mark.parametrize(
    "changed",
    [{"temperature": 0.5}, {"stream": True}, {"messages": [{"role": "user", "content": "What is a lock ?"}]}],
)
def test_another_word_or_parameter_is_another_call(changed: dict[str, Any]) -> None:
    stage = after(kept())
    stage.play(arrival(stage.shot, {**PLAIN, **changed}))
    assert stage.sent_to == ["a"]


def test_another_snapshot_or_destination_is_another_call() -> None:
    first = kept()
    for shot in (snapshot(PRICED, name="s2", caching=FIVE), snapshot(destination("b"), caching=FIVE)):
        stage = after(first, shot=shot)
        stage.play(arrival(stage.shot, PLAIN))
        assert len(stage.sent_to) == 1


def test_a_caller_who_asks_for_a_new_answer_gets_one_that_is_not_kept() -> None:
    first = kept()
    stage = after(first)
    stage.play(arrival(stage.shot, PLAIN, fresh=True))
    assert content(stage) == "Something else."
    assert not stage.of(Keep)


@pytest.mark.parametrize("classes", [frozenset[DataClass](), frozenset({DataClass.PERSONAL})])
def test_what_is_not_public_refuses_to_be_kept_unless_its_class_is_written(classes: frozenset[DataClass]) -> None:
    named = {"model": "m", "messages": [{"role": "user", "content": "Hello Ada Lovelace."}]}
    stage = kept(named, finds=PERSON, caching=replace(FIVE, classes=classes))
    assert bool(stage.of(Keep)) is bool(classes)


def test_a_masked_form_is_a_class_of_its_own_and_originals_come_back_anew() -> None:
    named = {"model": "m", "messages": [{"role": "user", "content": "Hello Ada Lovelace."}]}
    rule = replace(FIVE, classes=frozenset({DataClass.PERSONAL}))
    assert not kept(named, finds=PERSON, rules=MASKED_ONLY, caching=rule).of(Keep)
    rule = replace(FIVE, classes=frozenset({DataClass.PERSONAL_MASKED}))
    first = kept(named, finds=PERSON, rules=MASKED_ONLY, caching=rule)
    (keep,) = first.of(Keep)
    assert b"Ada" not in keep.data
    (sent,) = first.of(Dispatch)
    surrogate = json.loads(sent.call.body)["messages"][-1]["content"].split()[-1].rstrip(".")
    first.kept[keep.name] = whole(f"Hello {surrogate}.")[0]
    stage = after(first)
    stage.play(arrival(stage.shot, named))
    assert stage.sent_to == []
    assert content(stage) == "Hello Ada Lovelace."


@pytest.mark.parametrize("broken", [[*sse("A ", finish=False), "upstream_error"], sse("A ", finish=False)])
def test_a_stream_that_broke_refuses_to_be_kept(broken: list[Any]) -> None:
    shot = snapshot(PRICED, caching=FIVE)
    stage = asked(Stage(shot, upstream={"a": broken}), arrival(shot, {**PLAIN, "stream": True}))
    assert stage.outcome["status"] == "failed"
    assert not stage.of(Keep)


def test_a_stream_comes_again_as_a_stream() -> None:
    shot = snapshot(PRICED, caching=FIVE)
    body = {**PLAIN, "stream": True}
    first = asked(Stage(shot, upstream={"a": sse("A ", "lock.")}), arrival(shot, body))
    again = after(first)
    again.play(arrival(shot, body))
    assert again.sent_to == []
    assert again.said == first.said


def test_an_answer_over_its_bound_refuses_to_be_kept() -> None:
    assert not kept(caching=replace(FIVE, answer_bytes=10)).of(Keep)


def test_a_hit_refuses_to_be_given_while_the_trail_cannot_be_written() -> None:
    stage = after(kept(), trail_fails=True)
    stage.play(arrival(stage.shot, PLAIN))
    assert stage.status == 503
    assert "A lock" not in stage.said


def test_a_rule_that_now_refuses_is_asked_before_memory_is() -> None:
    first = kept()
    shot = snapshot(PRICED, caching=FIVE, rules=Rules(permits=lambda _q, _c: False))
    stage = after(first, shot=shot)
    stage.play(arrival(shot, PLAIN))
    assert stage.status == 403
    assert "Recall" not in stage.order


def test_tokens_of_a_call_before_the_hit_stay_unknown() -> None:
    both = (destination("b"), PRICED)
    shot = snapshot(*both, caching=FIVE)
    first = asked(Stage(shot, upstream={"b": 500, "a": whole("A lock.")}), arrival(shot, PLAIN))
    stage = replace(first, seen=[], upstream={"b": 500, "a": whole("Something else.")}, _pieces=[])
    stage.play(arrival(shot, PLAIN))
    assert stage.sent_to == [DestinationId("b")]
    assert content(stage) == "A lock."
    assert (stage.outcome["calls"], stage.outcome["tokens_in"], stage.outcome["cost_micro"]) == (1, None, None)
