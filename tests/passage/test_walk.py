"""The walk, told as a dialogue: what it asks for, in which order, whatever it is answered."""

import json
from dataclasses import replace

import pytest

from ecluse.domain.destination import DestinationId, Price
from ecluse.domain.effects import Confirm, Dispatch, Emit, Health, Moment, Record, Refused, Reply
from ecluse.domain.finding import DataClass
from ecluse.domain.snapshot import Instant
from ecluse.domain.verdict import Mode
from ecluse.passage.record import derive
from ecluse.passage.walk import CONFIRMED_ONE_IN
from tests.passage.play import NOW, REASON, SOURCE, Finds, Rules, Stage, arrival, destination, snapshot, sse

PERSON = Finds({"Ada Lovelace": DataClass.PERSONAL})
WHOLE = {"model": "m", "messages": [{"role": "user", "content": "Hello Ada Lovelace."}]}


def whole(text: str) -> list[bytes]:
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    usage = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
    return [
        json.dumps(
            {"id": "x", "object": "chat.completion", "created": 1, "model": "w", "choices": [choice], "usage": usage}
        ).encode()
    ]


def test_a_request_is_recorded_sent_answered_and_settled_in_that_order() -> None:
    stage = Stage(snapshot(), upstream={"a": whole("Hi.")})
    stage.play(arrival(stage.shot, WHOLE))
    assert stage.order == ["Reserve", "Recognise", "Dispatch", "Next", "Next", "Reply", "Emit", "Settle"]
    assert stage.sent_to == ["a"]
    assert json.loads(stage.said)["choices"][0]["message"]["content"] == "Hi."
    assert stage.outcome["status"] == "done"
    assert (stage.outcome["tokens_in"], stage.outcome["tokens_out"]) == (3, 2)


def test_the_intent_and_the_call_leave_in_one_effect_and_agree() -> None:
    stage = Stage(snapshot())
    stage.play(arrival(stage.shot))
    (dispatch,) = stage.of(Dispatch)
    assert dispatch.intent.body["destination"] == dispatch.call.destination
    assert dispatch.intent.body["size"] == len(dispatch.call.body)
    assert ("x-request-id", dispatch.intent.id) in list(dispatch.call.headers)
    assert "Ada" not in json.dumps(dict(dispatch.intent.body), default=str)


def test_a_stream_is_passed_on_piece_by_piece() -> None:
    stage = Stage(snapshot(), upstream={"a": sse("One ", "two ", "three.")})
    stage.play(arrival(stage.shot))
    emitted = [effect.data.decode() for effect in stage.of(Emit)]
    assert len(emitted) >= 3
    assert "One " in emitted[0]
    assert "two " not in emitted[0]
    assert stage.said.endswith("data: [DONE]\n\n")
    head = dict(stage.of(Reply)[0].headers)
    assert (head["cache-control"], head["x-accel-buffering"]) == ("no-cache, no-transform", "no"), "no proxy holds it"


def test_usage_in_every_chunk_is_a_running_total_and_the_last_one_counts() -> None:
    chunks = sse("One ", "two ", "three.")
    counted = [
        chunk.replace(b'"created"', b'"usage": {"prompt_tokens": 7, "completion_tokens": %d}, "created"' % n)
        for n, chunk in enumerate(chunks, 1)
    ]
    stage = Stage(snapshot(), upstream={"a": counted})
    stage.play(arrival(stage.shot))
    assert (stage.outcome["tokens_in"], stage.outcome["tokens_out"]) == (7, 4)


def test_what_the_rules_forbid_is_refused_recorded_first_and_nothing_leaves() -> None:
    stage = Stage(snapshot(rules=Rules(permits=lambda _q, _c: False), finds=PERSON))
    stage.play(arrival(stage.shot))
    assert stage.order == ["Reserve", "Recognise", "Record", "Reply", "Emit"]
    assert stage.status == 403
    error = json.loads(stage.said)["error"]
    assert (error["type"], error["code"]) == ("policy_refusal", "policy_denied")
    assert error["reasons"][0] | {"mode": ""} == {
        "rule": "test.no",
        "reason": "The test says no.",
        "source": "a test",
        "basis": "house",
        "mode": "",
    }
    assert error["not_checked"]
    (record,) = stage.of(Record)
    assert record.entry.body["refused_by"] == ("test.no",)
    assert "commitment" not in record.entry.body


def test_a_refusal_that_cannot_be_recorded_refuses_as_a_failure() -> None:
    stage = Stage(snapshot(rules=Rules(permits=lambda _q, _c: False)), trail_fails=True)
    stage.play(arrival(stage.shot))
    assert stage.status == 503
    assert json.loads(stage.said)["error"]["code"] == "trail_unavailable"


def test_an_intent_that_cannot_be_recorded_refuses() -> None:
    stage = Stage(snapshot(), trail_fails=True)
    stage.play(arrival(stage.shot))
    assert (stage.status, json.loads(stage.said)["error"]["code"]) == (503, "trail_unavailable")


def test_a_failed_classification_refuses() -> None:
    stage = Stage(snapshot(), classify_fails=True)
    stage.play(arrival(stage.shot))
    assert stage.sent_to == []
    assert (stage.status, json.loads(stage.said)["error"]["code"]) == (503, "classification_unavailable")


def test_rules_that_err_refuse() -> None:
    stage = Stage(snapshot(rules=Rules(broken=True)))
    stage.play(arrival(stage.shot))
    assert stage.sent_to == []
    assert (stage.status, json.loads(stage.said)["error"]["code"]) == (503, "policy_unavailable")


def test_expired_facts_refuse() -> None:
    stage = Stage(snapshot(valid_until=NOW))
    stage.play(arrival(stage.shot))
    assert stage.sent_to == []
    assert (stage.status, json.loads(stage.said)["error"]["code"]) == (503, "facts_expired")


def test_a_place_that_may_not_hold_the_data_refuses_at_the_door() -> None:
    stage = Stage(snapshot(rules=Rules(holds=lambda _q, _p: False), finds=PERSON))
    stage.play(arrival(stage.shot))
    assert stage.sent_to == []
    (record,) = stage.of(Record)
    assert record.entry.body["refusing_place"] == "own_premises"


def test_an_unreachable_destination_falls_back_inside_the_permit() -> None:
    stage = Stage(snapshot(), upstream={"a": "upstream_unreachable"})
    stage.play(arrival(stage.shot))
    assert stage.sent_to == ["a", "b"]
    assert stage.status == 200
    assert len({effect.intent.id for effect in stage.of(Dispatch)}) == 2


def test_a_fallback_never_leaves_the_permit() -> None:
    only_a = Rules(permits=lambda _q, choice: choice.destination == "a")
    stage = Stage(snapshot(rules=only_a), upstream={"a": "upstream_unreachable"})
    stage.play(arrival(stage.shot))
    assert set(stage.sent_to) == {"a"}
    assert json.loads(stage.said)["error"]["code"] == "no_permitted_destination_alive"


def test_with_every_permitted_destination_known_down_nothing_is_tried() -> None:
    only_a = Rules(permits=lambda _q, choice: choice.destination == "a")
    stage = Stage(snapshot(rules=only_a), health=Health(down=frozenset({DestinationId("a")})))
    start = arrival(stage.shot)
    stage.play(replace(start, moment=replace(start.moment, health=stage.health)))
    assert stage.sent_to == []
    assert (stage.status, json.loads(stage.said)["error"]["code"]) == (503, "no_permitted_destination_alive")


def test_a_start_that_breaks_before_any_text_falls_back_unseen() -> None:
    stage = Stage(snapshot(), upstream={"a": [b'data: {"error": {"message": "boom"}}\n\n'], "b": sse("Fine.")})
    stage.play(arrival(stage.shot))
    assert stage.sent_to == ["a", "b"]
    assert "Abandon" in stage.order
    assert "Fine." in stage.said
    assert "boom" not in stage.said


def test_after_the_first_text_there_is_no_fallback_and_the_break_is_said() -> None:
    stage = Stage(snapshot(), upstream={"a": [*sse("Half", finish=False), "upstream_error"]})
    stage.play(arrival(stage.shot))
    assert stage.sent_to == ["a"]
    assert "Half" in stage.said
    assert "upstream_error" in stage.said
    assert "[DONE]" not in stage.said
    assert stage.outcome["status"] == "failed"


def test_the_providers_own_words_reach_nobody() -> None:
    stage = Stage(snapshot(), upstream={"a": 400})
    stage.play(arrival(stage.shot))
    assert stage.sent_to == ["a"], "a rejected request is not tried elsewhere"
    assert stage.status == 400
    assert "Lovelace" not in stage.said


def test_each_attempt_is_decided_again_under_the_current_snapshot() -> None:
    now_forbidden = snapshot(rules=Rules(permits=lambda _q, _c: False), name="s2")
    stage = Stage(snapshot(), upstream={"a": "upstream_unreachable"}, later=now_forbidden)
    stage.play(arrival(stage.shot))
    assert stage.sent_to == ["a"], "the fallback was refused by the new rules"
    assert stage.status == 403
    assert stage.of(Record)[0].entry.body["snapshot_current"] == "s2"
    assert stage.outcome["status"] == "failed"


def test_an_attestation_that_ends_between_two_attempts_refuses() -> None:
    expired = snapshot(name="s2", valid_until=Instant(NOW - 1))
    stage = Stage(snapshot(), upstream={"a": "upstream_unreachable"}, later=expired)
    stage.play(arrival(stage.shot))
    assert stage.sent_to == ["a"]
    assert json.loads(stage.said)["error"]["code"] == "facts_expired"


def test_masked_where_only_masked_is_permitted_and_restored_on_the_way_back() -> None:
    masked_only = Rules(permits=lambda _q, choice: choice.masked)
    stage = Stage(snapshot(rules=masked_only, finds=PERSON))
    start = arrival(stage.shot)
    first = Stage(stage.shot).play(start)
    (dispatch,) = [effect for effect in first if isinstance(effect, Dispatch)]
    body = json.loads(dispatch.call.body)
    assert "Lovelace" not in dispatch.call.body.decode()
    text = " ".join(str(message["content"]) for message in body["messages"])
    surrogate = next(word.strip(".,") for word in text.split() if word.startswith("PERSON_"))
    stage.upstream = {"a": sse(f"Dear {surrogate[:6]}", f"{surrogate[6:]}, yes.")}
    stage.play(start)
    assert dict(stage.of(Reply)[0].headers)["x-ecluse-verdict"] == "permit_masked"
    texts = [
        json.loads(line[6:])["choices"][0]["delta"].get("content") or ""
        for line in stage.said.splitlines()
        if line.startswith("data: {") and json.loads(line[6:])["choices"]
    ]
    assert "".join(texts) == "Dear Ada Lovelace, yes."
    assert stage.outcome["restored"] == 1


def test_a_declared_class_cannot_be_lifted_by_a_mask() -> None:
    masked_only = Rules(permits=lambda _q, choice: choice.masked)
    stage = Stage(snapshot(rules=masked_only, finds=PERSON))
    stage.play(arrival(stage.shot, sensitivity=("personal",)))
    assert stage.sent_to == []
    assert stage.status == 403


@pytest.mark.parametrize("at", range(8))
def test_a_caller_who_leaves_at_any_step_gets_an_outcome_and_nothing_more(at: int) -> None:
    stage = Stage(snapshot(), gone_at=at)
    stage.play(arrival(stage.shot))
    assert stage.outcome["status"] == "gone" or at >= len(stage.seen) - 1
    assert stage.order[-1] == "Settle"


def test_logprobs_show_pieces_of_surrogates_so_nothing_is_masked_for_them() -> None:
    stage = Stage(snapshot(rules=Rules(permits=lambda _q, choice: choice.masked), finds=PERSON))
    stage.play(arrival(stage.shot, WHOLE | {"logprobs": True}))
    assert (stage.sent_to, stage.status) == ([], 403)


def test_a_content_filter_inside_a_stream_is_not_tried_elsewhere() -> None:
    filtered = b'data: {"error": {"code": "content_filter", "message": "no"}}\n\n'
    stage = Stage(snapshot(), upstream={"a": [filtered]})
    stage.play(arrival(stage.shot))
    assert stage.sent_to == ["a"]
    assert json.loads(stage.said)["error"]["code"] == "upstream_content_filter"


def test_a_purpose_that_is_not_on_record_is_asked_as_such() -> None:
    asked: list[str] = []

    def permits(question: object, _choice: object) -> bool:
        asked.append(question.purpose)  # type: ignore[attr-defined] # the test's own rules
        return True

    stage = Stage(snapshot(rules=Rules(permits=permits)))
    stage.play(arrival(stage.shot, purpose="world domination"))
    assert set(asked) == {"(not on record)"}
    stage.play(arrival(stage.shot, purpose="drafting"))
    assert "drafting" in asked


def test_an_unknown_model_is_404_and_an_unknown_field_400_by_name() -> None:
    stage = Stage(snapshot())
    stage.play(arrival(stage.shot, WHOLE | {"model": "nothing"}))
    assert (stage.status, json.loads(stage.said)["error"]["code"]) == (404, "model_not_found")
    stage = Stage(snapshot())
    stage.play(arrival(stage.shot, WHOLE | {"api_base": "https://evil.example"}))
    assert (stage.status, json.loads(stage.said)["error"]["code"]) == (400, "unsupported_field")
    assert "api_base" in stage.said
    assert "evil" not in stage.said


def test_the_written_order_decides() -> None:
    stage = Stage(snapshot(destination("z"), destination("a")))
    stage.play(arrival(stage.shot))
    assert stage.sent_to == ["z"]


def test_the_outcome_has_the_cost_by_the_price_then_on_record() -> None:
    price = Price(currency="EUR", per_million_in=2.0, per_million_out=10.0, source=SOURCE)
    stage = Stage(snapshot(replace(destination("a"), price=price)), upstream={"a": whole("Hi.")})
    stage.play(arrival(stage.shot, WHOLE))
    assert stage.outcome["cost_micro"] == 3 * 2 + 2 * 10
    free = Stage(snapshot(), upstream={"a": whole("Hi.")})
    free.play(arrival(free.shot, WHOLE))
    assert free.outcome["cost_micro"] is None, "an unknown price is no cost, never zero"


def test_what_the_provider_remembered_has_its_own_price_in_the_outcome_and_an_unknown_one_says_at_most() -> None:
    listed = Price(currency="EUR", per_million_in=2.0, per_million_out=10.0, source=SOURCE)
    answer = json.loads(whole("Hi.")[0])
    answer["usage"] |= {"prompt_tokens": 1_000, "prompt_tokens_details": {"cached_tokens": 900}}
    for price, cost, told in (
        (replace(listed, per_million_cached=0.2), 100 * 2 + 180 + 2 * 10, {}),
        (listed, 1_000 * 2 + 2 * 10, {"cost_at_most": True}),
    ):
        upstream = {"a": [json.dumps(answer).encode()]}
        stage = Stage(snapshot(replace(destination("a"), price=price)), upstream=upstream)
        stage.play(arrival(stage.shot, WHOLE))
        assert stage.outcome["cost_micro"] == cost
        assert stage.outcome["tokens_cached"] == 900
        assert {
            name: stage.outcome[name] for name in ("cost_at_most", "tokens_written") if name in stage.outcome
        } == told
        assert ("; at_most=true" in dict(stage.reply_headers)["x-ecluse-cost"]) is bool(told)


def test_a_call_is_announced_with_its_upper_bound() -> None:
    stage = Stage(snapshot())
    stage.play(arrival(stage.shot, WHOLE | {"max_tokens": 7}))
    (dispatch,) = stage.of(Dispatch)
    assert (dispatch.estimate.tokens_in, dispatch.estimate.tokens_out) == (len(dispatch.call.body), 7)


@pytest.mark.parametrize(("wait", "told"), [(30.2, ["31"]), (7200.0, ["7200"]), (None, [])])
def test_a_budget_without_room_refuses_before_any_intent_and_says_when_to_come_again(
    wait: float | None, told: list[str]
) -> None:
    shot = snapshot()
    short = Refused(moment=Moment(now=NOW, snapshot=shot), code="budget_exhausted", retry_after=wait, detail="the day")
    stage = Stage(shot, short=short)
    stage.play(arrival(shot, WHOLE))
    assert stage.order == ["Reserve", "Recognise", "Dispatch", "Reply", "Emit"]
    (reply,) = stage.of(Reply)
    assert reply.status == 429
    headers = list(reply.headers)
    assert [value for name, value in headers if name == "retry-after"] == told
    assert (("x-should-retry", "false") in headers) is (wait == 7200.0)
    assert json.loads(stage.said)["error"]["code"] == "budget_exhausted"


def test_a_fallback_without_room_settles_the_passage() -> None:
    shot = snapshot()
    short = Refused(moment=Moment(now=NOW, snapshot=shot), code="budget_exhausted", retry_after=9.0)
    stage = Stage(shot, upstream={"a": 500}, short=short, affords=1)
    stage.play(arrival(shot, WHOLE))
    assert stage.order.count("Dispatch") == 2
    assert (stage.outcome["status"], stage.outcome["code"]) == ("failed", "budget_exhausted")
    assert stage.outcome["destination"] == "a", "the one that has an intent"


# ------------------------------------------------------------------ decisions that are confirmed
def drawn() -> bytes:
    """Return a seed whose decision is confirmed."""
    return next(
        seed
        for seed in (number.to_bytes(32, "big") for number in range(100_000))
        if int.from_bytes(derive(seed, "confirm")[:8], "big") % CONFIRMED_ONE_IN == 0
    )


@pytest.mark.parametrize(("confirms", "sent"), [(True, 1), (False, 0)])
def test_a_drawn_decision_that_is_not_confirmed_refuses_before_anything_is_sent(*, confirms: bool, sent: int) -> None:
    shot = snapshot(rules=Rules(confirms=confirms))
    stage = Stage(shot, upstream={"a": sse("Hello.")})
    stage.play(replace(arrival(shot), seed=drawn()))
    (asked,) = stage.of(Confirm)
    assert {choice.destination for choice in asked.choices} == {"a", "b"}
    assert len(stage.of(Dispatch)) == sent
    assert stage.status == (200 if confirms else 503)


def test_most_decisions_are_not_confirmed() -> None:
    stage = Stage(snapshot(), upstream={"a": sse("Hello.")})
    stage.play(arrival(stage.shot))
    assert stage.of(Confirm) == []


def test_an_answer_names_the_rules_that_would_have_refused() -> None:
    stage = Stage(snapshot(), upstream={"a": sse("Hello.")})
    stage.play(arrival(stage.shot))
    assert "x-ecluse-observed" not in dict(stage.of(Reply)[0].headers)
    watched = Rules(holds=lambda _q, _p: True)
    watched.hold = lambda _q, _p: (replace(REASON, mode=Mode.OBSERVE),)  # type: ignore[assignment, method-assign]  # a stand-in
    stage = Stage(snapshot(rules=watched), upstream={"a": sse("Hello.")})
    stage.play(arrival(stage.shot))
    assert dict(stage.of(Reply)[0].headers)["x-ecluse-observed"] == REASON.rule
    assert "x-ecluse-warning" not in dict(stage.of(Reply)[0].headers)
    watched.hold = lambda _q, _p: (replace(REASON, mode=Mode.WARN, en="It says: n\u00f6\r\nno."),)  # type: ignore[assignment, method-assign]  # a stand-in
    stage = Stage(snapshot(rules=watched), upstream={"a": sse("Hello.")})
    stage.play(arrival(stage.shot))
    assert dict(stage.of(Reply)[0].headers)["x-ecluse-warning"] == f"{REASON.rule}: It says: nno."
    (dispatched,) = stage.of(Dispatch)
    assert dispatched.intent.body["warned"] == (REASON.rule,)
