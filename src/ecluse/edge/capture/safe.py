"""Where prompts and answers are kept, when an organisation asks for it: sealed, each under a key of its own.

Law: a content is sealed with AES-256-GCM under a key drawn for it alone, which is kept apart, wrapped under
the organisation's key, which may be held outside. Shredding deletes that key first: a copy of the contents in a backup
is then noise.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
from cryptography.exceptions import InvalidTag

from ecluse.domain.caller import OrganisationId
from ecluse.domain.snapshot import Instant
from ecluse.domain.trail import Entry, EntryId
from ecluse.edge.capture.unusable import CaptureUnusable
from ecluse.edge.capture.wrapping import ANOTHER, Wrapping, seal, unseal
from ecluse.edge.erasure import check_references
from ecluse.edge.tables import Tables
from ecluse.passage.record import admin

DAY = 24 * 3600 * 1000
COLUMNS = {
    "capture_keys": "entry, organisation, created, expires, wrapped",
    "capture_contents": "entry, sealed",
}
ASK = "id, action, subject, actor, why, organisation"


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
    """What is kept in one store. Each move is one transaction; from any thread but a loop's own."""

    def __init__(self, tables: Tables) -> None:
        """Touch nothing yet."""
        self._tables = tables
        self.alone = tables.alone

    def close(self) -> None:
        """Let go of the store."""
        self._tables.close()

    def put(
        self, entry: EntryId, organisation: OrganisationId, content: Content, key: Wrapping, *, now: Instant, days: int
    ) -> None:
        """Seal and keep a content. Raises CaptureUnusable."""
        own = secrets.token_bytes(32)
        sealed = seal(own, msgspec.json.encode(content), entry)
        wrapped = key.wrap(own, f"{organisation}/{entry}")
        with self._tables.writing() as db:
            for table in ("capture_keys", "capture_contents"):
                db.do(f"DELETE FROM {table} WHERE entry = ?", entry)  # noqa: S608 - our words
            row = (entry, organisation, now, now + days * DAY, wrapped)
            db.do(f"INSERT INTO capture_keys ({COLUMNS['capture_keys']}) VALUES (?, ?, ?, ?, ?)", *row)  # noqa: S608 - our words
            db.do("INSERT INTO capture_contents (entry, sealed) VALUES (?, ?)", entry, sealed)

    def find(self, entry: EntryId, now: Instant) -> Kept | None:
        """Say what is kept of an entry, None when nothing is, or no longer. Raises CaptureUnusable."""
        with self._tables.reading() as db:
            found = db.one("SELECT organisation, created, expires FROM capture_keys WHERE entry = ?", entry)
        if found is None or found["expires"] <= now:
            return None
        return Kept(
            organisation=OrganisationId(found["organisation"]),
            created=Instant(found["created"]),
            expires=Instant(found["expires"]),
        )

    def open(self, entry: EntryId, key: Wrapping, now: Instant) -> Content:
        """Open a content. Raises CaptureUnusable when it is not there or the key is another."""
        kept = self.find(entry, now)
        with self._tables.reading() as db:
            wrapped = db.one("SELECT wrapped FROM capture_keys WHERE entry = ?", entry)
            sealed = db.one("SELECT sealed FROM capture_contents WHERE entry = ?", entry)
        if kept is None or wrapped is None or sealed is None:
            raise CaptureUnusable("nothing is kept of this entry, or no longer")
        try:
            own = key.unwrap(wrapped["wrapped"], f"{kept.organisation}/{entry}")
            return msgspec.json.decode(unseal(own, sealed["sealed"], entry), type=Content)
        except (InvalidTag, msgspec.DecodeError):
            raise CaptureUnusable(ANOTHER) from None

    def shred(self, *, entry: EntryId | None = None, organisation: OrganisationId | None = None) -> int:
        """Delete the keys, then the contents, of an entry or an organisation; return how many.

        Raises CaptureUnusable.
        """
        with self._tables.writing() as db:
            gone = db.do(
                "DELETE FROM capture_keys WHERE entry = ? OR organisation = ?", entry or "", organisation or ""
            )
        self._sweep()
        return gone

    def prune(self, days: Mapping[OrganisationId, int], now: Instant) -> int:
        """Shred what is past its end, also where the settings keep less long now. Raises CaptureUnusable."""
        if not self._tables.there():
            return 0
        with self._tables.writing() as db:
            gone = db.do("DELETE FROM capture_keys WHERE expires <= ?", now)
            for organisation, kept in days.items():
                late = (organisation, now - kept * DAY)
                gone += db.do("DELETE FROM capture_keys WHERE organisation = ? AND created <= ?", *late)
        if gone:
            self._sweep()
        return gone

    def _sweep(self) -> None:
        with self._tables.writing() as db:
            db.do("DELETE FROM capture_contents WHERE entry NOT IN (SELECT entry FROM capture_keys)")

    # ------------------------------------------------------------------ views, announced before they are had
    def ask(self, view: View) -> None:
        """Ask the gateway that serves to put a view on its trail. Raises CaptureUnusable."""
        with self._tables.writing() as db:
            row = (view.id, view.action, view.subject, view.actor, view.why, view.organisation)
            db.do(f"INSERT INTO capture_asks ({ASK}, told) VALUES (?, ?, ?, ?, ?, ?, 0)", *row)  # noqa: S608 - our words

    def asked(self) -> list[View]:
        """Return the views that are not on the trail yet, in order. Raises CaptureUnusable."""
        if not self._tables.there():
            return []
        with self._tables.reading() as db:
            rows = db.all(f"SELECT {ASK} FROM capture_asks WHERE told = 0")  # noqa: S608 - our words
        return [View(id=i, action=a, subject=s, actor=by, why=why, organisation=o) for i, a, s, by, why, o in rows]

    def tell(self, view: str) -> None:
        """Say that a view is on the trail. Raises CaptureUnusable."""
        with self._tables.writing() as db:
            db.do("UPDATE capture_asks SET told = 1 WHERE id = ?", view)

    def told(self, view: str) -> bool:
        """Say whether a view is on the trail. Raises CaptureUnusable."""
        with self._tables.reading() as db:
            return db.one("SELECT 1 FROM capture_asks WHERE id = ? AND told = 1", view) is not None
