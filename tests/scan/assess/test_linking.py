"""Records that share facts are counted; facts are read as they are left in clear."""

import pytest

from ecluse.scan.assess.linking import BIRTH, DATES, JOB, POSTCODE, SEX, Record, link, record


@pytest.mark.parametrize(
    ("text", "fact", "value"),
    [
        ("habite 29200 Brest", POSTCODE, "29200"),
        ("code postal: 01000\tville: x", POSTCODE, "01000"),
        ("née en 1962", BIRTH, "1962"),
        ("année de naissance: 1971", BIRTH, "1971"),
        ("born in 1980", BIRTH, "1980"),
        ("un homme de 62 ans", BIRTH, "62 years"),
        ("sexe: F\tnom: x", SEX, "F"),
        ("Née le DATE_PMB5VR", SEX, "F"),
        ("Le patient est venu", SEX, "M"),
        ("WOMAN_7K2Q9F est venue", SEX, "F"),
        ("Profession : facteur d'orgues, à Brest", JOB, "facteur d orgues"),
        ("She works as a bell founder.", JOB, "bell founder"),
    ],
)
def test_a_fact_is_read(text: str, fact: str, value: str) -> None:
    assert record(text).facts[fact] == {value}


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("facture 29200 euros", POSTCODE),
        ("née le DATE_PMB5VR, bilan de 2021", BIRTH),
        ("en 1962, la guerre", BIRTH),
        ("M. MAN_7K2Q9F et Mme WOMAN_7K2Q9F", SEX),
        ("un seul jour, le 12/03/2021", DATES),
    ],
)
def test_what_is_no_fact_is_none(text: str, fact: str) -> None:
    assert record(text).facts[fact] == frozenset()


def of(postcode: str, born: str, sex: str) -> Record:
    return Record(facts={POSTCODE: frozenset({postcode}), BIRTH: frozenset({born}), SEX: frozenset({sex})})


def test_records_that_are_alike_are_counted_together() -> None:
    linked = link(
        [of("29200", "1962", "F")] * 5 + [of("29200", "1962", "M")] * 2 + [of("35000", "1970", "F"), Record(facts={})]
    )
    alike = linked.by[POSTCODE, BIRTH, SEX]
    assert (alike.records, alike.unique, alike.below_five) == (8, 1, 3)
    assert linked.unique == {7}
    assert (linked.records, linked.linkable) == (9, 8)


def test_two_dates_together_tell_a_record_from_others() -> None:
    one, other = record("vu le 03/04/2021 et le 15/06/2021"), record("vu le 3 avril 2021, puis le 16/06/2021")
    assert link([one, one, other]).by[DATES,].unique == 1


def test_a_record_of_many_people_is_looked_up_by_none() -> None:
    assert record("29200 Brest, 35000 Rennes, 44000 Nantes, 56000 Vannes").facts[POSTCODE] == frozenset()
