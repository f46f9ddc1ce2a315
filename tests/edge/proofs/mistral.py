"""What the official mistralai client proves."""

import base64
import json
from typing import Any

import pytest
from mistralai.client.errors import SDKError

from tests.edge.proofs.world import ANSWER, QUESTION, World, proves, proves_async

CHAT = "/v1/chat/completions"
FIM = "/v1/fim/completions"
TOOL: Any = {
    "type": "function",
    "function": {
        "name": "weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
PNG = "data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n" + bytes(1500)).decode()
CALLS: Any = [
    {"id": f"abcdefgh{i}", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Paris"}'}}
    for i in range(2)
]
PARALLEL: Any = [
    *QUESTION,
    {"role": "assistant", "content": "", "tool_calls": CALLS},
    *({"role": "tool", "name": "weather", "tool_call_id": f"abcdefgh{i}", "content": "rain"} for i in range(2)),
]
CASES: Any = {
    "a turn": {},
    "random_seed, stop, temperature, max_tokens": {
        "random_seed": 3,
        "stop": ["\n\n"],
        "temperature": 0.2,
        "max_tokens": 64,
    },
    "JSON object": {"response_format": {"type": "json_object"}},
    "results of parallel tool calls": {"messages": PARALLEL, "tools": [TOOL], "parallel_tool_calls": True},
    "reasoning of an earlier turn": {
        "messages": [
            *QUESTION,
            {
                "role": "assistant",
                "content": [
                    {"type": "thinking", "thinking": [{"type": "text", "text": "It is Paris."}]},
                    {"type": "text", "text": "Paris."},
                ],
            },
            *QUESTION,
        ]
    },
    "a picture": {
        "model": "mistral-small-3.2",
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": "Read"}, {"type": "image_url", "image_url": PNG}]}
        ],
    },
    "Mistral itself": {"model": "codestral-25.08"},
    "another provider's format: Anthropic": {"model": "claude-sonnet-4.6", "max_tokens": 64},
}


def asked(case: dict[str, Any]) -> Any:
    return {"model": "mistral-medium-3.5", "messages": QUESTION, **case}


def whole(answer: Any) -> None:
    assert (answer.choices[0].message.content, answer.choices[0].finish_reason) == (ANSWER, "stop")
    assert answer.usage.total_tokens > 0


def text_of(events: list[Any]) -> str:
    return "".join(choice.delta.content or "" for event in events for choice in event.data.choices)


def of_chat(name: str, case: dict[str, Any]) -> None:
    @proves("mistralai", CHAT, name)
    def sync(world: World) -> None:
        with world.mistral() as client:
            whole(client.chat.complete(**asked(case)))

    @proves("mistralai", CHAT, name, "stream")
    def streamed(world: World) -> None:
        with world.mistral() as client, client.chat.stream(**asked(case)) as stream:
            assert text_of(list(stream)) == ANSWER

    @proves_async("mistralai", CHAT, name, "async")
    async def later(world: World) -> None:
        async with world.mistral_async() as client:
            whole(await client.chat.complete_async(**asked(case)))

    @proves_async("mistralai", CHAT, name, "async stream")
    async def later_streamed(world: World) -> None:
        async with world.mistral_async() as client, await client.chat.stream_async(**asked(case)) as stream:
            assert text_of([event async for event in stream]) == ANSWER


for name_, case_ in CASES.items():
    of_chat(name_, case_)


@proves("mistralai", CHAT, "a tool call")
def called(world: World) -> None:
    with world.mistral() as client:
        got: Any = client.chat.complete(**asked({"tools": [TOOL], "tool_choice": "any"}))
    arguments = got.choices[0].message.tool_calls[0].function.arguments
    assert (json.loads(arguments) if isinstance(arguments, str) else arguments) == {"city": "example"}


@proves("mistralai", FIM, "a prompt and a suffix")
def fim(world: World) -> None:
    with world.mistral() as client:
        whole(client.fim.complete(model="codestral-25.08", prompt="def f(", suffix="return 1"))


@proves("mistralai", FIM, "a prompt and a suffix", "stream")
def fim_streamed(world: World) -> None:
    with world.mistral() as client, client.fim.stream(model="codestral-25.08", prompt="def f(") as stream:
        assert text_of(list(stream)) == ANSWER


@proves_async("mistralai", FIM, "a prompt and a suffix")
async def fim_later(world: World) -> None:
    async with world.mistral_async() as client:
        whole(await client.fim.complete_async(model="codestral-25.08", prompt="def f("))


@proves("mistralai", "/v1/embeddings", "texts")
def embeddings(world: World) -> None:
    with world.mistral() as client:
        assert len(client.embeddings.create(model="smollm2-135m", inputs=["one", "two"]).data) == 2


@proves("mistralai", "/v1/moderations", "texts")
def moderations(world: World) -> None:
    with world.mistral() as client:
        got = client.classifiers.moderate(model="mistral-moderation-26.03", inputs=["one", "two"])
    assert len(got.results) == 2


@proves("mistralai", "/v1/models", "list, retrieve")
def models(world: World) -> None:
    with world.mistral() as client:
        one: Any = client.models.retrieve(model_id="auto")
        assert one.id == "auto"


HOSTED: Any = {
    "document_library": {"type": "document_library", "library_ids": ["l"]},
    "image_generation": {"type": "image_generation"},
    "connector": {"type": "connector", "connector_id": "c"},
}


@proves("mistralai", CHAT, f"hosted tools refused by name: {', '.join(HOSTED)}", "refused")
def hosted(world: World) -> None:
    with world.mistral() as client:
        for tool in HOSTED.values():
            with pytest.raises(SDKError) as refused:
                client.chat.complete(**asked({"tools": [tool]}))
            assert json.loads(refused.value.body)["error"]["code"] == "hosted_tool_refused"


@proves("mistralai", "other endpoints", "conversations, files, batch jobs", "refused")
def others(world: World) -> None:
    with world.mistral() as client:
        calls: Any = {
            "retention_refused": lambda: client.beta.conversations.start(inputs="x", model="auto"),
            "batch_refused": client.files.list,
        }
        for code, call in calls.items():
            with pytest.raises(SDKError) as refused:
                call()
            assert json.loads(refused.value.body)["error"]["code"] == code
        with pytest.raises(SDKError) as refused:
            client.batch.jobs.list()
        assert json.loads(refused.value.body)["error"]["code"] == "batch_refused"
