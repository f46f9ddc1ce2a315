"""What the edge implements for the runner: each port is as small as its one use.

Law: the passage never sees a port; it asks by effects.
"""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Protocol

from ecluse.domain.destination import Destination
from ecluse.domain.document import Attachment, AttachmentFound, File, Opened
from ecluse.domain.effects import Call
from ecluse.domain.finding import Finding
from ecluse.domain.snapshot import Detector, Instant
from ecluse.domain.trail import Entry, EntryId, Opening


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> Instant:
        """Return milliseconds since the epoch, UTC."""


class Signer(Protocol):
    """Signs tree heads. `name` is the key's name in signed notes."""

    name: str

    def sign(self, message: bytes) -> bytes:
        """Return an Ed25519 signature (64 bytes)."""

    def public(self) -> bytes:
        """Return the raw Ed25519 public key (32 bytes)."""


class Openers(Protocol):
    """Opens files, away from the event loop and from this process."""

    async def unfold(self, files: Sequence[File]) -> Opened:
        """Return what the files hold. Raises GatewayError(classification_unavailable)."""


class Attachments(Openers, Protocol):
    """Reads the files of a call, and searches what was read. What a file is, or its length, leaves it unreadable.

    Each raises GatewayError(classification_unavailable) when no reader can be had, or what was read cannot be searched.
    """

    async def search(
        self, files: Sequence[Attachment], detector: Detector, organisation: str, sought: Sequence[tuple[Finding, str]]
    ) -> Sequence[AttachmentFound]:
        """Return what is found in each file; `sought` are findings of the texts with their values."""


class Store(Protocol):
    """The trail's storage. `append` answers 'durable', never an index (decision 11)."""

    async def append(self, entry: Entry, opening: Opening | None = None) -> None:
        """Return once the entry would survive a power cut. Raises TrailUnavailable."""

    def index_of(self, entry: EntryId) -> int | None:
        """Return the entry's index in the log, or None while it has none."""

    def rows(self, start: int, stop: int) -> Iterable[bytes]:
        """Return the canonical bytes of the entries in [start, stop)."""

    def size(self) -> int:
        """Return how many entries are in the log."""


class Log(Protocol):
    """The trail as strangers see it: rows, nodes of its tree, the newest signed head. It only reads."""

    def size(self) -> int:
        """Return how many entries are in the log, those not yet under a head too."""

    def index_of(self, entry: EntryId) -> int | None:
        """Return the entry's index in the log, or None while it has none."""

    def rows(self, start: int, stop: int) -> Iterable[bytes]:
        """Return the canonical bytes of the entries in [start, stop)."""

    def hashes(self, level: int, first: int, count: int) -> Sequence[bytes]:
        """Return the roots of `count` perfect subtrees at a level that is a multiple of 8; fewer when not there."""

    def checkpoint(self) -> str | None:
        """Return the newest signed head as a note, None for an empty log."""


class Exchange(Protocol):
    """An open answer from a provider. Closing it cancels the call upstream."""

    status: int
    headers: Mapping[str, str]

    def chunks(self) -> AsyncIterator[bytes]:
        """Iterate over the body as it arrives. Raises ProviderError."""

    async def close(self) -> None:
        """Close the connection if the body is not finished. Idempotent."""


class Transport(Protocol):
    """The only way out. Never follows a redirect, never reads a proxy from the environment."""

    async def send(self, destination: Destination, call: Call, secret: Sequence[tuple[str, str]]) -> Exchange:
        """Send one call and return at the answer's head. Raises ProviderError."""

    async def close(self) -> None:
        """Close every connection."""


class VaultStore(Protocol):
    """Where sealed vaults are kept for surfaces whose state outlives a passage. It sees no original."""

    async def put(self, name: str, record: bytes, *, expires: Instant) -> None:
        """Keep a record until it ends, in the place of one of the same name."""

    async def get(self, name: str, *, now: Instant) -> bytes | None:
        """Return a record, unless it was let go of at its end: whether that has come, only its seal says."""

    async def swap(self, name: str, before: bytes, record: bytes, *, expires: Instant) -> bool:
        """Put a record in the place of `before`; say whether that still stood there, else nothing is changed."""

    async def forget(self, name: str) -> bool:
        """Delete a record; say whether there was one."""

    async def close(self) -> None:
        """Close every connection."""
