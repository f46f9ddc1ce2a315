"""The owner's rules of routing, from the settings to the snapshot."""

from typing import Any

import msgspec
import pytest

from ecluse.domain.caller import OrganisationId
from ecluse.domain.routing import Routing, Strategy
from ecluse.edge.config import Settings, SettingsError
from ecluse.edge.routing import routes
from tests.passage.play import destination

USED = {d.id: d for d in (destination("a"), destination("b"))}


def stated(**words: Any) -> Settings:
    return msgspec.convert(words, Settings)


def test_the_alias_goes_before_the_organisation_and_that_before_all() -> None:
    settings = stated(
        aliases={"drafting": ["m"]},
        routing={
            "strategy": "cheapest",
            "attempts": 3,
            "euro_rates": {"USD": 0.5},
            "aliases": {"drafting": {"strategy": "weighted", "weights": {"a": 3}}},
        },
        organisations=[{"id": "org", "name": "Org", "kind": "private", "routing": {"strategy": "sticky"}}],
    )
    made = routes(settings, USED)
    org, other = OrganisationId("org"), OrganisationId("other")
    assert made.of("drafting", org) == Routing(strategy=Strategy.WEIGHTED, weights={"a": 3})  # type: ignore[dict-item] # ids are text
    assert made.of("m", org).strategy is Strategy.STICKY
    assert made.of("m", other).strategy is Strategy.CHEAPEST
    assert (made.attempts, made.euros) == (3, {"USD": 500_000})


@pytest.mark.parametrize(
    ("routing", "why"),
    [
        ({"weights": {"nowhere": 1}}, "'nowhere' is not in use"),
        ({"aliases": {"nobody": {"strategy": "sticky"}}}, "nobody can ask for this name"),
    ],
)
def test_a_rule_that_applies_to_nothing_refuses_to_start(routing: dict[str, Any], why: str) -> None:
    with pytest.raises(SettingsError, match=why):
        routes(stated(routing=routing), USED)


@pytest.mark.parametrize(
    "routing", [{"strategy": "luck"}, {"attempts": 0}, {"weights": {"a": -1}}, {"euro_rates": {"USD": 0}}]
)
def test_an_impossible_rule_refuses_to_start(routing: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        stated(routing=routing)
