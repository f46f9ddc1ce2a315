"""Each hint is a counterfactual that the rules permit; what it says is done here, and then it is permitted."""

from dataclasses import replace

from ecluse.domain.caller import Analysis, AnalysisKind
from ecluse.domain.destination import DestinationId
from ecluse.domain.finding import DataClass
from ecluse.domain.request import Capability
from ecluse.domain.verdict import Action, Permit, Question, Refusal
from ecluse.packs.registry import place
from ecluse.passage.decide import decide
from tests.passage.decide.world import NOW, TODAY, caller, destinations, question, registry, snapshot

AZURE = DestinationId("azure/global/mistral-large-3")
AZURE_EU = DestinationId("azure/data-zone-eu/gpt-5.4")
OVH = DestinationId("ovhcloud/ai-endpoints/gpt-oss-120b")
CLAUDE = DestinationId("anthropic/api/claude-sonnet-4.6")
OWN = DestinationId("self_hosted/own_premises/smollm2-135m")
EMBED = DestinationId("mistral/eu/mistral-embed")


def help_for(asked: Question, *candidates: DestinationId) -> list[str]:
    verdict = decide(snapshot(), asked, candidates, now=NOW)
    assert isinstance(verdict, Refusal)
    assert all(hint.fr for hint in verdict.would_help)
    return [hint.en for hint in verdict.would_help]


def named(hint: str) -> list[DestinationId]:
    """Return the destinations that a hint of the first kind names."""
    names = hint.removeprefix("As it is, the request is permitted to ").rstrip(".").replace(" or ", ", ")
    return [DestinationId(name) for name in names.split(", ")]


def test_another_destination_that_is_permitted_is_named() -> None:
    asked = question(caller("bank"), DataClass.PERSONAL, DataClass.PAYMENT)
    for name in named(help_for(asked, AZURE)[0]):
        assert isinstance(decide(snapshot(), asked, [name], now=NOW), Permit)


def test_a_destination_of_another_kind_of_work_is_not_named() -> None:
    asked = question(caller("ministry"), DataClass.PERSONAL, action=Action.EMBED)
    for name in named(help_for(asked, EMBED)[0]):
        assert Capability.EMBEDDINGS in destinations()[name].capabilities


def test_a_mask_that_would_open_is_said_and_opens() -> None:
    asked = question(caller("bank"), DataClass.PAYMENT, covered=())
    assert "If payment data stood where a surrogate can replace them" in " ".join(help_for(asked, OVH))
    assert isinstance(decide(snapshot(), replace(asked, covered=asked.classes), [OVH], now=NOW), Permit)


def test_no_mask_is_promised_for_what_is_declared() -> None:
    asked = question(caller("bank", declared=[DataClass.PAYMENT]), DataClass.PAYMENT, covered=())
    assert not any("surrogate" in hint or "Without" in hint for hint in help_for(asked, OVH))


def test_what_lacks_least_is_told_wherever_it_stands_among_the_candidates() -> None:
    asked = question(caller("hospital", minus=["impact_assessment"]), DataClass.HEALTH)
    far = [CLAUDE, AZURE, AZURE_EU, OVH]
    assert help_for(asked, *far, OWN) == [
        f"With an impact assessment on record, the request would be permitted to {OWN}."
    ]


def test_the_class_that_closes_is_named_alone() -> None:
    asked = question(caller("bank"), DataClass.PERSONAL, DataClass.CREDENTIAL)
    assert "Without credentials, the request would be permitted to" in " ".join(help_for(asked, OVH))
    assert isinstance(decide(snapshot(), question(caller("bank"), DataClass.PERSONAL), [OVH], now=NOW), Permit)


def test_nobody_is_told_to_remove_a_marking() -> None:
    asked = question(caller("company", plus=["homologation"]), DataClass.RESTRICTED)
    assert not any("Without" in hint for hint in help_for(asked, OVH))


def test_what_could_be_recorded_is_the_least_that_opens() -> None:
    asked = question(caller("company", contracts=["azure"]), DataClass.PERSONAL, covered=())
    said = " ".join(help_for(asked, CLAUDE))
    assert "With an assessment of the transfer and a processing contract with anthropic on record" in said
    application = caller("company", contracts=["anthropic"], plus=["transfer_assessment"])
    assert isinstance(decide(snapshot(), question(application, DataClass.PERSONAL), [CLAUDE], now=NOW), Permit)
    assert "register of processing" not in said


def test_destinations_that_need_the_same_are_said_together() -> None:
    asked = question(caller("ministry"), DataClass.PERSONAL)
    assert any(
        hint.startswith("With an express authorisation on record") and f"{AZURE_EU} or {OVH}" in hint
        for hint in help_for(asked, AZURE_EU, OVH)
    )


def test_nothing_is_promised_where_nothing_helps() -> None:
    asked = question(caller("company"), DataClass.PERSONAL)
    said = help_for(asked, DestinationId("deepseek/api/deepseek-v4.1-flash"))
    assert not any(hint.startswith("With ") for hint in said)


def test_a_place_is_helped_by_what_could_be_recorded() -> None:
    asked = question(caller("ministry"), DataClass.RESTRICTED)
    verdict = decide(snapshot(), asked, [AZURE], now=NOW)
    assert isinstance(verdict, Refusal)
    assert [h.en for h in verdict.would_help] == [
        "With a security accreditation (homologation) on record, the gateway may hold these data where it is."
    ]
    accredited = Analysis(kind=AnalysisKind.HOMOLOGATION, reference="r")
    application = replace(asked.application, analyses=(*asked.application.analyses, accredited))
    again = decide(snapshot(), replace(asked, application=application), [AZURE], now=NOW)
    assert isinstance(again, Refusal)
    assert again.place is None


def test_a_place_that_nothing_helps_says_nothing() -> None:
    azure = place(registry(), "azure_public", "runs", TODAY, "FR")
    asked = question(caller("ministry"), DataClass.SREN31)
    verdict = decide(snapshot(places=[azure]), asked, [AZURE], now=NOW)
    assert isinstance(verdict, Refusal)
    assert verdict.would_help == ()
