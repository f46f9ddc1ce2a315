"""Cutting a text loses nothing and invents nothing, whatever the text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecluse.passage.classify.tagger.tokens import LONGEST, token_of, tokens, windows

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=200)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Jean-Pierre d'Arc", ["Jean", "-", "Pierre", "d'", "Arc"]),
        ("l\u2019Irak, 12 rue", ["l\u2019", "Irak", ",", "12", "rue"]),
        ("Ma\u200brie", ["Ma\u200brie"]),
        ("Rene\u0301e", ["Rene\u0301e"]),
        ("a\nb", ["a", "\n", "b"]),
        ("\ud800x", ["\ud800", "x"]),
        ("", []),
    ],
)
def test_a_text_is_cut_into_words_and_signs(text: str, expected: list[str]) -> None:
    assert [token.text for token in tokens(text)] == expected


@given(ANY_TEXT)
def test_every_character_that_is_no_blank_stands_in_exactly_one_token(text: str) -> None:
    found = list(tokens(text))
    covered = [i for token in found for i in range(token.start, token.end)]
    assert covered == sorted(set(covered))
    assert all(text[i].isspace() for i in set(range(len(text))) - set(covered))
    assert all(text[t.start : t.end] == t.text and 0 < len(t.text) <= LONGEST for t in found)


@given(ANY_TEXT, st.integers(1, 6), st.integers(0, 4))
def test_windows_judge_every_token_once_and_show_its_surroundings(text: str, size: int, margin: int) -> None:
    every = list(tokens(text))
    at = 0
    for window in windows(text, size, margin):
        shown = list(map(token_of, window.found))
        judged = shown[window.low : window.high]
        assert judged == every[at : at + len(judged)]
        assert shown[: window.low] == every[max(0, at - margin) : at]
        after = every[at + len(judged) : at + len(judged) + margin]
        assert shown[window.high :][: len(after)] == after
        at += len(judged)
    assert at == len(every)
