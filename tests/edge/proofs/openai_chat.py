"""What the official openai client proves of chat completions and responses."""

import base64
import json
from collections.abc import Mapping
from typing import Any

import openai
import pytest
from pydantic import BaseModel

from tests.edge.proofs.world import ANSWER, QUESTION, World, proves, proves_async

CHAT = "/v1/chat/completions"
RESPONSES = "/v1/responses"
PNG = "data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n" + bytes(1500)).decode()
FUNCTION: Any = {
    "name": "weather",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
TOOL: Any = {"type": "function", "function": FUNCTION}
CALLS: Any = [
    {"id": f"call_{i}", "type": "function", "function": {"name": "weather", "arguments": json.dumps({"city": city})}}
    for i, city in enumerate(("Paris", "Lyon"))
]
PARALLEL: Any = [
    *QUESTION,
    {"role": "assistant", "tool_calls": CALLS},
    {"role": "tool", "tool_call_id": "call_0", "content": "rain"},
    {"role": "tool", "tool_call_id": "call_1", "content": "sun"},
]
SEEN: Any = [
    {"role": "user", "content": [{"type": "text", "text": "Read"}, {"type": "image_url", "image_url": {"url": PNG}}]}
]
SCHEMA: Any = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}


class City(BaseModel):
    """The answer as a structure."""

    city: str


CASES: Any = {
    "a turn": {},
    "n = 2": {"model": "mistral-small-3.2", "n": 2},
    "seed, stop, temperature, top_p, max_tokens": {
        "seed": 3,
        "stop": ["\n\n"],
        "temperature": 0.2,
        "top_p": 0.9,
        "max_tokens": 64,
    },
    "logprobs": {"model": "mistral-small-3.2", "logprobs": True, "top_logprobs": 2},
    "JSON object": {"response_format": {"type": "json_object"}},
    "results of parallel tool calls": {"messages": PARALLEL, "tools": [TOOL], "parallel_tool_calls": True},
    "a picture": {"model": "mistral-small-3.2", "messages": SEEN},
    "another provider's format: Anthropic": {"model": "claude-sonnet-4.6", "max_tokens": 64},
    "another provider's format: Mistral": {"model": "codestral-25.08"},
}


def asked(case: dict[str, Any], **more: Any) -> Any:
    return {"model": "mistral-medium-3.5", "messages": QUESTION, **case, **more}


def whole(case: dict[str, Any], answer: Any) -> None:
    assert [choice.message.content for choice in answer.choices] == [ANSWER] * case.get("n", 1)
    assert {choice.finish_reason for choice in answer.choices} == {"stop"}
    assert answer.usage.total_tokens > 0


def pieces(case: dict[str, Any], chunks: list[Any]) -> None:
    texts: dict[int, str] = {}
    for chunk in chunks:
        for choice in chunk.choices:
            texts[choice.index] = texts.get(choice.index, "") + (choice.delta.content or "")
    assert list(texts.values()) == [ANSWER] * case.get("n", 1)
    assert chunks[-1].usage.total_tokens > 0


def of_chat(name: str, case: dict[str, Any]) -> None:
    usage = {"stream_options": {"include_usage": True}}

    @proves("openai", CHAT, name)
    def sync(world: World) -> None:
        with world.openai() as client:
            whole(case, client.chat.completions.create(**asked(case)))

    @proves("openai", CHAT, name, "stream")
    def streamed(world: World) -> None:
        with world.openai() as client:
            pieces(case, list(client.chat.completions.create(**asked(case, stream=True, **usage))))

    @proves_async("openai", CHAT, name, "async")
    async def later(world: World) -> None:
        async with world.openai_async() as client:
            whole(case, await client.chat.completions.create(**asked(case)))

    @proves_async("openai", CHAT, name, "async stream")
    async def later_streamed(world: World) -> None:
        async with world.openai_async() as client:
            stream: Any = await client.chat.completions.create(**asked(case, stream=True, **usage))
            pieces(case, [chunk async for chunk in stream])


for name_, case_ in CASES.items():
    of_chat(name_, case_)


@proves("openai", CHAT, "structured output")
def structured(world: World) -> None:
    with world.openai() as client:
        got = client.chat.completions.parse(**asked({}), response_format=City)
    assert got.choices[0].message.parsed == City(city="Paris")


@proves("openai", CHAT, "a tool call")
def called(world: World) -> None:
    with world.openai() as client:
        got: Any = client.chat.completions.create(**asked({}, tools=[TOOL], tool_choice="required"))
    (call,) = got.choices[0].message.tool_calls
    assert (call.function.name, json.loads(call.function.arguments)) == ("weather", {"city": "example"})


@proves("openai", CHAT, "a tool call", "stream")
def called_streamed(world: World) -> None:
    with (
        world.openai() as client,
        client.chat.completions.stream(
            **asked({}, tools=[{**TOOL, "function": {**FUNCTION, "strict": True}}], tool_choice="required")
        ) as stream,
    ):
        final: Any = stream.get_final_completion()
        (call,) = final.choices[0].message.tool_calls
    assert json.loads(call.function.arguments) == {"city": "example"}


# ------------------------------------------------------------------ responses
@proves("openai", RESPONSES, "a turn with instructions")
def response(world: World) -> None:
    with world.openai() as client:
        got = client.responses.create(model="mistral-medium-3.5", input="Which city?", instructions="Be brief.")
    assert (got.output_text, got.to_dict()["store"]) == (ANSWER, False)


@proves("openai", RESPONSES, "a turn with instructions", "stream")
def response_streamed(world: World) -> None:
    with world.openai() as client, client.responses.stream(model="mistral-medium-3.5", input="Which city?") as stream:
        assert "".join(e.delta for e in stream if e.type == "response.output_text.delta") == ANSWER
        assert stream.get_final_response().output_text == ANSWER


@proves_async("openai", RESPONSES, "a turn with instructions")
async def response_later(world: World) -> None:
    async with world.openai_async() as client:
        assert (await client.responses.create(model="mistral-medium-3.5", input="Which city?")).output_text == ANSWER


@proves("openai", RESPONSES, "structured output")
def response_structured(world: World) -> None:
    with world.openai() as client:
        got = client.responses.parse(model="mistral-medium-3.5", input="Which city?", text_format=City)
    assert got.output_parsed == City(city="Paris")


@proves("openai", RESPONSES, "a tool call")
def response_called(world: World) -> None:
    with world.openai() as client:
        tools: Any = [{"type": "function", **FUNCTION}]
        got: Any = client.responses.create(model="mistral-medium-3.5", input="x", tools=tools, tool_choice="required")
    assert json.loads(got.output[0].arguments) == {"city": "example"}


@proves("openai", RESPONSES, "an estimate of tokens")
def response_counted(world: World) -> None:
    with world.openai() as client:
        assert client.responses.input_tokens.count(model="auto", input="Which city?").input_tokens > 0


HOSTED: Mapping[str, Mapping[str, object]] = {
    "web_search": {},
    "file_search": {"vector_store_ids": ["vs_1"]},
    "code_interpreter": {"container": {"type": "auto"}},
    "image_generation": {},
    "computer": {},
    "mcp": {"server_label": "x", "server_url": "https://evil.test"},
    "local_shell": {},
}
"""Each as a caller would write it: nobody who receives it is on record."""


@proves("openai", RESPONSES, f"hosted tools refused by name: {', '.join(HOSTED)}", "refused")
def response_hosted(world: World) -> None:
    with world.openai() as client:
        for kind, more in HOSTED.items():
            tools: Any = [{"type": kind, **more}]
            with pytest.raises(openai.BadRequestError) as refused:
                client.responses.create(model="auto", input="x", tools=tools)
            assert (refused.value.code, refused.value.param) == ("hosted_tool_refused", "tools[0]"), kind


@proves("openai", CHAT, "hosted tools refused by name: web_search, mcp, web_search_options", "refused")
def chat_hosted(world: World) -> None:
    with world.openai() as client:
        wishes: Any = ({"tools": [{"type": "web_search"}]}, {"tools": [{"type": "mcp"}]}, {"web_search_options": {}})
        for more in wishes:
            with pytest.raises(openai.BadRequestError) as refused:
                client.chat.completions.create(**asked({}, **more))
            assert refused.value.code == "hosted_tool_refused"
