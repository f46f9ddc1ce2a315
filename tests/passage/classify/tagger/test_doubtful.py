"""A mention too doubtful for its kind is told as a name, and one that names a street or a school as a place."""

from collections.abc import Callable, Iterator
from typing import cast

import pytest

from ecluse.packs import dictionaries
from ecluse.passage.classify.tagger import Mention, Tagger, claims
from ecluse.passage.classify.tagger.weights import Kind

WORDS = dictionaries.load()


class Told:
    """Stands in for a tagger: it finds what it was told."""

    def __init__(self, *found: Mention) -> None:
        self._found = found

    def mentions(self, _: str, __: Callable[[], None] = lambda: None) -> Iterator[Mention]:
        return iter(self._found)


def kinds(text: str, name: str, kind: Kind, confidence: float) -> list[str]:
    start = text.index(name)
    told = cast("Tagger", Told(Mention(start, start + len(name), kind, confidence)))
    return [claim.recogniser.kind for claim in claims(told, text, WORDS)]


@pytest.mark.parametrize(
    ("kind", "confidence", "expected"),
    [
        (Kind.PERSON, 0.5, "person"),
        (Kind.PERSON, 0.45, "name"),
        (Kind.PLACE, 0.4, "place"),
        (Kind.PLACE, 0.3, "name"),
        (Kind.ORGANISATION, 0.2, "name"),
        (Kind.ORGANISATION, 0.1, "organisation"),
    ],
)
def test_what_is_doubtful_is_a_name_of_which_the_kind_is_not_said(kind: Kind, confidence: float, expected: str) -> None:
    assert kinds("Vu avec Dubois hier.", "Dubois", kind, confidence) == [expected]


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("RDV Place Charles de Gaulle demain", "Charles de Gaulle", "place"),
        ("L'\u00e9cole Jules-Ferry est ferm\u00e9e", "Jules-Ferry", "place"),
        ("Vu avec Jules Ferry hier", "Jules Ferry", "person"),
    ],
)
def test_a_square_or_a_school_that_bears_a_name_is_no_person(text: str, name: str, expected: str) -> None:
    assert kinds(text, name, Kind.PERSON, 0.9) == [expected]


@pytest.mark.parametrize(
    ("name", "expected"),
    [("929 293 920 29", []), ("349 cm", []), ("1 200,5 km", []), ("75011", ["place"]), ("Rue 12", ["place"])],
)
def test_figures_and_measures_name_nothing_unless_they_are_a_postcode(name: str, expected: list[str]) -> None:
    assert kinds(f"Relev\u00e9 {name} du jour", name, Kind.PLACE, 0.9) == expected


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ('"tools": [{"type": "zorvak", "server_label": "Wiki"}]', "zorvak", "name"),
        ("Do not add comments. Run zorvak before you finish.", "zorvak", "name"),
        ("zorvak", "zorvak", "name"),
        ("hier j'ai vu zorvak avec sa soeur au parc", "zorvak", "person"),
        ("Dites \u00e0 dubois de venir demain.", "dubois", "person"),
        ("    return Walker(lines)", "Walker", "name"),
        ("from .synchronize import Barrier", "Barrier", "name"),
        ("    registry: JWZorvak | None = None,", "JWZorvak", "name"),
        ("Please refactor the Walker class first.", "Walker", "name"),
        ("Un cluster EKZ de plus.", "EKZ", "name"),
        ("La cam\u00e9ra Zorvak ne r\u00e9pond plus.", "Zorvak", "name"),
        ("Vu avec Walker (42 ans) hier.", "Walker", "person"),
        ("Vu avec Zorvak hier.", "Zorvak", "person"),
        ('    "nom": "Dubois",', "Dubois", "person"),
        ("nom = Dubois", "Dubois", "person"),
        ("La r\u00e9union est en salle Mansart demain.", "salle Mansart", "place"),
    ],
)
def test_one_word_is_a_person_as_far_as_what_surrounds_it_lets_it(text: str, name: str, expected: str) -> None:
    assert kinds(text, name, Kind.PERSON, 0.9) == [expected]


@pytest.mark.parametrize(
    ("name", "expected"),
    [("EXPRESSION1 et EXPRESSION2", "place"), ("14 rue Haute", "postal_address"), ("B12 rue Haute", "postal_address")],
)
def test_a_word_of_a_program_with_a_digit_at_its_end_is_no_number_of_a_house(name: str, expected: str) -> None:
    assert kinds(f"Voir {name} ici.", name, Kind.ADDRESS, 0.9) == [expected]
