"""The prefilter: whatever it spares a text, a pattern that matches is always named."""

import pytest
import re2
from hypothesis import given, settings

from ecluse.packs import dictionaries
from ecluse.passage.classify import built_in
from ecluse.passage.classify.engine import patterns_of
from ecluse.passage.classify.gates import NO_END, need_of
from ecluse.passage.classify.normalise import read
from ecluse.passage.classify.patterns import MEMORY, Patterns, options
from ecluse.passage.classify.views import TRIGGERS
from tests.passage.classify.texts import around_fixtures, fixtures

WORDS = dictionaries.load()
EVERY = (*TRIGGERS, *(pattern for recogniser in built_in().values() for pattern in patterns_of(recogniser, WORDS)))
COMPILED = tuple(re2.compile(pattern.encode("ascii"), options(MEMORY)) for pattern in EVERY)
PREFILTER = Patterns([pattern.encode("ascii") for pattern in EVERY])


def matching(text: str) -> set[int]:
    encoded = text.encode("ascii")
    return {index for index, pattern in enumerate(COMPILED) if pattern.search(encoded) is not None}


def test_on_each_fixture_the_prefilter_names_exactly_what_matches() -> None:
    for text in fixtures():
        plain = read(text).text
        assert PREFILTER.matched(plain) == matching(plain)


@settings(max_examples=150)
@given(text=around_fixtures(5))
def test_the_prefilter_never_loses_what_the_full_scan_finds(text: str) -> None:
    plain = read(text).text
    assert PREFILTER.matched(plain) >= matching(plain)


def test_every_shipped_pattern_is_understood_and_has_an_end() -> None:
    assert [pattern for pattern in EVERY if need_of(pattern).width >= NO_END] == []


@pytest.mark.parametrize(
    ("pattern", "signs", "digits", "gap", "width"),
    [
        (r"\b\d{11}\b", "", 11, 0, 11),
        (r"\b\d{3}[ .-]?\d{3}", "", 6, 1, 7),
        (r"(?:a|1)\d", "", 1, 0, 2),
        (r"x\d(?:[ ]{0,2}\d){3,8}", "", 4, 2, 26),
        (r"[a-z]{1,64}(?:@|\[at\])", "@[", 0, 0, 68),
        (r"(?i)a_b|c=d", "_=", 0, 0, 3),
        (r"(?:_|x)y", "", 0, 0, 2),
        (r"_?x", "", 0, 0, 2),
        (r"(?P<n>[^a]%){2}", "%", 0, 0, 4),
        (r"a.*b", "", 0, 0, NO_END),
        (r"\Qa_b\E", "", 0, 0, NO_END),
        (r"(?=_)x", "", 0, 0, NO_END),
        (r"[[:digit:]]{2}", "", 2, 0, 2),
    ],
)
def test_what_every_match_holds_is_read_off_a_pattern(
    pattern: str, signs: str, digits: int, gap: int, width: int
) -> None:
    need = need_of(pattern)
    assert (need.signs, need.width) == (frozenset(signs.encode()), width)
    assert (need.digits, need.gap) == (digits, gap)
