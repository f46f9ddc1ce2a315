"""Signed calls of Bedrock and lines of Ollama, behind the official openai client: chats, tools, masks, what fails."""

from collections.abc import Iterator
from typing import Any

import pytest
from openai import APIStatusError, OpenAI

from simulators.brain import CANNED
from simulators.faults import Fault, FaultKind
from tests.edge.gateway import BEDROCK, OLLAMA, PAIR, Gateway, gateway

ASKED: Any = [{"role": "user", "content": "Which city is the capital of France?"}]
TOOL: Any = {
    "type": "function",
    "function": {
        "name": "weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
MODELS = {"mistral-large-3": BEDROCK, "smollm2-135m": OLLAMA}
every_model = pytest.mark.parametrize("model", MODELS)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    extra = "[routing]\nattempts = 1\n"
    with gateway(tmp_path_factory.mktemp("clouds"), (BEDROCK, OLLAMA), extra) as running:
        yield running


@pytest.fixture(scope="module")
def client(made: Gateway) -> Iterator[OpenAI]:
    with made.client(made.key("mail")) as opened:
        yield opened


@every_model
def test_a_chat_whole_and_streamed_says_the_same_and_tells_its_cost(client: OpenAI, model: str) -> None:
    raw = client.chat.completions.with_raw_response.create(model=model, messages=ASKED)
    assert raw.parse().choices[0].message.content == CANNED
    assert raw.headers["x-ecluse-destination"] == MODELS[model]
    priced = model == "mistral-large-3"
    assert raw.headers["x-ecluse-cost"].partition(";")[2].startswith(" currency=USD") is priced
    with client.chat.completions.create(model=model, messages=ASKED, stream=True) as stream:
        assert "".join(c.delta.content or "" for event in stream for c in event.choices) == CANNED


@every_model
def test_a_tool_is_called_and_its_result_goes_back(client: OpenAI, model: str) -> None:
    asked: Any = {"model": model, "tools": [TOOL]}
    message = client.chat.completions.create(messages=ASKED, **asked).choices[0].message
    assert message.tool_calls is not None
    (call,) = message.tool_calls
    assert call.type == "function"
    assert call.function.name == "weather"
    result: Any = {"role": "tool", "tool_call_id": call.id, "content": "rain"}
    turns: Any = [*ASKED, message.model_dump(exclude_none=True), result]
    assert client.chat.completions.create(messages=turns, **asked).choices[0].message.content == CANNED


def test_bedrocks_key_signs_and_never_leaves(client: OpenAI, made: Gateway) -> None:
    client.chat.completions.create(model="mistral-large-3", messages=ASKED)
    sent = made.fleet[BEDROCK].lines("request")[-1]
    secret = PAIR.partition(":")[2]
    assert secret not in str(sent)
    assert secret not in made.log


@every_model
@pytest.mark.parametrize(("status", "told"), [(429, 429), (500, 502), (403, 502)])
def test_a_status_is_the_providers_fault_or_a_limit(
    client: OpenAI, made: Gateway, model: str, status: int, told: int
) -> None:
    made.fleet.fault(MODELS[model], Fault(kind=FaultKind.STATUS, status=status, times=1))
    with pytest.raises(APIStatusError) as caught:
        client.chat.completions.create(model=model, messages=ASKED, extra_headers={"x-ecluse-purpose": "drafting"})
    assert caught.value.status_code == told
    made.fleet.fault(MODELS[model], None)


def test_embeddings_by_ollama(client: OpenAI) -> None:
    found = client.embeddings.create(model="smollm2-135m", input=["une", "deux"], encoding_format="float")
    assert [one.embedding for one in found.data] == [[0.25, -0.5, 0.125, 0.0]] * 2
