"""The table of API keys: made, listed and revoked from the command line, also while the gateway serves.

Law: it holds keyed hashes, never a key. A key is shown once, when it is made. A revoked key stays in the table.
"""

import contextlib
import os
import secrets
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from ecluse.domain.caller import EVERYTHING, ApplicationId, Key, KeyId, KeyScope
from ecluse.domain.snapshot import Instant
from ecluse.edge.clock import day_of
from ecluse.edge.keys.api_key import mint
from ecluse.edge.keys.own import Secrets
from ecluse.edge.keys.secret import Secret
from ecluse.passage.record import timestamp

APPLICATION_ID = 0x45434C4B
"""`ECLK`."""
SCHEMA = 2
BUSY = 0.5
"""Seconds to wait for another process that is writing."""

TABLE = """
CREATE TABLE keys (
    id TEXT PRIMARY KEY,
    application TEXT NOT NULL,
    hash BLOB NOT NULL UNIQUE,
    created TEXT NOT NULL,
    expires TEXT,
    revoked INTEGER NOT NULL DEFAULT 0,
    scopes TEXT NOT NULL DEFAULT 'all',
    used TEXT
) STRICT, WITHOUT ROWID
"""
RENEWALS = (
    (
        "ALTER TABLE keys ADD COLUMN scopes TEXT NOT NULL DEFAULT 'all'",
        "ALTER TABLE keys ADD COLUMN used TEXT",
    ),
)
"""What brings a table of schema 1, 2 ... to the next."""
COLUMNS = "id, application, hash, created, expires, revoked, scopes, used"


class KeysUnusable(Exception):
    """The table of keys cannot be used. Says what to do."""


def fresh_id() -> KeyId:
    """Return the id of a key that is about to be made."""
    return KeyId(f"key_{secrets.token_hex(8)}")


class Keys(ABC):
    """A table of keys, wherever it is kept. Each move is one transaction of its own."""

    def __init__(self, own: Secrets) -> None:
        self._own = own

    def create(
        self,
        application: ApplicationId,
        now: Instant,
        expires: date | None = None,
        *,
        id_: KeyId | None = None,
        scopes: frozenset[KeyScope] = EVERYTHING,
    ) -> tuple[Key, Secret]:
        """Make a key for an application. It counts until the end of the day `expires`, UTC.

        `id_` is an id that was told to somebody before, from `fresh_id`. Raises KeysUnusable, or ValueError for scopes
        that no key can have.
        """
        key, secret = self._made(application, now, expires, id_, scopes)
        self._add(key)
        return key, secret

    def rotate(
        self, key: KeyId, now: Instant, until: date, *, id_: KeyId | None = None, expires: date | None = None
    ) -> tuple[Key, Secret]:
        """Make a new key in place of an old one, which counts until the end of `until`, UTC, at most.

        The new one has the application and the scopes of the old one, and its last day unless `expires` is another.
        Raises KeyError for a key that is not there or counts no more, KeysUnusable.
        """
        old = next((known for known in self.list() if known.id == key and known.counts(day_of(now))), None)
        if old is None:
            raise KeyError(key)
        last = expires or (date.fromisoformat(old.expires) if old.expires else None)
        made, secret = self._made(old.application, now, last, id_, old.scopes)
        if not self._replace(key, until.isoformat(), made):
            raise KeyError(key)
        return made, secret

    def revoke(self, key: KeyId) -> Key:
        """Revoke a key for good. Raises KeyError, KeysUnusable."""
        self._refuse(key)
        for found in self.list():
            if found.id == key:
                return found
        raise KeyError(key)

    @abstractmethod
    def list(self) -> tuple[Key, ...]:
        """Return every key, the oldest first. Raises KeysUnusable."""

    @abstractmethod
    def _add(self, key: Key) -> None:
        """Write a new key."""

    def _made(
        self,
        application: ApplicationId,
        now: Instant,
        expires: date | None,
        id_: KeyId | None,
        scopes: frozenset[KeyScope],
    ) -> tuple[Key, Secret]:
        secret = mint()
        key = Key(
            id=id_ or fresh_id(),
            application=application,
            index=self._own.index_of(secret.reveal().encode()),
            created=timestamp(now),
            expires=expires.isoformat() if expires else None,
            scopes=scopes,
        )
        return key, secret

    @abstractmethod
    def _replace(self, old: KeyId, day: str, new: Key) -> bool:
        """Let a key end on a day, unless it ends before, and write a new one: both, or neither.

        Returns whether the old one was there, and not revoked; otherwise nothing is written.
        """

    @abstractmethod
    def _refuse(self, key: KeyId) -> None:
        """Mark a key as revoked, if it is there."""


class KeyTable(Keys):
    """Writes the table of one process, a file of its state directory."""

    def __init__(self, path: Path, own: Secrets) -> None:
        super().__init__(own)
        self._path = path

    def list(self) -> tuple[Key, ...]:
        """Return every key, the oldest first. Raises KeysUnusable."""
        if not self._path.exists():
            return ()
        with self._writing() as db:
            return read(db)

    def _add(self, key: Key) -> None:
        with self._writing() as db:
            _insert(db, key)

    def saw(self, used: Mapping[KeyId, str]) -> None:
        """Write when keys were last used; an earlier time changes nothing. Raises KeysUnusable."""
        if used and self._path.exists():
            with self._writing() as db:
                db.executemany(
                    "UPDATE keys SET used = max(?, coalesce(used, '')) WHERE id = ?",
                    [(when, key) for key, when in used.items()],
                )

    def _replace(self, old: KeyId, day: str, new: Key) -> bool:
        with self._writing() as db:
            ended = db.execute(
                "UPDATE keys SET expires = min(?, coalesce(expires, ?)) WHERE id = ? AND revoked = 0", (day, day, old)
            )
            if ended.rowcount:
                _insert(db, new)
            return ended.rowcount == 1

    def _refuse(self, key: KeyId) -> None:
        if self._path.exists():
            with self._writing() as db:
                db.execute("UPDATE keys SET revoked = 1 WHERE id = ?", (key,))

    @contextlib.contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        try:
            with contextlib.suppress(FileExistsError):
                os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
            with contextlib.closing(connect(self._path)) as db:
                db.execute("BEGIN IMMEDIATE")
                if db.execute("SELECT count(*) FROM sqlite_schema").fetchone() == (0,):
                    _make(db)
                _renew(db)
                check(db, self._path)
                yield db
                db.execute("COMMIT")
        except (sqlite3.Error, OSError) as error:
            raise KeysUnusable(f"{self._path} cannot be used: {error}") from error


def connect(path: Path) -> sqlite3.Connection:
    """Open a table that is there. Raises sqlite3.Error."""
    uri = f"{path.absolute().as_uri()}?mode=rw"
    db = sqlite3.connect(uri, uri=True, timeout=BUSY, isolation_level=None, check_same_thread=False)
    db.execute("PRAGMA synchronous = FULL")
    db.execute("PRAGMA trusted_schema = OFF")
    return db


def renewed(path: Path) -> sqlite3.Connection:
    """Open a table that is there, brought to this version if it is of an earlier one. Raises sqlite3.Error."""
    db = connect(path)
    try:
        if _stated(db) != (APPLICATION_ID, SCHEMA):
            db.execute("BEGIN IMMEDIATE")
            _renew(db)
            db.execute("COMMIT")
    except sqlite3.Error:
        db.close()
        raise
    return db


def check(db: sqlite3.Connection, path: Path) -> None:
    """Refuse another kind of file. Raises KeysUnusable."""
    if _stated(db) != (APPLICATION_ID, SCHEMA):
        raise KeysUnusable(f"{path} is not a table of keys of this version of Ecluse (schema {SCHEMA})")


def read(db: sqlite3.Connection) -> tuple[Key, ...]:
    """Read the whole table. Raises KeysUnusable for a row that is no key."""
    rows: Sequence[tuple[Any, ...]] = db.execute(f"SELECT {COLUMNS} FROM keys ORDER BY created, id").fetchall()  # noqa: S608 - our words
    return keys_of(rows)


def keys_of(rows: Iterable[Sequence[Any]]) -> tuple[Key, ...]:
    """Make keys of rows of `COLUMNS`. Raises KeysUnusable for scopes that this version does not know."""
    try:
        return tuple(
            Key(
                id=KeyId(key),
                application=ApplicationId(application),
                index=bytes(hashed),
                created=created,
                expires=expires,
                revoked=bool(revoked),
                scopes=frozenset(KeyScope(word) for word in scopes.split(",")),
                used=used,
            )
            for key, application, hashed, created, expires, revoked, scopes, used in rows
        )
    except ValueError as error:
        raise KeysUnusable(f"the table has a key that this version cannot read: {error}") from error


def spelt(scopes: frozenset[KeyScope]) -> str:
    """Write scopes as the table has them."""
    return ",".join(scope for scope in KeyScope if scope in scopes)


def _insert(db: sqlite3.Connection, key: Key) -> None:
    db.execute(
        "INSERT INTO keys (id, application, hash, created, expires, scopes) VALUES (?, ?, ?, ?, ?, ?)",
        (key.id, key.application, key.index, key.created, key.expires, spelt(key.scopes)),
    )


def _stated(db: sqlite3.Connection) -> tuple[int, int]:
    return db.execute("PRAGMA application_id").fetchone()[0], db.execute("PRAGMA user_version").fetchone()[0]


def _renew(db: sqlite3.Connection) -> None:
    """Bring a table of an earlier version to this one; leave any other file as it is."""
    made_by, version = _stated(db)
    if made_by != APPLICATION_ID or not 1 <= version < SCHEMA:
        return
    for steps in RENEWALS[version - 1 :]:
        for step in steps:
            db.execute(step)
    db.execute(f"PRAGMA user_version = {SCHEMA}")


def _make(db: sqlite3.Connection) -> None:
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    db.execute(f"PRAGMA user_version = {SCHEMA}")
    db.execute(TABLE)
