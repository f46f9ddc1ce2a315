"""The attempts of one passage: how many, after which wait, within which budget."""

import json
from dataclasses import replace
from typing import Any

import pytest

from ecluse.domain.destination import DestinationId
from ecluse.domain.effects import Dispatch, Health, Pause, Reply
from ecluse.domain.routing import Routes
from ecluse.domain.snapshot import Instant
from tests.passage.play import NOW, Rules, Stage, arrival, snapshot

A, B = DestinationId("a"), DestinationId("b")
ONLY_A = Rules(permits=lambda _q, choice: choice.destination == "a")


def staged(rules: Rules | None = None, *, routes: Routes | None = None, **more: Any) -> Stage:
    stage = Stage(replace(snapshot(rules=rules), routes=routes or Routes()), **more)
    start = arrival(stage.shot)
    stage.play(replace(start, moment=replace(start.moment, health=stage.health)))
    return stage


def code(stage: Stage) -> str:
    return str(json.loads(stage.said)["error"]["code"])


def waits(stage: Stage) -> list[float]:
    return [pause.seconds for pause in stage.of(Pause)]


def test_what_may_pass_is_tried_again_at_the_same_destination_after_a_short_wait() -> None:
    stage = staged(ONLY_A, upstream={"a": 503})
    assert stage.sent_to == ["a", "a"]
    assert [dispatch.extra for dispatch in stage.of(Dispatch)] == [False, True]
    (wait,) = waits(stage)
    assert 0.2 <= wait <= 0.3
    assert (stage.status, code(stage)) == (502, "upstream_error")


def test_another_destination_is_tried_at_once() -> None:
    stage = staged(upstream={"a": 503})
    assert (stage.sent_to, waits(stage), stage.status) == (["a", "b"], [], 200)


@pytest.mark.parametrize("failure", ["upstream_timeout", "upstream_malformed", "upstream_redirect"])
def test_what_would_only_fail_again_is_not_tried_again(failure: str) -> None:
    stage = staged(ONLY_A, upstream={"a": failure})
    assert (stage.sent_to, code(stage)) == (["a"], failure)


@pytest.mark.parametrize(("attempts", "sent"), [(1, ["a"]), (2, ["a", "b"]), (3, ["a", "b", "a"]), (8, list("abab"))])
def test_the_owner_says_how_many_calls_a_request_may_lead_to(attempts: int, sent: list[str]) -> None:
    stage = staged(routes=Routes(attempts=attempts), upstream={"a": 500, "b": 500})
    assert stage.sent_to == sent
    assert stage.outcome["calls"] == len(sent)


def test_a_wait_that_the_provider_asks_for_is_kept() -> None:
    stage = staged(ONLY_A, upstream={"a": 429}, headers={"retry-after": "1"})
    assert (stage.sent_to, waits(stage), code(stage)) == (["a", "a"], [1.0], "upstream_rate_limited")


def test_a_wait_that_is_too_long_is_told_and_no_call_is_made() -> None:
    stage = staged(ONLY_A, upstream={"a": 429}, headers={"retry-after": "30"})
    assert (stage.sent_to, waits(stage), stage.status) == (["a"], [], 429)
    assert dict(stage.of(Reply)[0].headers)["retry-after"] == "30"


def test_the_providers_limits_are_told_under_their_names_and_a_wait_to_the_millisecond() -> None:
    limits = {"x-ratelimit-remaining-requests": "0", "anthropic-ratelimit-tokens-remaining": "12"}
    stage = staged(ONLY_A, upstream={"a": 429}, headers={"retry-after-ms": "30250", "x-request-id": "theirs", **limits})
    told = dict(stage.of(Reply)[0].headers)
    assert {name: told.get(name) for name in limits} == limits
    assert (told["retry-after"], told["retry-after-ms"], "x-request-id" in told) == ("31", "30250", False)


def test_one_that_rests_is_not_called_before_its_time() -> None:
    resting = Health(resting={A: Instant(NOW + 20_000)})
    stage = staged(ONLY_A, health=resting)
    assert (stage.sent_to, stage.status, code(stage)) == ([], 429, "upstream_rate_limited")
    assert dict(stage.of(Reply)[0].headers)["retry-after"] == "20"
    assert staged(health=resting).sent_to == ["b"]
    soon = staged(ONLY_A, health=Health(resting={A: Instant(NOW + 1500)}))
    assert (soon.sent_to, waits(soon)) == (["a"], [1.5])


def test_when_all_are_down_the_caller_is_told_when_the_first_may_be_tried_again() -> None:
    down = frozenset({A, B})
    stage = staged(health=Health(down=down, back={A: Instant(NOW + 9000), B: Instant(NOW + 4000)}))
    assert (stage.sent_to, stage.status, code(stage)) == ([], 503, "no_permitted_destination_alive")
    assert dict(stage.of(Reply)[0].headers)["retry-after"] == "4"
    unknown = staged(health=Health(down=down, back={A: Instant(NOW + 9000)}))
    assert "retry-after" not in dict(unknown.of(Reply)[0].headers), "unknown is unsaid"
    one_may_be_up = staged(upstream={"a": "upstream_unreachable", "b": "upstream_unreachable"})
    assert code(one_may_be_up) == "no_permitted_destination_alive"
    assert "retry-after" not in dict(one_may_be_up.of(Reply)[0].headers)


@pytest.mark.parametrize(
    ("said", "told"),
    [("France Central", "France Central"), ("swedencentral", "swedencentral"), ("06 39 98 41 28", None)],
)
def test_the_outcome_tells_the_region_that_the_provider_says_it_answered_from(said: str, told: str | None) -> None:
    stage = staged(headers={"x-ms-region": said})
    assert stage.outcome.get("upstream_region") == told
    assert "upstream_region" not in staged().outcome, "unknown is unsaid"


def test_what_the_destination_before_said_is_not_told_of_the_one_that_could_not_be_reached() -> None:
    stage = staged(upstream={"a": 500, "b": "upstream_unreachable"}, routes=Routes(attempts=2))
    assert (stage.sent_to, stage.outcome["destination"]) == (["a", "b"], "b")
    assert stage.outcome["upstream_status"] is None


def test_past_the_budget_of_extra_calls_the_first_failure_is_the_answer() -> None:
    stage = staged(upstream={"a": 500}, health=Health(extra=False))
    assert (stage.sent_to, stage.status) == (["a"], 502)


def test_an_intent_tells_the_plan_and_why() -> None:
    stage = staged(health=Health(down=frozenset({A})))
    body = stage.of(Dispatch)[0].intent.body
    assert (body["strategy"], body["plan"], body["left_out"]) == ("written", (B,), {A: "down"})
