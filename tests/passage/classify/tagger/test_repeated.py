"""Who was named once is found again by a word of the name alone."""

import pytest

from ecluse.packs import dictionaries
from ecluse.passage.classify.resolve import Claim
from ecluse.passage.classify.tagger.claims import SOURCES, names_in, repeated
from ecluse.passage.classify.tagger.weights import Kind

WORDS = dictionaries.load()


def again(text: str, name: str, *, kind: Kind = Kind.PERSON, confidence: float = 0.9) -> list[str]:
    start = text.index(name)
    found = [Claim(start, start + len(name), confidence, SOURCES[kind], "")]
    return [text[c.start : c.end] for c in repeated(text, found, names_in(text, found, WORDS))]


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("Marie Kervadec est venue. Kervadec signe, KERVADEC relit.", "Marie Kervadec", ["Kervadec", "KERVADEC"]),
        ("Marie Kervadec est venue, Marie repart.", "Marie Kervadec", []),
        ("Marie Petit a un petit dossier. Petit dossier clos.", "Marie Petit", []),
        ("Marie Kervadec : kervadec@exemple.fr, /srv/Kervadec, le kervadec", "Marie Kervadec", []),
        ("Kervadec signe. Kervadec relit.", "Kervadec", []),
    ],
)
def test_a_word_of_a_name_is_found_again(text: str, name: str, expected: list[str]) -> None:
    assert again(text, name) == expected


def test_what_was_doubted_or_names_no_person_is_not_looked_for() -> None:
    text = "Marie Kervadec est venue. Kervadec signe."
    assert again(text, "Marie Kervadec", confidence=0.6) == []
    assert again(text, "Marie Kervadec", kind=Kind.ORGANISATION) == []


def test_what_is_read_as_something_else_stays_that() -> None:
    text = "Marie Kervadec habite rue Kervadec."
    person, place = (Claim(0, 14, 0.9, SOURCES[Kind.PERSON], ""), Claim(22, 34, 0.9, SOURCES[Kind.PLACE], ""))
    found = [person, place]
    assert list(repeated(text, found, names_in(text, found, WORDS))) == []
