"""Which store a state directory has: the trail's file in it, or the PostgreSQL that its `store` file names.

Law: a gateway writes that file when it starts on PostgreSQL, so that every command that is given the directory reads
the log that is served. It holds no password: the settings name one, or the environment has it.
"""

import tomllib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import msgspec

from ecluse.domain.destination import DestinationId
from ecluse.domain.errors import GatewayError
from ecluse.domain.ports import Clock, Log, Signer, Store
from ecluse.domain.trail import Entry, EntryId, Opening, PassageId
from ecluse.edge.config import SettingsError, StoreSettings
from ecluse.edge.extras import load
from ecluse.edge.keys import state as where
from ecluse.edge.keys.resolver import SecretResolver
from ecluse.edge.stores.errors import TrailUnreadable
from ecluse.edge.stores.reader import TrailReader
from ecluse.edge.stores.sqlite import SqliteStore
from ecluse.passage.record.tiles import HashesAt
from ecluse.prove.verify import Row

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1", None})
"""Addresses on this machine; none is a socket of its file system."""
VERIFIED = ("sslmode=require", "sslmode=verify-ca", "sslmode=verify-full")

Mark = Callable[[int, HashesAt], None]


class Reader(Protocol):
    """A trail to read, whatever it is made of."""

    def close(self) -> None:
        """Let go of it."""

    def stand_still(self) -> None:
        """Let every later read see the trail as it is now; until `close`."""

    def stopped(self) -> str | None:
        """Return why the log accepts nothing more, None while it does."""

    def staged(self) -> Sequence[tuple[str, str]]:
        """Return passage and kind of what is durable and has no index yet, in the order it was written."""

    def size(self) -> int:
        """Return how many entries are in the log."""

    def index_of(self, entry: EntryId) -> int | None:
        """Return the entry's index, or None."""

    def rows(self, start: int, stop: int) -> Iterator[Row]:
        """Read the rows whose index is in [start, stop), in order."""

    def everything(self) -> tuple[Iterator[Row], list[str]]:
        """Return every row and every checkpoint."""

    def notes(self) -> list[str]:
        """Return every signed checkpoint, oldest first."""

    def last_note(self) -> str | None:
        """Return the newest signed checkpoint."""

    def of_passage(self, passage: PassageId) -> Sequence[Row]:
        """Return the entries of one passage, in order."""

    def opening(self, entry: EntryId) -> Opening | None:
        """Return what opens the entry's commitment."""

    def strays(self) -> list[int]:
        """Return the rows of openings that belong to no intent."""

    def columns(self) -> Iterator[tuple[int, bytes, str, str, bytes]]:
        """Read index, id, passage, kind and bytes of every row, in order."""

    def nodes(self) -> dict[tuple[int, int], bytes]:
        """Return every stored node by level and index."""

    def unsettled(self) -> dict[PassageId, DestinationId]:
        """Return the passages that have an intent and no outcome."""

    def hashes(self, level: int, first: int, count: int) -> list[bytes]:
        """Return the roots of `count` perfect subtrees at a level that is a multiple of 8."""

    def node(self, level: int, index: int) -> bytes:
        """Return the root of a perfect subtree."""


class ServedStore(Store, Log, Protocol):
    """A store as the gateway serves on it."""

    @property
    def failing(self) -> bool:
        """Whether the last write failed."""

    def opened(self) -> Iterator[bytes]:
        """Return the canonical bytes of each entry that has an opening, in order."""

    async def erase_openings(self, entries: Sequence[EntryId], record: Entry) -> None:
        """Erase what opens these entries and append `record`, which says so, in one transaction."""

    async def start(self) -> int:
        """Open it; return how many passages a crash had cut off."""

    async def close(self) -> None:
        """Close it."""


def store_of(stated: StoreSettings, state: Path, *, signer: Signer, clock: Clock, mark: Mark | None) -> ServedStore:
    """Return the store that the settings name, not started.

    Raises SettingsError, GatewayError or ExtraMissing, and TrailUnreadable for a file that was carried to PostgreSQL.
    """
    if stated.url is None:
        _still_there(state)
    point(stated, state)
    if stated.url is None:
        return SqliteStore(where.trail(state), signer=signer, clock=clock, mark=mark)
    url = url_of(stated.url)
    made: ServedStore = load("ecluse.edge.stores.postgres.store", "postgres").PostgresStore(
        url, schema=stated.schema, signer=signer, clock=clock, mark=mark
    )
    return made


def _still_there(state: Path) -> None:
    """Refuse to begin another log where this one went to PostgreSQL. Raises TrailUnreadable."""
    trail = where.trail(state)
    aside = trail.with_name(f"{trail.name}.carried")
    if trail.exists() or not aside.exists():
        return
    try:
        there = stated(state)
        named = f'store.url = "{there.url}" and store.schema = "{there.schema}"' if there.url else "its store.url"
    except TrailUnreadable:
        named = "its store.url"
    raise TrailUnreadable(
        f"the trail of {state} was carried to PostgreSQL, and {aside.name} is what it was then: start with {named}; "
        "a new log needs a state directory of its own"
    )


def point(stated: StoreSettings, state: Path) -> None:
    """Have every command that is given the directory find the store that settings name. Raises SettingsError."""
    pointer = where.store(state)
    if stated.url is None:
        pointer.unlink(missing_ok=True)
        return
    url_of(stated.url)
    pointer.write_text(f'url = "{stated.url}"\nschema = "{stated.schema}"\n', encoding="utf-8")


def stated(state: Path) -> StoreSettings:
    """Return which store the directory's gateway serves on. Raises TrailUnreadable."""
    pointer = where.store(state)
    if not pointer.exists():
        return StoreSettings()
    try:
        return msgspec.convert(tomllib.loads(pointer.read_text(encoding="utf-8")), StoreSettings)
    except (OSError, ValueError) as error:
        raise TrailUnreadable(f"{pointer} cannot be read: {error}") from error


def open_reader(state: Path) -> Reader:
    """Open the trail of a state directory for reading, also while it is served. Raises StoreError."""
    return reader_at(stated(state), state)


def reader_at(named: StoreSettings, state: Path) -> Reader:
    """Open the trail that settings name for reading. Raises StoreError."""
    if named.url is None:
        return TrailReader.open(where.trail(state))
    try:
        url = url_of(named.url)
        made: Reader = load("ecluse.edge.stores.postgres.reader", "postgres").PostgresReader.open(url, named.schema)
    except (ValueError, GatewayError) as error:
        raise TrailUnreadable(f"the store on record cannot be read: {error}") from error
    return made


def url_of(named: str) -> str:
    """Return the URL that `env:NAME` or `file:PATH` holds, or that is written without a password.

    Raises SettingsError, or SecretUnavailable.
    """
    secret = named.startswith(("env:", "file:"))
    url = SecretResolver().resolve(named).reveal() if secret else named
    if not url.startswith(("postgresql://", "postgres://")):
        raise SettingsError("store.url: write postgresql://USER@HOST/DATABASE, or env:NAME or file:PATH that holds it")
    parts = urlsplit(url)
    if not secret and parts.password is not None:
        raise SettingsError("store.url: a password is named, never written: env:NAME or file:PATH that holds the URL")
    if parts.hostname not in LOOPBACK and not any(mode in parts.query for mode in VERIFIED):
        raise SettingsError("store.url: another machine needs TLS: add ?sslmode=verify-full (and sslrootcert=FILE)")
    return url
