"""A stranger tries to have a value sent that may leave masked only, in every field of every dialect.

Law: whatever is asked, the call is refused, or what was sent shows nothing of the value to a reader of its own
(`tests/canaries.py`, which folds and decodes without the product's help).
"""

import base64
import html
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

import httpx2
import pytest

from simulators.brain import Echo
from tests.canaries import seen
from tests.edge.gateway import AZURE, CLAUDE, CODESTRAL, MODERATION, SCALEWAY, Gateway, gateway

NAME = "Camille Lefèvre"
PHONE = "06 39 98 41 27"
IBAN = "FR7630004008210001234567849"
MAIL = "lefevre@exemple.fr"
VALUES = (NAME, "Lefèvre", PHONE, IBAN, MAIL)
OPENING = f"M. {NAME}, {PHONE}, IBAN {IBAN}, {MAIL}"
PLACES = (AZURE, CLAUDE, CODESTRAL, MODERATION)


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def lookalike(text: str) -> str:
    return text.translate(str.maketrans("eoaLC", "\u0435\u043e\u0430\u053c\u0421"))


SPELLINGS: Mapping[str, Callable[[str], str]] = {
    "as it is": str,
    "capitals": str.upper,
    "base64": b64,
    "hexadecimal": lambda t: t.encode().hex(),
    "percent": lambda t: "".join(f"%{o:02X}" for o in t.encode()),
    "percent twice": lambda t: quote(quote(t, safe=""), safe=""),
    "entities": lambda t: "".join(f"&#x{ord(c):x};" for c in t),
    "named entities": lambda t: html.escape(t).replace("è", "&egrave;"),
    "JSON in JSON": lambda t: json.dumps(json.dumps({"n": t})),
    "zero-width": "\u200b".join,
    "look-alikes": lookalike,
    "file name": lambda t: f"CV_{t.replace(' ', '_')}.pdf",
    "letter by letter": lambda t: " ".join(t.replace(" ", "")),
    "dashes": "-".join,
    "reordered": lambda t: " ".join(reversed(t.split())),
}
TURN = [{"role": "user", "content": OPENING}]


def function(**more: Any) -> dict[str, Any]:
    return {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}, **more}}


def schema(**more: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {"n": {"type": "string", **more}}}


def said(turn: Any) -> dict[str, Any]:
    return {"messages": [*TURN, turn]}


def called(arguments: str, name: str = "f", id_: str = "c1") -> dict[str, Any]:
    call = {"id": id_, "type": "function", "function": {"name": name, "arguments": arguments}}
    return {
        "messages": [
            *TURN,
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": id_, "content": "ok"},
        ]
    }


def document(**more: str) -> dict[str, Any]:
    source = {"type": "text", "media_type": "text/plain", "data": "x"}
    part = {"type": "document", "source": source, "citations": {"enabled": True}, **more}
    return {"messages": [*TURN, {"role": "user", "content": [part]}]}


CHAT: Mapping[str, Callable[[str], dict[str, Any]]] = {
    "text": lambda v: said({"role": "user", "content": v}),
    "system": lambda v: {"messages": [{"role": "system", "content": v}, *TURN]},
    "developer": lambda v: {"messages": [{"role": "developer", "content": v}, *TURN]},
    "parts": lambda v: said(
        {"role": "user", "content": [{"type": "text", "text": v[:4]}, {"type": "text", "text": v[4:]}]}
    ),
    "turns": lambda v: {"messages": [*TURN, *({"role": "user", "content": p} for p in (v[:4], v[4:]))]},
    "name of a speaker": lambda v: said({"role": "user", "name": v, "content": "x"}),
    "tool call's arguments": lambda v: called(json.dumps({"a": [{"b": v}]})),
    "tool call's keys": lambda v: called(json.dumps({v: 1})),
    "tool call's raw arguments": lambda v: called('{"a": ' + v),
    "tool call's name": lambda v: called("{}", name=v),
    "tool call's id": lambda v: called("{}", id_=v),
    "tool call's escaped arguments": lambda v: called('{"a": "' + "".join(f"\\u{ord(c):04x}" for c in v) + '"}'),
    "tool's description": lambda v: {"messages": TURN, "tools": [function(description=v)]},
    "tool's name": lambda v: {"messages": TURN, "tools": [function(name=v)]},
    "schema's description": lambda v: {"messages": TURN, "tools": [function(parameters=schema(description=v))]},
    "schema's title": lambda v: {"messages": TURN, "tools": [function(parameters=schema(title=v))]},
    "schema's list": lambda v: {"messages": TURN, "tools": [function(parameters=schema(enum=[v]))]},
    "schema's default": lambda v: {"messages": TURN, "tools": [function(parameters=schema(default=v))]},
    "schema's pattern": lambda v: {"messages": TURN, "tools": [function(parameters=schema(pattern=v))]},
    "schema's key": lambda v: {
        "messages": TURN,
        "tools": [function(parameters={"type": "object", "properties": {v: {"type": "string"}}})],
    },
    "answer's format": lambda v: {
        "messages": TURN,
        "response_format": {"type": "json_schema", "json_schema": {"name": v, "schema": schema()}},
    },
    "answer's schema": lambda v: {
        "messages": TURN,
        "response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": schema(enum=[v])}},
    },
    "user": lambda v: {"messages": TURN, "user": v},
    "safety identifier": lambda v: {"messages": TURN, "safety_identifier": v},
    "cache key": lambda v: {"messages": TURN, "prompt_cache_key": v},
    "metadata": lambda v: {"messages": TURN, "metadata": {"who": v}},
    "metadata's key": lambda v: {"messages": TURN, "metadata": {v: "x"}},
    "stop": lambda v: {"messages": TURN, "stop": [v]},
    "prediction": lambda v: {"messages": TURN, "prediction": {"type": "content", "content": v}},
    "prediction's parts": lambda v: {
        "messages": TURN,
        "prediction": {"type": "content", "content": [{"type": "text", "text": v}]},
    },
    "bias": lambda v: {"messages": TURN, "logit_bias": {v: 1}},
    "tool choice": lambda v: {"messages": TURN, "tool_choice": {"type": "function", "function": {"name": v}}},
    "unknown field": lambda v: {"messages": TURN, "x_field": {"y": [v]}},
    "image's address": lambda v: said(
        {"role": "user", "content": [{"type": "image_url", "image_url": {"url": f"https://e.fr/{v}.png"}}]}
    ),
    "file's name": lambda v: said(
        {
            "role": "user",
            "content": [
                {"type": "file", "file": {"filename": v, "file_data": f"data:text/plain;base64,{b64('x' * 30)}"}}
            ],
        }
    ),
    "refusal": lambda v: said({"role": "assistant", "refusal": v}),
    "links": lambda v: said({"role": "user", "content": f"[x](https://e.fr/?q={v}) ![y](https://e.fr/{v})"}),
}
MESSAGES: Mapping[str, Callable[[str], dict[str, Any]]] = {
    "system": lambda v: {"system": [{"type": "text", "text": v, "cache_control": {"type": "ephemeral"}}]},
    "tool's result": lambda v: {
        "messages": [
            *TURN,
            {"role": "assistant", "content": [{"type": "tool_use", "id": "t1", "name": "f", "input": {"a": v}}]},
            {
                "role": "user",
                "content": [{"type": "tool_result", "tool_use_id": "t1", "content": [{"type": "text", "text": v}]}],
            },
        ]
    },
    "document's title": lambda v: document(title=v),
    "document's context": lambda v: document(context=v),
    "document's text": lambda v: {
        "messages": [
            *TURN,
            {
                "role": "user",
                "content": [{"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": v}}],
            },
        ]
    },
    "search result": lambda v: {
        "messages": [
            *TURN,
            {
                "role": "user",
                "content": [
                    {"type": "search_result", "source": v, "title": v, "content": [{"type": "text", "text": v}]}
                ],
            },
        ]
    },
    "citation": lambda v: {
        "messages": [
            *TURN,
            {
                "role": "assistant",
                "content": [
                    {
                        "type": "text",
                        "text": "x",
                        "citations": [
                            {
                                "type": "char_location",
                                "cited_text": v,
                                "document_index": 0,
                                "document_title": v,
                                "start_char_index": 0,
                                "end_char_index": 1,
                            }
                        ],
                    }
                ],
            },
            *TURN,
        ]
    },
    "thinking": lambda v: {
        "messages": [
            *TURN,
            {
                "role": "assistant",
                "content": [{"type": "thinking", "thinking": v, "signature": "c2ln"}, {"type": "text", "text": "x"}],
            },
            *TURN,
        ]
    },
    "metadata": lambda v: {"metadata": {"user_id": v}},
    "stop": lambda v: {"stop_sequences": [v]},
    "tool's schema": lambda v: {"tools": [{"name": "f", "description": v, "input_schema": schema(description=v)}]},
    "cache control": lambda v: {"system": [{"type": "text", "text": "x", "cache_control": {"type": v}}]},
}
RESPONSES: Mapping[str, Callable[[str], dict[str, Any]]] = {
    "instructions": lambda v: {"instructions": v},
    "metadata": lambda v: {"metadata": {"who": v}},
    "call": lambda v: {
        "input": [
            *TURN,
            {"type": "function_call", "call_id": "c1", "name": "f", "arguments": json.dumps({"a": v})},
            {"type": "function_call_output", "call_id": "c1", "output": v},
        ]
    },
    "output's parts": lambda v: {
        "input": [
            *TURN,
            {"type": "function_call", "call_id": "c1", "name": "f", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "c1", "output": [{"type": "input_text", "text": v}]},
        ]
    },
    "answer before": lambda v: {
        "input": [
            *TURN,
            {
                "type": "message",
                "role": "assistant",
                "id": "m1",
                "status": "completed",
                "content": [{"type": "output_text", "text": v, "annotations": []}],
            },
            *TURN,
        ]
    },
    "annotation": lambda v: {
        "input": [
            *TURN,
            {
                "type": "message",
                "role": "assistant",
                "id": "m1",
                "status": "completed",
                "content": [
                    {
                        "type": "output_text",
                        "text": "x",
                        "annotations": [
                            {
                                "type": "url_citation",
                                "url": "https://e.fr",
                                "title": v,
                                "start_index": 0,
                                "end_index": 1,
                            }
                        ],
                    }
                ],
            },
            *TURN,
        ]
    },
    "reasoning": lambda v: {
        "input": [*TURN, {"type": "reasoning", "id": "r1", "summary": [{"type": "summary_text", "text": v}]}, *TURN]
    },
    "id of an item": lambda v: {"input": [*TURN, {"type": "message", "role": "user", "id": v, "content": "x"}]},
    "file's name": lambda v: {
        "input": [
            *TURN,
            {
                "role": "user",
                "content": [
                    {"type": "input_file", "filename": v, "file_data": f"data:text/plain;base64,{b64('x' * 30)}"}
                ],
            },
        ]
    },
    "answer's format": lambda v: {
        "text": {"format": {"type": "json_schema", "name": "n", "schema": schema(description=v), "description": v}}
    },
    "tool": lambda v: {"tools": [{"type": "function", "name": "f", "description": v, "parameters": schema(enum=[v])}]},
    "prompt": lambda v: {"prompt": {"id": "p", "variables": {"n": v}}},
}
FIM: Mapping[str, Callable[[str], dict[str, Any]]] = {
    "prompt": lambda v: {"prompt": f"# {OPENING}\n# {v}"},
    "suffix": lambda v: {"prompt": f"# {OPENING}\n", "suffix": f"# {v}"},
    "over both": lambda v: {"prompt": f"# {OPENING}\n# {v[:4]}", "suffix": v[4:]},
    "stop": lambda v: {"prompt": f"# {OPENING}\n", "stop": [v]},
}
MODERATIONS: Mapping[str, Callable[[str], dict[str, Any]]] = {
    "input": lambda v: {"input": [OPENING, v]},
    "over inputs": lambda v: {"input": [OPENING, v[:4], v[4:]]},
}
DIALECTS: Mapping[str, tuple[str, dict[str, Any], Mapping[str, Callable[[str], dict[str, Any]]]]] = {
    "chat at Azure": ("/v1/chat/completions", {"model": "gpt-5.4", "max_tokens": 16}, CHAT),
    "chat at Anthropic": ("/v1/chat/completions", {"model": "claude-sonnet-4.6", "max_tokens": 16}, CHAT),
    "messages at Anthropic": (
        "/v1/messages",
        {"model": "claude-sonnet-4.6", "max_tokens": 16, "messages": TURN},
        MESSAGES,
    ),
    "messages at Azure": ("/v1/messages", {"model": "gpt-5.4", "max_tokens": 16, "messages": TURN}, MESSAGES),
    "responses at Azure": ("/v1/responses", {"model": "gpt-5.4", "input": TURN}, RESPONSES),
    "responses at Anthropic": ("/v1/responses", {"model": "claude-sonnet-4.6", "input": TURN}, RESPONSES),
    "middle": ("/v1/fim/completions", {"model": "codestral-25.08", "max_tokens": 16}, FIM),
    "moderations": ("/v1/moderations", {"model": "mistral-moderation-26.03"}, MODERATIONS),
}
CASES = [(dialect, place) for dialect, (_, _, places) in DIALECTS.items() for place in places]


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Gateway, httpx2.Client]]:
    with (
        gateway(tmp_path_factory.mktemp("hostile"), (SCALEWAY, *PLACES), brain=Echo()) as made,
        httpx2.Client(base_url=made.url, trust_env=False, timeout=20) as client,
    ):
        client.headers.update({"authorization": f"Bearer {made.key('mail')}", "anthropic-version": "2023-06-01"})
        yield made, client


def assert_kept(door: tuple[Gateway, httpx2.Client], case: tuple[str, str], value: str, spelling: str) -> None:
    """Ask, and search whatever was sent."""
    made, client = door
    path, asked, places = DIALECTS[case[0]]
    before = {one: len(made.fleet[one].lines("request")) for one in PLACES}
    answer = client.post(path, json={**asked, **places[case[1]](SPELLINGS[spelling](value))})
    sent = [line for one, count in before.items() for line in made.fleet[one].lines("request")[count:]]
    assert answer.status_code in {200, 400, 403, 503}, answer.text
    assert sent or answer.status_code != 200, answer.text
    assert [found for line in sent for found in seen(line, VALUES)] == [], (value, spelling)


@pytest.mark.parametrize(("number", "case"), list(enumerate(CASES)), ids=map(str, CASES))
def test_no_field_lets_a_value_leave(door: tuple[Gateway, httpx2.Client], number: int, case: tuple[str, str]) -> None:
    spellings = list(SPELLINGS)
    assert_kept(door, case, VALUES[number % len(VALUES)], "as it is")
    assert_kept(door, case, NAME, spellings[number % len(spellings)])


@pytest.mark.long
@pytest.mark.parametrize("case", CASES, ids=map(str, CASES))
def test_no_spelling_of_any_value_leaves_by_any_field(
    door: tuple[Gateway, httpx2.Client], case: tuple[str, str]
) -> None:
    for value in VALUES:
        for spelling in SPELLINGS:
            assert_kept(door, case, value, spelling)
