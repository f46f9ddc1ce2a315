"""The loss of destinations rehearsed: decided before and after, by the data plane's own decision."""

from dataclasses import replace

import pytest

from ecluse.domain.caller import ApplicationId
from ecluse.domain.destination import DestinationId, OperatedBy
from ecluse.domain.finding import DataClass
from ecluse.domain.verdict import Choice
from ecluse.packs.registry import place
from ecluse.prove.drill import Profile, declared, rehearse, without
from tests.passage.decide.world import NOW, TODAY, caller, destinations, registry, snapshot

OWN = DestinationId("self_hosted/own_premises/smollm2-135m")
SCALEWAY = DestinationId("scaleway/generative-apis/mistral-medium-3.5")
MINISTRY = caller("ministry", declared=[DataClass.SREN31], plus=["impact_assessment"])
BANK = caller("bank", plus=["impact_assessment"])
KNOWN = {ApplicationId("ministry"): MINISTRY, ApplicationId("bank"): BANK}


def test_an_application_that_keeps_a_destination_is_told_from_one_that_loses_all() -> None:
    before = snapshot()
    qualified = [id_ for id_, one in before.destinations.items() if one.operated_by is OperatedBy.CALLER]
    assert OWN in qualified
    found = rehearse(before, without(before, qualified), KNOWN, declared(KNOWN.values()), now=NOW)
    lost = {one.profile.application: one.lost for one in found}
    assert lost == {"ministry": True, "bank": False}
    assert {OWN} < {choice.destination for choice in found[0].before} <= set(qualified)


def test_what_was_seen_may_be_masked_and_what_is_declared_may_not() -> None:
    before = snapshot()
    seen = Profile(application=ApplicationId("bank"), classes=frozenset({DataClass.PAYMENT}), seen=True)
    mistral = DestinationId("mistral/eu/mistral-large-3")
    (found,) = rehearse(before, without(before, [SCALEWAY]), KNOWN, [seen], now=NOW)
    assert Choice(destination=mistral, masked=True) in found.before
    stated = replace(BANK, declared=frozenset({DataClass.PAYMENT}))
    (found,) = rehearse(before, before, {ApplicationId("bank"): stated}, declared([stated]), now=NOW)
    assert mistral not in {choice.destination for choice in found.before}


def test_nothing_left_and_a_gateway_that_may_not_hold_are_both_losses() -> None:
    before = snapshot()
    (found, _) = rehearse(before, without(before, before.destinations), KNOWN, declared(KNOWN.values()), now=NOW)
    assert (found.lost, found.place) == (True, None)
    abroad = snapshot(places=[place(registry(), "azure_public", "runs", TODAY, "US")])
    (found, _) = rehearse(before, abroad, KNOWN, declared(KNOWN.values()), now=NOW)
    assert (found.lost, found.place) == (True, "azure_public")


def test_nothing_to_lose_is_no_loss() -> None:
    before = without(snapshot(), destinations())
    found = rehearse(before, before, KNOWN, declared(KNOWN.values()), now=NOW)
    assert not any(one.lost for one in found)


@pytest.mark.parametrize("masked", [True, False])
def test_embeddings_are_no_destination_of_a_conversation(*, masked: bool) -> None:
    before = snapshot()
    found = rehearse(before, before, KNOWN, declared(KNOWN.values()), now=NOW)
    embed = Choice(destination=DestinationId("mistral/eu/mistral-embed"), masked=masked)
    assert all(embed not in one.before for one in found)
