"""The append-only record: one intent per attempt, one outcome per passage, a refusal before its reply.

Law: an entry holds no content, no value and no caller's free text; its canonical bytes are fixed (schema v1,
decision 12), and what is hashed is what is stored.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NewType, TypeAlias

EntryId = NewType("EntryId", str)
"""128 bits in 32 lower-case hexadecimal digits. It says nothing of the index, which is looked up."""
PassageId = NewType("PassageId", str)

SCHEMA_VERSION = 1
ENTRY_LIMIT = 65_535
"""Bytes of an entry, by the tlog-tiles format."""

Scalar: TypeAlias = "str | int | bool | None"
Field: TypeAlias = "Scalar | Sequence[Scalar] | Mapping[str, Scalar]"


class EntryKind(StrEnum):
    """What an entry tells."""

    INTENT = "intent"
    REFUSAL = "refusal"
    OUTCOME = "outcome"
    ADMIN = "admin"


class OutcomeStatus(StrEnum):
    """How a passage ended. `interrupted` is written at start for an intent without an outcome."""

    DONE = "done"
    FAILED = "failed"
    GONE = "gone"
    BROKEN = "broken"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One record. `body` has scalars, lists of scalars and maps of scalars only; no float, so that bytes are stable."""

    kind: EntryKind
    id: EntryId
    passage: PassageId
    at: str
    body: Mapping[str, "Field"] = field(default_factory=dict)
    version: int = SCHEMA_VERSION


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What opens an entry's commitment: `HMAC-SHA256(salt, content)`. It stands beside the log, not in it.

    Erasing it leaves every proof valid and the content unprovable. `salt` has 32 bytes.
    """

    salt: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A tree head: `size` entries under `root` (32 bytes), of the log called `origin`."""

    origin: str
    size: int
    root: bytes
