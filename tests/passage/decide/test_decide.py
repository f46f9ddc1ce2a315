"""The order of the question: the facts are current, the gateway may hold, then as is before masked before refused."""

from dataclasses import replace
from datetime import date

import pytest

from ecluse.domain.caller import Analysis, AnalysisKind
from ecluse.domain.destination import DestinationId
from ecluse.domain.errors import GatewayError
from ecluse.domain.finding import DataClass
from ecluse.domain.verdict import Action, Choice, Mode, Permit, Refusal
from ecluse.packs.registry import next_boundary, place
from ecluse.passage.decide import decide, explain
from tests.passage.decide.world import (
    NOW,
    SELF_HOSTED,
    TODAY,
    caller,
    destinations,
    here,
    instant,
    moded,
    question,
    registry,
    snapshot,
)

AZURE_EU = DestinationId("azure/data-zone-eu/gpt-5.4")
AZURE = DestinationId("azure/global/mistral-large-3")
SCALEWAY = DestinationId("scaleway/generative-apis/gpt-oss-120b")
OUTSCALE = DestinationId("outscale/own-vm/mistral-small-4")
MINE = DestinationId(SELF_HOSTED)
LETTER = (DataClass.PERSONAL, DataClass.PAYMENT)


def test_each_destination_has_its_best_form_in_the_order_given() -> None:
    verdict = decide(snapshot(), question(caller("bank"), *LETTER), [AZURE_EU, SCALEWAY, AZURE, MINE], now=NOW)
    assert isinstance(verdict, Permit)
    assert verdict.choices == (
        Choice(destination=AZURE_EU, masked=True),
        Choice(destination=SCALEWAY, masked=False),
        Choice(destination=MINE, masked=False),
    )
    assert verdict.rules == ("base.contract", "base.operated_by_caller")


def test_a_refusal_says_each_rule_once_law_first() -> None:
    verdict = decide(snapshot(), question(caller("bank"), *LETTER), [AZURE, AZURE], now=NOW)
    assert isinstance(verdict, Refusal)
    assert [reason.rule for reason in verdict.reasons] == ["gdpr.masked_transfer", "gdpr.transfer", "dora.payment"]
    assert all(reason.en and reason.fr and reason.source for reason in verdict.reasons)


def test_nothing_is_masked_when_a_mask_covers_nothing() -> None:
    asked = question(caller("bank"), *LETTER, covered=())
    assert [r.choice.masked for r in explain(snapshot(), asked, [AZURE_EU])] == [False]
    assert isinstance(decide(snapshot(), asked, [AZURE_EU], now=NOW), Refusal)


def test_embeddings_go_as_they_are_or_not_at_all() -> None:
    asked = question(caller("bank"), *LETTER, action=Action.EMBED)
    assert [r.choice.masked for r in explain(snapshot(), asked, [AZURE_EU])] == [False]
    assert isinstance(decide(snapshot(), asked, [AZURE_EU], now=NOW), Refusal)


def test_facts_that_have_expired_refuse() -> None:
    asked = question(caller("company"))
    assert isinstance(decide(snapshot(), asked, [MINE], now=instant(date(2026, 11, 29), 23)), Permit)
    for ask in (decide, explain):
        with pytest.raises(GatewayError, match="facts_expired"):
            ask(snapshot(), asked, [MINE], now=instant(date(2026, 11, 30), 0))


def test_a_question_about_no_destination_refuses() -> None:
    with pytest.raises(GatewayError, match="policy_unavailable"):
        decide(snapshot(), question(caller("company")), [], now=NOW)


def test_a_qualification_ends_on_its_day_and_refuses_from_then() -> None:
    ends = next_boundary(registry(), TODAY)
    assert ends == date(2026, 11, 30)
    asked = question(caller("ministry"), DataClass.SREN31)
    before = decide(snapshot(), asked, [OUTSCALE], now=NOW)
    after = decide(snapshot(ends, valid_until=date(2026, 12, 29)), asked, [OUTSCALE], now=instant(ends))
    assert isinstance(before, Permit)
    assert isinstance(after, Refusal)
    assert [reason.rule for reason in after.reasons] == ["cac.sren31"]


def test_an_analysis_that_ends_inside_a_snapshot_refuses_from_then() -> None:
    application = caller("company", minus=["register_entry"])
    entry = Analysis(kind=AnalysisKind.REGISTER_ENTRY, reference="r", valid_until=date(2026, 11, 25))
    asked = question(replace(application, analyses=(*application.analyses, entry)), DataClass.PERSONAL)
    assert isinstance(decide(snapshot(), asked, [MINE], now=instant(date(2026, 11, 25))), Permit)
    assert isinstance(decide(snapshot(), asked, [MINE], now=instant(date(2026, 11, 26))), Refusal)
    assert explain(snapshot(), asked, [MINE], now=instant(date(2026, 11, 25)))[0].permitted
    assert not explain(snapshot(), asked, [MINE], now=instant(date(2026, 11, 26)))[0].permitted


# ------------------------------------------------------------------ the gateway is a place too
def test_a_gateway_that_may_not_hold_the_data_refuses_before_any_destination() -> None:
    backups = place(registry(), "azure_public", "backs_up", TODAY, "FR")
    asked = question(caller("ministry"), DataClass.SREN31)
    verdict = decide(snapshot(places=[here(), backups]), asked, [OUTSCALE], now=NOW)
    assert isinstance(verdict, Refusal)
    assert verdict.place == "azure_public"
    assert [reason.rule for reason in verdict.reasons] == ["cac.sren31"]


def test_a_gateway_in_an_unknown_place_holds_no_personal_data() -> None:
    nowhere = place(registry(), "unknown", "runs", TODAY)
    verdict = decide(snapshot(places=[nowhere]), question(caller("company"), DataClass.PERSONAL), [MINE], now=NOW)
    assert isinstance(verdict, Refusal)
    assert (verdict.place, [r.rule for r in verdict.reasons]) == ("unknown", ["gdpr.transfer", "base.place"])
    assert isinstance(decide(snapshot(places=[nowhere]), question(caller("company")), [MINE], now=NOW), Permit)


def test_a_rule_in_observation_on_a_place_is_told_and_refuses_nothing() -> None:
    abroad = place(registry(), "azure_public", "runs", TODAY, "US")
    asked = question(moded(caller("company"), gdpr__transfer="observe"), DataClass.PERSONAL)
    verdict = decide(snapshot(places=[abroad]), asked, [MINE], now=NOW)
    assert isinstance(verdict, Permit)
    assert {(r.rule, r.mode) for r in verdict.observed} == {("gdpr.transfer", Mode.OBSERVE)}


def test_no_mode_lets_an_unknown_place_hold_more_than_public_data() -> None:
    nowhere = place(registry(), "unknown", "runs", TODAY)
    asked = question(moded(caller("company"), gdpr__transfer="observe", base__place="observe"), DataClass.CREDENTIAL)
    verdict = decide(snapshot(places=[nowhere]), asked, [MINE], now=NOW)
    assert isinstance(verdict, Refusal)
    assert [reason.rule for reason in verdict.reasons] == ["base.place"]


def test_classified_text_stops_at_the_gateway_and_alerts() -> None:
    asked = question(caller("ministry", plus=["homologation"]), DataClass.CLASSIFIED)
    verdict = decide(snapshot(), asked, [MINE], now=NOW)
    assert isinstance(verdict, Refusal)
    assert verdict.place == "own_premises"
    assert "security officer" in verdict.reasons[0].en
    assert "officier de sécurité" in verdict.reasons[0].fr
    assert verdict.would_help == ()


def test_what_was_observed_comes_with_the_permit() -> None:
    asked = question(moded(caller("bank"), dora__payment="warn"), *LETTER)
    verdict = decide(snapshot(), asked, [AZURE_EU], now=NOW)
    assert isinstance(verdict, Permit)
    assert verdict.choices == (Choice(destination=AZURE_EU, masked=False),)
    assert [r.rule for r in verdict.observed] == ["dora.payment"]


def test_explain_gives_the_verdict_that_decide_gives() -> None:
    candidates = list(destinations())
    for name in ("ministry", "hospital", "region", "bank"):
        asked = question(caller(name), *LETTER)
        verdict = decide(snapshot(), asked, candidates, now=NOW)
        permitted = {r.choice for r in explain(snapshot(), asked, candidates) if r.permitted}
        assert isinstance(verdict, Permit)
        assert set(verdict.choices) <= permitted
        assert {c.destination for c in verdict.choices} == {c.destination for c in permitted}
