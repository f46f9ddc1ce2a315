"""Each strategy orders by what it says; none ever leaves the permit."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecluse.domain.destination import DestinationId
from ecluse.domain.effects import Health, Pace
from ecluse.domain.routing import Strategy
from ecluse.domain.snapshot import Instant
from ecluse.domain.verdict import Choice, Permit
from ecluse.passage.route import Plan, Route, plan

A, B, C, D = (DestinationId(name) for name in "abcd")
EVERY = st.sampled_from([A, B, C, D])
NUMBERS = st.dictionaries(EVERY, st.integers(0, 1000))
HEALTH = st.builds(
    Health,
    down=st.frozensets(EVERY),
    trial=st.frozensets(EVERY),
    resting=st.dictionaries(EVERY, st.just(Instant(9))),
    pace=st.dictionaries(EVERY, st.builds(Pace, open=st.integers(0, 9), first_ms=st.none() | st.integers(0, 9000))),
    extra=st.booleans(),
)
ROUTE = st.builds(
    Route, strategy=st.sampled_from(Strategy), weights=NUMBERS, prices=NUMBERS, conversation=st.binary(max_size=40)
)
CHOICES = st.lists(st.builds(Choice, destination=EVERY, masked=st.booleans()), min_size=1, max_size=8)


def permit(*names: DestinationId) -> Permit:
    return Permit(choices=tuple(Choice(destination=name, masked=False) for name in names), rules=())


def order(made: Plan) -> list[DestinationId]:
    return [choice.destination for choice in made.choices]


@settings(max_examples=300, deadline=None)
@given(CHOICES, HEALTH, ROUTE, st.integers(0, 2**64 - 1))
def test_no_strategy_leaves_the_permit_whatever_the_health(
    choices: list[Choice], health: Health, route: Route, draw: int
) -> None:
    permitted = Permit(choices=tuple(choices), rules=())
    made = plan(permitted, health, draw, route)
    assert set(made.choices) <= set(choices)
    assert sorted(order(made)) == sorted({c.destination for c in choices} - health.down)
    assert set(made.scores) <= set(order(made))
    assert all(
        choice.masked is (Choice(destination=choice.destination, masked=False) not in choices)
        for choice in made.choices
    )
    assert made == plan(permitted, health, draw, route)


def test_the_cheapest_comes_first_and_an_unknown_price_is_never_the_least() -> None:
    made = plan(permit(A, B, C), Health(), 1, Route(strategy=Strategy.CHEAPEST, prices={A: 20, C: 10}))
    assert (order(made), made.scores) == ([C, A, B], {A: 20, C: 10})


def test_the_least_busy_comes_first_and_the_written_order_breaks_a_tie() -> None:
    pace = {A: Pace(open=3), C: Pace(open=1)}
    made = plan(permit(A, C, B, D), Health(pace=pace), 1, Route(strategy=Strategy.LEAST_BUSY))
    assert order(made) == [B, D, C, A]


def test_the_fastest_is_the_better_of_two_so_the_slowest_never_begins() -> None:
    pace = {A: Pace(first_ms=900), B: Pace(first_ms=100), C: Pace(first_ms=400)}
    firsts = Counter(
        order(plan(permit(A, B, C), Health(pace=pace), draw, Route(strategy=Strategy.FASTEST)))[0]
        for draw in range(300)
    )
    assert firsts[A] == 0
    assert firsts[B] > firsts[C] > 50


def test_what_is_not_measured_is_tried() -> None:
    pace = {A: Pace(first_ms=1)}
    firsts = {order(plan(permit(A, B), Health(pace=pace), d, Route(strategy=Strategy.FASTEST)))[0] for d in range(20)}
    assert firsts == {B}


def test_weights_are_shares_and_a_weight_of_zero_is_for_fallback_only() -> None:
    route = Route(strategy=Strategy.WEIGHTED, weights={A: 3, B: 1, C: 0})
    plans = [order(plan(permit(A, B, C), Health(), draw, route)) for draw in range(2000)]
    firsts = Counter(made[0] for made in plans)
    assert 0.70 < firsts[A] / 2000 < 0.80
    assert {made[-1] for made in plans} == {C}


def test_a_conversation_sticks_and_only_its_own_moves_when_a_destination_goes() -> None:
    keys = [bytes([i]) * 32 for i in range(60)]
    before = [
        order(plan(permit(A, B, C), Health(), 1, Route(strategy=Strategy.STICKY, conversation=k)))[0] for k in keys
    ]
    again = [
        order(plan(permit(A, B, C), Health(), 7, Route(strategy=Strategy.STICKY, conversation=k)))[0] for k in keys
    ]
    gone = Health(down=frozenset({B}))
    after = [order(plan(permit(A, B, C), gone, 1, Route(strategy=Strategy.STICKY, conversation=k)))[0] for k in keys]
    assert before == again
    assert {A, B, C} == set(before)
    assert all(then == now for then, now in zip(before, after, strict=True) if then != B)


def test_one_that_asked_for_rest_comes_last_and_one_on_trial_is_tried_by_one_call_at_a_time() -> None:
    made = plan(permit(A, B), Health(resting={A: Instant(5)}), 0)
    assert (order(made), made.left_out) == ([B, A], {A: "resting"})
    free, busy = Health(trial=frozenset({A})), Health(trial=frozenset({A}), pace={A: Pace(open=1)})
    assert order(plan(permit(A, B), free, 0)) == [A, B]
    assert order(plan(permit(A, B), busy, 0)) == [B, A]


@pytest.mark.parametrize("strategy", Strategy)
def test_with_everything_down_there_is_no_plan_and_it_says_why(strategy: Strategy) -> None:
    made = plan(permit(A), Health(down=frozenset({A})), 0, Route(strategy=strategy))
    assert (made.choices, made.left_out) == ((), {A: "down"})
