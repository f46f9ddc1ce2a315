"""Truth tables over every subset of the data classes: one bit a subset, 2^15 bits a table.

Law: exact. A table is a whole number; bit `s` says whether the condition holds for the subset whose members are the
bits of `s`, in the order of `DataClass`.
"""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import NewType

from ecluse.domain.finding import MASKED_FORM, DataClass

Table = NewType("Table", int)

CLASSES = tuple(DataClass)
SUBSETS = 1 << len(CLASSES)
NEVER = Table(0)
ALWAYS = Table((1 << SUBSETS) - 1)


@cache
def holding(data_class: DataClass) -> Table:
    """Return the table of the subsets that have a class."""
    step = 1 << CLASSES.index(data_class)
    block = ((1 << step) - 1) << step
    width = 2 * step
    while width < SUBSETS:
        block |= block << width
        width *= 2
    return Table(block)


def any_of(classes: Iterable[DataClass]) -> Table:
    """Return the table of the subsets that have at least one of the classes."""
    found = 0
    for data_class in classes:
        found |= holding(data_class)
    return Table(found)


def all_of(classes: Iterable[DataClass]) -> Table:
    """Return the table of the subsets that have all of the classes."""
    found: int = ALWAYS
    for data_class in classes:
        found &= holding(data_class)
    return Table(found)


def negated(table: Table) -> Table:
    """Return the table that holds where this one does not."""
    return Table(ALWAYS & ~table)


@cache
def reachable() -> Table:
    """Return the table of the subsets that a request can have: a class as it is or masked, never both."""
    both: int = NEVER
    for plain, masked in MASKED_FORM.items():
        both |= holding(plain) & holding(masked)
    return negated(Table(both))


@cache
def _sized() -> tuple[Table, ...]:
    """Return, by number of members, the table of the subsets of that size."""
    layers = [0] * (len(CLASSES) + 1)
    for subset in range(SUBSETS):
        layers[subset.bit_count()] |= 1 << subset
    return tuple(Table(layer) for layer in layers)


def smallest(table: Table) -> frozenset[DataClass]:
    """Return a smallest subset for which the table holds; one that a request can have, when there is one.

    Raises ValueError for a table that never holds.
    """
    kept = table & reachable() or table
    for layer in _sized():
        if found := kept & layer:
            return members((found & -found).bit_length() - 1)
    raise ValueError("the table never holds")


def members(subset: int) -> frozenset[DataClass]:
    """Return the classes of a subset."""
    return frozenset(c for index, c in enumerate(CLASSES) if subset >> index & 1)


def number(classes: Iterable[DataClass]) -> int:
    """Return the subset of some classes."""
    return sum(1 << CLASSES.index(c) for c in set(classes))


def widening(permitted: Table) -> Iterator[tuple[DataClass, Table]]:
    """Iterate over the classes that turn a refusal into a permit when they are added, with the subsets without them."""
    for index, data_class in enumerate(CLASSES):
        with_it = (permitted & holding(data_class)) >> (1 << index)
        if opened := with_it & ~permitted:
            yield data_class, Table(opened)
