"""Answers in memory: bounded in bytes, bounded in time."""

from ecluse.domain.caching import Caching
from ecluse.domain.effects import Done, Keep, Moment, Recall, Recalled
from ecluse.domain.finding import DataClass
from ecluse.domain.snapshot import Instant
from ecluse.edge.answers import OVERHEAD, Answers
from ecluse.edge.caching import CacheSettings, caching
from tests.passage.play import NOW, snapshot

SHOT = snapshot()
EACH = 100 + OVERHEAD


def at(seconds: float) -> Moment:
    return Moment(now=Instant(NOW + int(seconds * 1000)), snapshot=SHOT)


def keep(answers: Answers, name: str, seconds: float = 0, size: int = 100) -> None:
    answers.perform(Keep(name=name, data=b"x" * size, seconds=10), at(seconds))


def has(answers: Answers, name: str, seconds: float = 0) -> bool:
    return isinstance(answers.perform(Recall(name=name), at(seconds)), Recalled)


def test_an_answer_is_found_with_its_age_until_it_ends() -> None:
    answers = Answers(10_000)
    keep(answers, "a")
    found = answers.perform(Recall(name="a"), at(9.9))
    assert isinstance(found, Recalled)
    assert (found.data, found.at, found.moment.now) == (b"x" * 100, NOW, NOW + 9_900)
    assert isinstance(answers.perform(Recall(name="a"), at(10)), Done)
    assert answers.held == 0


def test_the_oldest_go_first_when_there_is_no_room() -> None:
    answers = Answers(2 * EACH)
    for i, name in enumerate("abc"):
        keep(answers, name, seconds=i)
    assert [has(answers, name, 3) for name in "abc"] == [False, True, True]
    assert answers.held == 2 * EACH


def test_what_is_kept_again_counts_once_and_lasts_anew() -> None:
    answers = Answers(2 * EACH)
    keep(answers, "a")
    keep(answers, "a", seconds=5)
    assert answers.held == EACH
    assert has(answers, "a", 14)


def test_an_answer_larger_than_all_room_refuses_to_be_kept() -> None:
    answers = Answers(EACH)
    keep(answers, "a")
    keep(answers, "b", size=101)
    assert (has(answers, "a"), has(answers, "b")) == (True, False)


def test_other_settings_begin_anew() -> None:
    answers = Answers(10_000)
    keep(answers, "a")
    answers.adopt(5_000)
    assert (has(answers, "a"), answers.held) == (False, 0)


def test_the_rule_is_off_without_room_and_for_public_data_alone_by_default() -> None:
    assert not caching(CacheSettings()).takes(frozenset())
    rule = caching(CacheSettings(bytes=1_000))
    assert rule == Caching(seconds=300)
    assert (rule.takes(frozenset()), rule.takes({DataClass.PERSONAL})) == (True, False)
