"""What each kind of entry says, and what it never says."""

import pytest

from ecluse.domain.caller import Purpose
from ecluse.domain.destination import DestinationId
from ecluse.domain.request import Surface
from ecluse.domain.snapshot import Instant, SnapshotId
from ecluse.domain.trail import EntryKind, OutcomeStatus
from ecluse.domain.verdict import Choice, Permit, RuleId
from ecluse.passage import record
from tests.passage.record import samples


def test_an_instant_is_written_in_utc_with_milliseconds() -> None:
    assert record.timestamp(Instant(0)) == "1970-01-01T00:00:00.000Z"
    assert record.timestamp(Instant(1_795_521_600_007)) == "2026-11-24T12:00:00.007Z"


def test_an_intent_says_who_what_where_and_by_which_rules() -> None:
    entry = samples.intent(choice=samples.MASKED)
    assert entry.kind is EntryKind.INTENT
    assert entry.body == {
        "organisation": "ville",
        "application": "courrier",
        "key": "key_0011223344556677",
        "surface": "chat",
        "purpose": "drafting",
        "snapshot": "pinned",
        "snapshot_current": "current",
        "declared": ("personal",),
        "found": ("national_id", "personal"),
        "counts": {"person": 2, "french_nir": 1},
        "model": "mistral-small-3.2",
        "places": ("own_premises",),
        "attempt": 1,
        "destination": samples.THERE,
        "masked": True,
        "contested": (),
        "simulated": True,
        "permitted_by": ("base/eu",),
        "observed": ("house/watch",),
        "candidates": (f"{samples.HERE} as_is", f"{samples.THERE} masked"),
        "candidates_count": 2,
        "strategy": "cheapest",
        "plan": (samples.THERE, samples.HERE),
        "scores": {samples.THERE: 120_000},
        "left_out": {samples.HERE: "resting"},
        "instruction": True,
        "instruction_language": None,
        "generalised": 0,
        "cached": False,
        "commitment": record.commitment(bytes(32), b"body"),
        "size": 4,
    }


def test_a_refusal_says_why_and_commits_to_nothing() -> None:
    body = samples.refusal().body
    assert (body["code"], body["refused_by"], body["observed"]) == ("policy_denied", ("hds/host",), ("house/watch",))
    assert (body["refusing_place"], body["found"]) == ("own_premises", ("health",))
    assert {"commitment", "size", "destination"}.isdisjoint(body)


def test_a_refusal_without_an_answer_of_the_rules_has_no_rules() -> None:
    body = samples.refusal(verdict=None, model=None).body
    assert (body["code"], body["refused_by"], body["model"]) == ("policy_unavailable", (), None)


def test_what_nobody_counted_is_none_and_never_zero() -> None:
    entry = record.outcome(
        id=samples.id_of(0), passage=samples.passage_of(0), now=samples.NOW, status=OutcomeStatus.INTERRUPTED
    )
    told = entry.body
    unknown = (told["tokens_in"], told["tokens_out"], told["upstream_status"], told["duration_ms"], told["destination"])
    assert unknown == (None, None, None, None, None)


def test_an_administrative_act_is_a_passage_of_its_own() -> None:
    entry = samples.admin()
    assert str(entry.passage) == str(entry.id)
    assert entry.body == {"action": "opening_erased", "actor": "dpo", "subject": "entry", "facts": {"count": 1}}


def test_intent_refuses_a_choice_that_was_not_permitted() -> None:
    with pytest.raises(ValueError, match="permit"):
        samples.intent(choice=Choice(destination=samples.HERE, masked=True))


@pytest.mark.parametrize("model", ["", "my name is Jean Dupont", "a\nb", "é", "x" * 161, "-rf"])
def test_an_entry_refuses_a_callers_free_text_as_a_model(model: str) -> None:
    with pytest.raises(ValueError, match="free text") as refused:
        samples.intent(model=model)
    assert not model or model not in str(refused.value)
    with pytest.raises(ValueError, match="free text"):
        samples.refusal(model=model)


def test_a_large_registry_still_fits_in_an_entry() -> None:
    choices = tuple(
        Choice(destination=DestinationId(f"provider_{i}/" + "o" * 100), masked=masked)
        for i in range(200)
        for masked in (False, True)
    )
    every = list(dict.fromkeys(choice.destination for choice in choices))
    sample = samples.intent()
    entry = record.intent(
        id=sample.id,
        passage=sample.passage,
        attempt=1,
        now=samples.NOW,
        caller=samples.CALLER,
        surface=Surface.CHAT,
        purpose=Purpose("drafting"),
        pinned=SnapshotId("pinned"),
        current=SnapshotId("pinned"),
        declared=(),
        found=(),
        counts={},
        choice=choices[-1],
        simulated=False,
        permit=Permit(choices=choices, rules=(RuleId("base/eu"),)),
        strategy="least_busy",
        plan=every,
        scores=dict.fromkeys(every, 2**53 - 1),
        left_out=dict.fromkeys(every, "resting"),
        model="auto",
        places=(),
        instruction=False,
        commitment="0" * 64,
        size=0,
    )
    assert (len(entry.body["candidates"]), entry.body["candidates_count"]) == (128, 400)  # type: ignore[arg-type] # a list
    assert record.parse(record.canonical(entry)) == entry
