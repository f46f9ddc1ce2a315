"""What the official anthropic client proves."""

import base64
from typing import Any

import anthropic
import pytest

from tests.edge.proofs.world import ANSWER, QUESTION, World, proves, proves_async

MESSAGES = "/v1/messages"
TOOL: Any = {
    "name": "weather",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
PNG = base64.b64encode(b"\x89PNG\r\n" + bytes(1500)).decode()
PICTURE: Any = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG}}
USES: Any = [{"type": "tool_use", "id": f"toolu_{i}", "name": "weather", "input": {}} for i in range(2)]
RESULTS: Any = [{"type": "tool_result", "tool_use_id": f"toolu_{i}", "content": "rain"} for i in range(2)]
PARALLEL: Any = [*QUESTION, {"role": "assistant", "content": USES}, {"role": "user", "content": RESULTS}]
CASES: Any = {
    "a turn": {},
    "system, stop_sequences, metadata, top_p": {
        "system": [{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}}],
        "stop_sequences": ["\n\n"],
        "metadata": {"user_id": "u1"},
        "extra_body": {"top_p": 0.9},
    },
    "results of parallel tool calls": {"messages": PARALLEL, "tools": [TOOL]},
    "a picture": {
        "model": "mistral-small-3.2",
        "messages": [{"role": "user", "content": [{"type": "text", "text": "Read"}, PICTURE]}],
    },
    "beta headers of a coding agent": {
        "extra_headers": {"anthropic-beta": "claude-code-20250219,files-api-2025-04-14"}
    },
    "Anthropic itself": {"model": "claude-sonnet-4.6"},
    "another provider's format: Mistral": {"model": "codestral-25.08"},
}


def asked(case: dict[str, Any]) -> Any:
    return {"model": "mistral-medium-3.5", "max_tokens": 64, "messages": QUESTION, **case}


def whole(answer: Any) -> None:
    assert "".join(block.text for block in answer.content if block.type == "text") == ANSWER
    assert (answer.stop_reason, answer.usage.output_tokens > 0) == ("end_turn", True)


def of_messages(name: str, case: dict[str, Any]) -> None:
    @proves("anthropic", MESSAGES, name)
    def sync(world: World) -> None:
        with world.anthropic() as client:
            whole(client.messages.create(**asked(case)))

    @proves("anthropic", MESSAGES, name, "stream")
    def streamed(world: World) -> None:
        with world.anthropic() as client, client.messages.stream(**asked(case)) as stream:
            assert "".join(stream.text_stream) == ANSWER
            whole(stream.get_final_message())

    @proves_async("anthropic", MESSAGES, name, "async")
    async def later(world: World) -> None:
        async with world.anthropic_async() as client:
            whole(await client.messages.create(**asked(case)))

    @proves_async("anthropic", MESSAGES, name, "async stream")
    async def later_streamed(world: World) -> None:
        async with world.anthropic_async() as client, client.messages.stream(**asked(case)) as stream:
            whole(await stream.get_final_message())


for name_, case_ in CASES.items():
    of_messages(name_, case_)


@proves("anthropic", MESSAGES, "a tool call")
def called(world: World) -> None:
    choice: Any = {"type": "any"}
    with world.anthropic() as client:
        got: Any = client.messages.create(**asked({"tools": [TOOL], "tool_choice": choice}))
    assert (got.stop_reason, got.content[-1].input) == ("tool_use", {"city": "example"})


@proves("anthropic", MESSAGES, "a tool call", "stream")
def called_streamed(world: World) -> None:
    choice: Any = {"type": "tool", "name": "weather"}
    with world.anthropic() as client, client.messages.stream(**asked({"tools": [TOOL], "tool_choice": choice})) as got:
        last: Any = got.get_final_message().content[-1]
    assert last.input == {"city": "example"}


@proves("anthropic", MESSAGES, "signed reasoning, sent back unaltered")
def reasoning(world: World) -> None:
    more: Any = {
        "model": "claude-sonnet-4.6",
        "max_tokens": 2048,
        "thinking": {"type": "enabled", "budget_tokens": 1024},
    }
    with world.anthropic() as client:
        got: Any = client.messages.create(**asked(more))
        assert (got.content[0].type, bool(got.content[0].signature)) == ("thinking", True)
        turns = [*QUESTION, {"role": "assistant", "content": got.content}, *QUESTION]
        assert client.messages.create(**asked({**more, "messages": turns})).stop_reason == "end_turn"


@proves("anthropic", f"{MESSAGES}/count_tokens", "an estimate of tokens")
def counted(world: World) -> None:
    with world.anthropic() as client:
        assert client.messages.count_tokens(model="auto", messages=QUESTION, tools=[TOOL]).input_tokens > 0


@proves_async("anthropic", f"{MESSAGES}/count_tokens", "an estimate of tokens")
async def counted_later(world: World) -> None:
    async with world.anthropic_async() as client:
        assert (await client.messages.count_tokens(model="auto", messages=QUESTION)).input_tokens > 0


@proves("anthropic", "/v1/models", "list, retrieve")
def models(world: World) -> None:
    with world.anthropic() as client:
        assert client.models.retrieve("auto").id == client.models.list().data[0].id == "auto"


HOSTED: Any = {
    "web_search_20250305": {"tools": [{"type": "web_search_20250305", "name": "web_search"}]},
    "code_execution_20250825": {"tools": [{"type": "code_execution_20250825", "name": "code_execution"}]},
    "web_fetch_20250910": {"tools": [{"type": "web_fetch_20250910", "name": "web_fetch"}]},
    "bash_20250124": {"tools": [{"type": "bash_20250124", "name": "bash"}]},
    "mcp_servers": {"extra_body": {"mcp_servers": [{"type": "url", "url": "https://evil.test", "name": "x"}]}},
    "container": {"extra_body": {"container": "container_1"}},
}


@proves("anthropic", MESSAGES, f"hosted tools refused by name: {', '.join(HOSTED)}", "refused")
def hosted(world: World) -> None:
    with world.anthropic() as client:
        for more in HOSTED.values():
            with pytest.raises(anthropic.BadRequestError) as refused:
                client.messages.create(**asked(more))
            assert refused.value.response.json()["error"]["code"] == "hosted_tool_refused"


@proves("anthropic", "other endpoints", "message batches", "refused")
def others(world: World) -> None:
    with world.anthropic() as client, pytest.raises(anthropic.BadRequestError) as refused:
        client.messages.batches.list()
    error = refused.value.response.json()
    assert (error["type"], error["error"]["code"]) == ("error", "batch_refused")
