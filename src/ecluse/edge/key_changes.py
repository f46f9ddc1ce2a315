"""Changes of keys from the command line and the console, on the trail before they are made; tokens' go the same way.

Law: a change that cannot be put on the trail is not made. A SQLite trail has one writer: while a gateway serves, it is
asked to write, and waited for. Where there is no trail yet, the first gateway that starts writes before it serves.
"""

import asyncio
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from typing import Protocol

import msgspec

from ecluse.domain.caller import EVERYTHING, ApplicationId, Key, KeyId, KeyScope, check_scopes
from ecluse.domain.errors import GatewayError
from ecluse.domain.ports import Clock
from ecluse.domain.snapshot import Instant
from ecluse.domain.trail import Entry, EntryId, Scalar
from ecluse.edge.clock import day_of
from ecluse.edge.keys import Keys, KeysUnusable, Secrets
from ecluse.edge.keys import state as where
from ecluse.edge.keys.secret import Secret
from ecluse.edge.keys.table import fresh_id, spelt
from ecluse.edge.saying import say
from ecluse.edge.stores.errors import StoreError
from ecluse.edge.stores.key_tables import table_of
from ecluse.edge.stores.opening import ServedStore, stated
from ecluse.edge.trail_writing import on_trail_or_asked
from ecluse.passage.record import admin

LOOK = 0.1
"""Seconds between two looks of that gateway."""
ASKS = """CREATE TABLE IF NOT EXISTS asks (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, change BLOB NOT NULL, told INTEGER NOT NULL DEFAULT 0
)"""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One change as the trail has it: of which application's keys, or of which token; by whom."""

    id: str
    action: str
    actor: str
    subject: str
    facts: dict[str, str | None]

    def entry(self, now: Instant) -> Entry:
        """Return the administrative entry that says so."""
        facts: dict[str, Scalar] = dict(self.facts)
        return admin(
            id=EntryId(self.id), now=now, action=self.action, actor=self.actor, subject=self.subject, facts=facts
        )


class Log(Protocol):
    """What a trail can do for changes."""

    def index_of(self, entry: EntryId) -> int | None:
        """Return an entry's index, or None."""

    async def append(self, entry: Entry) -> None:
        """Write an entry; return when it is durable. Raises GatewayError."""


class Asked:
    """The changes that a gateway is asked to put on its trail: a file of the state directory."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def ask(self, change: Change) -> None:
        """Ask for a change. Raises KeysUnusable."""
        with self._open() as db:
            db.execute("INSERT INTO asks (id, change) VALUES (?, ?)", (change.id, msgspec.json.encode(change)))

    def waiting(self) -> list[Change]:
        """Return the changes that are not on the trail yet, in order. Raises KeysUnusable."""
        if not self._path.exists():
            return []
        with self._open() as db:
            found = db.execute("SELECT change FROM asks WHERE told = 0 ORDER BY seq").fetchall()
        try:
            return [msgspec.json.decode(data, type=Change) for (data,) in found]
        except msgspec.DecodeError as error:
            raise KeysUnusable(f"{self._path} has what is no change of a key") from error

    def tell(self, change: str) -> None:
        """Say that a change is on the trail. Raises KeysUnusable."""
        with self._open() as db:
            db.execute("UPDATE asks SET told = 1 WHERE id = ?", (change,))

    def told(self, change: str) -> bool:
        """Say whether a change is on the trail. Raises KeysUnusable."""
        with self._open() as db:
            return db.execute("SELECT 1 FROM asks WHERE id = ? AND told = 1", (change,)).fetchone() is not None

    def withdraw(self, change: str) -> bool:
        """Ask no longer; say whether it was not on the trail yet. Raises KeysUnusable."""
        with self._open() as db:
            return db.execute("DELETE FROM asks WHERE id = ? AND told = 0", (change,)).rowcount == 1

    def stamp(self) -> tuple[int, int]:
        """Return what differs once something was asked."""
        try:
            status = self._path.stat()
        except OSError:
            return 0, 0
        return status.st_mtime_ns, status.st_size

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            self._path.touch(mode=0o600, exist_ok=True)
            with closing(sqlite3.connect(self._path, timeout=5.0)) as db, db:
                db.execute(ASKS)
                yield db
        except (sqlite3.Error, OSError) as error:
            raise KeysUnusable(f"{self._path} cannot be used: {type(error).__name__}") from error


class AnnouncedKeys:
    """Makes, rotates and revokes keys of a state directory, each once the trail says so; for any thread but a loop's.

    `actor` is who, as the trail has it; `by` is a mark of the person, where there is one.
    """

    def __init__(self, state: Path, own: Secrets, clock: Clock, actor: str, by: str = "") -> None:
        self._state = state
        self._clock = clock
        self._own = own
        self._actor = actor
        self._by = by

    def create(
        self, application: ApplicationId, now: Instant, expires: date | None, scopes: frozenset[KeyScope] = EVERYTHING
    ) -> tuple[Key, Secret]:
        """Make a key. Raises KeysUnusable, or ValueError for scopes that no key can have."""
        check_scopes(scopes)
        table, id_ = self._table(), fresh_id()
        self._announce("key_created", application, created(id_, expires.isoformat() if expires else None, scopes))
        return table.create(application, now, expires, id_=id_, scopes=scopes)

    def rotate(self, key: KeyId, now: Instant, until: date, expires: date | None = None) -> tuple[Key, Secret]:
        """Make a key in place of another. Raises KeyError for one that is not there or counts no more, KeysUnusable."""
        table, id_ = self._table(), fresh_id()
        old = _found(table, key)
        if not old.counts(day_of(now)):
            raise KeyError(key)
        self._announce("key_rotated", old.application, rotated(id_, old, until, expires))
        return table.rotate(key, now, until, id_=id_, expires=expires)

    def revoke(self, key: KeyId) -> Key:
        """Revoke a key for good. Raises KeyError, KeysUnusable."""
        table = self._table()
        self._announce("key_revoked", _found(table, key).application, {"key": key})
        return table.revoke(key)

    def _table(self) -> Keys:
        return table_of(self._state, self._own)

    def _announce(self, action: str, application: ApplicationId, facts: dict[str, str | None]) -> None:
        whole = {**facts, "by": self._by} if self._by else facts
        change = Change(id=secrets.token_hex(16), action=action, actor=self._actor, subject=application, facts=whole)
        try:
            announce(self._state, self._own, self._clock, change)
        except (StoreError, GatewayError, ValueError) as error:
            raise KeysUnusable(f"the trail cannot be written, so nothing was changed: {error}") from error


def created(id_: KeyId, expires: str | None, scopes: frozenset[KeyScope]) -> dict[str, str | None]:
    """Return what the trail says of a key that is made."""
    return {"key": id_, "expires": expires, "scopes": spelt(scopes)}


def rotated(id_: KeyId, old: Key, until: date, expires: date | None) -> dict[str, str | None]:
    """Return what the trail says of a key that is made in place of another."""
    last = expires.isoformat() if expires else old.expires
    return {**created(id_, last, old.scopes), "replaces": old.id, "until": until.isoformat()}


def announce(state: Path, own: Secrets, clock: Clock, change: Change) -> None:
    """Put a change on the trail of a state directory. Raises StoreError, GatewayError, KeysUnusable or ValueError."""
    asked, named = Asked(where.key_changes(state)), stated(state)
    if named.url is None and not where.trail(state).exists():
        asked.ask(change)
        return

    async def write(store: ServedStore) -> None:
        await tell(asked, store, clock)
        await store.append(change.entry(clock.now()))

    there = on_trail_or_asked(
        state, own, clock, write, ask=lambda: asked.ask(change), written=lambda: asked.told(change.id)
    )
    if not there and asked.withdraw(change.id):
        raise KeysUnusable("the gateway that serves did not put this on the trail: nothing was changed")


async def tell(asked: Asked, log: Log, clock: Clock) -> None:
    """Put what is asked for on the trail, in order. Raises GatewayError, KeysUnusable."""
    for change in await asyncio.to_thread(asked.waiting):
        if await asyncio.to_thread(log.index_of, EntryId(change.id)) is None:
            await log.append(change.entry(clock.now()))
        await asyncio.to_thread(asked.tell, change.id)


async def keep_telling(asked: Asked, log: Log, clock: Clock) -> None:
    """Put what is asked for on the trail while the gateway serves; until cancelled."""
    seen = (-1, -1)
    while True:
        stamp = asked.stamp()
        if stamp != seen:
            try:
                await tell(asked, log, clock)
                seen = stamp
            except (GatewayError, KeysUnusable) as error:
                say(f"a change of a key waits for the trail: {type(error).__name__}")
        await asyncio.sleep(LOOK)


def _found(table: Keys, key: KeyId) -> Key:
    found = next((one for one in table.list() if one.id == key), None)
    if found is None:
        raise KeyError(key)
    return found
