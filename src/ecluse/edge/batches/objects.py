"""A file and a batch, as they are kept: their rows and their heads.

Law: a head is the caller's text, and is sealed; ids, sizes, times and states stand in clear.
"""

from typing import Any

import msgspec

from ecluse.domain.snapshot import Instant


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A file: its row and its head, which is the caller's text and is sealed."""

    id: str
    organisation: str
    application: str
    purpose: str
    size: int
    lines: int
    made: Instant
    ends: Instant
    name: str
    sensitivity: tuple[str, ...] = ()


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """A batch: its row and its head."""

    id: str
    organisation: str
    application: str
    caller: str
    file: str
    endpoint: str
    state: str
    total: int
    made: Instant
    deadline: Instant
    ends: Instant
    completed: int
    failed: int
    cancelled: int | None = None
    finished: int | None = None
    output: str | None = None
    errors: str | None = None
    metadata: dict[str, str] | None = None
    asked: dict[str, Any] = {}
    token: int = 0
    """The fencing token of whoever runs it: with another, nothing of it is written."""
