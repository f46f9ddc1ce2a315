"""What a model damaged stays as it stands, and is counted where it can be recognised."""

import json
import time
import tomllib
from pathlib import Path
from typing import Any

import pytest

from ecluse.domain.event import ToolArgs
from ecluse.domain.vault import Vault
from ecluse.passage.unmask import Restorer
from ecluse.passage.unmask.damaged import Damaged
from tests.passage.mask.case import pieces, restored
from tests.passage.unmask.test_restorer import VAULT, arguments

DAMAGED = tomllib.loads((Path(__file__).parent / "damaged.toml").read_text(encoding="utf-8"))["case"]


@pytest.mark.parametrize("case", DAMAGED, ids=lambda case: case["why"])
@pytest.mark.parametrize("size", [1, 1_000])
def test_a_damaged_surrogate_stays_and_is_counted(case: dict[str, Any], size: int) -> None:
    for before in ("", *("x " * words for words in (2_014, 2_046))):
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


@pytest.mark.parametrize("said", ["LIN\u212a_7K2Q9", "PER\u017fON_7K2Q9", "\u0130P_7K2Q9", "PERSON_\u0661\u0662\u0663"])
def test_letters_that_only_fold_to_those_of_a_type_are_none(said: str) -> None:
    restorer = Restorer(VAULT)
    assert restored(restorer, said) == said
    assert restorer.unknown == 0


def test_what_is_damaged_costs_the_same_however_many_surrogates_there_are() -> None:
    text = "PERSON_7K2Q8 " * 400

    def cost(surrogates: int) -> float:
        vault = Vault(originals={f"PERSON_{n:06}": "x" for n in range(surrogates)})
        damaged = Damaged(vault)
        return min(_timed(damaged, text) for _ in range(3))

    assert cost(3_000) < 10 * cost(2)


def _timed(damaged: Damaged, text: str) -> float:
    begun = time.process_time()
    damaged.count(text, len(text))
    return time.process_time() - begun
