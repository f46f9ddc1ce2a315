"""Labels to data classes, by a table that the owner writes.

Law: a label that the table does not have is unknown, and said to be; it is never taken for none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ecluse.domain.finding import DataClass
from ecluse.scan.found import Label


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruled:
    """A label and the data class that the owner gave it; None when it is unknown."""

    label: Label
    data_class: DataClass | None


def rule(labels: Sequence[Label], table: Mapping[str, DataClass]) -> tuple[Ruled, ...]:
    """Look each label up by its id, or else by its name."""
    known = {key.strip().strip("{}").casefold(): data_class for key, data_class in table.items()}
    return tuple(
        Ruled(label=label, data_class=known.get(label.id.casefold(), known.get(label.name.casefold())))
        for label in labels
    )
