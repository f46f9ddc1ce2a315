"""What admit reads of the Responses format, refuses by name, and writes back; and that it never does anything else."""

import json
import tomllib
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import TypeAdapter

from ecluse.domain.dialect import Envelope
from ecluse.domain.errors import CallerError, error_of
from ecluse.domain.event import Begin, Channel, Event, Finish, Text, ToolArgs, UpstreamError, Usage
from ecluse.domain.request import BlobPart, Request, Retention, Role, Surface
from ecluse.passage.admit.openai_responses import DIALECT

REFUSALS = tomllib.loads(Path(__file__).with_name("responses_refusals.toml").read_text())["refuses"]
GOOD: dict[str, Any] = {"model": "m", "input": "Bonjour"}
ENVELOPE = Envelope(id="passage-0001", model="alias-public", created=1795500000)
TOOL = {"type": "function", "name": "f", "description": None, "parameters": {"type": "object"}, "strict": True}
EVENTS: TypeAdapter[Any] = TypeAdapter(ResponseStreamEvent)


def _admit(**fields: Any) -> Request:
    return DIALECT.admit(Surface.CHAT, json.dumps({**GOOD, **fields}).encode())


@pytest.mark.parametrize("case", REFUSALS, ids=lambda case: case["detail"])
def test_what_is_not_understood_refuses_by_name(case: dict[str, Any]) -> None:
    with pytest.raises(CallerError) as refused:
        _admit(**case["body"])
    assert (refused.value.code, refused.value.detail) == (case["code"], case["detail"])


@pytest.mark.parametrize("body", [b"[]", b"{}", b'{"model":"m"}', b'{"input":"x"}'])
def test_a_body_that_is_no_call_refuses(body: bytes) -> None:
    with pytest.raises(CallerError, match="invalid_request"):
        DIALECT.admit(Surface.CHAT, body)


@pytest.mark.parametrize(
    ("fields", "read"),
    [
        ({}, None),
        ({"store": None}, None),
        ({"store": False}, None),
        ({"store": True}, Retention(store=True)),
        ({"store": True, "instructions": "Be brief."}, Retention(store=True, instructed=True)),
        ({"previous_response_id": "resp_1"}, Retention(previous="1")),
        ({"previous_response_id": "resp_1", "store": True}, Retention(store=True, previous="1")),
    ],
)
def test_what_is_to_be_kept_is_read_for_the_rules_and_absent_keeps_nothing(
    fields: dict[str, Any], read: Retention | None
) -> None:
    assert _admit(**fields).retention == read


# ------------------------------------------------------------------ what is read
def test_what_says_nothing_is_left_out() -> None:
    idle: dict[str, Any] = {
        "store": False,
        "background": False,
        "previous_response_id": None,
        "truncation": "disabled",
        "service_tier": "auto",
        "include": ["reasoning.encrypted_content"],
        "reasoning": {"summary": "auto"},
        "text": {"format": {"type": "text"}, "verbosity": "medium"},
        "stream_options": {"include_obfuscation": True},
    }
    assert _admit(**idle) == _admit()


def test_items_become_turns_and_calls_follow_what_was_said() -> None:
    asked = _admit(
        instructions="Sois bref.",
        input=[
            {"role": "developer", "content": "D"},
            {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "U"}]},
            {"type": "reasoning", "id": "rs", "summary": [], "content": [{"type": "reasoning_text", "text": "R"}]},
            {
                "type": "message",
                "id": "msg",
                "status": "completed",
                "role": "assistant",
                "content": [{"type": "output_text", "text": "A", "annotations": [], "logprobs": []}],
            },
            {
                "type": "function_call",
                "call_id": "c1",
                "name": "f",
                "arguments": '{"a":1}',
                "id": "fc",
                "status": "completed",
            },
            {"type": "function_call", "call_id": "c2", "name": "f", "arguments": ""},
            {"type": "function_call_output", "call_id": "c1", "output": "1"},
            {"type": "function_call_output", "call_id": "c2", "output": [{"type": "input_text", "text": "2"}]},
        ],
    )
    said = [(message.role, "".join(getattr(part, "text", "") for part in message.parts)) for message in asked.messages]
    assert said == [
        (Role.SYSTEM, "Sois bref."),
        (Role.SYSTEM, "D"),
        (Role.USER, "U"),
        (Role.ASSISTANT, "A"),
        (Role.TOOL, "1"),
        (Role.TOOL, "2"),
    ]
    assert [(call.id, call.arguments) for call in asked.messages[3].tool_calls] == [("c1", {"a": 1}), ("c2", "")]
    assert asked.messages[3].extra == {"reasoning_content": "R"}


def test_a_picture_and_a_file_come_with_their_bytes() -> None:
    image, file = "data:image/png;base64,iVBO", "data:application/pdf;base64,JVBE"
    content = [
        {"type": "input_image", "detail": "low", "image_url": image},
        {"type": "input_file", "file_data": file, "filename": "a.pdf"},
    ]
    parts = _admit(input=[{"role": "user", "content": content}]).messages[0].parts
    assert [part.wire for part in parts if isinstance(part, BlobPart)] == [
        {"type": "image_url", "image_url": {"url": image, "detail": "low"}},
        {"type": "file", "file": {"file_data": file, "filename": "a.pdf"}},
    ]


def test_options_have_their_neutral_names() -> None:
    schema = {"type": "object"}
    asked = _admit(
        max_output_tokens=9,
        temperature=0.5,
        reasoning={"effort": "low"},
        text={"format": {"type": "json_schema", "name": "n", "schema": schema, "strict": True}, "verbosity": "low"},
        tools=[TOOL],
        tool_choice={"type": "function", "name": "f"},
    )
    assert asked.options == {
        "max_tokens": 9,
        "temperature": 0.5,
        "reasoning_effort": "low",
        "verbosity": "low",
        "response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": schema, "strict": True}},
    }
    assert asked.tool_choice == {"type": "function", "function": {"name": "f"}}


# ------------------------------------------------------------------ what is written
def _text(s: str, channel: Channel = Channel.CONTENT) -> Text:
    return Text(choice=0, channel=channel, s=s)


def _args(index: int, s: str, id_: str | None = None, name: str | None = None) -> ToolArgs:
    return ToolArgs(choice=0, index=index, s=s, id=id_, name=name)


EVERYTHING: tuple[Event, ...] = (
    Begin(),
    _text("Hm", Channel.REASONING),
    _text(".", Channel.REASONING),
    _text("Je "),
    _text("regarde."),
    _args(0, '{"a":', "call_a", "f"),
    _args(1, '{"b":', "call_b", "g"),
    _args(0, "1}"),
    _args(1, "2}"),
    Finish(choice=0, reason="tool_calls"),
    Usage(tokens_in=7, tokens_out=5, raw={"prompt_tokens_details": {"cached_tokens": 3}}),
)


def _stream(*events: Event, **asked: Any) -> list[dict[str, Any]]:
    writer = DIALECT.writer(_admit(stream=True, **asked), ENVELOPE)
    raw = b"".join([*map(writer.write, events), writer.close()])
    return _bodies(raw)


def _bodies(raw: bytes) -> list[dict[str, Any]]:
    frames = [frame.split(b"\n") for frame in raw.split(b"\n\n") if frame]
    bodies: list[dict[str, Any]] = [json.loads(data.removeprefix(b"data: ")) for _, data in frames]
    assert [name for name, _ in frames] == [b"event: " + body["type"].encode() for body in bodies]
    assert [body["sequence_number"] for body in bodies] == list(range(len(bodies)))
    return bodies


def _whole(*events: Event, **asked: Any) -> dict[str, Any]:
    writer = DIALECT.writer(_admit(**asked), ENVELOPE)
    assert not b"".join(map(writer.write, events))
    body: dict[str, Any] = json.loads(writer.close())
    return body


def test_every_event_is_one_of_openais_own() -> None:
    for body in _stream(*EVERYTHING, tools=[TOOL], tool_choice="auto"):
        EVENTS.validate_python(body)


def test_a_whole_answer_is_one_of_openais_own() -> None:
    Response.model_validate(_whole(*EVERYTHING, tools=[TOOL], text={"format": {"type": "json_object"}}))


def test_all_copies_of_a_text_say_the_same() -> None:
    bodies = _stream(*EVERYTHING)
    deltas: dict[int, str] = {}
    for body in bodies:
        if body["type"].endswith(".delta"):
            deltas[body["output_index"]] = deltas.get(body["output_index"], "") + body["delta"]
    assert deltas == {0: "Hm.", 1: "Je regarde.", 2: '{"a":1}', 3: '{"b":2}'}
    for body in bodies:
        said = body.get("text", body.get("arguments"))
        if said is not None:
            assert said == deltas[body["output_index"]]
        if body["type"] == "response.content_part.done":
            assert body["part"]["text"] == deltas[body["output_index"]]
    done = {body["output_index"]: body["item"] for body in bodies if body["type"] == "response.output_item.done"}
    assert bodies[-1]["type"] == "response.completed"
    assert bodies[-1]["response"]["output"] == [done[index] for index in sorted(done)]
    assert bodies[-1]["response"] == _whole(*EVERYTHING)


def test_an_answer_says_that_nothing_is_kept_and_what_was_counted() -> None:
    body = _whole(*EVERYTHING)
    assert (body["store"], body["previous_response_id"], body["status"]) == (False, None, "completed")
    assert body["usage"] == {
        "input_tokens": 7,
        "input_tokens_details": {"cached_tokens": 3, "cache_write_tokens": 0},
        "output_tokens": 5,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": 12,
    }
    assert _whole(_text("a"))["usage"] is None


@pytest.mark.parametrize(("reason", "why"), [("length", "max_output_tokens"), ("content_filter", "content_filter")])
def test_an_answer_that_was_stopped_is_incomplete(reason: str, why: str) -> None:
    events = (_text("a"), Finish(choice=0, reason=reason))
    body = _whole(*events)
    assert (body["status"], body["incomplete_details"]) == ("incomplete", {"reason": why})
    assert body["output"][0]["status"] == "incomplete"
    streamed = _stream(*events)[-1]
    assert (streamed["type"], streamed["response"]) == ("response.incomplete", body)


def test_a_refusal_is_a_part_of_its_own() -> None:
    (item,) = _whole(_text("Non.", Channel.REFUSAL))["output"]
    assert item["content"] == [{"type": "refusal", "refusal": "Non."}]
    assert "response.refusal.done" in [body["type"] for body in _stream(_text("Non.", Channel.REFUSAL))]


def test_a_stream_that_broke_says_so_once_and_is_never_complete() -> None:
    writer = DIALECT.writer(_admit(stream=True), ENVELOPE)
    bodies = _bodies(writer.write(_text("a")) + writer.fail(error_of("upstream_malformed")))
    assert bodies[-1]["type"] == "response.failed"
    assert bodies[-1]["response"]["error"]["code"] == "server_error"
    EVENTS.validate_python(bodies[-1])
    assert (writer.write(_text("b")), writer.close()) == (b"", b"")


def test_an_error_inside_a_whole_answer_is_the_answer() -> None:
    assert "error" in _whole(_text("a"), UpstreamError(code="upstream_error", message="m"))


# ------------------------------------------------------------------ whatever comes
_words = st.sampled_from(
    [
        *("model", "input", "instructions", "role", "content", "type", "text", "user", "assistant", "message"),
        *("input_text", "output_text", "input_image", "image_url", "input_file", "file_data", "annotations", "summary"),
        *("function_call", "function_call_output", "call_id", "name", "arguments", "output", "reasoning", "{}"),
        *("tools", "function", "parameters", "tool_choice", "allowed_tools", "mode", "auto", "include", "store"),
        *("format", "json_schema", "schema", "effort", "metadata", "stream", "max_output_tokens", "caller", "prompt"),
    ]
)
_anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | _words,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_words, inner, max_size=6),
    max_leaves=25,
)


@settings(max_examples=80)
@given(fields=st.dictionaries(_words, _anything, max_size=4), item=st.dictionaries(_words, _anything, max_size=5))
def test_nothing_that_is_written_does_more_than_refuse(fields: dict[str, Any], item: dict[str, Any]) -> None:
    with suppress(CallerError):
        _admit(**fields)
    for kind in ("message", "function_call", "function_call_output", "reasoning"):
        with suppress(CallerError):
            _admit(input=[{"role": "user", **item, "type": kind}])


@given(body=st.binary(max_size=60))
def test_no_bytes_do_more_than_refuse(body: bytes) -> None:
    for start in (b"", b'{"model":"m","input":['):
        with suppress(CallerError):
            DIALECT.admit(Surface.CHAT, start + body)
