"""The trail's file in the hands of its one writer: batches of lines, each batch one transaction.

Law: a batch is durable as a whole or not at all, with its nodes and, when it is sealed, its signed head: no head is
ever seen over entries that are not on the disk. After any error the file is opened and checked anew before the next
batch. A line that verification would call wrong is refused here.
"""

import contextlib
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ecluse.domain.ports import Signer
from ecluse.domain.trail import Checkpoint, Entry, EntryId, EntryKind
from ecluse.edge.stores.errors import StoreError, TrailUnreadable
from ecluse.edge.stores.reader import TrailReader
from ecluse.edge.stores.schema import SCHEMA, connect
from ecluse.edge.stores.standing import stand
from ecluse.passage.record import canonical
from ecluse.passage.record.checkpoint import key_of, sign
from ecluse.passage.record.merkle import Frontier, leaf_hash
from ecluse.passage.record.tiles import HEIGHT


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An entry ready to be written. `erases` are entries whose openings go in the same transaction."""

    entry: Entry
    data: bytes
    leaf: bytes
    salt: bytes | None = None
    erases: Sequence[EntryId] = ()


def line_of(entry: Entry, *, salt: bytes | None = None, erases: Sequence[EntryId] = ()) -> Line:
    """Spell and hash an entry. Raises EntryRefused."""
    data = canonical(entry)
    return Line(entry=entry, data=data, leaf=leaf_hash(data), salt=salt, erases=erases)


class TrailFile:
    """Owns the writing connection. One thread at a time."""

    def __init__(self, path: Path, signer: Signer) -> None:
        self._path = path
        self._signer = signer
        self._db: sqlite3.Connection | None = None
        self._identity: tuple[int, int] | None = None
        self._frontier = Frontier()
        self._sealed = 0

    @property
    def unsealed(self) -> bool:
        """Whether entries wait for a signed head."""
        return self._frontier.size > self._sealed

    def open(self) -> None:
        """Connect and check where the trail stands. Raises StoreError or sqlite3.Error."""
        db = connect(self._path)
        try:
            reader = TrailReader(db)
            frontier, kept = stand(reader, key_of(self._signer))
            if not kept:
                self._restore_nodes(db, reader, frontier.size)
            (sealed,) = db.execute("SELECT coalesce(max(size), 0) FROM checkpoints").fetchone()
        except (sqlite3.Error, StoreError):
            db.close()
            raise
        self._db, self._frontier, self._sealed = db, frontier, int(sealed)
        self._identity = self._file()

    def close(self) -> None:
        """Close the connection; what was not committed is gone."""
        if self._db is not None:
            with contextlib.suppress(sqlite3.Error):
                self._db.close()
            self._db = None

    def commit(self, lines: Sequence[Line], *, seal: bool) -> list[str | None]:
        """Write a batch and return once it is on the disk: for each line None, or why it was refused.

        `seal` signs the tree that results. Raises StoreError, sqlite3.Error or OSError; then nothing was written, or
        nobody may rely on it.
        """
        db = self._ready()
        done = False
        try:
            db.execute("BEGIN IMMEDIATE")
            if not lines:
                db.execute(f"PRAGMA user_version = {SCHEMA}")  # so that a batch of nothing tries the disk too
            refused = self._write(db, lines, seal=seal)
            db.execute("COMMIT")
            done = True
        finally:
            if not done:
                self.close()
        if any(line.erases for line in lines):
            # The erased salt also stands in the write-ahead log until that is cut.
            busy = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            if busy:
                raise TrailUnreadable("a reader keeps the write-ahead log; ask for the erasure again")
        return refused

    def _ready(self) -> sqlite3.Connection:
        if self._db is None:
            self.open()
        elif self._file() != self._identity:
            self.close()
            raise TrailUnreadable(f"{self._path} was replaced while it was served")
        if self._db is None:
            raise TrailUnreadable(f"{self._path} is not open")
        return self._db

    def _file(self) -> tuple[int, int]:
        status = self._path.stat()
        return status.st_dev, status.st_ino

    def _write(self, db: sqlite3.Connection, lines: Sequence[Line], *, seal: bool) -> list[str | None]:
        size = self._frontier.size
        leaves: list[bytes] = []
        refused: list[str | None] = []
        for line in lines:
            why = _out_of_turn(db, line.entry)
            if why is None and _insert(db, line, size + len(leaves)):
                leaves.append(line.leaf)
            elif not _is_there(db, line):
                refused.append(why or "the entry's id is taken")
                continue
            refused.append(None)
        frontier = self._extend(db, leaves)
        sealed = self._sealed
        if seal and frontier.size > sealed:
            head = Checkpoint(origin=self._signer.name, size=frontier.size, root=frontier.root())
            db.execute("INSERT INTO checkpoints (size, note) VALUES (?, ?)", (head.size, sign(head, self._signer)))
            sealed = head.size
        # Kept before COMMIT returns: whatever fails from here on closes the file, and opening reads them anew.
        self._frontier, self._sealed = frontier, sealed
        return refused

    def _extend(self, db: sqlite3.Connection, leaves: Sequence[bytes]) -> Frontier:
        nodes: list[tuple[int, int, bytes]] = []

        def keep(level: int, index: int, top: bytes) -> None:
            if level % HEIGHT == 0:
                nodes.append((level, index, top))

        frontier = self._frontier.extend(leaves, keep)
        if nodes:
            db.executemany("INSERT INTO nodes (level, idx, hash) VALUES (?, ?, ?)", nodes)
        return frontier

    def _restore_nodes(self, db: sqlite3.Connection, reader: TrailReader, size: int) -> None:
        """Compute the nodes again from leaves that were just verified."""
        db.execute("BEGIN IMMEDIATE")
        db.execute("DELETE FROM nodes")
        self._frontier = Frontier()
        self._extend(db, [leaf for _, _, leaf in reader.rows(0, size)])
        db.execute("COMMIT")


def _out_of_turn(db: sqlite3.Connection, entry: Entry) -> str | None:
    """Say why verification would call this entry wrong after those before it."""
    if entry.kind is EntryKind.ADMIN:
        return None
    announced = db.execute("SELECT destination FROM unsettled WHERE passage = ?", (entry.passage,)).fetchall()
    if not announced and _ended(db, entry):
        return "the passage has already ended"
    if entry.kind is EntryKind.OUTCOME:
        destination = entry.body.get("destination")
        if destination is not None and (destination,) not in announced:
            return "no intent of the passage announced this destination"
    return None


def _ended(db: sqlite3.Connection, entry: Entry) -> bool:
    query = "SELECT 1 FROM entries WHERE passage = ? AND kind = ? LIMIT 1"
    return db.execute(query, (entry.passage, EntryKind.OUTCOME.value)).fetchone() is not None


def _insert(db: sqlite3.Connection, line: Line, index: int) -> bool:
    """Insert an entry and what goes with it; say whether its id was free."""
    entry = line.entry
    inserted = db.execute(
        "INSERT INTO entries (idx, id, passage, kind, entry, leaf) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (id) DO NOTHING",
        (index, bytes.fromhex(entry.id), entry.passage, entry.kind.value, line.data, line.leaf),
    )
    if not inserted.rowcount:
        return False
    if line.salt is not None:
        db.execute("INSERT INTO openings (idx, salt) VALUES (?, ?)", (index, line.salt))
    db.executemany(
        "DELETE FROM openings WHERE idx = (SELECT idx FROM entries WHERE id = ?)",
        [(bytes.fromhex(erased),) for erased in line.erases],
    )
    if entry.kind is EntryKind.INTENT:
        destination = str(entry.body.get("destination"))
        db.execute("INSERT INTO unsettled (passage, destination) VALUES (?, ?)", (entry.passage, destination))
    elif entry.kind is EntryKind.OUTCOME:
        db.execute("DELETE FROM unsettled WHERE passage = ?", (entry.passage,))
    return True


def _is_there(db: sqlite3.Connection, line: Line) -> bool:
    """Whether exactly this entry is in the log already, as when an append is asked again after an error."""
    found = db.execute("SELECT entry FROM entries WHERE id = ?", (bytes.fromhex(line.entry.id),)).fetchone()
    return found is not None and bool(found[0] == line.data)
