"""What is measured of destinations: calls under way, time until an answer begins, rests, and the budget of retries."""

from ecluse.domain.destination import DestinationId
from ecluse.domain.effects import Health, Pace
from ecluse.domain.snapshot import Instant
from ecluse.passage.route import Closed, Failure, First, Left, Rest, Seen, State, health, observe, steady_until
from ecluse.passage.route.state import COOL_DOWN, FRESH, LONGEST_REST, RESERVE

A = DestinationId("a")
NOW = Instant(1_795_521_600_000)


def after(*events: Seen, state: State | None = None, at: int = 0) -> State:
    state = state or State(filled=NOW)
    for event in events:
        state = observe(state, event, Instant(NOW + at))
    return state


def look(state: State, at: int = 0) -> Health:
    return health(state, Instant(NOW + at))


def test_calls_under_way_are_counted_until_they_are_over() -> None:
    state = after(Left(destination=A), Left(destination=A))
    assert look(state).pace == {A: Pace(open=2)}
    assert look(after(Closed(destination=A), Closed(destination=A), state=state)).pace == {}
    assert look(after(Closed(destination=A))).pace == {}, "never below zero"


def test_the_time_until_an_answer_begins_is_a_moving_mean_that_is_forgotten() -> None:
    state = after(First(destination=A, ms=400), First(destination=A, ms=800))
    assert look(state).pace[A].first_ms == 500
    assert A not in look(state, FRESH + 1).pace
    assert look(after(First(destination=A, ms=10), state=state, at=FRESH + 1), FRESH + 1).pace[A].first_ms == 10


def test_a_wish_for_rest_is_believed_for_a_while() -> None:
    state = after(Rest(destination=A, until=Instant(NOW + 10 * LONGEST_REST)))
    assert look(state).resting == {A: NOW + LONGEST_REST}
    assert look(state, LONGEST_REST).resting == {}


def test_extra_calls_are_at_most_a_share_of_all_beyond_a_reserve() -> None:
    spent = after(*[Left(destination=A, extra=True)] * 40)
    assert not look(spent).extra
    busy = after(*[Left(destination=A)] * 9, state=spent)
    assert not look(busy).extra, "nine calls are nine tenths of an extra one"
    assert look(after(Left(destination=A), state=busy)).extra
    assert not look(after(*[Left(destination=A)] * 100, state=State(percent=0, reserve=0, filled=NOW))).extra
    assert look(spent, 1000).extra, "the reserve fills by one a second"
    assert look(State(filled=NOW)).extra
    assert RESERVE == 20_000


def test_a_look_stays_true_until_it_says() -> None:
    state = after(*[Failure(destination=A)] * 3)
    until = steady_until(state, NOW)
    assert until == NOW + COOL_DOWN
    assert look(state) == health(state, Instant(until - 1)) != health(state, until)
    rests = after(Rest(destination=A, until=Instant(NOW + 7)))
    assert steady_until(rests, NOW) == NOW + 7
