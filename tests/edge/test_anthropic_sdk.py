"""The official anthropic client, changed by `base_url` alone, sees no difference; and Anthropic as a provider."""

import json
from collections.abc import Iterator
from typing import Any

import anthropic
import httpx2
import pytest
from anthropic import Anthropic, AsyncAnthropic
from openai import OpenAI

from simulators.faults import Fault, FaultKind
from simulators.providers.anthropic import THOUGHT, signature_of
from tests.edge.gateway import AZURE, CLAUDE, OWN, SCALEWAY, Gateway, gateway, run

MODEL = "claude-sonnet-4.6"
QUESTION: Any = [{"role": "user", "content": "Which city is the capital of France?"}]
LETTER: Any = [{"role": "user", "content": "Write to Mr Camille Lefèvre about IBAN FR7630004008210001234567849."}]
TOOL: Any = {
    "name": "weather",
    "description": "The weather of a city",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
CALL: Any = {"max_tokens": 64, "messages": QUESTION}
MODELS = ["auto", MODEL, "gpt-5.4"]
"""Answered by a simulator of Scaleway's, of Anthropic's and of Azure's."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with gateway(tmp_path_factory.mktemp("anthropic"), (SCALEWAY, CLAUDE, AZURE, OWN)) as running:
        yield running


@pytest.fixture(scope="module")
def key(made: Gateway) -> str:
    return made.key("mail")


def _client(made: Gateway, key: str, **options: Any) -> Anthropic:
    http = httpx2.Client(trust_env=False, timeout=20.0)
    return Anthropic(base_url=made.url, api_key=key, max_retries=0, http_client=http, **options)


@pytest.fixture
def client(made: Gateway, key: str) -> Iterator[Anthropic]:
    with _client(made, key) as opened:
        yield opened
    for name in made.fleet:
        made.fleet.fault(name, None)


def _said(answer: Any) -> str:
    return "".join(block.text for block in answer.content if block.type == "text")


# ------------------------------------------------------------------ callers
@pytest.mark.parametrize("model", MODELS)
def test_a_message(client: Anthropic, model: str) -> None:
    answer = client.messages.create(model=model, **CALL)
    assert (answer.type, answer.role, answer.model, answer.stop_reason) == ("message", "assistant", model, "end_turn")
    assert answer.content[0].type == "text"
    assert answer.content[0].text
    assert answer.usage.input_tokens > 0
    assert answer.usage.output_tokens > 0


@pytest.mark.parametrize("model", MODELS)
def test_a_streamed_message(client: Anthropic, model: str) -> None:
    with client.messages.stream(model=model, **CALL) as stream:
        kinds = [event.type for event in stream]
        whole = stream.get_final_message()
    assert (kinds[0], kinds[-1]) == ("message_start", "message_stop")
    assert _said(whole) == _said(client.messages.create(model=model, **CALL))
    assert whole.usage.input_tokens == 16


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("model", MODELS)
def test_a_tool_is_called_and_its_result_goes_back(client: Anthropic, model: str, stream: bool) -> None:  # noqa: FBT001 - pytest's parameter
    asked: Any = {"model": model, "max_tokens": 64, "tools": [TOOL]}
    if stream:
        with client.messages.stream(messages=QUESTION, tool_choice={"type": "any"}, **asked) as streamed:
            answer: Any = streamed.get_final_message()
    else:
        answer = client.messages.create(messages=QUESTION, tool_choice={"type": "any"}, **asked)
    (call,) = answer.content
    assert (answer.stop_reason, call.type, call.name) == ("tool_use", "tool_use", "weather")
    assert call.input == {"city": "example"}
    result = {"type": "tool_result", "tool_use_id": call.id, "content": "rain"}
    turns = [*QUESTION, answer.to_param(), {"role": "user", "content": [result]}]
    assert client.messages.create(messages=turns, **asked).stop_reason == "end_turn"


def test_bearer_is_taken_too_and_a_wrong_key_is_401_in_anthropics_shape(made: Gateway, key: str) -> None:
    http = httpx2.Client(trust_env=False, timeout=20.0)
    with Anthropic(base_url=made.url, auth_token=key, max_retries=0, http_client=http) as bearer:
        assert bearer.messages.create(model="auto", **CALL).content
    with _client(made, "ecl_live_wrong") as wrong, pytest.raises(anthropic.AuthenticationError) as refused:
        wrong.messages.create(model="auto", **CALL)
    assert json.loads(refused.value.response.content)["type"] == "error"


def test_async_calls(made: Gateway, key: str) -> None:
    async def ask() -> tuple[Any, Any]:
        http = httpx2.AsyncClient(trust_env=False, timeout=20.0)
        async with AsyncAnthropic(base_url=made.url, api_key=key, max_retries=0, http_client=http) as client:
            whole = await client.messages.create(model="auto", **CALL)
            async with client.messages.stream(model="auto", **CALL) as stream:
                return whole, await stream.get_final_message()

    whole, streamed = run(ask())
    assert _said(whole) == _said(streamed)


def test_models_are_listed_in_the_shape_of_whoever_asks(made: Gateway, key: str, client: Anthropic) -> None:
    listed = list(client.models.list())
    assert listed[0].id == "auto"
    assert (listed[0].type, listed[0].display_name, listed[0].created_at.year) == ("model", "auto", 1970)
    assert client.models.retrieve(MODEL).id == MODEL
    with pytest.raises(anthropic.NotFoundError):
        client.models.retrieve("no-such-model")
    with made.client(key) as openai:
        assert [model.id for model in openai.models.list()] == [model.id for model in listed]
        assert openai.models.retrieve(MODEL).owned_by == "anthropic"


def test_tokens_are_estimated_here_and_nothing_is_sent(made: Gateway, client: Anthropic) -> None:
    seen = [len(made.fleet[name].lines("connection")) for name in made.fleet]
    tools: Any = [{"name": "weather", "input_schema": {"type": "object"}}]
    raw = client.messages.with_raw_response.count_tokens(model="auto", messages=QUESTION)
    assert raw.headers["x-ecluse-tokens"] == "estimate"
    short = raw.parse().input_tokens
    assert 8 < short < 40
    longer = client.messages.count_tokens(model="auto", messages=QUESTION, system="Be brief. " * 100, tools=tools)
    assert longer.input_tokens > short + 250
    assert [len(made.fleet[name].lines("connection")) for name in made.fleet] == seen


def test_a_hosted_tool_that_is_on_no_list_is_refused_by_name_in_a_count(client: Anthropic) -> None:
    tools: Any = [{"type": "memory_20250818", "name": "memory"}]
    with pytest.raises(anthropic.BadRequestError) as refused:
        client.messages.count_tokens(model="auto", messages=QUESTION, tools=tools)
    error = json.loads(refused.value.response.content)["error"]
    assert (error["code"], error["param"]) == ("hosted_tool_refused", "tools[0]")


def test_a_hosted_tool_is_refused_by_name_and_nothing_is_sent(made: Gateway, client: Anthropic) -> None:
    seen = [len(made.fleet[name].lines("connection")) for name in made.fleet]
    tools: Any = [{"type": "web_search_20250305", "name": "web_search"}]
    with pytest.raises(anthropic.BadRequestError) as refused:
        client.messages.create(model=MODEL, tools=tools, **CALL)
    assert json.loads(refused.value.response.content)["error"]["code"] == "hosted_tool_refused"
    assert [len(made.fleet[name].lines("connection")) for name in made.fleet] == seen


def test_a_refusal_is_403_with_its_reasons_and_is_not_retried(made: Gateway) -> None:
    before = len(made.fleet[AZURE].lines("connection"))
    with _client(made, made.key("crisis"), default_headers={"accept-language": "fr"}) as refusing:
        patient = refusing.with_options(max_retries=3)
        with pytest.raises(anthropic.PermissionDeniedError) as refused:
            patient.messages.create(model="gpt-5.4", **CALL)
    error = json.loads(refused.value.response.content)["error"]
    assert (error["type"], error["code"]) == ("permission_error", "policy_denied")
    assert {"rule", "reason", "source", "basis"} <= set(error["reasons"][0])
    assert error["not_checked"]
    assert len(made.fleet[AZURE].lines("connection")) == before


@pytest.mark.parametrize("stream", [False, True])
def test_a_masked_letter_leaves_without_its_values(made: Gateway, client: Anthropic, stream: bool) -> None:  # noqa: FBT001 - pytest's parameter
    if stream:
        with client.messages.stream(model="gpt-5.4", max_tokens=64, messages=LETTER) as streamed:
            assert streamed.get_final_message().stop_reason == "end_turn"
    else:
        raw = client.messages.with_raw_response.create(model="gpt-5.4", max_tokens=64, messages=LETTER)
        assert raw.headers["x-ecluse-verdict"] == "permit_masked"
    sent = str(made.fleet[AZURE].lines("request")[-1]["body"])
    assert "Lefèvre" not in sent
    assert "IBAN_" in sent


def test_a_stream_that_breaks_is_an_error_and_never_complete(made: Gateway, client: Anthropic) -> None:
    made.fleet.fault(CLAUDE, Fault(kind=FaultKind.INSIDE, after=3, times=8))
    with pytest.raises(anthropic.APIStatusError), client.messages.stream(model=MODEL, **CALL) as stream:
        stream.get_final_message()


# ------------------------------------------------------------------ Anthropic as a provider
def test_signed_reasoning_makes_the_round_unaltered(made: Gateway, client: Anthropic) -> None:
    """The simulator refuses reasoning whose signature does not fit."""
    thinking: Any = {"type": "enabled", "budget_tokens": 1024}
    asked: Any = {"model": MODEL, "max_tokens": 2048, "thinking": thinking, "tools": [TOOL]}
    with client.messages.stream(messages=QUESTION, **asked) as stream:
        answer: Any = stream.get_final_message()
    thought, call = answer.content
    assert (thought.thinking, thought.signature) == (THOUGHT, signature_of(THOUGHT))
    assert answer.content == [*client.messages.create(messages=QUESTION, **asked).content[:1], call]
    result = {"type": "tool_result", "tool_use_id": call.id, "content": "rain"}
    turns = [*QUESTION, answer.to_param(), {"role": "user", "content": [result]}]
    assert client.messages.create(messages=turns, **asked).stop_reason == "end_turn"
    assert signature_of(THOUGHT) in str(made.fleet[CLAUDE].lines("request")[-1]["body"])


@pytest.mark.parametrize("stream", [False, True])
def test_an_openai_client_is_answered_by_anthropic(made: Gateway, key: str, stream: bool) -> None:  # noqa: FBT001 - pytest's parameter
    openai: OpenAI
    with made.client(key) as openai:
        asked: Any = {"model": MODEL, "messages": QUESTION, "temperature": 0.5, "max_completion_tokens": 50}
        if stream:
            chunks: Any = openai.chat.completions.create(**asked, stream=True, stream_options={"include_usage": True})
            read = list(chunks)
            assert "".join(choice.delta.content or "" for chunk in read for choice in chunk.choices)
            assert read[-1].usage.prompt_tokens == 16
        else:
            answer: Any = openai.chat.completions.create(**asked)
            assert answer.choices[0].finish_reason == "stop"
    last = made.fleet[CLAUDE].lines("request")[-1]
    assert json.loads(str(last["body"]))["max_tokens"] == 50
    assert "authorization" not in json.loads(json.dumps(last["headers"]))


def test_a_prompt_that_is_told_again_masked_begins_as_before_up_to_where_it_shall_be_remembered(
    made: Gateway, client: Anthropic
) -> None:
    wish: Any = {"cache_control": {"type": "ephemeral"}}
    system: Any = [{"type": "text", "text": "Be brief.", **wish}]
    first: Any = {"role": "user", "content": [{"type": "text", "text": LETTER[0]["content"], **wish}]}
    before = len(made.fleet[CLAUDE].lines("request"))
    answer = client.messages.create(model=MODEL, max_tokens=64, system=system, messages=[first])
    more: Any = [first, {"role": "assistant", "content": _said(answer)}, {"role": "user", "content": "Shorter."}]
    client.messages.create(model=MODEL, max_tokens=64, system=system, messages=more)
    one, other = (json.loads(str(line["body"])) for line in made.fleet[CLAUDE].lines("request")[before:])
    assert "Lefèvre" not in json.dumps(one, ensure_ascii=False)
    assert (
        one["system"][-1]["cache_control"]
        == one["messages"][0]["content"][-1]["cache_control"]
        == wish["cache_control"]
    )
    assert (other["system"], other["messages"][0]) == (one["system"], one["messages"][0])
