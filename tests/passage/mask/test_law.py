"""unmask(mask(t)) == t, for any text, any findings and any cut of the answer."""

import itertools
import json
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecluse.domain.event import Event, ToolArgs
from ecluse.domain.finding import Finding
from ecluse.domain.request import Message, Request, Role, SlotPath, Surface, ToolCall
from ecluse.passage.mask.spelling import compact
from ecluse.passage.unmask import Restorer
from tests.passage.mask.case import KEY, OTHER_KEY, USER, chat, finding, masked, pieces, restored, text_of

WORDS = st.sampled_from(
    [
        *"aéZ\u0301 1_-\\/.:@\"'<>()[]=?#&%,\n\u00a0\u200b山",
        "Jean",
        "JEAN",
        "Dupont",
        "jean.dupont@x.fr",
        "06 12 34 56 78",
        "année",
        "https://x.fr/",
        "www.",
        "](",
        "![",
        "href=",
        '"url": "',
        "\\\\",
        "=IMAGE(",
        "curl ",
        "fetch(",
        "requests.p",
        '"https://x" + ',
        ".fr",
        "12/03/85",
        "\n\n",
        "PERSON",
        "PERSON_",
        "EMAIL-",
        "7K2Q9F",
        "PERSON_7K2Q9F",
        "LINK_0000000",
        "%4a",
        "\\n",
        "\\u00e9",
    ]
)
PLAIN_WORDS = WORDS.filter(lambda word: not set(word) & set("/:.=(\"'<\\&%") and word != "curl ")
"""Words that open no link: in JSON, quotes stand round a text that has none in a message."""
TEXTS = st.lists(WORDS, min_size=1, max_size=12).map("".join)
CUTS = st.lists(st.integers(1, 9), min_size=1, max_size=6)


SPANS = st.lists(st.tuples(st.integers(0, 99), st.integers(1, 12)), min_size=1, max_size=3)
"""Where findings begin, in percent of the text, and how long they are."""


LIKE_A_SURROGATE = re.compile(r"(?i:PERSON|EMAIL|PHONE)_[0-9a-z]{3}", re.ASCII)


def found_in(text: str, spans: list[tuple[int, int]]) -> list[Finding]:
    starts = [(len(text) * percent // 100, length) for percent, length in spans]
    kinds = itertools.cycle(("person", "email", "phone"))
    return [finding(start, min(len(text), start + length), kind=next(kinds)) for start, length in starts]


def check(text: str, spans: list[tuple[int, int]], cuts: list[int]) -> None:
    result = masked(chat(text), *found_in(text, spans))
    for cutting in ([1], [4], [len(text)], cuts):
        restorer = Restorer(result.vault)
        assert restored(restorer, *pieces(text_of(result.request), cutting)) == text
        assert restorer.unknown == 0 or LIKE_A_SURROGATE.search(text), "three characters may agree by chance"
        assert restorer.withheld == 0


@settings(max_examples=2_000, deadline=None)
@given(TEXTS, SPANS, CUTS)
def test_unmasking_what_was_masked_gives_the_text_back(
    text: str, spans: list[tuple[int, int]], cuts: list[int]
) -> None:
    check(text, spans, cuts)


@pytest.mark.parametrize("text", ["\\\\\\\\/a", "x \\\\\\/a b", "\\" * 60 + "/a"])
def test_backslashes_that_are_no_share_are_part_of_the_link_that_they_meet(text: str) -> None:
    check(text, [(95, 1)], [1])


@pytest.mark.long
@settings(max_examples=50_000, deadline=None)
@given(TEXTS, SPANS, CUTS)
def test_it_does_so_many_times(text: str, spans: list[tuple[int, int]], cuts: list[int]) -> None:
    check(text, spans, cuts)


@settings(max_examples=100, deadline=None)
@given(st.text(min_size=1, max_size=60), SPANS, CUTS)
def test_the_same_holds_for_any_text_at_all(text: str, spans: list[tuple[int, int]], cuts: list[int]) -> None:
    check(text, spans, cuts)


@settings(max_examples=100, deadline=None)
@given(TEXTS, SPANS)
def test_nothing_that_was_found_is_left(text: str, spans: list[tuple[int, int]]) -> None:
    findings = found_in(text, spans)
    result = masked(chat(text), *findings)
    left = text_of(result.request)
    for surrogate in result.vault.originals:
        left = left.replace(surrogate, "\0")
    for one in findings:
        value = compact(text[one.start : one.end])
        cut = text[max(0, one.start - 1) : one.start].isalnum() or text[one.end : one.end + 1].isalnum()
        # What was cut out of the middle of a word is not looked for in the middle of others.
        assert len(value) < 8 or cut or value not in compact(left)


@settings(max_examples=100, deadline=None)
@given(TEXTS, SPANS)
def test_two_keys_never_share_a_surrogate(text: str, spans: list[tuple[int, int]]) -> None:
    findings = found_in(text, spans)
    one, other = (masked(chat(text), *findings, key=key).vault.originals for key in (KEY, OTHER_KEY))
    assert not set(one) & set(other)


@settings(max_examples=100, deadline=None)
@given(TEXTS, TEXTS, SPANS)
def test_surrogates_of_another_conversation_come_back_unchanged(
    text: str, other: str, spans: list[tuple[int, int]]
) -> None:
    elsewhere = masked(chat(other), *found_in(other, spans), key=OTHER_KEY)
    typed = " ".join(elsewhere.vault.originals)
    request = chat(f"{text}\n{typed}")
    result = masked(request, *found_in(text, spans))
    assert not set(elsewhere.vault.originals) & set(result.vault.originals)
    assert restored(Restorer(result.vault), typed) == typed


@settings(max_examples=100, deadline=None)
@given(st.lists(PLAIN_WORDS, min_size=1, max_size=10).map("".join), SPANS, CUTS, st.sampled_from(["§", "image_url"]))
def test_tool_arguments_come_back_as_they_were(
    text: str, spans: list[tuple[int, int]], cuts: list[int], name: str
) -> None:
    slot = "messages/1/tool_calls/0/arguments/0"
    call = ToolCall(id="§§", name="§", arguments={name: text, "¤": [1, text]}, decoded=True)
    request = Request(
        surface=Surface.CHAT,
        model="m",
        messages=(*chat("x").messages, Message(role=Role.ASSISTANT, tool_calls=(call,))),
    )
    result = masked(request, *(replace(one, slot=SlotPath(slot)) for one in found_in(text, spans)))
    arguments: Any = result.request.messages[-1].tool_calls[0].arguments
    restorer = Restorer(result.vault)
    events: list[Event] = []
    for piece in pieces(json.dumps(arguments, ensure_ascii=len(text) % 2 == 0), cuts):
        events += restorer.feed(ToolArgs(choice=0, index=0, s=piece))
    events += restorer.end()
    assert json.loads("".join(e.s for e in events if isinstance(e, ToolArgs))) == call.arguments


@pytest.mark.parametrize("text", ["awww.\u0301a", "href=curl jean.dupont@x.fr", "Jean.Dupont.", "06.12.34.56"])
def test_what_once_did_not_come_back_does(text: str) -> None:
    for at in range(0, 100, 10):
        check(text, [(0, 1), (at, 3)], [1])


def test_the_slot_of_the_cases_is_the_one_of_the_request() -> None:
    assert USER == "messages/0/parts/0"
