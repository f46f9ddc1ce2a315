"""The same questions asked of every provider alike; the page of the docs is what the data say."""

from datetime import date

from ecluse.packs.registry import load
from ecluse.packs.registry.coverage import Asked, coverage, table
from tests.docs.markdown import page

TODAY = date(2026, 11, 24)
KNOWN = load()
ANSWERS = coverage(KNOWN, TODAY)


def said(provider: str, asked: Asked) -> set[str]:
    return {one.says for one in ANSWERS if one.provider == provider and one.asked is asked}


def test_each_provider_with_a_legal_person_is_asked_the_same_of_its_company() -> None:
    companies = {id_ for id_, one in KNOWN.providers.items() if one.entity is not None}
    for asked in (Asked.SEAT, Asked.OWNERSHIP, Asked.SUBSIDIARIES, Asked.SUB_PROCESSORS):
        assert [one.provider for one in ANSWERS if one.asked is asked] == sorted(companies)


def test_each_offer_is_asked_the_same() -> None:
    asked: dict[str, set[Asked]] = {}
    for one in ANSWERS:
        if one.offer:
            asked.setdefault(one.offer, set()).add(one.asked)
    machines = {Asked.SECNUMCLOUD, Asked.HDS}
    assert set(map(frozenset, asked.values())) == {
        frozenset(machines),
        frozenset({*machines, Asked.PLACE, Asked.TRAINING, Asked.RETENTION, Asked.REVIEW}),
    }


def test_what_nobody_looked_for_is_unknown_and_never_none() -> None:
    assert said("ovhcloud", Asked.SUBSIDIARIES) == {"CA"}
    assert said("scaleway", Asked.SUBSIDIARIES) == {""}
    assert said("azure", Asked.SEAT) == {"US"}
    assert not any(one.says.startswith(("none", "0 %")) for one in ANSWERS)


def test_what_is_known_has_a_source_and_a_day() -> None:
    assert all(one.source is not None for one in ANSWERS if one.known)
    assert said("outscale", Asked.HDS) == {"until 2029-08-27, scope not read"}
    later = coverage(KNOWN, date(2026, 12, 1))
    assert "ended 2026-11-30" in {one.says for one in later if one.provider == "outscale"}


def test_the_page_of_the_docs_is_what_the_data_say() -> None:
    """`ecluse registry list --coverage --date 2026-11-24` writes these lines."""
    assert "\n".join(table(ANSWERS)) in page("docs/reference/coverage.md")
