"""Disguise and case change what is seen of a token as little as they change its meaning."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecluse.passage.classify.tagger.features import COUNT, ascii_lower, features, fold


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
    first = features(token, len, 1 << 10)
    assert len(first) == COUNT
    assert all(0 <= bucket < 1 << 10 for bucket in first)
    assert first == features(token, len, 1 << 10)
