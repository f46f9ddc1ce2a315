"""Files that a caller has classified, or sends in a call, and what their opening gave.

Law: what was not read of a file is `unreadable`; nothing of a file is left out in silence. No `repr` shows content.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ecluse.domain.finding import DataClass, FileSeen, Finding
from ecluse.domain.request import Slot, SlotPath


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file as it was sent. Its name decides nothing that its first bytes say. `media` is what a call says it is."""

    name: str
    data: bytes = field(repr=False)
    media: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """The texts of files, what could not be read of them, the data classes that their labels stand for.

    `told` says of each file what kind it is, its parts, what is unread and why, and its labels.
    """

    slots: tuple[Slot, ...] = field(repr=False)
    unreadable: tuple[SlotPath, ...]
    labelled: frozenset[DataClass]
    told: tuple[Mapping[str, object], ...] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file in a call with its bytes: where it stands, what it says it is, and its base64 as it came and would go."""

    path: SlotPath
    media: str
    data: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentFound:
    """What was found in a file of a call: nothing in it can be masked.

    `fixed` are the classes of its labels, and those of the call's texts of which it repeats a value.
    """

    seen: FileSeen
    findings: tuple[Finding, ...] = ()
    fixed: frozenset[DataClass] = frozenset()
