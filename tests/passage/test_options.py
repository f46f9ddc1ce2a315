"""What a destination does not take by what is on record: named, or left behind where it changes no answer."""

from dataclasses import replace

import pytest

from ecluse.domain.destination import Options
from ecluse.domain.hosted import HostedKind
from ecluse.domain.request import HostedPart, Json, Message, Role, Surface, TextPart, ToolCall
from ecluse.passage.options import fitted, not_taken
from tests.passage.play import SOURCE
from tests.passage.send.exchange import destination, request

SCALEWAY = Options(not_taken=("n", "top_logprobs", "user"), source=SOURCE)
REASONS = Options(not_with_reasoning=("temperature", "top_p", "logprobs"), source=SOURCE)
WITH = "not with reasoning_effort"
ONE = Options(not_taken=("prefill",), not_together=("temperature", "top_p"), source=SOURCE)


@pytest.mark.parametrize(
    ("record", "options", "named", "left"),
    [
        (None, {"n": 2, "user": "u"}, (), {"n": 2, "user": "u"}),
        (SCALEWAY, {"n": 2, "temperature": 0.2}, ("n",), None),
        (SCALEWAY, {"user": "u", "seed": 1}, (), {"seed": 1}),
        (SCALEWAY, {"end_user": "u"}, (), {}),
        (REASONS, {"temperature": 0.2}, (), {"temperature": 0.2}),
        (
            REASONS,
            {"temperature": 0.2, "reasoning_effort": "none"},
            (),
            {"temperature": 0.2, "reasoning_effort": "none"},
        ),
        (REASONS, {"temperature": 0.2, "reasoning_effort": "low"}, (f"temperature: {WITH}",), None),
        (REASONS, {"temperature": 1, "top_p": 1.0, "reasoning_effort": "low"}, (), {"reasoning_effort": "low"}),
        (
            REASONS,
            {"top_p": 0.5, "logprobs": True, "reasoning_effort": "high"},
            (f"top_p: {WITH}", f"logprobs: {WITH}"),
            None,
        ),
        (ONE, {"temperature": 0.2, "seed": 1}, (), {"temperature": 0.2, "seed": 1}),
        (ONE, {"top_p": 1}, (), {"top_p": 1}),
        (ONE, {"temperature": 0.2, "top_p": 1}, (), {"temperature": 0.2}),
        (ONE, {"temperature": 1, "top_p": 1}, (), {}),
        (
            ONE,
            {"temperature": 0.2, "top_p": 0.5},
            ("temperature: not with top_p", "top_p: not with temperature"),
            None,
        ),
    ],
)
def test_what_would_change_the_answer_is_named_and_what_changes_none_stays_behind(
    record: Options | None, options: dict[str, Json], named: tuple[str, ...], left: dict[str, Json] | None
) -> None:
    asked, at = replace(request(), options=options), replace(destination(), options=record)
    assert not_taken(asked, at) == named
    if left is not None:
        assert fitted(asked, at).options == left


@pytest.mark.parametrize(
    ("last", "named"),
    [
        (Message(role=Role.ASSISTANT, parts=(TextPart(text="{"),)), ("messages.prefill",)),
        (Message(role=Role.USER, parts=(TextPart(text="{"),)), ()),
        (Message(role=Role.ASSISTANT, tool_calls=(ToolCall(id="c", name="f", arguments={}, decoded=True),)), ()),
        (
            Message(
                role=Role.ASSISTANT,
                parts=(HostedPart(kind=HostedKind.WEB_SEARCH, dialect="anthropic_messages", wire={}),),
            ),
            (),
        ),
    ],
)
def test_words_that_the_answer_would_go_on_from_are_named(last: Message, named: tuple[str, ...]) -> None:
    asked = replace(request(), messages=(*request().messages, last))
    record = Options(not_taken=("prefill",), source=SOURCE)
    assert not_taken(asked, replace(destination(), options=record)) == named


def test_another_kind_of_work_has_its_own_options() -> None:
    asked = replace(request(), surface=Surface.EMBEDDINGS, options={"user": "u"})
    assert fitted(asked, replace(destination(), options=SCALEWAY)) is asked
