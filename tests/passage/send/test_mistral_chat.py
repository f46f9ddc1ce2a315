"""Mistral's closed schema: openapi.yaml of mistralai/platform-docs-public, 21 August 2026."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecluse.domain.event import ToolArgs
from ecluse.domain.request import BlobPart, Json, Message, Request, Role, TextPart, Tool, ToolCall
from ecluse.passage.send import tool_ids
from ecluse.passage.send.mistral_chat import DIALECT
from ecluse.passage.send.mistral_schema import trimmed
from ecluse.passage.send.tool_ids import nine_letters
from tests.passage.send.exchange import CONVERSATION, destination, read, request

REQUEST = {
    *("model", "messages", "temperature", "top_p", "max_tokens", "stream", "stop", "random_seed", "metadata", "n"),
    *("response_format", "tools", "tool_choice", "parallel_tool_calls", "presence_penalty", "frequency_penalty"),
    *("prediction", "prompt_mode", "reasoning_effort", "guardrails", "prompt_cache_key", "safe_prompt"),
}
AUDIO = BlobPart(media="audio", wire={"type": "input_audio", "input_audio": {"data": "QQ==", "format": "wav"}})
ALLOWED: Json = {"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": []}}
MESSAGES = {
    "system": {"role", "content"},
    "user": {"role", "content"},
    "assistant": {"role", "content", "tool_calls", "prefix"},
    "tool": {"role", "content", "tool_call_id", "name"},
}


def _sent(asked: Request) -> dict[str, Json]:
    body: dict[str, Json] = json.loads(DIALECT.call(asked, destination(), "a").body)
    return body


def _message(asked: Message) -> Json:
    messages = _sent(replace(request(), messages=(asked,)))["messages"]
    assert isinstance(messages, list)
    written: Json = messages[0]
    return written


def test_nothing_leaves_that_the_schema_does_not_name() -> None:
    options: dict[str, Json] = {
        "seed": 3,
        "logprobs": True,
        "user": "u",
        "max_completion_tokens": 4,
        "max_tokens": 4,
        "stream_options": {"include_obfuscation": False},
        "prediction": {"type": "content", "content": "ab"},
    }
    asked = replace(CONVERSATION, options={**CONVERSATION.options, **options})
    body = _sent(asked)
    assert set(body) <= REQUEST
    assert (body["random_seed"], body["max_tokens"], body["tool_choice"]) == (3, 4, "any")
    assert body["prediction"] == {"type": "content", "content": "ab"}
    assert DIALECT.unsupported(asked) == ("logprobs", "user", "stream_options")
    messages = body["messages"]
    assert isinstance(messages, list)
    for message in messages:
        assert set(message) <= MESSAGES[message["role"]]


def _saying(**message: Any) -> Request:
    return replace(request(), messages=(Message(**{"role": Role.USER, "parts": (TextPart(text="a"),), **message}),))


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        (replace(request(), options={"reasoning_effort": "low"}), ("reasoning_effort",)),
        (replace(request(), options={"reasoning_effort": "high"}), ()),
        (replace(request(), tool_choice=ALLOWED), ("tool_choice.allowed_tools",)),
        (_saying(name="Ana"), ("messages.name",)),
        (_saying(role=Role.TOOL, name="f", tool_call_id="a"), ()),
        (_saying(parts=(BlobPart(media="file", wire={}),)), ("messages.file",)),
    ],
)
def test_what_mistral_does_not_take_is_named(asked: Request, named: tuple[str, ...]) -> None:
    assert DIALECT.unsupported(asked) == named


def test_one_function_is_chosen_by_name() -> None:
    choice: Json = {"type": "function", "function": {"name": "f"}}
    assert _sent(replace(request(), tool_choice=choice))["tool_choice"] == choice
    assert "tool_choice" not in _sent(replace(request(), tool_choice=ALLOWED))


@pytest.mark.parametrize(
    ("message", "content"),
    [
        (Message(role=Role.ASSISTANT), ""),
        (Message(role=Role.ASSISTANT, extra={"refusal": "Non."}), "Non."),
        (
            Message(role=Role.ASSISTANT, parts=(TextPart(text="240 km"),), extra={"reasoning_content": "Hm."}),
            [{"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]}, {"type": "text", "text": "240 km"}],
        ),
        (
            Message(role=Role.USER, parts=(TextPart(text="a"), TextPart(text="b"))),
            [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}],
        ),
        (
            Message(role=Role.USER, parts=(AUDIO,)),
            [{"type": "input_audio", "input_audio": "QQ=="}],
        ),
    ],
)
def test_content_is_written_in_mistrals_blocks(message: Message, content: Json) -> None:
    written = _message(message)
    assert isinstance(written, dict)
    assert written["content"] == content


def test_a_final_assistant_message_may_be_a_prefix() -> None:
    message = Message(role=Role.ASSISTANT, parts=(TextPart(text="Alors"),), extra={"prefix": True})
    assert _message(message) == {"role": "assistant", "content": "Alors", "prefix": True}


def test_a_function_without_parameters_gets_the_object_that_the_schema_wants() -> None:
    tools = _sent(replace(request(), tools=(Tool(name="f"),)))["tools"]
    assert tools == [
        {"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}
    ]


# ------------------------------------------------------------------ schemas
def test_a_schema_loses_keywords_and_keeps_names_and_values() -> None:
    schema: Json = {
        "$schema": "x",
        "$id": "y",
        "type": "object",
        "additionalProperties": False,
        "strict": True,
        "properties": {"strict": {"type": "string", "enum": ["$id"], "strict": True}, "$id": {"const": {"$id": 1}}},
        "$defs": {"additionalProperties": {"additionalProperties": {"type": "string", "$id": "z"}}},
        "anyOf": [{"additionalProperties": False, "default": {"strict": True}}],
    }
    assert trimmed(schema) == {
        "type": "object",
        "properties": {"strict": {"type": "string", "enum": ["$id"]}, "$id": {"const": {"$id": 1}}},
        "$defs": {"additionalProperties": {"additionalProperties": {"type": "string"}}},
        "anyOf": [{"default": {"strict": True}}],
    }


# ------------------------------------------------------------------ tool call ids
def _turns(*ids: str) -> tuple[Message, ...]:
    calls = tuple(ToolCall(id=id_, name="f", arguments={}, decoded=True) for id_ in ids)
    return (Message(role=Role.ASSISTANT, tool_calls=calls), *(Message(role=Role.TOOL, tool_call_id=id_) for id_ in ids))


@given(ids=st.lists(st.text(min_size=1, max_size=40) | st.from_regex(r"[a-zA-Z0-9]{9}", fullmatch=True), max_size=20))
def test_ids_become_nine_letters_and_no_two_share_one(ids: list[str]) -> None:
    mapped = nine_letters(_turns(*ids))
    assert set(mapped) == set(ids)
    assert len(set(mapped.values())) == len(mapped)
    assert all(len(short) == 9 and short.isascii() and short.isalnum() for short in mapped.values())
    assert mapped == nine_letters(_turns(*ids))


def test_an_id_in_mistrals_shape_stays() -> None:
    assert nine_letters(_turns("D681PevKs", "call_1")) == {
        "D681PevKs": "D681PevKs",
        "call_1": nine_letters(_turns("call_1"))["call_1"],
    }


def test_an_id_whose_short_form_is_taken_gets_another() -> None:
    short = nine_letters(_turns("call_1"))["call_1"]
    mapped = nine_letters(_turns("call_1", short))
    assert mapped[short] == short
    assert mapped["call_1"] != short


def test_a_call_and_its_reply_leave_with_one_id_and_come_back_with_the_callers() -> None:
    asked = replace(request(), messages=_turns("toolu_01AbC"))
    messages = _sent(asked)["messages"]
    assert isinstance(messages, list)
    short = messages[0]["tool_calls"][0]["id"]
    assert messages[1]["tool_call_id"] == short
    assert tool_ids.nine_letters(asked.messages) == {"toolu_01AbC": short}
    delta = {
        "choices": [
            {"index": 0, "delta": {"tool_calls": [{"id": short, "function": {"name": "f"}}]}, "finish_reason": "stop"}
        ]
    }
    events = read(DIALECT.reader(asked), [b"data: " + json.dumps(delta).encode() + b"\n\n"])
    assert [event.id for event in events if isinstance(event, ToolArgs)] == ["toolu_01AbC"]
