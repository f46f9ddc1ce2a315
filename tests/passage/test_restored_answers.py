"""Masked answers in every inbound dialect: originals stand in every copy of a text; signed reasoning is not touched."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecluse.domain.dialect import Envelope
from ecluse.domain.event import Channel, Event, Finish, Text, ToolArgs
from ecluse.domain.request import Message, Request, Role, Surface, TextPart
from ecluse.domain.vault import Vault
from ecluse.passage.admit import DIALECTS
from ecluse.passage.unmask import Restorer
from tests.passage.mask.case import chat, masked, pieces, seen, text_of

NAME = 'Zoé "Lefèvre"'
VAULT = Vault(originals={"PERSON_7K2Q9F": NAME})
ANSWER: tuple[Event, ...] = (
    Text(choice=0, channel=Channel.CONTENT, s="Bonjour PERSON_7K"),
    Text(choice=0, channel=Channel.CONTENT, s="2Q9F."),
    ToolArgs(choice=0, index=0, s='{"nom":"PERSON_', id="call_a", name="f"),
    ToolArgs(choice=0, index=0, s='7K2Q9F"}'),
    Finish(choice=0, reason="tool_calls"),
)


def _request(*, stream: bool) -> Request:
    message = Message(role=Role.USER, parts=(TextPart(text="a"),))
    return Request(surface=Surface.CHAT, model="m", messages=(message,), stream=stream)


def _written(dialect: str, events: Sequence[Event], *, stream: bool) -> str:
    writer, restorer = (
        DIALECTS[dialect].writer(_request(stream=stream), Envelope(id="i", model="m", created=0)),
        Restorer(VAULT, signed=DIALECTS[dialect].signs),
    )
    restored = [shown for event in events for shown in restorer.feed(event)]
    return b"".join([*map(writer.write, [*restored, *restorer.end()]), writer.close()]).decode()


OF_LISTS = {"mistral_ocr", "moderations", "openai_audio", "rerank"}
"""They answer with lists or with plain text, and have no tool calls."""


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("dialect", sorted(set(DIALECTS) - OF_LISTS))
def test_an_original_stands_in_every_copy_and_no_surrogate_anywhere(dialect: str, stream: bool) -> None:  # noqa: FBT001 - pytest's parameter
    written = _written(dialect, ANSWER, stream=stream)
    assert "7K2Q9F" not in written
    assert json.dumps(NAME, ensure_ascii=False)[1:-1] in written
    if not stream:
        assert "Lefèvre" in json.dumps(json.loads(written), ensure_ascii=False)


def _text_of(dialect: str, written: str) -> str:
    body: Any = json.loads(written)
    match dialect:
        case "openai_chat":
            return str(body["choices"][0]["message"]["content"])
        case "openai_responses":
            return "".join(part["text"] for item in body["output"] for part in item.get("content", ()))
        case _:
            return "".join(block["text"] for block in body["content"])


WORDS = [NAME, "Camille", " ", ", ", "é", "\n", "PERSON", "_", "7K2", "12 rue X"]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from(WORDS), min_size=1).map("".join),
    st.lists(st.integers(1, 9), min_size=1, max_size=5),
    st.sampled_from(["openai_chat", "openai_responses", "anthropic_messages"]),
)
def test_what_was_masked_comes_back_through_every_dialect_and_cut(text: str, cuts: list[int], dialect: str) -> None:
    request = chat(text)
    values = [value for value in (NAME, "12 rue X") if value in text]
    result = masked(request, *(seen(request, value) for value in values))
    restorer = Restorer(result.vault)
    shown = text_of(result.request)
    events: list[Event] = [
        event
        for piece in pieces(shown, cuts)
        for event in restorer.feed(Text(choice=0, channel=Channel.CONTENT, s=piece))
    ]
    events += restorer.feed(Finish(choice=0, reason="stop"))
    writer = DIALECTS[dialect].writer(_request(stream=False), Envelope(id="i", model="m", created=0))
    written = b"".join([*map(writer.write, events), writer.close()]).decode()
    assert _text_of(dialect, written) == text


def test_signed_reasoning_comes_back_unaltered_after_what_was_held() -> None:
    thought = "Écrire à PERSON_7K2Q9F."
    events = (
        Text(choice=0, channel=Channel.CONTENT, s="PERSON_7K"),
        Text(choice=0, channel=Channel.SIGNED, s=thought),
        Text(choice=0, channel=Channel.SIGNED, s="", raw={"signature": "EqQB"}),
    )
    content = json.loads(_written("anthropic_messages", events, stream=False))["content"]
    assert content == [
        {"type": "text", "text": "PERSON_7K", "citations": None},
        {"type": "thinking", "thinking": thought, "signature": "EqQB"},
    ]


@pytest.mark.parametrize("stream", [False, True])
def test_a_signature_stays_behind_where_there_is_no_word_for_it_and_its_text_is_restored(stream: bool) -> None:  # noqa: FBT001 - pytest's parameter
    events = (
        Text(choice=0, channel=Channel.SIGNED, s="Écrire à PERSON_7K"),
        Text(choice=0, channel=Channel.SIGNED, s="2Q9F."),
        Text(choice=0, channel=Channel.SIGNED, s="", raw={"signature": "EqQB"}),
    )
    for dialect in ("openai_chat", "openai_responses"):
        written = _written(dialect, events, stream=stream)
        assert "Lefèvre" in written
        assert "7K2Q9F" not in written
        assert "EqQB" not in written
