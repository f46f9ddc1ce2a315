"""What admit reads, refuses by name, and gives back; and that it never does anything else."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from ecluse.domain.errors import CallerError
from ecluse.domain.request import Json, Request, Surface, TextPart, ToolCall, slots
from ecluse.passage.admit.openai_chat import DIALECT, INPUTS

REFUSALS = tomllib.loads(Path(__file__).with_name("refusals.toml").read_text())
GOOD: dict[str, dict[str, Any]] = {
    "chat": {"model": "m", "messages": [{"role": "user", "content": "Bonjour"}]},
    "embeddings": {"model": "m", "input": "Bonjour"},
}


def _admit(surface: str, **fields: Any) -> Request:
    return DIALECT.admit(Surface(surface), json.dumps({**GOOD[surface], **fields}).encode())


@pytest.mark.parametrize(
    ("surface", "case"),
    [(surface, case) for surface, cases in REFUSALS.items() for case in cases],
    ids=lambda value: value if isinstance(value, str) else value["detail"],
)
def test_what_is_not_understood_refuses_by_name(surface: str, case: dict[str, Any]) -> None:
    with pytest.raises(CallerError) as refused:
        _admit(surface, **case["body"])
    assert (refused.value.code, refused.value.detail) == (case["code"], case["detail"])


@pytest.mark.parametrize("body", [b"[]", b"null", b'"x"', b"{}", b'{"model":"m"}'])
@pytest.mark.parametrize("surface", Surface)
def test_a_body_that_is_no_call_refuses(surface: Surface, body: bytes) -> None:
    with pytest.raises(CallerError, match="invalid_request"):
        DIALECT.admit(surface, body)


def test_a_key_twice_refuses_anywhere() -> None:
    with pytest.raises(CallerError, match="duplicate_key"):
        DIALECT.admit(Surface.CHAT, b'{"model":"m","messages":[{"role":"user","content":"SECRET","content":"ok"}]}')


def test_too_many_texts_refuse() -> None:
    with pytest.raises(CallerError, match="input: <= 2048 strings"):
        _admit("embeddings", input=["x"] * (INPUTS + 1))


# ------------------------------------------------------------------ what is read
@pytest.mark.parametrize(
    "fields",
    [
        {"n": 1},
        {"store": False},
        {"logprobs": False},
        {"modalities": ["text"]},
        {"web_search_options": None},
        {"tools": []},
        {"tools": None, "tool_choice": None, "stream": None, "stream_options": None, "temperature": None, "odd": None},
    ],
)
def test_what_would_happen_anyway_is_dropped(fields: dict[str, Any]) -> None:
    assert _admit("chat", **fields) == _admit("chat")


@pytest.mark.parametrize("fields", [{"store": True}, {"n": 2}, {"logprobs": True}, {"seed": 3}, {"odd": [{"a": "b"}]}])
def test_every_other_field_is_kept_under_its_name(fields: dict[str, Any]) -> None:
    assert _admit("chat", **fields).options == fields


def test_predicted_content_is_read_as_one_text_so_that_a_value_cut_over_its_parts_is_found() -> None:
    parts = [{"type": "text", "text": "2690549"}, {"type": "text", "text": "58815780"}]
    request = _admit("chat", prediction={"type": "content", "content": parts})
    assert "269054958815780" in {slot.text for slot in slots(request)}


def test_what_a_stream_asks_besides_usage_is_kept() -> None:
    request = _admit("chat", stream=True, stream_options={"include_usage": False, "include_obfuscation": False})
    assert not request.include_usage
    assert request.options == {"stream_options": {"include_obfuscation": False}}


def test_an_allowed_list_of_functions_is_kept() -> None:
    choice = {
        "type": "allowed_tools",
        "allowed_tools": {"mode": "auto", "tools": [{"type": "function", "function": {"name": "f"}}]},
    }
    assert _admit("chat", tool_choice=choice).tool_choice == choice


def test_a_string_and_a_list_of_one_text_mean_the_same() -> None:
    parts = [{"role": "user", "content": [{"type": "text", "text": "Bonjour"}]}]
    assert _admit("chat", messages=parts) == _admit("chat")


@pytest.mark.parametrize(
    ("content", "parts"),
    [
        (None, ()),
        ("", (TextPart(text=""),)),
        ([], ()),
        ([{"type": "text", "text": "Oui"}], (TextPart(text="Oui"),)),
    ],
)
def test_an_assistant_may_have_said_nothing(content: object, parts: tuple[TextPart, ...]) -> None:
    assert _admit("chat", messages=[{"role": "assistant", "content": content}]).messages[0].parts == parts
    assert _admit("chat", messages=[{"role": "assistant"}]).messages[0].parts == ()


def test_a_refusal_stands_as_a_part_or_as_a_field() -> None:
    part = [{"role": "assistant", "content": [{"type": "refusal", "refusal": "Non."}]}]
    field = [{"role": "assistant", "content": None, "refusal": "Non."}]
    assert _admit("chat", messages=part) == _admit("chat", messages=field)
    assert _admit("chat", messages=part).messages[0].extra == {"refusal": "Non."}


@pytest.mark.parametrize(
    ("written", "arguments", "decoded"),
    [('{"a":"\\u0031\\u0038"}', {"a": "18"}, True), ("", "", False), ('{"a":', '{"a":', False), ("[1]", [1], True)],
)
def test_arguments_are_decoded_so_that_no_escape_hides_a_value(written: str, arguments: Json, decoded: bool) -> None:  # noqa: FBT001 - a table
    call = {"id": "c", "type": "function", "index": 0, "function": {"name": "f", "arguments": written}}
    read = _admit("chat", messages=[{"role": "assistant", "tool_calls": [call]}]).messages[0].tool_calls[0]
    assert read == ToolCall(id="c", name="f", arguments=arguments, decoded=decoded)


def test_every_string_of_every_field_is_a_slot() -> None:
    """Siege row 10: whatever could leave can be searched, keys too."""
    call = {"id": "S1", "type": "function", "function": {"name": "S2", "arguments": '{"S3":"S4"}'}}
    request = _admit(
        "chat",
        messages=[
            {"role": "system", "content": "S5", "name": "S6"},
            {"role": "assistant", "content": None, "refusal": "S7", "tool_calls": [call], "S8": {"S9": ["S10"]}},
            {"role": "tool", "tool_call_id": "S1", "content": [{"type": "text", "text": "S11"}]},
            {
                "role": "user",
                "content": [{"type": "file", "file": {"file_data": "data:a/b;base64,S12", "filename": "S13"}}],
            },
        ],
        tools=[{"type": "function", "function": {"name": "S14", "description": "S15", "parameters": {"S16": "S17"}}}],
        tool_choice={"type": "function", "function": {"name": "S18"}},
        user="S19",
        metadata={"S20": "S21"},
        stop=["S22"],
        response_format={"type": "json_schema", "json_schema": {"name": "S23", "schema": {"S24": ["S25"]}}},
        logit_bias={"S26": 1},
        S27=True,
    )
    seen = " ".join(slot.text for slot in slots(request))
    assert [f"S{i}" for i in range(1, 28) if f"S{i}" not in seen.replace(",", " ").split()] == []


# ------------------------------------------------------------------ Mistral's client
def test_mistrals_two_words_are_read_as_openais() -> None:
    asked = _admit("chat", random_seed=3, tool_choice="any")
    assert (asked.options, asked.tool_choice) == ({"seed": 3}, "required")


def test_two_seeds_that_differ_refuse() -> None:
    with pytest.raises(CallerError, match="random_seed: seed"):
        _admit("chat", random_seed=3, seed=4)
