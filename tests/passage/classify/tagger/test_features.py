"""Disguise and case change what is seen of a token as little as they change its meaning."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecluse.passage.classify.tagger.features import COUNT, ascii_lower, features, fold, key_of


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Ma\u200brie", "Marie"),
        ("Dub\u00adois", "Dubois"),
        ("\uff2d\uff41\uff52\uff49\uff45", "Marie"),
        ("M\u0430rie", "Marie"),
        ("Andre\u0301", "Andr\u00e9"),
        ("\u0418\u0432\u0430\u043d", "\u0418\u0432\u0430\u043d"),
    ],
)
def test_a_disguised_word_is_read_as_what_it_stands_for(written: str, meant: str) -> None:
    assert fold(written) == meant


def test_accents_and_capitals_are_left_out_of_gazetteer_words() -> None:
    assert ascii_lower("\u00c9l\u00e9onore") == "eleonore"


@given(st.text(st.characters(exclude_categories=()), min_size=1, max_size=60))
def test_any_token_has_its_features_and_always_the_same(token: str) -> None:
    [first] = features([token], _lengths, 1 << 10)
    assert len(first) == COUNT
    assert all(0 <= bucket < 1 << 10 for bucket in first)
    assert [first, first] == features([token, token], _lengths, 1 << 10)


def _lengths(words: Sequence[str]) -> list[int]:
    return [len(word) for word in words]


@given(st.text(st.characters(exclude_categories=()), min_size=1, max_size=30))
def test_a_feature_is_the_hash_of_its_name_and_value(token: str) -> None:
    word = fold(token)
    plain = ascii_lower(word)
    said = (f"l={word.lower()}", f"w={plain}", f"2={plain[:2]}", f"4={plain[:4]}", f"d={plain[-4:]}", "g=7")
    [found] = features([token], lambda _: [7], 1 << 32)
    assert [found[i] for i in (0, 1, 3, 5, 8, 9)] == [key_of(one) for one in said]
