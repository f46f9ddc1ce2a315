"""Tokens open once, sessions end."""

from ecluse.console.session import IDLE, LONGEST, MOST, TRIES, WINDOW, Sessions
from ecluse.domain.snapshot import Instant


class Hand:
    """A clock moved by hand."""

    def __init__(self) -> None:
        self.at = 1_000_000

    def now(self) -> Instant:
        return Instant(self.at)


def made() -> tuple[Sessions, Hand, list[str]]:
    told: list[str] = []
    clock = Hand()
    return Sessions(clock, told.append), clock, told


def test_a_token_opens_one_session_and_the_next_is_told() -> None:
    sessions, _, told = made()
    name = sessions.enter(told[0])
    assert name is not None
    assert sessions.find(name) is not None
    assert len(told) == 2
    assert sessions.enter(told[0]) is None
    assert sessions.enter(told[1]) is not None


def test_a_session_ends_after_silence_and_after_its_longest() -> None:
    sessions, clock, told = made()
    silent = sessions.enter(told[-1])
    clock.at += IDLE + 1
    assert sessions.find(silent) is None
    busy = sessions.enter(told[-1])
    for _ in range(LONGEST // IDLE):
        assert sessions.find(busy) is not None
        clock.at += IDLE
    clock.at += 1
    assert sessions.find(busy) is None


def test_too_many_wrong_tokens_refuse_even_the_right_one_for_a_while() -> None:
    sessions, clock, told = made()
    for _ in range(TRIES):
        assert sessions.enter("wrong") is None
    assert sessions.enter(told[-1]) is None
    clock.at += WINDOW
    assert sessions.enter(told[-1]) is not None


def test_sessions_are_bounded_and_can_be_left() -> None:
    sessions, _, told = made()
    names = [sessions.enter(told[-1]) for _ in range(MOST + 1)]
    assert sessions.find(names[0]) is None
    assert sessions.find(names[-1]) is not None
    sessions.leave(names[-1])
    assert sessions.find(names[-1]) is None
