"""The harness that measures how surrogates survive counts what it says it counts."""

import pytest

from bench.mask import FORMATS, PEOPLE, TASKS, Cell, case, judge, said


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("task", sorted(TASKS))
def test_a_model_that_repeats_all_loses_nothing_and_one_that_is_silent_all(form: str, task: tuple[str, str]) -> None:
    person = PEOPLE[0]
    one, silent, perfect = case(TASKS[task], person, form), Cell(), Cell()
    assert not any(value in said(one.request) for value in person)
    judge(silent, one, "Non.")
    assert (silent.sent, silent.exact, silent.restored, silent.damaged) == (3, 0, 0, 0)
    again = case(TASKS[task], person, form)
    judge(perfect, again, said(again.request))
    assert (perfect.sent, perfect.exact, perfect.restored) == (3, 3, 3)


def test_what_is_damaged_is_counted_and_another_case_is_restored() -> None:
    one, cell = case(TASKS["repeat", "fr"], PEOPLE[0], "typed"), Cell()
    surrogate = next(iter(one.shown))
    judge(cell, one, f"{surrogate.lower()} et PERSON_000000")
    assert (cell.exact, cell.restored, cell.damaged) == (0, 1, 1)
