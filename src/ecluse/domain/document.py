"""Files that a caller has classified, and what their opening gave.

Law: what was not read of a file is `unreadable`; nothing of a file is left out in silence. No `repr` shows content.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ecluse.domain.finding import DataClass
from ecluse.domain.request import Slot, SlotPath


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file as it was sent. Its name decides nothing that its first bytes say."""

    name: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """The texts of files, what could not be read of them, the data classes that their labels stand for.

    `told` says of each file what kind it is, its parts, what is unread and why, and its labels.
    """

    slots: tuple[Slot, ...] = field(repr=False)
    unreadable: tuple[SlotPath, ...]
    labelled: frozenset[DataClass]
    told: tuple[Mapping[str, object], ...] = field(repr=False)
