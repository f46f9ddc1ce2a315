"""What Converse has a word for, and what it has not."""

import json
from dataclasses import replace
from typing import Any

import pytest

from ecluse.domain.request import Json, Message, Role, TextPart, Tool, ToolCall
from ecluse.passage.send import DIALECTS
from simulators import published_aws
from tests.passage.send.exchange import destination, request

CONVERSE = DIALECTS["bedrock_converse"]


def body(**changes: Any) -> dict[str, Json]:
    asked = replace(request(), **changes)
    call = CONVERSE.call(asked, destination(), "a")
    published_aws.converse(call.body, "m")
    written: dict[str, Json] = json.loads(call.body)
    return written


def test_a_models_name_is_one_step_of_the_path() -> None:
    there = replace(destination(), wire_model="mistral.mistral-large-2402-v1:0")
    assert CONVERSE.call(request(stream=False), there, "a").path == "/model/mistral.mistral-large-2402-v1%3A0/converse"
    arn = replace(destination(), wire_model="arn:aws:bedrock:eu-west-3:1:inference-profile/x")
    assert "/x/" not in CONVERSE.call(request(), arn, "a").path


@pytest.mark.parametrize(
    ("options", "written"),
    [
        ({"max_tokens": 5, "temperature": 0.2, "top_p": 0.9}, {"maxTokens": 5, "temperature": 0.2, "topP": 0.9}),
        ({"max_completion_tokens": 7, "max_tokens": 7, "stop": "FIN"}, {"maxTokens": 7, "stopSequences": ["FIN"]}),
    ],
)
def test_sampling_goes_under_its_own_names(options: dict[str, Json], written: dict[str, Json]) -> None:
    assert body(options=options)["inferenceConfig"] == written


def test_a_schema_for_the_answer_goes_as_text() -> None:
    form = {"type": "json_schema", "json_schema": {"name": "niveau", "schema": {"type": "object"}}}
    assert body(options={"response_format": form, "reasoning_effort": "high"})["outputConfig"] == {
        "effort": "high",
        "textFormat": {
            "type": "json_schema",
            "structure": {"jsonSchema": {"schema": '{"type":"object"}', "name": "niveau"}},
        },
    }


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"options": {"seed": 1}}, ("seed",)),
        ({"options": {"presence_penalty": 0.5}}, ("presence_penalty",)),
        ({"options": {"presence_penalty": 0}}, ()),
        ({"options": {"response_format": {"type": "json_object"}}}, ("response_format",)),
        ({"tools": (Tool(name="f"),), "tool_choice": "none"}, ("tool_choice",)),
        ({"tools": (Tool(name="f"),), "tool_choice": "required"}, ()),
    ],
)
def test_what_it_has_no_word_for_is_named(changes: dict[str, Any], named: tuple[str, ...]) -> None:
    assert CONVERSE.unsupported(replace(request(), **changes)) == named


def test_signed_reasoning_goes_back_as_it_came() -> None:
    signed = (
        {"type": "thinking", "thinking": "Oui.", "signature": "c2ln"},
        {"type": "redacted_thinking", "data": "eA=="},
    )
    turn = Message(role=Role.ASSISTANT, parts=(TextPart(text="Dit."),), signed=signed)
    ask = Message(role=Role.USER, parts=(TextPart(text="Bonjour"),))
    messages: Any = body(messages=(ask, turn, ask))["messages"]
    assert messages[1]["content"] == [
        {"reasoningContent": {"reasoningText": {"text": "Oui.", "signature": "c2ln"}}},
        {"reasoningContent": {"redactedContent": "eA=="}},
        {"text": "Dit."},
    ]


def test_ids_that_it_would_refuse_have_another_on_the_wire_and_come_back_as_they_were() -> None:
    call = ToolCall(id="call:é/1", name="niveau", arguments={}, decoded=True)
    turn = Message(role=Role.ASSISTANT, tool_calls=(call,))
    result = Message(role=Role.TOOL, tool_call_id="call:é/1", parts=())
    asked = replace(request(), messages=(Message(role=Role.USER, parts=(TextPart(text="?"),)), turn, result))
    messages: Any = json.loads(CONVERSE.call(asked, destination(), "a").body)["messages"]
    used, answered = messages[1]["content"][0]["toolUse"], messages[2]["content"][0]["toolResult"]
    assert used["toolUseId"] == answered["toolUseId"] != "call:é/1"
