"""Persons named without a title: a known given name beside a surname, in either order, or an initial before one.

A street, a school or a prize that bears a person's name is a place, not the person.
"""

import re
from collections.abc import Sequence
from itertools import chain

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.names import (
    DICTIONARIES,
    Name,
    Word,
    is_also_a_word,
    is_given,
    is_surname,
    name_of,
    names_a_place,
    words_from,
)
from ecluse.passage.classify.recogniser import LIKELY, PLAUSIBLE, WEAK, Candidate, Hit, Recogniser, Words


def _verify(candidate: Candidate) -> Hit | None:
    text, words = candidate.text, candidate.words
    ahead = words_from(text, candidate.start)
    first = next(ahead, None)
    if first is None:
        return None
    second = next(ahead, None)
    if not (first.initial or is_given(first, words) or (second is not None and is_given(second, words))):
        return None
    if first.lower == "m" or names_a_place(text, candidate.start):  # M. is Monsieur, which `person_titled` reads
        return None
    name = name_of(chain((first,) if second is None else (first, second), ahead), words)
    if name is None or len(name.words) < 2:  # noqa: PLR2004 - a given name and a surname
        return None
    confidence = _confidence(name, candidate)
    end = name.words[-1].end
    if confidence is None or (not name.surname and _in_a_run_of_capitals(text, candidate.start, end)):
        return None
    return Hit(candidate.start, end, confidence, "a known given name beside a surname")


def _confidence(name: Name, candidate: Candidate) -> float | None:
    words = candidate.words
    first, second = name.words[0], name.words[1]
    if first.initial:
        return WEAK if _surely_a_surname(name.words[-1], words) else None
    if is_given(first, words):
        return _given_first(first, name.words[1:], words)
    if is_given(second, words) and not is_also_a_word(first, words):
        return _surname_first(first, second, words)
    return None


def _given_first(first: Word, rest: Sequence[Word], words: Words) -> float | None:
    known = any(_surely_a_surname(word, words) for word in rest)
    if is_also_a_word(first, words):
        return PLAUSIBLE if known else None
    if known:
        return LIKELY
    if is_also_a_word(rest[-1], words):
        return WEAK if is_surname(rest[-1], words) else None
    return PLAUSIBLE if len(rest[-1].text) >= _SHORTEST else None


def _surname_first(first: Word, second: Word, words: Words) -> float | None:
    """Read 'DUBOIS Marie' and 'Dubois Marie'."""
    if is_surname(first, words):
        return PLAUSIBLE if is_also_a_word(second, words) else LIKELY
    if first.text.isupper() and len(first.text) >= _SHORTEST:
        if is_also_a_word(second, words):
            return None if second.text.isupper() else WEAK
        return PLAUSIBLE
    return None if is_also_a_word(second, words) else WEAK


def _in_a_run_of_capitals(text: str, start: int, end: int) -> bool:
    """Say whether a text in capitals goes on around the name: 'ARABIC LETTER WAW WITH HAMZA ABOVE'."""
    if not text[start:end].isupper():
        return False
    return bool(_CAPITALS_BEFORE.search(text[max(0, start - 24) : start]) or _CAPITALS_AFTER.match(text[end : end + 8]))


def _surely_a_surname(word: Word, words: Words) -> bool:
    return is_surname(word, words) and not is_also_a_word(word, words)


_CAPITALS_BEFORE = re.compile(r"[A-Z]{2}[ -]$")
_CAPITALS_AFTER = re.compile(r"[ -][A-Z]{2}")
_SHORTEST = 3
"""Letters of a surname that no gazetteer knows."""


RECOGNISER = Recogniser(
    name="person_named",
    kind="person",
    data_class=DataClass.PERSONAL,
    patterns=(
        (
            r"\b[A-Z](?:[A-Za-z]|['-][A-Za-z]){1,24}[ \n]{1,2}"
            r"(?:(?:de|du|des|la|le|d'|von|van|der|di|da|el|ben|bin|al|[A-Z]\.) ?){0,3}[A-Z][A-Za-z]"
        ),
        r"\b[A-Z]\. ?(?:[A-Z]\. ?)?[A-Z][A-Za-z]{2}",
    ),
    verify=_verify,
    dictionaries=DICTIONARIES,
)
