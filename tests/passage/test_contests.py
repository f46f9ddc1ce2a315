"""Contested findings: left out for one application until their day, told, and never of the hard floor."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecluse.domain.contest import CONTESTABLE, Contest
from ecluse.domain.effects import Dispatch
from ecluse.domain.finding import Classification, DataClass, Finding
from ecluse.domain.request import Slot, SlotPath
from ecluse.domain.snapshot import Instant, SnapshotId
from ecluse.domain.verdict import Choice, Question
from ecluse.passage.arrival import Arrival
from ecluse.passage.contests import lift, mark_of, mark_of_text, marks
from tests.passage.play import NOW, Finds, Rules, Stage, arrival, snapshot

KEY = b"k" * 32
TEXT = "Ask Ada about asthma."
SLOTS = (Slot(path=SlotPath("text"), text=TEXT),)


def finding(word: str, data_class: DataClass, kind: str = "person") -> Finding:
    at = TEXT.index(word)
    return Finding(
        slot=SlotPath("text"), start=at, end=at + len(word), kind=kind, data_class=data_class,
        confidence=1.0, recogniser="test", evidence="the test says so",
    )  # fmt: skip


def found(*findings: Finding) -> Classification:
    return Classification(findings=findings, detector="test")


def contest(*stated: str, starts: date = date(2026, 11, 1), ends: date = date(2026, 12, 1)) -> Contest:
    return Contest(
        id="C-1", marks=frozenset(stated), requested_by="A", approved_by="B", starts=starts, ends=ends
    )  # fmt: skip


ADA = finding("Ada", DataClass.PERSONAL)
ASTHMA = finding("asthma", DataClass.HEALTH, "health")


def test_a_contested_value_is_left_out_and_the_others_stay() -> None:
    left, used = lift(found(ADA, ASTHMA), SLOTS, [contest(mark_of("health", "ASTHMA ", KEY))], KEY, NOW)
    assert left.findings == (ADA,)
    assert used == ("C-1",)


def test_a_mark_of_the_text_leaves_out_whatever_may_be_contested_in_it() -> None:
    secret = finding("about", DataClass.CREDENTIAL, "password")
    left, used = lift(found(ADA, ASTHMA, secret), SLOTS, [contest(mark_of_text(SLOTS, KEY))], KEY, NOW)
    assert (left.findings, used) == ((secret,), ("C-1",))
    other = (Slot(path=SlotPath("text"), text=TEXT + " "),)
    assert lift(found(ADA), other, [contest(mark_of_text(SLOTS, KEY))], KEY, NOW) == (found(ADA), ())


@pytest.mark.parametrize("data_class", sorted(set(DataClass) - CONTESTABLE))
def test_what_may_not_be_contested_refuses_every_mark(data_class: DataClass) -> None:
    one = finding("Ada", data_class)
    every = contest(mark_of("person", "Ada", KEY), mark_of_text(SLOTS, KEY))
    assert lift(found(one), SLOTS, [every], KEY, NOW) == (found(one), ())
    assert marks(found(one), SLOTS, KEY) == frozenset()


def test_a_contest_of_another_kind_key_or_day_leaves_nothing_out() -> None:
    for other in (
        contest(mark_of("place", "Ada", KEY)),
        contest(mark_of("person", "Ada", b"x" * 32)),
        contest(mark_of("person", "Ada", KEY), ends=date(2026, 11, 23)),
        contest(mark_of("person", "Ada", KEY), starts=date(2026, 11, 25)),
    ):
        assert lift(found(ADA), SLOTS, [other], KEY, NOW) == (found(ADA), ())


@given(classes=st.sets(st.sampled_from(sorted(DataClass))), whole=st.booleans())
def test_a_contest_only_ever_takes_contestable_classes_away(classes: set[DataClass], *, whole: bool) -> None:
    stated = found(*(finding("Ada", c) for c in sorted(classes)))
    mark = mark_of_text(SLOTS, KEY) if whole else mark_of("person", "Ada", KEY)
    left, _ = lift(stated, SLOTS, [contest(mark)], KEY, NOW)
    assert left.classes == stated.classes - CONTESTABLE


@pytest.mark.parametrize(
    "changed",
    [{"approved_by": " a "}, {"marks": frozenset()}, {"ends": date(2026, 10, 1)}, {"ends": date(2028, 1, 1)}],
)
def test_a_contest_of_one_person_of_nothing_or_without_a_near_end_refuses(changed: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="contest"):
        replace(contest("m"), **changed)  # type: ignore[arg-type] # the table says what


# ------------------------------------------------------------------ in the walk
def with_contest(start: Arrival, one: Contest) -> Arrival:
    application = replace(start.caller.application, contests=(one,))
    return replace(start, caller=replace(start.caller, application=application))


def stage() -> Stage:
    def permits(question: Question, choice: Choice) -> bool:
        return not (question.classes and choice)

    return Stage(snapshot(rules=Rules(permits=permits), finds=Finds({"Ada": DataClass.PERSONAL})))


def test_a_refused_request_passes_once_it_is_contested_and_says_by_which_contest() -> None:
    stands = stage()
    stands.play(arrival(stands.shot))
    assert stands.status == 403
    taken = stage()
    taken.play(with_contest(arrival(taken.shot), contest(mark_of("person", "Ada", KEY))))
    assert taken.status == 200
    (sent,) = taken.of(Dispatch)
    assert sent.intent.body["contested"] == ("C-1",)
    assert sent.intent.body["counts"] == {}
    assert dict(taken.reply_headers)["x-ecluse-contested"] == "C-1"


def test_what_is_declared_refuses_whatever_is_contested() -> None:
    stands = stage()
    start = with_contest(arrival(stands.shot), contest(mark_of("person", "Ada", KEY)))
    application = replace(start.caller.application, declared=frozenset({DataClass.PERSONAL}))
    stands.play(replace(start, caller=replace(start.caller, application=application)))
    assert stands.status == 403


def test_a_contest_that_ends_during_the_passage_refuses_the_next_attempt() -> None:
    stands = stage()
    start = with_contest(arrival(stands.shot), contest(mark_of("person", "Ada", KEY)))
    record = start.caller.application
    stands.shot = replace(stands.shot, applications={record.id: record})
    stands.later = replace(stands.shot, id=SnapshotId("s2"), applications={record.id: replace(record, contests=())})
    stands.upstream = {"a": "upstream_error"}
    stands.play(replace(start, moment=replace(start.moment, snapshot=stands.shot)))
    assert stands.status == 503
    assert len(stands.of(Dispatch)) == 1


def test_the_end_of_the_day_counts() -> None:
    last = Instant(NOW + 7 * 86_400_000)
    one = contest(mark_of("person", "Ada", KEY))
    assert lift(found(ADA), SLOTS, [one], KEY, last)[1] == ("C-1",)
    assert lift(found(ADA), SLOTS, [one], KEY, Instant(last + 86_400_000))[1] == ()
