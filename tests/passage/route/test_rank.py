"""A plan is a part of its permit, in the order that the owner wrote."""

from hypothesis import given, settings
from hypothesis import strategies as st

from ecluse.domain.destination import DestinationId
from ecluse.domain.effects import Health
from ecluse.domain.verdict import Choice, Permit
from ecluse.passage.route import rank

A, B, C, D = (DestinationId(name) for name in "abcd")
EVERY = st.sampled_from([A, B, C, D])
CHOICES = st.lists(st.builds(Choice, destination=EVERY, masked=st.booleans()), min_size=1, max_size=8)


def choice(destination: DestinationId, *, masked: bool = False) -> Choice:
    return Choice(destination=destination, masked=masked)


def permit(*choices: Choice) -> Permit:
    return Permit(choices=choices, rules=())


def test_the_written_order_is_the_order() -> None:
    written = permit(choice(B), choice(A), choice(C))
    assert rank(written, Health(), 1) == written.choices


def test_a_destination_comes_once_as_is_if_it_may() -> None:
    written = permit(choice(A), choice(A, masked=True), choice(B, masked=True))
    assert rank(written, Health(), 1) == (choice(A), choice(B, masked=True))
    assert rank(permit(choice(A, masked=True), choice(A)), Health(), 1) == (choice(A),)


def test_what_is_down_is_left_out() -> None:
    written = permit(choice(A), choice(B), choice(B, masked=True))
    assert rank(written, Health(down=frozenset({B})), 1) == (choice(A),)


def test_when_all_is_down_there_is_nothing_to_try() -> None:
    assert rank(permit(choice(A), choice(B)), Health(down=frozenset({A, B})), 0) == ()


def test_what_is_on_trial_comes_last_but_for_one_passage_in_four() -> None:
    written = permit(choice(A), choice(B), choice(C))
    health = Health(trial=frozenset({A}))
    firsts = [rank(written, health, draw)[0] for draw in range(8)]
    assert firsts.count(choice(A)) == 2
    assert rank(written, health, 1) == (choice(B), choice(C), choice(A))


@settings(max_examples=200, deadline=None)
@given(CHOICES, st.frozensets(EVERY), st.frozensets(EVERY), st.integers(0, 2**64))
def test_a_plan_never_leaves_the_permit(
    choices: list[Choice], down: frozenset[DestinationId], trial: frozenset[DestinationId], draw: int
) -> None:
    plan = rank(permit(*choices), Health(down=down, trial=trial), draw)
    assert set(plan) <= set(choices)
    assert not {c.destination for c in plan} & down
    assert len({c.destination for c in plan}) == len(plan)
    assert {c.destination for c in plan} == {c.destination for c in choices} - down
    assert plan == rank(permit(*choices), Health(down=down, trial=trial), draw)
