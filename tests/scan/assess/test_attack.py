"""What an attacker who knows the masked values finds in a masked text, and what is left alone."""

import pytest

from ecluse.scan.assess.attack import Known, Sort, blanked, neighbours, pairs, person, rests

VALUES = (
    ("person", "Jeanne Le Goff"),
    ("birth_date", "12 mars 1962"),
    ("phone", "06 12 34 56 78"),
    ("email", "compta.goff@orange.fr"),
)


@pytest.mark.parametrize(
    ("masked", "sort"),
    [
        ("le dossier de Goff est clos", Sort.NAME_PART),
        ("le dossier de jeanne est clos", Sort.NAME_PART),
        ("ouvert par jlegoff hier", Sort.LOGIN),
        ("ouvert par j.legoff75 hier", Sort.LOGIN),
        ("ouvert par LeGoff_Jeanne hier", Sort.LOGIN),
        ("voir compta.goff sur le serveur", Sort.LOGIN),
        ("née le 12.03.62", Sort.DATE),
        ("born on March 12, 1962", Sort.DATE),
        ("nom_19620312.pdf", Sort.DATE),
        ("en 1962 03 12 encore", Sort.DATE),
        ("geboren am 12. März 1962", Sort.DATE),
        ("appelez le +33 6.12.34.56.78", Sort.NUMBER),
    ],
)
def test_a_rest_of_a_masked_value_is_found(masked: str, sort: Sort) -> None:
    found = list(rests(Known.of(VALUES), masked))
    assert [rest.sort for rest in found] == [sort]


@pytest.mark.parametrize(
    "masked",
    [
        "le dossier de WOMAN_7K2Q9F est clos",
        "né le 13/03/1962, au guichet 12",
        "le golf et la jeannette",
        "appelez le 06 12 34 99 99",
        "DATE_PMB5VR et PHONE_G4WPEE",
    ],
)
def test_what_is_no_rest_is_left_alone(masked: str) -> None:
    assert list(rests(Known.of(VALUES), masked)) == []


def test_a_word_that_is_also_a_name_counts_with_a_capital_inside_a_sentence() -> None:
    known = Known.of([("person", "Paul Petit")])
    assert [rest.names for rest in rests(known, "selon Petit, rien")] == [("paul petit",)]
    assert not list(rests(known, "Petit déjeuner. Petit, puis petit."))


def test_a_part_of_a_name_is_the_person_whose_whole_name_is_known() -> None:
    known = Known.of([("person", "Mme Le Goff"), ("person", "Jeanne Le Goff"), ("person", "Luc Abgrall")])
    assert known.people == {"goff jeanne", "abgrall luc"}


def test_two_spellings_of_a_name_are_one_person() -> None:
    assert person(("jeanne", "le", "goff")) == person(("goff", "jeanne"))


def test_names_side_by_side_are_seen_for_the_other_documents() -> None:
    near = neighbours("Vu avec Abgrall Quentin, WOMAN_7K2Q9F et luc martin")
    assert near >= {"abgrall quentin"}
    assert "luc martin" not in near
    assert pairs(["abgrall quentin", "blanc rose", "goff"]) == {"abgrall quentin"}


def test_a_surrogate_leaves_a_gap_of_its_length() -> None:
    assert blanked("a WOMAN_7K2Q9F b") == "a " + "\0" * 12 + " b"
