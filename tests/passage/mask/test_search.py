"""Every spelling of a value is found, and what only looks like one is left alone."""

import time
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecluse.domain.vault import SurrogateType
from ecluse.passage.mask.search import Values
from ecluse.passage.mask.spelling import Origins, compact, readings, spaced

CASES = tomllib.loads((Path(__file__).parent / "spellings.toml").read_text(encoding="utf-8"))["case"]
SPELLINGS = "aAéÉe\u0301ßœ 1.-\u00a0\u200b%4\\u0&#;İ"


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['value']} in {case['text']}")
def test_a_value_is_seen_in_every_spelling_and_not_in_other_words(case: dict[str, Any]) -> None:
    hits = Values({case["value"]: SurrogateType.PERSON}).hits(case["text"])
    spans = {case["text"][hit.start : hit.end] for hit in hits}
    assert (case["hit"] in spans) if "hit" in case else not spans


def test_a_short_value_at_the_place_of_a_long_one_is_seen_too() -> None:
    values = Values({"alexandre": SurrogateType.PERSON, "alexandre dumas": SurrogateType.PERSON})
    assert {(hit.start, hit.end) for hit in values.hits("xalexandre dumasque")} == {(1, 10)}
    assert {(hit.start, hit.end) for hit in values.hits("xalexandre dumas")} == {(1, 16)}


def test_hits_that_overlap_are_all_seen() -> None:
    values = Values({"0612345678": SurrogateType.PHONE, "345678901234": SurrogateType.ACCOUNT})
    assert {(hit.start, hit.end) for hit in values.hits("061234567890123 4")} >= {(0, 10), (4, 17)}


def test_no_value_is_seen_when_there_is_none() -> None:
    assert Values({}).hits("Jean Dupont %41") == ()


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=40) | st.text(alphabet=SPELLINGS, max_size=40))
def test_a_fold_keeps_the_place_of_each_character(text: str) -> None:
    assert spaced(text) == "".join(spaced(c) for c in text)
    for reading in readings(text):
        starts, ends = reading.sources()
        assert len(starts) == len(ends) == len(reading.text)
        assert all(0 <= a < b <= len(text) for a, b in zip(starts, ends, strict=True))


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=40) | st.text(alphabet=SPELLINGS, max_size=40), st.integers(0, 1_200))
def test_the_place_of_each_folded_character_is_where_its_source_stands(text: str, before: int) -> None:
    whole = "œ" * (before // 2) + text + "e\u0301" * (before // 2)
    origins = Origins(whole)
    places = [i for i, character in enumerate(whole) for _ in spaced(character)]
    letters = [i for i, character in enumerate(whole) for _ in compact(character)]
    assert [origins.spaced(i) for i in range(len(spaced(whole)))] == places
    assert [origins.compact(i) for i in range(len(compact(whole)))] == letters


def test_a_ligature_and_a_mark_between_them_shift_no_place() -> None:
    (hit,) = Values({"Anne": SurrogateType.PERSON}).hits("œuvre d'Anne, e\u0301crite")
    assert (hit.start, hit.end) == (8, 12)


@settings(max_examples=150, deadline=None)
@given(
    st.text(alphabet=SPELLINGS + "bcdBCD", min_size=1, max_size=14).filter(compact),
    st.text(alphabet=" .,:;\n", max_size=5),
    st.text(alphabet=" .,:;\n", max_size=5),
    st.sampled_from([str, str.upper, str.lower, str.title]),
)
def test_a_value_between_marks_is_always_seen(value: str, before: str, after: str, spell: Any) -> None:
    spelt = spell(value)
    if compact(spelt) != compact(value):
        spelt = value
    assert Values({value: SurrogateType.VALUE}).hits(f"{before}|{spelt}|{after}")


def test_the_search_costs_what_the_text_costs_and_not_what_the_values_cost() -> None:
    text = "le dossier de madame est traité par la mairie depuis janvier avec soin " * 1_000

    def cost(count: int) -> float:
        values = Values({f"prenom{i} nom{i}": SurrogateType.PERSON for i in range(count)})
        return min(_timed(values, text) for _ in range(3))

    assert cost(5_000) < 20 * cost(5)


def _timed(values: Values, text: str) -> float:
    begun = time.process_time()
    assert values.hits(text) == ()
    return time.process_time() - begun
