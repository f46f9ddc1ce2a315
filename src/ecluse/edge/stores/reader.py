"""Reads a trail: for the store, for `ecluse trail`, and for whoever verifies while the gateway serves.

Law: it never writes, and holds no read open for long unless it is told to stand still: the log only grows, so pages of
rows read one after the other are one log.
"""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ecluse.domain.destination import DestinationId
from ecluse.domain.trail import EntryId, Opening, PassageId
from ecluse.edge.stores.errors import TrailDamaged
from ecluse.edge.stores.schema import connect_readonly
from ecluse.passage.record.tiles import node_at
from ecluse.prove.verify import Row

PAGE = 1000
LOWEST = -(2**63)


class TrailReader:
    """One reading connection. Several threads may share it."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._lock = threading.Lock()

    @classmethod
    def open(cls, path: Path) -> "TrailReader":
        """Open a trail read-only, also while it is served. Raises TrailUnreadable."""
        return cls(connect_readonly(path))

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._db.close()

    def stand_still(self) -> None:
        """Let every later read see the trail as it is now, also while it is served; until `close`."""
        self._all("BEGIN")
        self.size()  # the first read is the moment that counts

    def stopped(self) -> str | None:
        """Return why the log accepts nothing more, None while it does: a file says so by not verifying."""
        return None

    def staged(self) -> list[tuple[str, str]]:
        """Return passage and kind of what is durable and has no index yet: nothing here."""
        return []

    def size(self) -> int:
        """Return how many entries are in the log."""
        return int(self._all("SELECT coalesce(max(idx) + 1, 0) FROM entries")[0][0])

    def index_of(self, entry: EntryId) -> int | None:
        """Return the entry's index, or None when it is not in the log."""
        found = self._all("SELECT idx FROM entries WHERE id = ?", _id_bytes(entry))
        return int(found[0][0]) if found else None

    def rows(self, start: int, stop: int) -> Iterator[Row]:
        """Read the rows whose index is in [start, stop), in order."""
        while page := self._all(
            "SELECT idx, entry, leaf FROM entries WHERE idx >= ? AND idx < ? ORDER BY idx LIMIT ?", start, stop, PAGE
        ):
            yield from page
            start = page[-1][0] + 1

    def everything(self) -> tuple[Iterator[Row], list[str]]:
        """Return every row and every checkpoint, as they stand now: the checkpoints are read first."""
        notes = self.notes()
        return self.rows(LOWEST, self.size()), notes

    def notes(self) -> list[str]:
        """Return every signed checkpoint, oldest first."""
        return [note for (note,) in self._all("SELECT note FROM checkpoints ORDER BY size")]

    def last_note(self) -> str | None:
        """Return the newest signed checkpoint."""
        found = self._all("SELECT note FROM checkpoints ORDER BY size DESC LIMIT 1")
        return str(found[0][0]) if found else None

    def of_passage(self, passage: PassageId) -> list[Row]:
        """Return the entries of one passage, in order."""
        return list(self._all("SELECT idx, entry, leaf FROM entries WHERE passage = ? ORDER BY idx", passage))

    def opening(self, entry: EntryId) -> Opening | None:
        """Return what opens the entry's commitment, or None when it has none or it was erased."""
        found = self._all("SELECT salt FROM openings JOIN entries USING (idx) WHERE id = ?", _id_bytes(entry))
        return Opening(salt=found[0][0]) if found else None

    def opened(self) -> Iterator[bytes]:
        """Return the canonical bytes of each entry that has an opening, in order."""
        start = LOWEST
        query = "SELECT idx, entry FROM openings JOIN entries USING (idx) WHERE idx >= ? ORDER BY idx LIMIT ?"
        while page := self._all(query, start, PAGE):
            yield from (data for _, data in page)
            start = page[-1][0] + 1

    def strays(self) -> list[int]:
        """Return the rows of openings that belong to no intent."""
        query = "SELECT idx FROM openings LEFT JOIN entries USING (idx) WHERE kind IS NOT 'intent' ORDER BY idx"
        return [int(index) for (index,) in self._all(query)]

    def columns(self) -> Iterator[tuple[int, bytes, str, str, bytes]]:
        """Read index, id, passage, kind and bytes of every row, in order."""
        start = LOWEST
        query = "SELECT idx, id, passage, kind, entry FROM entries WHERE idx >= ? ORDER BY idx LIMIT ?"
        while page := self._all(query, start, PAGE):
            yield from ((index, id_, passage, kind, data) for index, id_, passage, kind, data in page)
            start = page[-1][0] + 1

    def nodes(self) -> dict[tuple[int, int], bytes]:
        """Return every stored node by level and index."""
        return {(level, index): top for level, index, top in self._all("SELECT level, idx, hash FROM nodes")}

    def unsettled(self) -> dict[PassageId, DestinationId]:
        """Return the passages that have an intent and no outcome, with the destination of their last intent."""
        return {
            PassageId(passage): DestinationId(destination)
            for passage, destination in self._all("SELECT passage, destination FROM unsettled ORDER BY seq")
        }

    def hashes(self, level: int, first: int, count: int) -> list[bytes]:
        """Return the roots of `count` perfect subtrees at a level that is a multiple of 8; fewer when not there."""
        table, column, where = ("nodes", "hash", "level = ? AND") if level else ("entries", "leaf", "? = 0 AND")
        query = f"SELECT {column} FROM {table} WHERE {where} idx >= ? AND idx < ? ORDER BY idx"  # noqa: S608 - our words
        return [hashed for (hashed,) in self._all(query, level, first, first + count)]

    def node(self, level: int, index: int) -> bytes:
        """Return the root of a perfect subtree. Raises TrailDamaged when what it is made of is not there."""
        try:
            return node_at(self.hashes)(level, index)
        except LookupError as error:
            raise TrailDamaged(str(error)) from error

    def _all(self, query: str, *values: object) -> Sequence[tuple[Any, ...]]:
        with self._lock:
            return self._db.execute(query, values).fetchall()


def _id_bytes(entry: EntryId) -> bytes:
    """Return an entry id as it is stored; what is no id is the id of nothing."""
    try:
        return bytes.fromhex(entry)
    except ValueError:
        return b""
