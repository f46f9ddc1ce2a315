"""An exception lifts one rule, for one application, towards some destinations, for a time; nothing lifts the floor."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from ecluse.domain.caller import Analysis, AnalysisKind, Application, PolicyException
from ecluse.domain.destination import DestinationId
from ecluse.domain.finding import DataClass
from ecluse.domain.verdict import Mode, Permit, Refusal
from ecluse.passage.decide import decide
from tests.passage.decide.world import NOW, TODAY, caller, instant, question, rulebook, snapshot

SCALEWAY = DestinationId("scaleway/generative-apis/gpt-oss-120b")
IONOS = DestinationId("ionos/model-hub/gpt-oss-120b")


def exception(**stated: Any) -> PolicyException:
    told: dict[str, Any] = {
        "id": "D-1",
        "rule": "cac.sren31",
        "ground": "a project under way",
        "requested_by": "A",
        "approved_by": "B",
        "starts": date(2026, 11, 1),
        "ends": date(2026, 11, 28),
        "destinations": frozenset({SCALEWAY}),
    }
    return PolicyException(**{**told, **stated})


def ministry(*exceptions: PolicyException) -> Application:
    return replace(caller("ministry"), exceptions=exceptions)


def test_an_exception_opens_its_destination_and_no_other() -> None:
    asked = question(ministry(exception()), DataClass.SREN31)
    for folded in (False, True):
        verdict = decide(snapshot(), asked, (SCALEWAY, IONOS), now=NOW)
        assert isinstance(verdict, Permit), folded
        assert [choice.destination for choice in verdict.choices] == [SCALEWAY]
        (told,) = verdict.observed
        assert (told.rule, told.mode, told.exception) == ("cac.sren31", Mode.OBSERVE, "D-1")


def test_an_exception_lifts_no_other_rule_and_permits_nothing() -> None:
    other = question(ministry(exception()), DataClass.SREN31, DataClass.HEALTH)
    verdict = decide(snapshot(), other, (SCALEWAY,), now=NOW)
    assert isinstance(verdict, Refusal)
    assert "cac.sren31" not in {reason.rule for reason in verdict.reasons}
    nobody = replace(ministry(exception()), organisation=caller("ministry", contracts=[]).organisation)
    assert isinstance(decide(snapshot(), question(nobody, DataClass.SREN31), (SCALEWAY,), now=NOW), Refusal)


@pytest.mark.parametrize("dates", [{"ends": date(2026, 11, 23)}, {"starts": date(2026, 11, 25)}])
def test_an_exception_that_has_ended_or_not_begun_refuses(dates: dict[str, date]) -> None:
    asked = question(ministry(exception(**dates)), DataClass.SREN31)
    assert isinstance(decide(snapshot(), asked, (SCALEWAY,), now=NOW), Refusal)


def test_an_exception_ends_in_a_snapshot_that_was_made_before_its_end() -> None:
    asked = question(ministry(exception(ends=TODAY)), DataClass.SREN31)
    shot = snapshot()
    assert isinstance(decide(shot, asked, (SCALEWAY,), now=instant(TODAY, 23)), Permit)
    assert isinstance(decide(shot, asked, (SCALEWAY,), now=instant(date(2026, 11, 25), 0)), Refusal)


def test_what_is_decided_after_an_end_is_remembered_apart_from_what_was_before() -> None:
    asked = question(ministry(exception(ends=TODAY)), DataClass.SREN31)
    shot, after = snapshot(), instant(date(2026, 11, 25), 0)
    before = decide(shot, asked, (SCALEWAY,), now=NOW)
    refused = decide(shot, asked, (SCALEWAY,), now=after)
    assert isinstance(before, Permit)
    assert isinstance(refused, Refusal)
    assert decide(shot, asked, (SCALEWAY,), now=instant(date(2026, 11, 25), 1)) is refused
    assert decide(shot, asked, (SCALEWAY,), now=NOW) is before
    assert len(shot.answered) == 2, "no verdict of others is pushed out"


@pytest.mark.parametrize("rule", [id_ for id_, rule in rulebook().rules.items() if rule.floor or rule.permits])
def test_nothing_lifts_the_floor_or_a_permit(rule: str) -> None:
    assert "nothing lifts it" in str(rulebook().why_no_exception(exception(rule=rule)))
    classes = (DataClass.CREDENTIAL, DataClass.RESTRICTED, DataClass.CLASSIFIED)
    asked = question(ministry(exception(rule=rule)), *classes)
    assert rulebook().rule(asked, []) == ()
    verdict = decide(snapshot(), asked, (SCALEWAY,), now=NOW)
    assert isinstance(verdict, Refusal)
    assert verdict == decide(snapshot(), replace(asked, application=ministry()), (SCALEWAY,), now=NOW)


@pytest.mark.parametrize(
    ("stated", "why"),
    [
        ({"rule": "cac.sren13"}, "there is no rule"),
        ({"ends": date(2028, 6, 1)}, "548 at most"),
        ({"rule": "gdpr.transfer", "ends": date(2027, 12, 1)}, "366 at most"),
        ({"destinations": frozenset({"nobody/nowhere"})}, "no destination 'nobody/nowhere'"),
    ],
)
def test_an_exception_that_no_rule_can_have_refuses(stated: dict[str, Any], why: str) -> None:
    assert why in str(rulebook().why_no_exception(exception(**stated)))


@pytest.mark.parametrize(
    ("stated", "why"),
    [
        ({"approved_by": " a "}, "two persons"),
        ({"requested_by": "Hélène  Roy", "approved_by": "He\u0301le\u0300ne Roy"}, "two persons"),
        ({"ground": " "}, "are all stated"),
        ({"ends": date(2026, 10, 1)}, "ends before it starts"),
        ({"destinations": frozenset()}, "names no destination"),
    ],
)
def test_an_exception_without_two_persons_ground_scope_or_end_refuses(stated: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        exception(**stated)


@pytest.mark.parametrize(
    ("name", "kind", "classes", "destination"),
    [
        ("ministry", AnalysisKind.HOMOLOGATION, [DataClass.RESTRICTED], "outscale/own-vm/mistral-small-4"),
        ("ministry", AnalysisKind.STATE_AUTHORISATION, [DataClass.PERSONAL], "mistral/eu/mistral-large-3"),
        ("region", AnalysisKind.IMPACT_ASSESSMENT, [DataClass.HEALTH], "outscale/own-vm/mistral-small-4"),
    ],
)
def test_filling_a_record_opens_a_destination_at_once_and_its_end_closes_it(
    name: str, kind: AnalysisKind, classes: list[DataClass], destination: str
) -> None:
    """The application's record is the caller's: nothing else changes between the three questions."""
    shot, where = snapshot(), (DestinationId(destination),)
    without = caller(name, minus=[kind])
    record = Analysis(kind=kind, reference="HOM-7", valid_until=date(2026, 11, 25))
    filled = replace(without, analyses=(*without.analyses, record))
    assert isinstance(decide(shot, question(without, *classes), where, now=NOW), Refusal)
    assert isinstance(decide(shot, question(filled, *classes), where, now=NOW), Permit)
    later = instant(date(2026, 11, 26), 0)
    assert isinstance(decide(shot, question(filled, *classes), where, now=later), Refusal)


def test_a_derogation_after_a_derogation_is_no_new_term() -> None:
    first = exception(starts=date(2026, 1, 1), ends=date(2026, 10, 31))
    second = exception(id="D-2", starts=date(2026, 11, 1), ends=date(2027, 8, 1))
    assert "with those before it, from 2026-01-01, lasts 578 days" in str(
        rulebook().why_no_exception(second, (first, second))
    )
    within = replace(second, ends=date(2027, 6, 1))
    assert rulebook().why_no_exception(within, (first, within)) is None


def test_an_exception_that_the_house_renews_or_that_is_towards_another_is_counted_alone() -> None:
    old = exception(rule="gdpr.training", starts=date(2025, 11, 1), ends=date(2026, 10, 31))
    assert rulebook().why_no_exception(replace(old, starts=date(2026, 11, 1), ends=date(2027, 10, 1)), (old,)) is None
    far = exception(starts=date(2025, 1, 1), ends=date(2026, 5, 1), destinations=frozenset({IONOS}))
    assert rulebook().why_no_exception(exception(), (far,)) is None
