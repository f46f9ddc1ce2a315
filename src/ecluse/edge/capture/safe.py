"""Where prompts and answers are kept, when an organisation asks for it: sealed, each under a key of its own.

Law: a content is sealed with AES-256-GCM under a key drawn for it alone, which is kept in another file, wrapped under
the organisation's key, which may be held outside. Shredding deletes that key first: a copy of the contents in a backup
is then noise.
"""

import secrets
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidTag

from ecluse.domain.caller import OrganisationId
from ecluse.domain.snapshot import Instant
from ecluse.domain.trail import Entry, EntryId
from ecluse.edge.capture.unusable import CaptureUnusable
from ecluse.edge.capture.wrapping import ANOTHER, Wrapping, seal, unseal
from ecluse.edge.erasure import check_references
from ecluse.edge.keys import state as where
from ecluse.passage.record import admin

DAY = 24 * 3600 * 1000
KEYS = """CREATE TABLE IF NOT EXISTS keys (
    entry TEXT PRIMARY KEY, organisation TEXT NOT NULL, created INTEGER NOT NULL, expires INTEGER NOT NULL,
    wrapped BLOB NOT NULL
)"""
ASKS = """CREATE TABLE IF NOT EXISTS asks (
    id TEXT PRIMARY KEY, action TEXT NOT NULL, subject TEXT NOT NULL, actor TEXT NOT NULL, why TEXT NOT NULL,
    organisation TEXT NOT NULL, told INTEGER NOT NULL
)"""
CONTENTS = "CREATE TABLE IF NOT EXISTS contents (entry TEXT PRIMARY KEY, sealed BLOB NOT NULL)"


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked and answered. `withheld` says why an answer is not there."""

    prompt: str
    answer: str | None
    withheld: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What is known of a content without opening it."""

    organisation: OrganisationId
    created: Instant
    expires: Instant


class View(msgspec.Struct, frozen=True, kw_only=True):
    """A break-glass view, or a shredding, as the trail has it: who and why are references."""

    id: str
    action: str
    subject: str
    actor: str
    why: str
    organisation: str

    def entry(self, now: Instant) -> Entry:
        """Return the administrative entry that says so. Raises ValueError for what is no reference."""
        check_references(self.actor, self.why)
        facts = {"why": self.why, "organisation": self.organisation}
        return admin(
            id=EntryId(self.id), now=now, action=self.action, actor=self.actor, subject=self.subject, facts=facts
        )


class Safe:
    """What is kept in one state directory. Each move opens the files; from any thread but a loop's own."""

    def __init__(self, state: Path) -> None:
        """Touch nothing yet."""
        self._contents = where.captured(state)
        self._keys = where.capture_keys(state)

    def put(
        self, entry: EntryId, organisation: OrganisationId, content: Content, key: Wrapping, *, now: Instant, days: int
    ) -> None:
        """Seal and keep a content. Raises CaptureUnusable."""
        own = secrets.token_bytes(32)
        sealed = seal(own, msgspec.json.encode(content), entry)
        wrapped = key.wrap(own, f"{organisation}/{entry}")
        with self._opened_keys() as db, _open(self._contents, CONTENTS) as contents:
            row = (entry, organisation, now, now + days * DAY, wrapped)
            db.execute("INSERT OR REPLACE INTO keys VALUES (?, ?, ?, ?, ?)", row)
            contents.execute("INSERT OR REPLACE INTO contents VALUES (?, ?)", (entry, sealed))

    def find(self, entry: EntryId, now: Instant) -> Kept | None:
        """Say what is kept of an entry, None when nothing is, or no longer. Raises CaptureUnusable."""
        with self._opened_keys() as db:
            found = db.execute("SELECT organisation, created, expires FROM keys WHERE entry = ?", (entry,)).fetchone()
        if found is None or found[2] <= now:
            return None
        return Kept(organisation=OrganisationId(found[0]), created=Instant(found[1]), expires=Instant(found[2]))

    def open(self, entry: EntryId, key: Wrapping, now: Instant) -> Content:
        """Open a content. Raises CaptureUnusable when it is not there or the key is another."""
        kept = self.find(entry, now)
        with self._opened_keys() as db:
            wrapped = db.execute("SELECT wrapped FROM keys WHERE entry = ?", (entry,)).fetchone()
        with _open(self._contents, CONTENTS) as db:
            sealed = db.execute("SELECT sealed FROM contents WHERE entry = ?", (entry,)).fetchone()
        if kept is None or wrapped is None or sealed is None:
            raise CaptureUnusable("nothing is kept of this entry, or no longer")
        try:
            own = key.unwrap(wrapped[0], f"{kept.organisation}/{entry}")
            return msgspec.json.decode(unseal(own, sealed[0], entry), type=Content)
        except (InvalidTag, msgspec.DecodeError):
            raise CaptureUnusable(ANOTHER) from None

    def shred(self, *, entry: EntryId | None = None, organisation: OrganisationId | None = None) -> int:
        """Delete the keys, then the contents, of an entry or an organisation; return how many.

        Raises CaptureUnusable.
        """
        with self._opened_keys() as db:
            gone = db.execute("DELETE FROM keys WHERE entry = ? OR organisation = ?", (entry, organisation)).rowcount
        self._sweep()
        return gone

    def prune(self, days: Mapping[OrganisationId, int], now: Instant) -> int:
        """Shred what is past its end, also where the settings keep less long now. Raises CaptureUnusable."""
        if not self._keys.exists():
            return 0
        with self._opened_keys() as db:
            gone = db.execute("DELETE FROM keys WHERE expires <= ?", (now,)).rowcount
            for organisation, kept in days.items():
                late = (organisation, now - kept * DAY)
                gone += db.execute("DELETE FROM keys WHERE organisation = ? AND created <= ?", late).rowcount
        if gone:
            self._sweep()
        return gone

    def _sweep(self) -> None:
        with self._opened_keys() as db, _open(self._contents, CONTENTS) as contents:
            kept = {name for (name,) in db.execute("SELECT entry FROM keys")}
            there = {name for (name,) in contents.execute("SELECT entry FROM contents")}
            contents.executemany("DELETE FROM contents WHERE entry = ?", [(name,) for name in there - kept])

    # ------------------------------------------------------------------ views, announced before they are had
    def ask(self, view: View) -> None:
        """Ask the gateway that serves to put a view on its trail. Raises CaptureUnusable."""
        with self._opened_keys() as db:
            row = (view.id, view.action, view.subject, view.actor, view.why, view.organisation)
            db.execute("INSERT INTO asks VALUES (?, ?, ?, ?, ?, ?, 0)", row)

    def asked(self) -> list[View]:
        """Return the views that are not on the trail yet, in order. Raises CaptureUnusable."""
        if not self._keys.exists():
            return []
        with self._opened_keys() as db:
            rows = db.execute(
                "SELECT id, action, subject, actor, why, organisation FROM asks WHERE told = 0"
            ).fetchall()
        return [View(id=i, action=a, subject=s, actor=by, why=why, organisation=o) for i, a, s, by, why, o in rows]

    def tell(self, view: str) -> None:
        """Say that a view is on the trail. Raises CaptureUnusable."""
        with self._opened_keys() as db:
            db.execute("UPDATE asks SET told = 1 WHERE id = ?", (view,))

    def told(self, view: str) -> bool:
        """Say whether a view is on the trail. Raises CaptureUnusable."""
        with self._opened_keys() as db:
            return db.execute("SELECT 1 FROM asks WHERE id = ? AND told = 1", (view,)).fetchone() is not None

    @contextmanager
    def _opened_keys(self) -> Iterator[sqlite3.Connection]:
        """Open the keys for one that writes: of a key and its content, nobody sees half."""
        with _open(self._keys, KEYS) as db:
            db.execute(ASKS)
            db.execute("BEGIN IMMEDIATE")
            yield db


@contextmanager
def _open(path: Path, table: str) -> Iterator[sqlite3.Connection]:
    try:
        path.touch(mode=0o600, exist_ok=True)
        with closing(sqlite3.connect(path, timeout=5.0)) as db, db:
            db.execute("PRAGMA secure_delete = ON")
            db.execute(table)
            yield db
    except (sqlite3.Error, OSError) as error:
        raise CaptureUnusable(f"{path} cannot be used: {type(error).__name__}") from error
