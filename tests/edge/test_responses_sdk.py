"""The official openai client's Responses, before destinations that only speak chat: it sees no difference."""

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import httpx2
import openai
import pytest
from openai import AsyncOpenAI, OpenAI

from simulators.faults import Fault, FaultKind
from tests.edge.gateway import AZURE, CLAUDE, OWN, SCALEWAY, Gateway, gateway, run

QUESTION = "Which city is the capital of France?"
LETTER = "Write to Mr Camille Lefèvre about IBAN FR7630004008210001234567849."
TOOL: Any = {
    "type": "function",
    "name": "weather",
    "description": "The weather of a city",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    "strict": False,
}
MODELS = ["auto", "claude-sonnet-4.6", "gpt-5.4"]
"""Answered by a simulator of Scaleway's, of Anthropic's and of Azure's."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with gateway(tmp_path_factory.mktemp("responses"), (SCALEWAY, CLAUDE, AZURE, OWN)) as running:
        yield running


@pytest.fixture(scope="module")
def key(made: Gateway) -> str:
    return made.key("mail")


@pytest.fixture
def client(made: Gateway, key: str) -> Iterator[OpenAI]:
    with made.client(key) as opened:
        yield opened
    for name in made.fleet:
        made.fleet.fault(name, None)


@pytest.mark.parametrize("model", MODELS)
def test_a_response_streamed_and_whole(client: OpenAI, model: str) -> None:
    asked: Any = {"model": model, "input": QUESTION, "instructions": "Be brief.", "max_output_tokens": 64}
    whole = client.responses.create(**asked)
    with client.responses.stream(**asked) as stream:
        kinds = [event.type for event in stream]
        streamed = stream.get_final_response()
    assert (kinds[0], kinds[-1]) == ("response.created", "response.completed")
    assert whole.output_text == streamed.output_text != ""
    assert (whole.status, whole.store if hasattr(whole, "store") else False) == ("completed", False)
    assert whole.usage is not None
    assert whole.usage.input_tokens == 16


@pytest.mark.parametrize("model", MODELS)
def test_a_tool_is_called_and_its_result_goes_back(client: OpenAI, model: str) -> None:
    asked: Any = {"model": model, "tools": [TOOL], "store": False}
    with client.responses.stream(input=QUESTION, tool_choice="required", **asked) as stream:
        answer: Any = stream.until_done().get_final_response()
    (call,) = answer.output
    assert (call.type, call.name, json.loads(call.arguments)) == ("function_call", "weather", {"city": "example"})
    turns: Any = [
        {"role": "user", "content": QUESTION},
        {"type": "function_call", "call_id": call.call_id, "name": call.name, "arguments": call.arguments},
        {"type": "function_call_output", "call_id": call.call_id, "output": "rain"},
    ]
    assert client.responses.create(input=turns, **asked).output_text


def test_async_calls(made: Gateway, key: str) -> None:
    async def ask() -> str:
        http = httpx2.AsyncClient(trust_env=False, timeout=20.0)
        async with AsyncOpenAI(base_url=f"{made.url}/v1", api_key=key, max_retries=0, http_client=http) as client:
            return str((await client.responses.create(model="auto", input=QUESTION)).output_text)

    assert run(ask())


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"store": True}, "retention_refused"),
        ({"previous_response_id": "resp_1"}, "retention_refused"),
        ({"conversation": "conv_1"}, "retention_refused"),
        ({"background": True}, "retention_refused"),
        ({"tools": [{"type": "web_search"}]}, "hosted_tool_refused"),
    ],
)
def test_what_would_be_kept_or_sent_on_is_refused_and_nothing_is_sent(
    made: Gateway, client: OpenAI, asked: Any, code: str
) -> None:
    seen = [len(made.fleet[name].lines("connection")) for name in made.fleet]
    with pytest.raises(openai.BadRequestError) as refused:
        client.responses.create(model="gpt-5.4", input=QUESTION, **asked)
    assert refused.value.code == code
    assert [len(made.fleet[name].lines("connection")) for name in made.fleet] == seen


def test_a_refusal_is_403_with_its_reasons(made: Gateway) -> None:
    with made.client(made.key("crisis")) as refusing, pytest.raises(openai.PermissionDeniedError) as refused:
        refusing.responses.create(model="gpt-5.4", input=QUESTION)
    assert json.loads(refused.value.response.content)["error"]["reasons"]


def test_a_masked_letter_leaves_without_its_values(made: Gateway, client: OpenAI) -> None:
    raw = client.responses.with_raw_response.create(model="gpt-5.4", input=LETTER)
    assert raw.headers["x-ecluse-verdict"] == "permit_masked"
    sent = str(made.fleet[AZURE].lines("request")[-1]["body"])
    assert "Lefèvre" not in sent
    assert "IBAN_" in sent


def test_a_stream_that_breaks_fails_and_is_never_complete(made: Gateway, client: OpenAI) -> None:
    made.fleet.fault(SCALEWAY, Fault(kind=FaultKind.INSIDE, after=3, times=8))
    asked: Any = {"model": "mistral-medium-3.5", "input": QUESTION, "stream": True}
    kinds: list[str] = []
    with suppress(openai.APIError, httpx2.TransportError):  # an error status if it broke before the first byte went out
        for event in client.responses.create(**asked):
            kinds.append(event.type)  # noqa: PERF401 - what came before it broke counts
    assert kinds[-1:] in ([], ["response.failed"])
    assert "response.completed" not in kinds
