"""A caller contests a refusal with the same request: searched again, hashed, forgotten."""

import json
from typing import Any

import pytest

from ecluse.domain.effects import (
    AnyAnswer,
    Done,
    Effect,
    Emit,
    Failed,
    Findings,
    Lodge,
    Lodged,
    Moment,
    Recognise,
    Refused,
    Reply,
)
from ecluse.domain.finding import DataClass
from ecluse.passage.contests import mark_of
from ecluse.passage.lodging import lodging
from tests.passage.play import NOW, Finds, arrival, snapshot

REQUEST = {"model": "m", "messages": [{"role": "user", "content": "Hello Ada Lovelace."}]}
ENTRY = "ab" * 16


def play(body: Any, answer: AnyAnswer | None = None, words: dict[str, DataClass] | None = None) -> list[Effect]:
    shot = snapshot(finds=Finds({"Ada": DataClass.PERSONAL} if words is None else words))
    moment = Moment(now=NOW, snapshot=shot)
    steps, seen = lodging(arrival(shot, body)), []
    try:
        effect = next(steps)
        while True:
            seen.append(effect)
            match effect:
                case Recognise():
                    effect = steps.send(Findings(moment=moment, classification=shot.detector.classify(effect.slots)))
                case Lodge():
                    effect = steps.send(answer or Lodged(moment=moment, matter="C-1"))
                case _:
                    effect = steps.send(Done(moment=moment))
    except StopIteration:
        return seen


def envelope(**stated: Any) -> dict[str, Any]:
    return {"entry": ENTRY, "reason": " A street. ", "request": REQUEST, **stated}


def reply(seen: list[Effect]) -> tuple[int, Any]:
    (head,), (said,) = [e for e in seen if isinstance(e, Reply)], [e for e in seen if isinstance(e, Emit)]
    return head.status, json.loads(said.data)


def test_what_is_contested_is_hashed_under_the_organisations_key_and_not_kept() -> None:
    seen = play(envelope())
    (lodge,) = [effect for effect in seen if isinstance(effect, Lodge)]
    assert lodge.objection.marks == {mark_of("person", "Ada", b"k" * 32)}
    assert (lodge.objection.entry, lodge.objection.reason) == (ENTRY, "A street.")
    assert lodge.objection.counts == (("person", 1),)
    assert "Ada" not in repr(lodge)
    assert reply(seen) == (202, {"contest": "C-1", "state": "open", "findings": {"person": 1}})


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (envelope(reason=" "), None),
        (envelope(reason="x" * 2_001), None),
        (envelope(more=1), None),
        ({"entry": ENTRY, "reason": "r"}, None),
        (b"{", None),
        (envelope(request={"model": "m"}), None),
        (envelope(), {}),
        (envelope(), {"Ada": DataClass.CREDENTIAL}),
    ],
)
def test_what_cannot_be_contested_refuses(body: Any, words: dict[str, DataClass] | None) -> None:
    seen = play(body, words=words)
    assert not [effect for effect in seen if isinstance(effect, Lodge)]
    assert reply(seen)[0] in {400, 409}


def test_a_docket_that_does_not_take_it_refuses() -> None:
    moment = Moment(now=NOW, snapshot=snapshot())
    assert reply(play(envelope(), Refused(moment=moment, code="not_contestable")))[0] == 409
    assert reply(play(envelope(), Failed(moment=moment, code="internal_error")))[0] == 500
    assert reply(play(envelope(), Done(moment=moment)))[0] == 500
