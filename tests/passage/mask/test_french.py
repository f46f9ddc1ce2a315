"""Gender and number are kept in the type where French needs them; what comes back reads as it was."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from ecluse.domain.vault import CORE_PATTERN, TYPES_PATTERN, stem
from ecluse.passage.mask.instruction import language
from ecluse.passage.unmask import Restorer
from tests.passage.mask.case import chat, finding, masked, pieces, restored, text_of

CASES = tomllib.loads((Path(__file__).parent / "french.toml").read_text(encoding="utf-8"))["case"]
SURROGATE = re.compile(rf"({TYPES_PATTERN})_{CORE_PATTERN}")
PERSONS = {"PERSON", "WOMAN", "MAN", "PEOPLE"}


def numbered(text: str) -> str:
    """Write a number in the place of each person's six characters, in the order in which they come."""
    persons: list[str] = []

    def number(surrogate: re.Match[str]) -> str:
        if surrogate[1] not in PERSONS:
            return surrogate[1]
        if stem(surrogate[0]) not in persons:
            persons.append(stem(surrogate[0]))
        return f"{surrogate[1]}{persons.index(stem(surrogate[0])) + 1}"

    return SURROGATE.sub(number, text)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"])
def test_the_type_keeps_gender_and_number_and_the_sentence_comes_back(case: dict[str, Any]) -> None:
    text = case["text"]
    findings = []
    for name, _, kind in (one.partition(":") for one in case["names"]):
        findings += [finding(m.start(), m.end(), kind=kind or "person") for m in re.finditer(rf"\b{name}\b", text)]
    result = masked(chat(text), *findings)
    assert numbered(text_of(result.request)) == case["reads"]
    for size in (1, 4, len(text) * 2):
        assert restored(Restorer(result.vault), *pieces(text_of(result.request), [size])) == text


def test_the_table_is_read_as_french() -> None:
    assert language(chat(" ".join(case["text"] for case in CASES))) == "fr"
    assert len(CASES) > 30


def test_a_model_that_agrees_with_the_type_agrees_with_the_person() -> None:
    result = masked(chat("Mme Éléonore Lefèvre et les Benali."), finding(4, 20), finding(28, 34))
    woman, people = (m[0] for m in SURROGATE.finditer(text_of(result.request)))
    said = f"Chère Mme {woman}, vous êtes attendue ; les {people} sont prévenus de l'arrivée d'{woman}."
    assert restored(Restorer(result.vault), *pieces(said, [3])) == (
        "Chère Mme Éléonore Lefèvre, vous êtes attendue ; les Benali sont prévenus de l'arrivée d'Éléonore Lefèvre."
    )
