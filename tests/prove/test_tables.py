"""Truth tables say of each subset of the data classes what its members say."""

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from ecluse.domain.finding import DataClass
from ecluse.prove.tables import (
    ALWAYS,
    CLASSES,
    NEVER,
    SUBSETS,
    Table,
    all_of,
    any_of,
    holding,
    members,
    negated,
    number,
    reachable,
    smallest,
    widening,
)

SETS = st.frozensets(st.sampled_from(CLASSES))


@settings(max_examples=60, deadline=None)
@given(named=SETS, subset=st.integers(0, SUBSETS - 1))
def test_a_table_says_what_the_members_say(named: frozenset[DataClass], subset: int) -> None:
    there = members(subset)
    assert number(there) == subset
    assert bool(any_of(named) >> subset & 1) == bool(named & there)
    assert bool(all_of(named) >> subset & 1) == (named <= there)
    assert bool(negated(any_of(named)) >> subset & 1) == (not named & there)


def test_nothing_named_is_never_any_and_always_all() -> None:
    assert any_of(()) == NEVER
    assert all_of(()) == ALWAYS
    assert sum(holding(c).bit_count() for c in CLASSES) == len(CLASSES) * SUBSETS // 2


def test_a_smallest_subset_is_one_that_a_request_can_have() -> None:
    assert smallest(all_of({DataClass.HEALTH, DataClass.CREDENTIAL})) == {DataClass.HEALTH, DataClass.CREDENTIAL}
    assert smallest(ALWAYS) == frozenset()
    both = Table(all_of({DataClass.PERSONAL, DataClass.PERSONAL_MASKED}) | all_of(set(CLASSES[3:8])))
    assert smallest(both) == frozenset(CLASSES[3:8])
    assert reachable() >> number({DataClass.PERSONAL, DataClass.PERSONAL_MASKED}) & 1 == 0
    with pytest.raises(ValueError, match="never holds"):
        smallest(NEVER)


@settings(max_examples=30, deadline=None)
@given(named=SETS)
def test_what_classes_only_close_widens_never(named: frozenset[DataClass]) -> None:
    assert not list(widening(negated(any_of(named))))


def test_a_class_that_opens_is_found_with_the_subsets_that_it_opens() -> None:
    (found,) = widening(negated(Table(holding(DataClass.HEALTH) & negated(holding(DataClass.SPECIAL)))))
    data_class, without = found
    assert data_class is DataClass.SPECIAL
    assert without == holding(DataClass.HEALTH) & negated(holding(DataClass.SPECIAL))
