"""A line waits for room only while nothing of it was sent; replicas refuse batches by name."""

from collections.abc import Generator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ecluse.app import Batches
from ecluse.domain.effects import AnyAnswer, Dispatch, Done, Effect, Failed, Pause, Refused
from ecluse.edge.batches.working import Captured, Sent, _asked, _code
from ecluse.edge.config import Settings, SettingsError
from ecluse.edge.keys import Secrets
from tests.edge.batches.test_kept import a_batch, a_file

DISPATCH: Any = object.__new__(Dispatch)


def one(effect: Effect) -> Generator[Effect, AnyAnswer, None]:
    yield effect


@pytest.mark.parametrize(
    ("effect", "answer", "maybe"),
    [
        (DISPATCH, Refused, False),
        (DISPATCH, Failed, True),
        (DISPATCH, Done, True),
        (Pause(seconds=1), Done, False),
    ],
)
def test_a_call_that_was_not_refused_may_have_been_sent(effect: Effect, answer: Any, maybe: bool) -> None:  # noqa: FBT001 - pytest's parameter
    sent = Sent()
    steps = sent.watch(one(effect))
    assert next(steps) is effect
    with pytest.raises(StopIteration):
        steps.send(object.__new__(answer))
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


def test_batches_with_postgresql_refuse_by_name(tmp_path: Path) -> None:
    stated = {
        "batches": {"keep_hours": 1},
        "store": {"url": "postgresql://u@h/d"},
        "gateway": {"state_dir": str(tmp_path / "state")},
    }
    with pytest.raises(SettingsError, match=r"batches\.keep_hours.*one process"):
        Batches(msgspec.convert(stated, Settings), Secrets.open(tmp_path / "state"))
