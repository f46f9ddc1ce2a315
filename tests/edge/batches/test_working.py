"""A line waits for room, or for the trail, only while nothing of it was sent."""

from collections.abc import Generator
from typing import Any

import msgspec
import pytest

from ecluse.domain.effects import AnyAnswer, Dispatch, Done, Effect, Failed, Pause, Refused
from ecluse.edge.batches.working import Captured, Sent, _asked, _code
from tests.edge.batches.test_kept import a_batch, a_file

DISPATCH: Any = object.__new__(Dispatch)
MOMENT: Any = None


def one(effect: Effect) -> Generator[Effect, AnyAnswer, None]:
    yield effect


@pytest.mark.parametrize(
    ("effect", "answer", "maybe"),
    [
        (DISPATCH, object.__new__(Refused), False),
        (DISPATCH, Failed(moment=MOMENT, code="trail_unavailable"), False),
        (DISPATCH, Failed(moment=MOMENT, code="x", sent=True), True),
        (DISPATCH, Failed(moment=MOMENT, code="x", recorded=True), True),
        (DISPATCH, object.__new__(Done), True),
        (Pause(seconds=1), object.__new__(Done), False),
    ],
    ids=range(6),
)
def test_a_call_that_was_not_refused_may_have_been_sent(effect: Effect, answer: Any, maybe: bool) -> None:  # noqa: FBT001 - pytest's parameter
    sent = Sent()
    steps = sent.watch(one(effect))
    assert next(steps) is effect
    with pytest.raises(StopIteration):
        steps.send(answer)
    assert sent.maybe is maybe


def test_a_stated_sensitivity_of_the_file_stays_with_each_line() -> None:
    batch = msgspec.structs.replace(a_batch(), asked={"sensitivity": ["special"], "purpose": "drafting"})
    asked = _asked(batch, a_file())
    assert (asked.sensitivity, asked.purpose) == (("special", "health"), "drafting")


def test_the_code_of_a_refusal_is_read_from_its_body() -> None:
    said = Captured()
    said.status, said.data = 429, bytearray(b'{"error":{"code":"rate_limited"}}')
    assert _code(said) == "rate_limited"
    said.data = bytearray(b"[")
    assert _code(said) == ""
