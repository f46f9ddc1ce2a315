"""What the official `openai` client really sends, and what admit reads in it."""

from typing import Any

import pytest
from openai.types.chat import ChatCompletionMessage
from pydantic import BaseModel

from ecluse.domain.request import BlobPart, Capability, Message, Role, Surface, TextPart, Tool, ToolCall, slots
from tests.passage.admit.sdk import admitted

PIXEL = "data:image/png;base64,iVBORw0KGgo="
WEATHER: Any = {
    "type": "function",
    "function": {
        "name": "meteo",
        "description": "Le temps qu'il fait",
        "parameters": {"type": "object", "properties": {"ville": {"type": "string"}}},
        "strict": True,
    },
}


class Ecluse(BaseModel):
    """A structured answer."""

    nom: str
    biefs: int


def test_a_chat() -> None:
    request = admitted(
        lambda openai: openai.chat.completions.create(
            model="mistral-large", messages=[{"role": "user", "content": "Où est l'écluse ?"}], temperature=0.3
        )
    )
    assert (request.surface, request.model, request.stream) == (Surface.CHAT, "mistral-large", False)
    assert request.messages == (Message(role=Role.USER, parts=(TextPart(text="Où est l'écluse ?"),)),)
    assert request.options == {"temperature": 0.3}
    assert request.needs == {Capability.CHAT}


def test_a_stream_with_usage() -> None:
    request = admitted(
        lambda openai: openai.chat.completions.create(
            model="m",
            messages=[
                {"role": "developer", "content": "Sois bref."},
                {"role": "user", "content": "Bonjour", "name": "Ana"},
            ],
            stream=True,
            stream_options={"include_usage": True},
            max_completion_tokens=50,
            n=1,
        )
    )
    assert request.stream
    assert request.include_usage
    assert [message.role for message in request.messages] == [Role.SYSTEM, Role.USER]
    assert request.messages[1].name == "Ana"
    assert request.options == {"max_completion_tokens": 50, "max_tokens": 50}
    assert request.needs == {Capability.CHAT, Capability.STREAM}


def test_tools_and_the_turns_that_used_them() -> None:
    request = admitted(
        lambda openai: openai.chat.completions.create(
            model="m",
            messages=[
                {"role": "user", "content": "Météo ?"},
                {
                    "role": "assistant",
                    "content": None,
                    "tool_calls": [
                        {
                            "id": "call_1",
                            "type": "function",
                            "function": {"name": "meteo", "arguments": '{"ville": "S\\u00e8te"}'},
                        }
                    ],
                },
                {"role": "tool", "tool_call_id": "call_1", "content": "pluie"},
            ],
            tools=[WEATHER],
            tool_choice={"type": "function", "function": {"name": "meteo"}},
            parallel_tool_calls=False,
        )
    )
    function = WEATHER["function"]
    assert request.tools == (
        Tool(name="meteo", description=function["description"], parameters=function["parameters"], strict=True),
    )
    assert request.messages[1].tool_calls == (
        ToolCall(id="call_1", name="meteo", arguments={"ville": "Sète"}, decoded=True),
    )
    assert (request.messages[2].role, request.messages[2].tool_call_id) == (Role.TOOL, "call_1")
    assert request.needs == {Capability.CHAT, Capability.TOOLS}
    assert "Sète" in {slot.text for slot in slots(request)}


def test_an_answer_of_ours_goes_back_in_the_next_turn() -> None:
    """A client appends `choices[0].message` as it is; nulls and empty lists of the SDK's types mean nothing."""
    answer = ChatCompletionMessage.model_validate(
        {
            "role": "assistant",
            "content": None,
            "refusal": "Non.",
            "reasoning_content": "Hm.",
            "annotations": [],
            "audio": None,
            "function_call": None,
            "tool_calls": None,
        }
    )
    request = admitted(
        lambda openai: openai.chat.completions.create(
            model="m",
            messages=[{"role": "user", "content": "?"}, answer],  # type: ignore[list-item] # as clients do
        )
    )
    assert request.messages[1] == Message(role=Role.ASSISTANT, extra={"refusal": "Non.", "reasoning_content": "Hm."})


def test_structured_output() -> None:
    request = admitted(
        lambda openai: openai.chat.completions.parse(
            model="m", messages=[{"role": "user", "content": "?"}], response_format=Ecluse
        )
    )
    form: Any = request.options["response_format"]
    assert form["json_schema"]["name"] == "Ecluse"
    assert request.needs == {Capability.CHAT, Capability.JSON_OUTPUT}


def test_parts_that_are_no_text_are_kept_whole_and_unreadable() -> None:
    content: Any = [
        {"type": "text", "text": "Que vois-tu ?"},
        {"type": "image_url", "image_url": {"url": PIXEL, "detail": "low"}},
        {"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": "wav"}},
        {"type": "file", "file": {"file_data": "data:application/pdf;base64,JVBERg==", "filename": "bail.pdf"}},
    ]
    request = admitted(
        lambda openai: openai.chat.completions.create(model="m", messages=[{"role": "user", "content": content}])
    )
    assert request.messages[0].parts == (
        TextPart(text="Que vois-tu ?"),
        BlobPart(media="image", wire=content[1]),
        BlobPart(media="audio", wire=content[2]),
        BlobPart(media="file", wire=content[3]),
    )
    assert len(request.unreadable) == 3
    assert request.needs == {Capability.CHAT, Capability.VISION, Capability.AUDIO, Capability.FILES}


@pytest.mark.parametrize(("given", "inputs"), [("un", ("un",)), (["un", "deux"], ("un", "deux"))])
def test_embeddings_come_in_base64_unless_asked_otherwise(given: Any, inputs: tuple[str, ...]) -> None:
    request = admitted(lambda openai: openai.embeddings.create(model="e", input=given, dimensions=256))
    assert (request.surface, request.inputs) == (Surface.EMBEDDINGS, inputs)
    assert request.options == {"dimensions": 256, "encoding_format": "base64"}
    assert request.needs == {Capability.EMBEDDINGS}
    floats = admitted(lambda openai: openai.embeddings.create(model="e", input=given, encoding_format="float"))
    assert floats.options == {"encoding_format": "float"}


def test_what_an_sdk_adds_for_another_gateway_is_kept_scanned_and_named() -> None:
    request = admitted(
        lambda openai: openai.chat.completions.create(
            model="m",
            messages=[{"role": "user", "content": "?"}],
            extra_body={"base_url": "https://evil.test", "metadata": {"dossier": "Mme Durand"}},
        )
    )
    assert request.options == {"base_url": "https://evil.test", "metadata": {"dossier": "Mme Durand"}}
    assert {"base_url", "https://evil.test", "dossier", "Mme Durand"} <= {slot.text for slot in slots(request)}
