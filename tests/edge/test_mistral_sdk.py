"""The official mistralai client, changed by `server_url` alone: chat, streams, tools, embeddings, models."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from mistralai.client import Mistral
from mistralai.client.errors import SDKError

from tests.edge.gateway import AZURE, CLAUDE, OWN, SCALEWAY, Gateway, gateway

QUESTION: Any = [{"role": "user", "content": "Which city is the capital of France?"}]
TOOL: Any = {
    "type": "function",
    "function": {
        "name": "weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
SEED: Any = {"auto": {"random_seed": 3}}
"""Asked for where the provider has a word for it: Anthropic has none."""
MODELS = ["auto", "claude-sonnet-4.6", "gpt-5.4"]
"""Answered by a simulator of Scaleway's, of Anthropic's and of Azure's."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with gateway(tmp_path_factory.mktemp("mistral"), (SCALEWAY, CLAUDE, AZURE, OWN)) as running:
        yield running


@pytest.fixture(scope="module")
def key(made: Gateway) -> str:
    return made.key("mail")


@pytest.fixture(scope="module")
def client(made: Gateway, key: str) -> Iterator[Mistral]:
    with Mistral(api_key=key, server_url=made.url) as opened:
        yield opened


@pytest.mark.parametrize("model", MODELS)
def test_a_chat_streamed_and_whole(client: Mistral, model: str) -> None:
    whole = client.chat.complete(model=model, messages=QUESTION, **SEED.get(model, {})).choices[0].message
    assert whole is not None
    with client.chat.stream(model=model, messages=QUESTION) as stream:
        pieces = [choice.delta.content for event in stream for choice in event.data.choices]
    assert "".join(piece for piece in pieces if isinstance(piece, str)) == whole.content != ""


@pytest.mark.parametrize("model", MODELS)
def test_a_tool_is_called_and_its_result_goes_back(client: Mistral, model: str) -> None:
    asked: Any = {"model": model, "tools": [TOOL]}
    message: Any = client.chat.complete(messages=QUESTION, tool_choice="any", **asked).choices[0].message
    (call,) = message.tool_calls
    assert call.function.name == "weather"
    result: Any = {"role": "tool", "name": "weather", "tool_call_id": call.id, "content": "rain"}
    answer: Any = client.chat.complete(messages=[*QUESTION, message, result], **asked).choices[0].message
    assert answer.content


def test_async_calls(made: Gateway, key: str) -> None:
    async def ask() -> Any:
        async with Mistral(api_key=key, server_url=made.url) as client:  # else its socket stays open
            return await client.chat.complete_async(model="auto", messages=QUESTION)

    assert asyncio.run(ask()).choices[0].message.content


def test_embeddings(client: Mistral) -> None:
    got = client.embeddings.create(model="smollm2-135m", inputs=["one", "two"])
    assert [item.index for item in got.data] == [0, 1]


def test_models(client: Mistral) -> None:
    listed: Any = client.models.list().data
    assert {model.id for model in listed if model.capabilities.completion_chat} >= {"gpt-5.4", "smollm2-135m"}
    assert "smollm2-135m" not in {model.id for model in listed if model.capabilities.function_calling}
    one: Any = client.models.retrieve(model_id="auto")
    assert (one.id, one.capabilities.function_calling, one.capabilities.ocr) == ("auto", True, False)


def test_a_document_is_a_file_which_not_every_model_takes(client: Mistral) -> None:
    document = {
        "type": "document_url",
        "document_url": "data:application/pdf;base64,JVBERi0=",
        "document_name": "a.pdf",
    }
    asked: Any = [{"role": "user", "content": [{"type": "text", "text": "Sum up"}, document]}]
    with pytest.raises(SDKError) as refused:
        client.chat.complete(model="smollm2-135m", messages=asked)
    assert json.loads(refused.value.body)["error"]["message"].endswith("(files)")


def test_fill_in_the_middle_without_a_model_that_can_is_refused_by_name(client: Mistral) -> None:
    with pytest.raises(SDKError) as refused:
        client.fim.complete(model="auto", prompt="def f(", suffix="return 1")
    assert json.loads(refused.value.body)["error"]["code"] == "no_capable_destination"
