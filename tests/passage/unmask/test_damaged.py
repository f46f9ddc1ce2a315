"""What a model damaged stays as it stands, and is counted where it can be recognised."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from ecluse.domain.event import ToolArgs
from ecluse.passage.unmask import Restorer
from tests.passage.mask.case import pieces, restored
from tests.passage.unmask.test_restorer import VAULT, arguments

DAMAGED = tomllib.loads((Path(__file__).parent / "damaged.toml").read_text(encoding="utf-8"))["case"]


@pytest.mark.parametrize("case", DAMAGED, ids=lambda case: case["why"])
@pytest.mark.parametrize("size", [1, 4, 1_000])
def test_a_damaged_surrogate_stays_and_is_counted(case: dict[str, Any], size: int) -> None:
    for before in ("", *("x " * words for words in range(2_014, 2_060, 15))):
        restorer = Restorer(VAULT)
        said_so = before + case["said"]
        assert restored(restorer, *pieces(said_so, [size])) == before + case.get("read", case["said"])
        assert restorer.unknown == case["count"]


@pytest.mark.parametrize("case", DAMAGED, ids=lambda case: case["why"])
def test_a_damaged_surrogate_is_counted_in_the_arguments_of_a_tool_too(case: dict[str, Any]) -> None:
    restorer = Restorer(VAULT)
    quoted = json.dumps({"to": case["said"]}, ensure_ascii=False)
    for piece in pieces(quoted, [3]):
        restorer.feed(arguments(piece))
    restorer.end()
    assert restorer.unknown == case["count"]


def test_a_name_of_a_tool_is_no_place_for_a_surrogate_but_it_is_counted() -> None:
    restorer = Restorer(VAULT)
    call = ToolArgs(choice=0, index=0, s="{}", id="c", name="find_PERSON_7K2Q9F")
    assert restorer.feed(call) == (call,)
    assert restorer.unknown == 1
