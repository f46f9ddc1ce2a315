"""For each pair of dialects, what both can express survives, on the way out and on the way back."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from ecluse.domain.dialect import Envelope
from ecluse.domain.request import Request, Surface
from ecluse.passage.admit import DIALECTS as INBOUND
from ecluse.passage.send import DIALECTS as OUTBOUND
from tests.passage.send.exchange import answer, destination

SCHEMA = {"type": "object", "properties": {"ecluse": {"type": "string"}}, "required": ["ecluse"]}
PNG = "iVBORw0KGgo="
CALLS: Mapping[str, dict[str, Any]] = {
    "openai_chat": {
        "model": "m",
        "max_tokens": 40,
        "temperature": 0.25,
        "stop": ["FIN"],
        "messages": [
            {"role": "system", "content": "SYSTEME"},
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "QUESTION"},
                    {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}},
                ],
            },
            {
                "role": "assistant",
                "content": "PENSE",
                "tool_calls": [
                    {
                        "id": "call0000a",
                        "type": "function",
                        "function": {"name": "niveau", "arguments": '{"ecluse":"A"}'},
                    },
                    {
                        "id": "call0000b",
                        "type": "function",
                        "function": {"name": "niveau", "arguments": '{"ecluse":"B"}'},
                    },
                ],
            },
            {"role": "tool", "tool_call_id": "call0000a", "content": "RESULTAT-A"},
            {"role": "tool", "tool_call_id": "call0000b", "content": "RESULTAT-B"},
            {"role": "user", "content": "SUITE"},
        ],
        "tools": [{"type": "function", "function": {"name": "niveau", "description": "OUTIL", "parameters": SCHEMA}}],
        "tool_choice": {"type": "function", "function": {"name": "niveau"}},
    },
    "anthropic_messages": {
        "model": "m",
        "max_tokens": 40,
        "temperature": 0.25,
        "stop_sequences": ["FIN"],
        "system": "SYSTEME",
        "messages": [
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "QUESTION"},
                    {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG}},
                ],
            },
            {
                "role": "assistant",
                "content": [
                    {"type": "text", "text": "PENSE"},
                    {"type": "tool_use", "id": "call0000a", "name": "niveau", "input": {"ecluse": "A"}},
                    {"type": "tool_use", "id": "call0000b", "name": "niveau", "input": {"ecluse": "B"}},
                ],
            },
            {
                "role": "user",
                "content": [
                    {"type": "tool_result", "tool_use_id": "call0000a", "content": "RESULTAT-A"},
                    {"type": "tool_result", "tool_use_id": "call0000b", "content": "RESULTAT-B"},
                    {"type": "text", "text": "SUITE"},
                ],
            },
        ],
        "tools": [{"name": "niveau", "description": "OUTIL", "input_schema": SCHEMA}],
        "tool_choice": {"type": "tool", "name": "niveau"},
    },
    "openai_responses": {
        "model": "m",
        "max_output_tokens": 40,
        "temperature": 0.25,
        "instructions": "SYSTEME",
        "input": [
            {
                "role": "user",
                "content": [
                    {"type": "input_text", "text": "QUESTION"},
                    {"type": "input_image", "image_url": f"data:image/png;base64,{PNG}"},
                ],
            },
            {"role": "assistant", "content": [{"type": "output_text", "text": "PENSE", "annotations": []}]},
            {"type": "function_call", "call_id": "call0000a", "name": "niveau", "arguments": '{"ecluse":"A"}'},
            {"type": "function_call", "call_id": "call0000b", "name": "niveau", "arguments": '{"ecluse":"B"}'},
            {"type": "function_call_output", "call_id": "call0000a", "output": "RESULTAT-A"},
            {"type": "function_call_output", "call_id": "call0000b", "output": "RESULTAT-B"},
            {"role": "user", "content": "SUITE"},
        ],
        "tools": [{"type": "function", "name": "niveau", "description": "OUTIL", "parameters": SCHEMA}],
        "tool_choice": {"type": "function", "name": "niveau"},
    },
}
"""The same call in each inbound dialect."""
NO_WORD: Mapping[str, frozenset[str]] = {"openai_responses": frozenset({"stop"})}
"""Options of the call that a dialect has no word for."""
LACKS: Mapping[str, frozenset[str]] = {
    "ollama_chat": frozenset({"tool_choice"}),
    "openai_responses": frozenset({"stop"}),
}
"""Fields of the call that a dialect on the provider's side names as not taken."""
WITHOUT_IDS = frozenset({"ollama_chat"})
"""Dialects that know a tool call by its function's name alone."""

pairs = pytest.mark.parametrize(("inbound", "outbound"), [(i, o) for i in sorted(CALLS) for o in sorted(OUTBOUND)])


def _admitted(inbound: str, *, stream: bool = False) -> Request:
    return INBOUND[inbound].admit(Surface.CHAT, json.dumps({**CALLS[inbound], "stream": stream}).encode())


def test_each_inbound_dialect_has_the_call() -> None:
    assert set(CALLS) == {name for name, dialect in INBOUND.items() if Surface.CHAT in dialect.routes.values()}


@pairs
def test_a_call_leaves_the_same_whoever_wrote_it(inbound: str, outbound: str) -> None:
    asked, same = _admitted(inbound), _admitted("openai_chat")
    missing = NO_WORD.get(inbound, frozenset())
    same = replace(same, options={name: value for name, value in same.options.items() if name not in missing})
    dialect = OUTBOUND[outbound]
    assert set(dialect.unsupported(asked)) <= LACKS.get(outbound, frozenset())
    assert json.loads(dialect.call(asked, destination(), "a").body) == json.loads(
        dialect.call(same, destination(), "a").body
    )


@pairs
def test_every_word_of_a_call_leaves_in_its_order(inbound: str, outbound: str) -> None:
    body = json.loads(OUTBOUND[outbound].call(_admitted(inbound), destination(), "a").body)
    said = json.dumps(body.get("messages") or body["input"])
    ids = [] if outbound in WITHOUT_IDS else ["call0000a", "call0000b"]
    words = ["QUESTION", PNG, "PENSE", *ids, "RESULTAT-A", "RESULTAT-B", "SUITE"]
    places = [said.index(word) for word in words]
    assert places == sorted(places)
    everything = json.dumps(body)
    for word in ("SYSTEME", "OUTIL", "ecluse", "0.25", "40"):
        assert word in everything
    assert ("FIN" in everything) is ("stop" not in {*NO_WORD.get(inbound, ()), *LACKS.get(outbound, ())})


# ------------------------------------------------------------------ the way back
def _openai(body: dict[str, Any]) -> tuple[str, list[tuple[str, Any]], str]:
    (choice,) = body["choices"]
    calls = [
        (call["function"]["name"], json.loads(call["function"]["arguments"] or "{}"))
        for call in choice["message"].get("tool_calls", ())
    ]
    return choice["message"]["content"] or "", calls, choice["finish_reason"]


REASONS = {"end_turn": "stop", "tool_use": "tool_calls", "max_tokens": "length"}


def _anthropic(body: dict[str, Any]) -> tuple[str, list[tuple[str, Any]], str]:
    text = "".join(block["text"] for block in body["content"] if block["type"] == "text")
    calls = [(block["name"], block["input"]) for block in body["content"] if block["type"] == "tool_use"]
    return text, calls, REASONS.get(body["stop_reason"], body["stop_reason"])


def _responses(body: dict[str, Any]) -> tuple[str, list[tuple[str, Any]], str]:
    items = body["output"]
    text = "".join(part["text"] for item in items if item["type"] == "message" for part in item["content"])
    calls = [(item["name"], json.loads(item["arguments"] or "{}")) for item in items if item["type"] == "function_call"]
    if body["incomplete_details"] is not None:
        return text, calls, {"max_output_tokens": "length"}[body["incomplete_details"]["reason"]]
    return text, calls, "tool_calls" if calls else "stop"


READ: Mapping[str, Callable[[dict[str, Any]], tuple[str, list[tuple[str, Any]], str]]] = {
    "openai_chat": _openai,
    "anthropic_messages": _anthropic,
    "openai_responses": _responses,
}


def _answered(inbound: str, outbound: str, case: str) -> tuple[str, list[tuple[str, Any]], str]:
    """Read a recorded answer and return what a caller of `inbound` gets of it, whole."""
    asked = _admitted(inbound)
    reader, writer = (
        OUTBOUND[outbound].reader(asked),
        INBOUND[inbound].writer(asked, Envelope(id="i", model="m", created=0)),
    )
    events = [*reader.feed(answer(outbound, case)), *reader.end()]
    written = b"".join([*map(writer.write, events), writer.close()])
    return READ[inbound](json.loads(written))


@pairs
@pytest.mark.parametrize("case", ["accents", "tools", "plain"])
def test_an_answer_says_the_same_to_whoever_asked(inbound: str, outbound: str, case: str) -> None:
    said = _answered(inbound, outbound, case)
    assert said == _answered("openai_chat", outbound, case)
    assert said[0] or said[1]
