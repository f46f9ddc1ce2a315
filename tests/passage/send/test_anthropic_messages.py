"""What Anthropic is sent, what it is not, and that its answers never do more than be refused."""

import json
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecluse.domain.destination import Established
from ecluse.domain.errors import ProviderError
from ecluse.domain.request import BlobPart, CacheSpan, Json, Message, Request, Role, Surface, TextPart, Tool, ToolCall
from ecluse.passage.send import DIALECTS
from ecluse.passage.send.anthropic_messages import DIALECT, MAX_TOKENS, VERSION, VERSION_WITH_SAMPLING
from simulators import published
from tests.passage.send.exchange import destination, read, request

USER = Message(role=Role.USER, parts=(TextPart(text="a"),))
PNG = BlobPart(media="image", wire={"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}})
THINKING: dict[str, Json] = {"type": "thinking", "thinking": "Hm.", "signature": "EqQB"}


def _sent(asked: Request) -> dict[str, Any]:
    body = DIALECT.call(asked, destination(), "a").body
    published.anthropic_messages(body, sampling=True)
    written: dict[str, Any] = json.loads(body)
    return written


def _asked(*messages: Message, **options: Json) -> Request:
    return replace(request(stream=False), messages=messages or (USER,), options=options)


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"temperature": 1.2}, ("temperature",)),
        ({"temperature": 1}, ()),
        ({"seed": 3, "n": 2, "logprobs": True}, ("seed", "n", "logprobs")),
        ({"frequency_penalty": 0, "presence_penalty": 0.0}, ()),
        ({"frequency_penalty": 0.5}, ("frequency_penalty",)),
        ({"response_format": {"type": "json_object"}}, ("response_format",)),
        ({"reasoning_effort": "minimal"}, ("reasoning_effort",)),
        ({"metadata": {"user_id": "u"}}, ()),
        ({"metadata": {"city": "Agen"}}, ("metadata",)),
    ],
)
def test_what_anthropic_has_no_word_for_is_named(options: dict[str, Json], named: tuple[str, ...]) -> None:
    assert DIALECT.unsupported(_asked(**options)) == named


@pytest.mark.parametrize(
    ("message", "named"),
    [
        (replace(USER, name="Camille"), ("messages.name",)),
        (replace(USER, extra={"cache": 1}), ("messages.cache",)),
        (replace(USER, parts=(BlobPart(media="audio", wire={}),)), ("messages.audio",)),
        (
            replace(USER, parts=(BlobPart(media="image", wire={"image_url": {"url": "data:image/tiff;base64,A"}}),)),
            ("messages.image",),
        ),
        (
            replace(USER, parts=(BlobPart(media="file", wire={"file": {"file_data": "data:text/csv;base64,QQ=="}}),)),
            ("messages.file: PDF only",),
        ),
        (replace(USER, parts=(PNG,)), ()),
        (
            Message(role=Role.ASSISTANT, tool_calls=(ToolCall(id="a", name="f", arguments="{", decoded=False),)),
            ("messages.tool_calls.arguments",),
        ),
    ],
)
def test_what_a_message_has_and_anthropic_has_not_is_named(message: Message, named: tuple[str, ...]) -> None:
    assert DIALECT.unsupported(_asked(message)) == named


def test_embeddings_are_named() -> None:
    assert DIALECT.unsupported(request(surface=Surface.EMBEDDINGS)) == ("embeddings",)


def test_an_answer_is_bounded_even_if_the_caller_sets_no_bound() -> None:
    assert _sent(_asked())["max_tokens"] == MAX_TOKENS
    assert _sent(_asked(max_tokens=5))["max_tokens"] == 5


@pytest.mark.parametrize(("options", "version"), [({}, VERSION), ({"temperature": 0}, VERSION_WITH_SAMPLING)])
def test_the_version_is_one_that_takes_what_is_asked(options: dict[str, Json], version: str) -> None:
    assert ("anthropic-version", version) in DIALECT.call(_asked(**options), destination(), "a").headers


def test_signed_reasoning_goes_back_first_and_as_it_came() -> None:
    call = ToolCall(id="t", name="f", arguments={}, decoded=True)
    said = Message(role=Role.ASSISTANT, parts=(TextPart(text="b"),), tool_calls=(call,), signed=(THINKING,))
    result = Message(role=Role.TOOL, parts=(TextPart(text=""),), tool_call_id="t", extra={"is_error": True})
    body = _sent(_asked(USER, said, result, USER))
    assert body["messages"][1]["content"][0] == THINKING
    assert body["messages"][2]["content"] == [
        {"type": "tool_result", "tool_use_id": "t", "is_error": True},
        {"type": "text", "text": "a"},
    ]


@pytest.mark.parametrize("dialect", ["openai_chat", "azure_openai", "mistral_chat"])
def test_signed_reasoning_stays_behind_elsewhere(dialect: str) -> None:
    said = Message(role=Role.ASSISTANT, parts=(TextPart(text="b"),), signed=(THINKING,))
    only = Message(role=Role.ASSISTANT, signed=(THINKING,))
    asked = _asked(USER, said, only, USER, thinking={"type": "adaptive"}, end_user="u")
    assert DIALECTS[dialect].unsupported(asked) == ()
    body = DIALECTS[dialect].call(asked, destination(), "a").body
    assert b"Hm." not in body
    assert b"thinking" not in body
    assert len(json.loads(body)["messages"]) == 3


@pytest.mark.parametrize("dialect", ["openai_chat", "mistral_chat"])
def test_reasoning_that_must_be_is_named_elsewhere(dialect: str) -> None:
    asked = _asked(thinking={"type": "enabled", "budget_tokens": 2000})
    assert DIALECTS[dialect].unsupported(asked) == ("thinking",)


@pytest.mark.parametrize("dialect", ["openai_chat", "mistral_chat"])
def test_a_picture_in_the_result_of_a_tool_stands_in_the_users_turn_elsewhere(dialect: str) -> None:
    call = ToolCall(id="abcdefghi", name="f", arguments={}, decoded=True)
    said = Message(role=Role.ASSISTANT, tool_calls=(call,))
    result = Message(role=Role.TOOL, parts=(PNG,), tool_call_id="abcdefghi")
    for after in ((USER,), (), (said,)):
        body = json.loads(DIALECTS[dialect].call(_asked(USER, said, result, *after), destination(), "a").body)
        _, _, told, user = body["messages"][:4]
        assert told["content"] == ""
        assert user["role"] == "user"
        assert user["content"][0] == PNG.wire


def test_tools_and_choices() -> None:
    tools = (Tool(name="f", description="d", strict=True), Tool(name="g", parameters={"properties": {}}))
    body = _sent(replace(_asked(parallel_tool_calls=False), tools=tools))
    assert body["tools"] == [
        {"name": "f", "input_schema": {"type": "object", "properties": {}}, "description": "d", "strict": True},
        {"name": "g", "input_schema": {"type": "object", "properties": {}}},
    ]
    assert body["tool_choice"] == {"type": "auto", "disable_parallel_tool_use": True}
    named: Json = {"type": "function", "function": {"name": "g"}}
    assert _sent(replace(_asked(), tools=tools, tool_choice=named))["tool_choice"] == {"type": "tool", "name": "g"}


def test_an_id_that_anthropic_does_not_take_goes_out_as_another_and_comes_back() -> None:
    call = ToolCall(id="functions.f:0", name="f", arguments={}, decoded=True)
    result = Message(role=Role.TOOL, parts=(TextPart(text="1"),), tool_call_id="functions.f:0")
    asked = _asked(USER, Message(role=Role.ASSISTANT, tool_calls=(call,)), result)
    body = _sent(asked)
    short = body["messages"][1]["content"][0]["id"]
    assert short == body["messages"][2]["content"][0]["tool_use_id"] != "functions.f:0"
    answer = {
        "type": "message",
        "id": "m",
        "model": "m",
        "stop_reason": "tool_use",
        "content": [{"type": "tool_use", "id": short, "name": "f", "input": {}}],
    }
    events = read(DIALECT.reader(asked), [json.dumps(answer).encode()])
    assert "functions.f:0" in [getattr(event, "id", None) for event in events]


# ------------------------------------------------------------------ whatever comes
@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b'{"type":"message"}',
        b'{"type":"message","content":[3],"stop_reason":"end_turn"}',
        b'{"type":"message","content":[],"stop_reason":null}',
        b'{"type":"message","content":[{"type":"tool_use","id":3,"name":"f"}],"stop_reason":"end_turn"}',
        b'event: x\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a"}}\n\n',
        b'event: x\ndata: {"type":"content_block_start","index":-1,"content_block":{"type":"text"}}\n\n',
        b'event: x\ndata: {"type":"message_stop"}\n\n',
    ],
)
def test_a_malformed_answer_refuses(body: bytes) -> None:
    reader = DIALECT.reader(request())
    with pytest.raises(ProviderError, match="upstream_malformed"):
        _ = (reader.feed(body), reader.end())


_words = st.sampled_from(
    [
        *("type", "message", "content", "message_start", "content_block_start", "content_block", "content_block_delta"),
        *("content_block_stop", "message_delta", "message_stop", "delta", "usage", "index", "stop_reason", "end_turn"),
        *("text", "thinking", "signature", "redacted_thinking", "data", "tool_use", "id", "name", "input", "error"),
        *("text_delta", "input_json_delta", "partial_json", "thinking_delta", "signature_delta", "input_tokens"),
    ]
)
_anything = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 3) | _words,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_words, inner, max_size=5),
    max_leaves=8,
)
_frames = st.dictionaries(_words, _anything, max_size=5)
_kinds = st.sampled_from(["message", "message_start", "content_block_start", "content_block_delta", "message_delta"])


@settings(max_examples=60)
@given(frames=st.lists(st.tuples(_kinds, _frames), max_size=5), streamed=st.booleans())
def test_no_answer_does_more_than_be_refused(frames: list[tuple[str, dict[str, Any]]], streamed: bool) -> None:  # noqa: FBT001 - drawn
    bodies = [json.dumps({**frame, "type": kind}) for kind, frame in frames]
    reader = DIALECT.reader(request(stream=streamed))
    with suppress(ProviderError):
        if streamed:
            reader.feed("".join(f"event: e\ndata: {body}\n\n" for body in bodies).encode())
        else:
            reader.feed("".join(bodies[:1]).encode())
        reader.end()


# ------------------------------------------------------------------ what shall be remembered
WISHES = Request(
    surface=Surface.CHAT,
    model="m",
    messages=(
        Message(role=Role.SYSTEM, parts=(TextPart(text="A", cache=CacheSpan.HOUR),)),
        Message(role=Role.USER, parts=(TextPart(text="B"), replace(PNG, cache=CacheSpan.MINUTES))),
        Message(
            role=Role.ASSISTANT, tool_calls=(ToolCall(id="t", name="f", arguments={"cache_control": 1}, decoded=True),)
        ),
        Message(role=Role.TOOL, tool_call_id="t", parts=(TextPart(text="C"),), cache=CacheSpan.MINUTES),
        Message(role=Role.USER, parts=(TextPart(text="D", cache=CacheSpan.MINUTES),)),
    ),
    tools=(
        Tool(name="f", parameters={"type": "object", "properties": {"cache_control": {}}}, cache=CacheSpan.MINUTES),
    ),
    cache=CacheSpan.MINUTES,
)


def test_a_wish_to_cache_goes_where_more_may_be_kept_anyway() -> None:
    sent = _sent(WISHES)
    minutes, hour = {"type": "ephemeral"}, {"type": "ephemeral", "ttl": "1h"}
    assert sent["system"] == [{"type": "text", "text": "A", "cache_control": hour}]
    assert sent["messages"][0]["content"][1]["cache_control"] == minutes
    result, said = sent["messages"][2]["content"]
    assert (result["cache_control"], said["cache_control"]) == (minutes, minutes)
    assert (sent["tools"][0]["cache_control"], sent["cache_control"]) == (minutes, minutes)


def test_a_destination_that_keeps_nothing_is_asked_to_remember_nothing() -> None:
    kept_nowhere = replace(destination(), established=frozenset({Established.NO_RETENTION}))
    sent = json.loads(DIALECT.call(WISHES, kept_nowhere, "a").body)
    assert (sent["system"], "cache_control" in sent) == ("A", False)
    assert [block for turn in sent["messages"] for block in turn["content"] if "cache_control" in block] == []
    assert sent["messages"][1]["content"][0]["input"] == {"cache_control": 1}
    assert sent["tools"] == [{"name": "f", "input_schema": {"type": "object", "properties": {"cache_control": {}}}}]
