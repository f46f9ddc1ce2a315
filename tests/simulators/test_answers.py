"""A simulator writes what its provider would, streamed and whole, in the shapes that the SDKs publish."""

import base64
import json
import struct
from typing import Any

import httpx2
import pytest
from mistralai.client.models import ChatCompletionResponse, CompletionChunk
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from simulators.brain import CANNED, VECTOR
from simulators.fleet import Running
from tests.simulators.conftest import MODEL, Connect

HELLO: list[Any] = [{"role": "user", "content": "Hello."}]
TOOLS: list[Any] = [
    {
        "type": "function",
        "function": {
            "name": "weather",
            "parameters": {
                "type": "object",
                "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
                "required": ["city", "days"],
            },
        },
    }
]
BEARERS = ["openai_like", "ovhcloud", "scaleway", "vllm"]


def events(response: httpx2.Response) -> list[dict[str, Any]]:
    """Return a stream's events; it must end with its closing mark."""
    lines = [line.removeprefix("data: ") for line in response.text.split("\n\n") if line]
    assert lines.pop() == "[DONE]"
    return [json.loads(line) for line in lines]


@pytest.mark.parametrize("name", BEARERS)
def test_openais_client_gets_a_whole_answer(name: str, connect: Connect) -> None:
    answer = connect(name).chat.completions.create(model=MODEL, messages=HELLO)
    assert (answer.choices[0].message.content, answer.choices[0].finish_reason) == (CANNED, "stop")
    assert answer.usage is not None
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens


@pytest.mark.parametrize("name", BEARERS)
def test_openais_client_gets_a_stream_with_its_tokens_when_asked(name: str, connect: Connect) -> None:
    stream = connect(name).chat.completions.create(
        model=MODEL, messages=HELLO, stream=True, stream_options={"include_usage": True}
    )
    chunks = list(stream)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == CANNED
    assert (chunks[-1].choices, chunks[-1].usage is not None) == ([], True)


def test_openais_client_gets_no_tokens_in_a_stream_unasked(connect: Connect) -> None:
    stream = connect("openai_like").chat.completions.create(model=MODEL, messages=HELLO, stream=True)
    assert all(chunk.choices and chunk.usage is None for chunk in stream)


@pytest.mark.parametrize("choice", ["required", "auto"])
def test_a_tool_is_called_with_arguments_that_fit_its_schema(choice: Any, connect: Connect) -> None:
    answer = connect("vllm").chat.completions.create(model=MODEL, messages=HELLO, tools=TOOLS, tool_choice=choice)
    calls = answer.choices[0].message.tool_calls
    assert calls
    (call,) = calls
    assert call.type == "function"
    assert json.loads(call.function.arguments) == {"city": "example", "days": 1}
    assert (call.function.name, answer.choices[0].finish_reason) == ("weather", "tool_calls")


def test_a_tool_is_not_called_again_once_it_answered(connect: Connect) -> None:
    call = {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": "{}"}}
    turns: list[Any] = [
        *HELLO,
        {"role": "assistant", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_1", "content": "Rain."},
    ]
    answer = connect("openai_like").chat.completions.create(model=MODEL, messages=turns, tools=TOOLS)
    assert answer.choices[0].message.content == CANNED


def test_a_streamed_tool_call_comes_in_fragments(connect: Connect) -> None:
    stream = connect("openai_like").chat.completions.create(model=MODEL, messages=HELLO, tools=TOOLS, stream=True)
    calls = [call for chunk in stream for call in chunk.choices[0].delta.tool_calls or ()]
    assert calls[0].id
    assert calls[0].function is not None
    assert calls[0].function.name == "weather"
    assert len(calls) > 2
    written = "".join(call.function.arguments or "" for call in calls if call.function)
    assert json.loads(written) == {"city": "example", "days": 1}


@pytest.mark.parametrize("packed", [True, False])
def test_embeddings_come_as_floats_or_packed(packed: bool, connect: Connect) -> None:  # noqa: FBT001 - a case
    form: Any = "base64" if packed else "float"
    raw = connect("scaleway").embeddings.with_raw_response.create(model=MODEL, input=["a", "b"], encoding_format=form)
    found: Any = [row["embedding"] for row in json.loads(raw.text)["data"]]
    if packed:
        found = [list(struct.unpack("<4f", base64.b64decode(text))) for text in found]
    assert found == [list(VECTOR)] * 2


def test_azure_starts_a_stream_with_the_filters_word_on_the_prompt(fleet: Running, http: httpx2.Client) -> None:
    response = http.post(
        fleet["azure"].base_url + "/chat/completions",
        headers={"api-key": fleet["azure"].key},
        json={"model": MODEL, "messages": HELLO, "stream": True, "stream_options": {"include_usage": True}},
    )
    first, *rest = events(response)
    assert (first["choices"], first["id"], first["model"], first["created"]) == ([], "", "", 0)
    assert first["prompt_filter_results"]
    chunks = [ChatCompletionChunk.model_validate(event) for event in rest]
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == CANNED
    assert chunks[-1].usage is not None
    assert response.headers["x-ms-region"] == "francecentral"


def test_azure_adds_the_filters_word_to_a_whole_answer(fleet: Running, http: httpx2.Client) -> None:
    response = http.post(
        fleet["azure"].base_url + "/chat/completions",
        headers={"api-key": fleet["azure"].key},
        json={"model": MODEL, "messages": HELLO},
    )
    assert ChatCompletion.model_validate(response.json()).choices[0].message.content == CANNED
    assert response.json()["choices"][0]["content_filter_results"]["violence"] == {
        "filtered": False,
        "severity": "safe",
    }


def mistral(fleet: Running, http: httpx2.Client, **more: Any) -> httpx2.Response:
    return http.post(
        fleet["mistral"].base_url + "/chat/completions",
        headers={"authorization": f"Bearer {fleet['mistral'].key}"},
        json={"model": MODEL, "messages": HELLO, **more},
    )


def test_mistral_gives_its_tokens_in_the_last_chunk_unasked(fleet: Running, http: httpx2.Client) -> None:
    chunks = [CompletionChunk.model_validate(event) for event in events(mistral(fleet, http, stream=True))]
    assert "".join(str(chunk.choices[0].delta.content or "") for chunk in chunks) == CANNED
    assert (chunks[-1].choices[0].finish_reason, bool(chunks[-1].usage)) == ("stop", True)
    assert not any(chunk.usage for chunk in chunks[:-1])


def test_mistral_gives_a_whole_answer(fleet: Running, http: httpx2.Client) -> None:
    answer = ChatCompletionResponse.model_validate(mistral(fleet, http).json())
    assert answer.choices[0].message
    assert answer.choices[0].message.content == CANNED


def test_mistral_streams_a_tool_call_whole_with_an_id_of_nine(fleet: Running, http: httpx2.Client) -> None:
    response = mistral(fleet, http, stream=True, tools=TOOLS, tool_choice="any")
    (call,) = [c for event in events(response) for c in event["choices"][0]["delta"].get("tool_calls", [])]
    assert len(call["id"]) == 9
    assert call["id"].isalnum()
    assert json.loads(call["function"]["arguments"]) == {"city": "example", "days": 1}
