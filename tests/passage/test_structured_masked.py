"""Schemas that hold a value: none leaves, and what a model chooses among surrogates is what the caller offered."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from ecluse.domain.dialect import Envelope
from ecluse.domain.errors import GatewayError
from ecluse.domain.request import Request, SlotPath, Surface, slots
from ecluse.passage.admit import DIALECTS as INBOUND
from ecluse.passage.mask import Masked
from ecluse.passage.send import DIALECTS as OUTBOUND
from ecluse.passage.unmask import Restorer
from tests.canaries import folded
from tests.passage.mask.case import finding, masked
from tests.passage.providing import SAYS, TOOL
from tests.passage.send.exchange import destination

NAME, OTHER = 'Camille "Zoé" Lefèvre', "Paul Durand"
NAMES = (NAME, OTHER)
OUTBOUNDS = sorted({"openai_chat", "openai_responses", "anthropic_messages", "mistral_chat"} & OUTBOUND.keys())


def schema(**member: Any) -> dict[str, Any]:
    who = {"type": "string", **member}
    return {"type": "object", "properties": {"who": who}, "required": ["who"], "additionalProperties": False}


HOLDING: Mapping[str, dict[str, Any]] = {
    "enum": {"enum": [NAME, OTHER]},
    "const": {"const": NAME},
    "description": {"description": f"Either {NAME} or {OTHER}."},
    "default": {"default": NAME},
    "examples": {"examples": [NAME, OTHER.upper()]},
}


def asked(inbound: str, form: dict[str, Any], *, tool: bool) -> Request:
    """Ask for an answer, or for a call of a strict tool, in the form of a schema."""
    text = f"Mr {NAME} and Mr {OTHER}: who?"
    turns: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": text}], "max_tokens": 9}
    function = {"name": TOOL, "strict": True, "parameters": form}
    match inbound, tool:
        case "openai_chat", False:
            more: dict[str, Any] = {
                "response_format": {"type": "json_schema", "json_schema": {"name": "r", "schema": form, "strict": True}}
            }
        case "openai_chat", True:
            more = {"tools": [{"type": "function", "function": function}]}
        case "openai_responses", False:
            more = {"text": {"format": {"type": "json_schema", "name": "r", "schema": form, "strict": True}}}
        case "openai_responses", True:
            more = {"tools": [{"type": "function", **function}]}
        case _, False:
            more = {"output_config": {"format": {"type": "json_schema", "schema": form}}}
        case _:
            more = {"tools": [{"name": TOOL, "input_schema": form, "strict": True}]}
    if inbound == "openai_responses":
        turns = {"model": "m", "input": text}
    return INBOUND[inbound].admit(Surface.CHAT, json.dumps({**turns, **more}).encode())


def hidden(request: Request) -> Masked:
    """Mask the names where they stand first: elsewhere the search has to see them."""
    slot = next(slot for slot in slots(request) if NAME in slot.text)
    at = (slot.text.index(NAME), slot.text.index(OTHER))
    found = [
        replace(finding(start, start + len(name)), slot=SlotPath(slot.path))
        for start, name in zip(at, NAMES, strict=True)
    ]
    return masked(request, *found)


def answered(inbound: str, outbound: str, request: Request, result: Masked, said: str, *, tool: bool) -> str:
    """Return the JSON that the caller reads when a model writes `said`."""
    reader, writer = (
        OUTBOUND[outbound].reader(result.request),
        INBOUND[inbound].writer(request, Envelope(id="i", model="m", created=0)),
    )
    restorer = Restorer(result.vault, structured=request.structured)
    body = SAYS[outbound](["Oui."] if tool else [said], [said] if tool else [], False)  # noqa: FBT003 - one shape for all
    events = [shown for event in [*reader.feed(body), *reader.end()] for shown in restorer.feed(event)]
    written = json.loads(b"".join([*map(writer.write, [*events, *restorer.end()]), writer.close()]))
    return _form(inbound, written, tool=tool)


def _form(inbound: str, written: Any, *, tool: bool) -> str:
    if inbound == "openai_chat":
        message = written["choices"][0]["message"]
        return str(message["tool_calls"][0]["function"]["arguments"] if tool else message["content"])
    if inbound == "openai_responses":
        last = written["output"][-1]
        return str(last["arguments"] if tool else last["content"][0]["text"])
    last = written["content"][-1]
    return json.dumps(last["input"]) if tool else str(last["text"])


@pytest.mark.parametrize("tool", [False, True])
@pytest.mark.parametrize("where", HOLDING)
@pytest.mark.parametrize("inbound", ["openai_chat", "openai_responses", "anthropic_messages"])
def test_no_value_leaves_in_a_schema_and_the_choice_comes_back(inbound: str, where: str, tool: bool) -> None:  # noqa: FBT001 - pytest's parameter
    request = asked(inbound, schema(**HOLDING[where]), tool=tool)
    result = hidden(request)
    surrogate = next(shown for shown, original in result.vault.originals.items() if original == NAME)
    for outbound in OUTBOUNDS:
        if OUTBOUND[outbound].unsupported(result.request):
            continue
        sent = OUTBOUND[outbound].call(result.request, destination(dialect=outbound), "a").body
        assert not any(folded(part) in folded(sent.decode()) for part in ("Lefèvre", "Durand", "Camille"))
        said = answered(inbound, outbound, request, result, json.dumps({"who": surrogate}), tool=tool)
        assert json.loads(said) == {"who": NAME}


@pytest.mark.parametrize(
    "form",
    [
        schema(pattern=f"^{OTHER}$"),
        {"type": "object", "properties": {OTHER: {"type": "string"}}},
        {**schema(), "required": [OTHER]},
        {**schema(), "$defs": {"paul_durand": {"type": "string"}}},
    ],
)
@pytest.mark.parametrize("inbound", ["openai_chat", "openai_responses", "anthropic_messages"])
def test_a_value_in_the_grammar_of_a_tool_s_schema_refuses(inbound: str, form: dict[str, Any]) -> None:
    with pytest.raises(GatewayError) as refused:
        hidden(asked(inbound, form, tool=True))
    assert refused.value.code == "mask_unavailable"


@pytest.mark.parametrize("inbound", ["openai_chat", "openai_responses", "anthropic_messages"])
def test_a_pattern_of_an_answer_is_written_with_the_surrogate(inbound: str) -> None:
    request = asked(inbound, schema(pattern=f"^{OTHER}$"), tool=False)
    result = hidden(request)
    texts = [slot.text for slot in slots(result.request)]
    assert not any(folded("Durand") in folded(text) for text in texts)
    shown = next(shown for shown, original in result.vault.originals.items() if original == OTHER)
    assert f"^{shown}$" in texts
