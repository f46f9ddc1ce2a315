"""The facts that come with Ecluse: who is on record, and that none of them promises what was not read."""

import tomllib
from datetime import date
from pathlib import Path

import pytest

from ecluse.domain.destination import DestinationId, Established, OfferId, OperatedBy, Scope
from ecluse.domain.party import Confidence, EntityId, StakeKind
from ecluse.packs.registry import BUILT_IN, confidence_counts, establish, load
from ecluse.packs.registry.countries import EEA30, EU27
from ecluse.packs.registry.model import good

KNOWN = load()
TODAY = date(2026, 11, 24)
PROVES = Path(__file__).parent / "proves"
STANDING = establish(KNOWN, TODAY)


def has(fact: Established) -> set[str]:
    return {id_ for id_, destination in STANDING.items() if fact in destination.established}


def test_twenty_providers_are_on_record() -> None:
    assert len(KNOWN.providers) >= 20
    assert len(KNOWN.destinations) >= 40


def test_each_provider_says_what_its_facts_prove() -> None:
    """A fact that opens something shows in two places: where it is written, and in what it proves."""
    stated = {
        id_: (set(row["established"]), row["non_eu_share_max"])
        for path in PROVES.glob("*.toml")
        for id_, row in tomllib.loads(path.read_text(encoding="utf-8")).items()
        if id_.startswith(f"{path.stem}/")
    }
    assert {path.stem for path in PROVES.glob("*.toml")} == set(KNOWN.providers)
    assert stated == {id_: ({str(f) for f in d.established}, d.non_eu_share_max) for id_, d in STANDING.items()}


def test_a_price_says_its_day_and_an_unknown_one_is_none() -> None:
    prices = {id_: destination.price for id_, destination in KNOWN.destinations.items()}
    assert all(price.currency in {"EUR", "USD"} and price.per_million_in > 0 for price in prices.values() if price)
    assert prices[DestinationId("openai/eu/gpt-5.4")] is None


def test_each_file_is_named_after_its_provider() -> None:
    assert {path.stem for path in BUILT_IN.glob("*.toml")} == set(KNOWN.providers) | {"companies", "law", "shared"}


def test_what_is_qualified_is_a_machine_of_ones_own_on_a_qualified_offer() -> None:
    qualified = [STANDING[DestinationId(id_)] for id_ in has(Established.SECNUMCLOUD)]
    assert len(qualified) >= 3
    assert all(one.operated_by is OperatedBy.CALLER and one.runs_on is not None for one in qualified)


def test_no_health_host_is_established() -> None:
    """The certificates on record lack their activities or their dates: a useful truth, not an oversight."""
    assert has(Established.HDS) == set()


def test_an_address_that_promises_no_place_is_in_no_perimeter() -> None:
    for id_, destination in STANDING.items():
        if destination.scope.processing in {Scope.WORLD, Scope.UNKNOWN} and destination.runs_on is None:
            assert not {str(f) for f in destination.established if f.startswith("processing")}, id_


def test_control_from_the_union_is_proven_for_few() -> None:
    proven_by_shares = has(Established.EU_CONTROL) - has(Established.SECNUMCLOUD)
    assert {id_.split("/")[0] for id_ in proven_by_shares} == {"albert", "scaleway"}
    assert DestinationId("ovhcloud/ai-endpoints/gpt-oss-120b") not in has(Established.EU_CONTROL)
    assert STANDING[DestinationId("mistral/eu/mistral-large-3")].non_eu_share_max == 100


def test_albert_inherits_nothing_from_what_it_runs_on() -> None:
    albert = STANDING[DestinationId("albert/state/mistral-small-3.2")]
    assert albert.runs_on == "outscale_iaas"
    assert albert.operated_by is OperatedBy.PROVIDER
    assert Established.STATE_CLOUD in albert.established
    assert Established.SECNUMCLOUD not in albert.established


def test_a_convertible_stays_on_record_as_what_it_is() -> None:
    held = [s for s in KNOWN.stakes if s.held == EntityId("mistral_ai") and s.kind is StakeKind.CONVERTIBLE]
    assert [(s.holder, s.low, s.high) for s in held] == [("microsoft", 0.0, 1.0)]


def test_the_gateway_can_be_hosted_where_machines_are_sold() -> None:
    assert {"azure_public", "outscale_iaas", "numspot_platform", "own_premises"} <= set(KNOWN.offers)
    assert KNOWN.offers[OfferId("azure_public")].region_chosen


def test_most_facts_were_read_and_the_rest_are_marked() -> None:
    counts = confidence_counts(KNOWN)
    assert counts[Confidence.HIGH] + counts[Confidence.MEDIUM] > 100
    hosted = len(KNOWN.recipients)  # who receives what a hosted tool is sent was read nowhere, and all of them say so
    assert counts[Confidence.UNVERIFIED] == hosted


def test_a_law_that_lapses_from_the_record_counts_as_in_force() -> None:
    assert {regime.id: regime.review_by for regime in KNOWN.regimes}["us_fisa_702"] == date(2027, 3, 31)


@pytest.mark.parametrize("id_", sorted(KNOWN.destinations))
def test_an_address_is_encrypted_or_comes_from_the_settings(id_: str) -> None:
    destination = KNOWN.destinations[DestinationId(id_)]
    own = destination.operated_by is OperatedBy.CALLER
    assert (destination.base_url == "") if own else destination.base_url.startswith("https://")
    assert destination.credential is None


def test_the_sets_of_countries_have_their_source_and_are_those_that_the_rules_count() -> None:
    assert {one.id: one.countries for one in KNOWN.perimeters} == {"eu27": EU27, "eea30": EEA30}
    assert (len(EU27), len(EEA30)) == (27, 30)
    assert all(good(one.source) for one in KNOWN.perimeters)


def test_an_adequacy_decision_with_a_condition_opens_no_country() -> None:
    rows = {row.country: row for row in KNOWN.adequacy}
    assert rows["US"].condition
    assert rows["CA"].condition
    assert not rows["US"].opens(date(2026, 11, 24))
    assert rows["NZ"].opens(date(2026, 11, 24))
    assert not rows["BR"].opens(date(2026, 1, 26))
    assert rows["BR"].opens(date(2026, 1, 27))
    assert not rows["GB"].opens(date(2032, 1, 1))
    assert {"CN", "IN"} & rows.keys() == set()


@pytest.mark.parametrize("country", ["JP", "KR"])
def test_a_decision_that_covers_some_recipients_alone_is_on_record_and_opens_nothing(country: str) -> None:
    row = next(row for row in KNOWN.adequacy if row.country == country)
    assert row.condition
    assert good(row.source)
    assert not row.opens(date(2026, 11, 24))
    assert not row.opens(date(2028, 2, 29))


def test_only_what_tools_pass_on_was_read_at_no_source() -> None:
    nothing = Confidence.UNVERIFIED
    assert not [one.id for one in KNOWN.models.values() if one.source.confidence is nothing]
    assert not [one.id for one in KNOWN.entities.values() if one.source.confidence is nothing]
    assert not [one for one in KNOWN.stakes if one.source.confidence is nothing]


def test_each_day_of_a_text_is_said_in_both_languages() -> None:
    assert [one.on for one in KNOWN.milestones] == sorted(one.on for one in KNOWN.milestones)
    assert all(one.en != one.fr and good(one.source) for one in KNOWN.milestones)
