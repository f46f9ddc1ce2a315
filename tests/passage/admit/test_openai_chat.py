"""What admit reads, refuses by name, and gives back; and that it never does anything else."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from ecluse.domain.errors import CallerError
from ecluse.domain.request import Json, Message, Request, Surface, TextPart, ToolCall, slots
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


@pytest.mark.parametrize("fields", [{"n": 2}, {"logprobs": True}, {"seed": 3}, {"odd": [{"a": "b"}]}])
def test_every_other_field_is_kept_under_its_name(fields: dict[str, Any]) -> None:
    assert _admit("chat", **fields).options == fields


def _turn(*content: dict[str, Any], role: str = "assistant") -> Message:
    return _admit("chat", messages=[{"role": role, "content": list(content)}]).messages[0]


def test_reasoning_in_parts_is_the_same_as_reasoning_in_a_field() -> None:
    thoughts = [{"type": "thinking", "thinking": [{"type": "text", "text": t}], "closed": True} for t in ("Hm", "m.")]
    said = {"type": "text", "text": "Paris."}
    plain = {"role": "assistant", "content": "Paris.", "reasoning_content": "Hmm."}
    assert _turn(*thoughts, said) == _admit("chat", messages=[plain]).messages[0]
    assert "Hmm." in {
        slot.text for slot in slots(_admit("chat", messages=[{"role": "assistant", "content": thoughts}]))
    }


def test_a_document_is_a_file_and_a_sound_without_its_format_has_it_from_its_first_bytes() -> None:
    url = "data:application/pdf;base64,JVBERi0="
    file = {"type": "file", "file": {"file_data": url, "filename": "a.pdf"}}
    document = {"type": "document_url", "document_url": url, "document_name": "a.pdf"}
    assert _turn(document, role="user") == _turn(file, role="user")
    sound = {"type": "input_audio", "input_audio": {"data": "UklGRgAA", "format": "wav"}}
    assert _turn(sound | {"input_audio": "UklGRgAA"}, role="user") == _turn(sound, role="user")


OTHERS: dict[str, tuple[str, list[Any], str]] = {
    "a document at an address": (
        "user",
        [{"type": "document_url", "document_url": "https://e.fr/a.pdf"}],
        "remote_content_refused",
    ),
    "a sound at an address": (
        "user",
        [{"type": "input_audio", "input_audio": "https://e.fr/a.wav"}],
        "remote_content_refused",
    ),
    "a sound of no known format": ("user", [{"type": "input_audio", "input_audio": "QUJD"}], "invalid_request"),
    "reasoning after what was said": (
        "assistant",
        [{"type": "text", "text": "x"}, {"type": "thinking", "thinking": []}],
        "invalid_request",
    ),
    "reasoning of a user": ("user", [{"type": "thinking", "thinking": []}], "invalid_request"),
    "reasoning with a signature": (
        "assistant",
        [{"type": "thinking", "thinking": [], "signature": "x"}],
        "unsupported_field",
    ),
    "reasoning to go on with": (
        "assistant",
        [{"type": "thinking", "thinking": [], "closed": False}],
        "unsupported_field",
    ),
    "reasoning that refers": (
        "assistant",
        [{"type": "thinking", "thinking": [{"type": "reference", "reference_ids": [1]}]}],
        "invalid_request",
    ),
}


@pytest.mark.parametrize("name", OTHERS)
def test_what_mistrals_parts_cannot_say_here_refuses(name: str) -> None:
    role, content, code = OTHERS[name]
    with pytest.raises(CallerError) as refused:
        _admit("chat", messages=[{"role": role, "content": content}])
    assert refused.value.code == code


def test_reasoning_stands_in_one_place() -> None:
    thought = {"type": "thinking", "thinking": [{"type": "text", "text": "x"}]}
    with pytest.raises(CallerError, match="reasoning_content"):
        _admit("chat", messages=[{"role": "assistant", "content": [thought], "reasoning_content": "y"}])


def test_an_answer_that_would_be_kept_by_its_provider_refuses_and_says_so() -> None:
    with pytest.raises(CallerError) as refused:
        _admit("chat", store=True)
    assert (refused.value.code, refused.value.detail) == ("retention_refused", "store")


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
    assert _admit("embeddings", output_dimension=8).options == {"dimensions": 8}
    with pytest.raises(CallerError, match="output_dimension: dimensions"):
        _admit("embeddings", output_dimension=8, dimensions=9)
