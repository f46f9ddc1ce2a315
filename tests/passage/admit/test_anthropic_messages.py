"""What admit reads of Anthropic's format, refuses by name, and writes back; and that it never does anything else."""

import json
import tomllib
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecluse.domain.dialect import Envelope
from ecluse.domain.errors import CallerError, PolicyDenied, error_of
from ecluse.domain.event import Begin, Channel, Event, Finish, Text, ToolArgs, UpstreamError, Usage
from ecluse.domain.request import BlobPart, CacheSpan, Json, Message, Request, Role, Surface, TextPart, slots
from ecluse.domain.verdict import Basis, Hint, Mode, Reason, Refusal, RuleId
from ecluse.passage.admit.anthropic_messages import DIALECT

REFUSALS = tomllib.loads(Path(__file__).with_name("anthropic_refusals.toml").read_text())["refuses"]
GOOD: dict[str, Any] = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "Bonjour"}]}
ENVELOPE = Envelope(id="passage-0001", model="alias-public", created=1795500000)
PNG = {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}


def _admit(**fields: Any) -> Request:
    return DIALECT.admit(Surface.CHAT, json.dumps({**GOOD, **fields}).encode())


def _user(*blocks: Any) -> tuple[Message, ...]:
    return _admit(messages=[{"role": "user", "content": list(blocks)}]).messages


def _assistant(*blocks: Any) -> tuple[Message, ...]:
    return _admit(messages=[{"role": "assistant", "content": list(blocks)}]).messages


@pytest.mark.parametrize("case", REFUSALS, ids=lambda case: case["detail"])
def test_what_is_not_understood_refuses_by_name(case: dict[str, Any]) -> None:
    with pytest.raises(CallerError) as refused:
        _admit(**case["body"])
    assert (refused.value.code, refused.value.detail) == (case["code"], case["detail"])


@pytest.mark.parametrize("body", [b"[]", b"null", b"{}", b'{"model":"m","messages":[{"role":"user","content":"x"}]}'])
def test_a_body_that_is_no_call_refuses(body: bytes) -> None:
    with pytest.raises(CallerError, match="invalid_request"):
        DIALECT.admit(Surface.CHAT, body)


# ------------------------------------------------------------------ what is read
def test_system_stands_first_in_parts() -> None:
    asked = _admit(system=[{"type": "text", "text": "A", "cache_control": {"type": "ephemeral", "ttl": "1h"}}])
    assert asked.messages[0] == Message(role=Role.SYSTEM, parts=(TextPart(text="A", cache=CacheSpan.HOUR),))
    assert _admit(system="").messages[0].role is Role.USER


def test_results_of_tools_come_before_what_the_user_says_and_keep_their_pictures() -> None:
    first, second, said = _user(
        {"type": "text", "text": "Alors ?"},
        {"type": "tool_result", "tool_use_id": "a", "content": "3 m", "is_error": True},
        {"type": "tool_result", "tool_use_id": "b", "content": [{"type": "image", "source": PNG}]},
    )
    assert (first.role, first.tool_call_id, first.extra) == (Role.TOOL, "a", {"is_error": True})
    assert isinstance(second.parts[0], BlobPart)
    assert said == Message(role=Role.USER, parts=(TextPart(text="Alors ?"),))


def test_a_picture_and_a_document_come_with_their_bytes() -> None:
    pdf = {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0="}
    text = {"type": "text", "media_type": "text/plain", "data": "Texte"}
    (message,) = _user(
        {"type": "image", "source": PNG},
        {"type": "document", "source": pdf, "title": "a.pdf"},
        {"type": "document", "source": text, "title": "Titre"},
    )
    image, file, *texts = message.parts
    assert isinstance(image, BlobPart)
    assert image.wire == {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}
    assert isinstance(file, BlobPart)
    assert file.wire["file"] == {"file_data": "data:application/pdf;base64,JVBERi0=", "filename": "a.pdf"}
    assert texts == [TextPart(text="Titre"), TextPart(text="Texte")]


def test_signed_reasoning_is_read_for_findings_and_cannot_be_masked() -> None:
    thinking = {"type": "thinking", "thinking": "Mme Durand habite Agen.", "signature": "EqQB"}
    (message,) = _assistant(thinking, {"type": "text", "text": "Oui."})
    assert message.signed == (thinking,)
    seen = {slot.text: slot.maskable for slot in slots(_admit(messages=[{"role": "assistant", "content": [thinking]}]))}
    assert seen["Mme Durand habite Agen."] is False


def test_reasoning_without_a_signature_is_text_like_another() -> None:
    (message,) = _assistant({"type": "thinking", "thinking": "Hm.", "signature": ""}, {"type": "text", "text": "Oui."})
    assert (message.signed, message.extra["reasoning_content"]) == ((), "Hm.")


def test_a_turn_that_thinks_again_becomes_two_so_that_the_order_stays() -> None:
    secret = {"type": "redacted_thinking", "data": "Emwk"}
    first, second = _assistant({"type": "text", "text": "Un."}, secret, {"type": "text", "text": "Deux."})
    assert (first.signed, second.signed) == ((), (secret,))


def test_a_last_turn_of_the_assistant_is_the_beginning_of_the_answer() -> None:
    assert _assistant({"type": "text", "text": "Un."})[0].extra == {"prefix": True}


def test_a_wish_to_cache_stands_where_it_stood() -> None:
    wish = {"cache_control": {"type": "ephemeral"}}
    read = _admit(
        system=[{"type": "text", "text": "A"}, {"type": "text", "text": "B", **wish}],
        messages=[
            {"role": "assistant", "content": [{"type": "tool_use", "id": "t", "name": "f", "input": {}, **wish}]},
            {
                "role": "user",
                "content": [
                    {"type": "tool_result", "tool_use_id": "t", "content": [{"type": "text", "text": "C"}], **wish},
                    {"type": "text", "text": "D", "cache_control": {"type": "ephemeral", "ttl": "1h"}},
                ],
            },
        ],
        tools=[{"name": "f", "input_schema": {"type": "object"}, **wish}],
        **wish,
    )
    opening, _, result, said = read.messages
    assert [part.cache for part in opening.parts if isinstance(part, TextPart)] == [None, CacheSpan.MINUTES]
    assert (result.cache, result.parts) == (CacheSpan.MINUTES, (TextPart(text="C"),))
    assert said.parts == (TextPart(text="D", cache=CacheSpan.HOUR),)
    assert (read.tools[0].cache, read.cache) == (CacheSpan.MINUTES, CacheSpan.MINUTES)


def test_options_have_their_neutral_names() -> None:
    schema = {"type": "object", "additionalProperties": False}
    asked = _admit(
        temperature=0.5,
        top_k=3,
        stop_sequences=["FIN"],
        metadata={"user_id": "u"},
        output_config={"effort": "low", "format": {"type": "json_schema", "schema": schema}},
        thinking={"type": "adaptive"},
        tools=[{"name": "f", "input_schema": schema, "cache_control": {"type": "ephemeral"}}],
        tool_choice={"type": "any", "disable_parallel_tool_use": True},
        service_tier="auto",
        cache_control={"type": "ephemeral"},
    )
    assert asked.options == {
        "max_tokens": 9,
        "temperature": 0.5,
        "top_k": 3,
        "stop": ["FIN"],
        "end_user": "u",
        "reasoning_effort": "low",
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "answer", "schema": schema, "strict": True},
        },
        "thinking": {"type": "adaptive"},
        "parallel_tool_calls": False,
    }
    assert asked.tool_choice == "required"


# ------------------------------------------------------------------ what is written
def _stream(*events: Event) -> list[dict[str, Any]]:
    writer = DIALECT.writer(_admit(stream=True), ENVELOPE)
    raw = b"".join([*map(writer.write, events), writer.close()])
    frames = [frame.split(b"\n") for frame in raw.split(b"\n\n") if frame]
    bodies: list[dict[str, Any]] = [json.loads(data.removeprefix(b"data: ")) for _, data in frames]
    assert [name for name, _ in frames] == [b"event: " + body["type"].encode() for body in bodies]
    return bodies


def _whole(*events: Event) -> dict[str, Any]:
    writer = DIALECT.writer(_admit(), ENVELOPE)
    assert not b"".join(map(writer.write, events))
    body: dict[str, Any] = json.loads(writer.close())
    return body


def _text(s: str, channel: Channel = Channel.CONTENT, **raw: Any) -> Text:
    return Text(choice=0, channel=channel, s=s, raw=raw)


def _args(index: int, s: str, id_: str | None = None, name: str | None = None) -> ToolArgs:
    return ToolArgs(choice=0, index=index, s=s, id=id_, name=name)


INTERLEAVED = (
    Begin(),
    _text("Je "),
    _text("regarde."),
    _args(0, "", "call_a", "niveau"),
    _args(0, '{"a":'),
    _args(1, '{"b":', "call_b", "meteo"),
    _args(0, "1}"),
    _args(1, "2}"),
    Finish(choice=0, reason="tool_calls"),
    Usage(tokens_in=7, tokens_out=5),
)


def test_a_stream_has_one_block_open_at_a_time_and_loses_nothing() -> None:
    bodies = _stream(*INTERLEAVED)
    assert [body["type"] for body in (bodies[0], bodies[-2], bodies[-1])] == [
        "message_start",
        "message_delta",
        "message_stop",
    ]
    is_open: int | None = None
    said: dict[int, str] = {}
    for body in bodies:
        match body["type"]:
            case "content_block_start":
                assert is_open is None
                is_open = body["index"]
                assert is_open == len(said)
                said[body["index"]] = ""
            case "content_block_delta":
                assert body["index"] == is_open
                said[body["index"]] += body["delta"].get("text", "") + body["delta"].get("partial_json", "")
            case "content_block_stop":
                assert body["index"] == is_open
                is_open = None
            case _:
                pass
    assert said == {0: "Je regarde.", 1: '{"a":1}', 2: '{"b":2}'}
    assert bodies[-2]["delta"] == {"stop_reason": "tool_use", "stop_sequence": None}
    assert bodies[-2]["usage"] == {"input_tokens": 7, "output_tokens": 5}


def test_a_whole_answer_has_the_same_blocks() -> None:
    assert _whole(*INTERLEAVED) == {
        "id": "msg_passage-0001",
        "type": "message",
        "role": "assistant",
        "model": "alias-public",
        "content": [
            {"type": "text", "text": "Je regarde.", "citations": None},
            {"type": "tool_use", "id": "call_a", "name": "niveau", "input": {"a": 1}},
            {"type": "tool_use", "id": "call_b", "name": "meteo", "input": {"b": 2}},
        ],
        "stop_reason": "tool_use",
        "stop_sequence": None,
        "usage": {"input_tokens": 7, "output_tokens": 5},
    }


def test_signed_reasoning_comes_back_as_it_was_signed() -> None:
    events = (
        _text("Un ", Channel.SIGNED),
        _text("deux.", Channel.SIGNED),
        _text("", Channel.SIGNED, signature="EqQB"),
        _text("", Channel.SIGNED, redacted_thinking="Emwk"),
        _text("Oui."),
        Finish(choice=0, reason="stop"),
    )
    assert _whole(*events)["content"][:2] == [
        {"type": "thinking", "thinking": "Un deux.", "signature": "EqQB"},
        {"type": "redacted_thinking", "data": "Emwk"},
    ]
    deltas = [body["delta"] for body in _stream(*events) if body["type"] == "content_block_delta"]
    assert deltas[2] == {"type": "signature_delta", "signature": "EqQB"}


@pytest.mark.parametrize(
    ("finish", "events", "reason", "sequence"),
    [
        (Finish(choice=0, reason="length"), (), "max_tokens", None),
        (Finish(choice=0, reason="content_filter"), (), "refusal", None),
        (Finish(choice=0, reason="stop"), (_args(0, "{}", "a", "f"),), "tool_use", None),
        (Finish(choice=0, reason="stop"), (_text("Non.", Channel.REFUSAL),), "refusal", None),
        (Finish(choice=0, reason="stop", raw={"stop_reason": "FIN"}), (), "stop_sequence", "FIN"),
        (
            Finish(choice=0, reason="stop", raw={"stop_reason": "stop_sequence", "stop_sequence": "FIN"}),
            (),
            "stop_sequence",
            "FIN",
        ),
        (
            Finish(choice=0, reason="length", raw={"stop_reason": "model_context_window_exceeded"}),
            (),
            "model_context_window_exceeded",
            None,
        ),
    ],
)
def test_the_reason_is_anthropics(finish: Finish, events: tuple[Event, ...], reason: str, sequence: str | None) -> None:
    body = _whole(*events, finish)
    assert (body["stop_reason"], body["stop_sequence"]) == (reason, sequence)


def test_tokens_that_nobody_counted_are_unknown_and_cached_ones_stand_apart() -> None:
    assert _whole(_text("a"))["usage"] == {"input_tokens": None, "output_tokens": None}
    counted = Usage(tokens_in=2112, tokens_out=40, raw={"cache_read_input_tokens": 2000})
    assert _whole(counted)["usage"] == {"input_tokens": 112, "output_tokens": 40, "cache_read_input_tokens": 2000}
    spans: dict[str, Json] = {"ephemeral_5m_input_tokens": 100, "ephemeral_1h_input_tokens": 0}
    written = Usage(tokens_in=112, tokens_out=1, raw={"cache_creation_input_tokens": 100, "cache_creation": spans})
    assert _whole(written)["usage"] == {
        "input_tokens": 12,
        "output_tokens": 1,
        "cache_creation_input_tokens": 100,
        "cache_creation": spans,
    }
    elsewhere = Usage(tokens_in=10, tokens_out=1, raw={"prompt_tokens_details": {"cached_tokens": 4}})
    assert _whole(elsewhere)["usage"]["input_tokens"] == 6


def test_a_stream_that_broke_says_so_once_and_has_no_end() -> None:
    writer = DIALECT.writer(_admit(stream=True), ENVELOPE)
    writer.write(_text("a"))
    body = json.loads(writer.fail(error_of("upstream_malformed")).split(b"data: ")[1])
    assert (body["type"], body["error"]["type"], body["error"]["code"]) == ("error", "api_error", "upstream_malformed")
    assert (writer.write(_text("b")), writer.close()) == (b"", b"")


def test_an_error_inside_a_whole_answer_is_the_answer() -> None:
    assert _whole(_text("a"), UpstreamError(code="upstream_error", message="m"))["type"] == "error"


@pytest.mark.parametrize("arguments", ["[1]", "pas du JSON", '{"a":1,"a":2}', "{'a': 1}"])
def test_arguments_that_are_no_object_stay_as_they_were_written(arguments: str) -> None:
    (block,) = _whole(_args(0, arguments, "a", "f"))["content"]
    assert block["input"] == {"raw": arguments}


def test_a_refusal_keeps_its_reasons_inside_the_error() -> None:
    reason = Reason(rule=RuleId("r"), en="No.", fr="Non.", source="s", basis=Basis.LAW, mode=Mode.ENFORCE)
    denied = PolicyDenied(Refusal(reasons=(reason,), would_help=(Hint(en="Mask.", fr="Masquez."),)))
    body = json.loads(DIALECT.error(denied, "fr"))
    assert (body["type"], body["error"]["type"], body["error"]["code"]) == (
        "error",
        "permission_error",
        "policy_denied",
    )
    assert body["error"]["reasons"][0]["rule"] == "r"
    assert body["error"]["would_help"] == ["Masquez."]
    assert body["error"]["message"] == "Non."


# ------------------------------------------------------------------ whatever comes
_words = st.sampled_from(
    [
        *("model", "messages", "max_tokens", "system", "role", "content", "type", "text", "user", "assistant"),
        *("image", "document", "source", "base64", "media_type", "image/png", "data", "title", "citations", "enabled"),
        *(
            "thinking",
            "signature",
            "redacted_thinking",
            "tool_use",
            "tool_result",
            "tool_use_id",
            "id",
            "name",
            "input",
        ),
        *("tools", "input_schema", "tool_choice", "any", "tool", "custom", "web_search_20250305", "cache_control"),
        *("metadata", "user_id", "output_config", "format", "schema", "effort", "stop_sequences", "stream", "caller"),
    ]
)
_anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | _words,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_words, inner, max_size=6),
    max_leaves=25,
)


@settings(max_examples=80)
@given(fields=st.dictionaries(_words, _anything, max_size=4), block=st.dictionaries(_words, _anything, max_size=5))
def test_nothing_that_is_written_does_more_than_refuse(fields: dict[str, Any], block: dict[str, Any]) -> None:
    with suppress(CallerError):
        _admit(**fields)
    for role in ("user", "assistant"):
        for kind in ("text", "image", "document", "tool_use", "tool_result", "thinking"):
            with suppress(CallerError):
                _admit(messages=[{"role": role, "content": [{**block, "type": kind}]}])


@given(body=st.binary(max_size=60))
def test_no_bytes_do_more_than_refuse(body: bytes) -> None:
    for start in (b"", b'{"model":"m","max_tokens":1,"messages":['):
        with suppress(CallerError):
            DIALECT.admit(Surface.CHAT, start + body)
