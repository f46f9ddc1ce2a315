"""A destination is believed down for as long as its failures tell, and no longer."""

from hypothesis import given, settings
from hypothesis import strategies as st

from ecluse.domain.destination import DestinationId
from ecluse.domain.effects import Health
from ecluse.domain.snapshot import Instant
from ecluse.domain.verdict import Choice, Permit
from ecluse.passage.route import Failure, State, Success, health, observe, rank
from ecluse.passage.route.state import COOL_DOWN, FAILURES, LONGEST_COOL_DOWN, MEMORY, Seen

A, B = DestinationId("a"), DestinationId("b")
NOW = 1_800_000_000_000


def after(*seen: tuple[Seen, int], state: State | None = None) -> State:
    """Observe events, each at so many milliseconds after NOW."""
    state = state or State()
    for event, at in seen:
        state = observe(state, event, Instant(NOW + at))
    return state


def look(state: State, at: int) -> Health:
    return health(state, Instant(NOW + at))


def failures(count: int, at: int = 0, destination: DestinationId = A) -> list[tuple[Seen, int]]:
    return [(Failure(destination=destination), at)] * count


def test_a_destination_without_a_past_is_up() -> None:
    assert look(State(), 0) == Health()


def test_failures_in_a_row_take_a_destination_down_and_no_other() -> None:
    assert look(after(*failures(FAILURES - 1)), 0) == Health()
    tried_again = Instant(NOW + COOL_DOWN)
    assert look(after(*failures(FAILURES)), 0) == Health(down=frozenset({A}), back={A: tried_again})


def test_a_success_between_failures_starts_the_count_anew() -> None:
    state = after(*failures(FAILURES - 1), (Success(destination=A), 1), *failures(FAILURES - 1, 2))
    assert look(state, 2) == Health()


def test_failures_far_apart_are_not_in_a_row() -> None:
    state = after(*[(Failure(destination=A), i * (MEMORY + 1)) for i in range(10)])
    assert look(state, 10 * MEMORY) == Health()


def test_after_its_rest_a_destination_is_on_trial() -> None:
    state = after(*failures(FAILURES))
    assert look(state, COOL_DOWN - 1).down == {A}
    assert look(state, COOL_DOWN) == Health(trial=frozenset({A}))


def test_a_success_on_trial_forgets_everything() -> None:
    state = after(*failures(FAILURES), (Success(destination=A), COOL_DOWN))
    assert state == State()
    assert look(state, COOL_DOWN) == Health()


def test_a_failure_on_trial_takes_it_down_at_once_and_for_longer() -> None:
    state, at = after(*failures(FAILURES)), 0
    rests = []
    for _ in range(12):
        rest = next(ms for ms in range(0, LONGEST_COOL_DOWN + 1, 1_000) if not look(state, at + ms).down)
        rests.append(rest)
        at += rest
        state = after((Failure(destination=A), at), state=state)
    assert rests[:4] == [COOL_DOWN, 2 * COOL_DOWN, 4 * COOL_DOWN, 8 * COOL_DOWN]
    assert rests[-1] == LONGEST_COOL_DOWN
    assert rests == sorted(rests)


def test_a_late_failure_of_what_is_down_changes_nothing() -> None:
    state = after(*failures(FAILURES))
    assert after(*failures(9, COOL_DOWN - 1), state=state) == state


def test_a_success_of_what_is_up_changes_nothing() -> None:
    state = State()
    assert observe(state, Success(destination=A), Instant(NOW)) is state


def test_a_clock_that_goes_back_takes_nothing_down_for_ever() -> None:
    state = after(*failures(FAILURES, 1_000), (Failure(destination=A), 0))
    assert look(state, 1_000 + COOL_DOWN).down == frozenset()


EVENTS = st.lists(
    st.tuples(
        st.sampled_from([Success(destination=A), Failure(destination=A), Failure(destination=B)]), st.integers(0, 10**6)
    ),
    max_size=30,
)


@settings(max_examples=200, deadline=None)
@given(EVENTS, st.integers(0, 10**7))
def test_no_past_puts_anything_but_the_permit_into_a_plan(events: list[tuple[Seen, int]], at: int) -> None:
    state = after(*sorted(events, key=lambda event: event[1]))
    seen = look(state, at)
    permitted = Permit(choices=(Choice(destination=B, masked=True),), rules=())
    assert set(rank(permitted, seen, at)) <= set(permitted.choices)
    assert not seen.down & seen.trial


@settings(max_examples=200, deadline=None)
@given(EVENTS)
def test_whatever_happened_everything_can_be_tried_again(events: list[tuple[Seen, int]]) -> None:
    state = after(*sorted(events, key=lambda event: event[1]))
    assert look(state, 10**6 + LONGEST_COOL_DOWN).down == frozenset()
