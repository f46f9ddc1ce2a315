"""The digest: passages that can be searched and sums that are kept, read from the trail a little at a time.

Law: it holds nothing that the trail does not, in a file that may be thrown away; when the trail is not the one that it
read, it begins again. The trail is only ever read.
"""

import os
import sqlite3
import threading
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import astuple, fields
from pathlib import Path
from typing import Any

import msgspec

from ecluse.console.digest.passages import Filter, Passed
from ecluse.domain.trail import EntryKind
from ecluse.edge.stores.opening import Reader
from ecluse.prove.verify import Row

BATCH = 4000
"""Entries in one transaction."""
COLUMNS = [field.name for field in fields(Passed)]
KEY = ("day", "organisation", "application", "principal", "way", "destination", "watched", "currency", "recipients")
MARKS = ", ".join("?" * len(COLUMNS))
VERSION = 4

TABLES = """
CREATE TABLE read (size INTEGER NOT NULL, leaf BLOB NOT NULL) STRICT;
CREATE TABLE passages (
    seq INTEGER PRIMARY KEY, passage TEXT NOT NULL UNIQUE, at TEXT NOT NULL, organisation TEXT NOT NULL,
    application TEXT NOT NULL, purpose TEXT NOT NULL, way TEXT NOT NULL, principal TEXT NOT NULL,
    classes TEXT NOT NULL, destination TEXT NOT NULL, model TEXT NOT NULL, watched INTEGER NOT NULL,
    rules TEXT NOT NULL, observed TEXT NOT NULL, code TEXT NOT NULL, status TEXT NOT NULL,
    tokens_in INTEGER NOT NULL, tokens_out INTEGER NOT NULL, duration_ms INTEGER NOT NULL,
    cost_micro INTEGER NOT NULL, currency TEXT NOT NULL, recipients TEXT NOT NULL, dialect TEXT NOT NULL
) STRICT;
CREATE INDEX by_way ON passages (way, principal, seq);
CREATE INDEX by_destination ON passages (destination, seq);
CREATE INDEX by_application ON passages (application, seq);
CREATE INDEX by_day ON passages (at);
CREATE TABLE ruled (rule TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (rule, seq)) STRICT, WITHOUT ROWID;
CREATE TABLE sums (
    day TEXT NOT NULL, organisation TEXT NOT NULL, application TEXT NOT NULL, principal TEXT NOT NULL,
    way TEXT NOT NULL, destination TEXT NOT NULL, watched INTEGER NOT NULL,
    currency TEXT NOT NULL, recipients TEXT NOT NULL, passages INTEGER NOT NULL, tokens_in INTEGER NOT NULL,
    tokens_out INTEGER NOT NULL, cost_micro INTEGER NOT NULL,
    PRIMARY KEY (day, organisation, application, principal, way, destination, watched, currency, recipients)
) STRICT, WITHOUT ROWID;
CREATE TABLE fired (
    day TEXT NOT NULL, organisation TEXT NOT NULL, application TEXT NOT NULL, rule TEXT NOT NULL, effect TEXT NOT NULL,
    passages INTEGER NOT NULL,
    PRIMARY KEY (day, organisation, application, rule, effect)
) STRICT, WITHOUT ROWID;
INSERT INTO read VALUES (0, x'');
PRAGMA user_version = 4
"""


class _Wire(msgspec.Struct):
    kind: str
    passage: str
    at: str
    body: dict[str, Any]


_DECODER = msgspec.json.Decoder(_Wire)


class Digest:
    """Owns the digest's file. Threads may share it."""

    def __init__(self, path: Path) -> None:
        """Open the file, or begin a new one."""
        self._path = path
        self._lock = threading.RLock()
        self._db = self._opened()
        self._asking = threading.Lock()
        self._asked = sqlite3.connect(path, isolation_level=None, check_same_thread=False)

    def _opened(self) -> sqlite3.Connection:
        os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
        db = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
        try:
            (version,) = db.execute("PRAGMA user_version").fetchone()
        except sqlite3.DatabaseError:
            version = -1
        if version != VERSION:
            db.close()
            self._path.unlink()
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
            db = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
            db.executescript(TABLES)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = OFF")
        return db

    def close(self) -> None:
        """Close the file."""
        with self._lock, self._asking:
            self._asked.close()
            self._db.close()

    @property
    def size(self) -> int:
        """How many entries were read."""
        return int(self.ask("SELECT size FROM read")[0][0])

    def follow(self, trail: Reader, most: int) -> int:
        """Read at most `most` entries more; return how many are still to be read."""
        with self._lock:
            size, leaf = self.ask("SELECT size, leaf FROM read")[0]
            end = trail.size()
            if size and [row[2] for row in trail.rows(size - 1, size)] != [leaf]:
                self._begin_again()
                size = 0
            stop = min(end, size + most)
            while size < stop:
                rows = list(trail.rows(size, min(stop, size + BATCH)))
                if not rows:
                    break
                self._take(rows)
                size = rows[-1][0] + 1
            return int(max(0, end - size))

    def _begin_again(self) -> None:
        self._db.execute("BEGIN")
        for table in ("passages", "ruled", "sums", "fired"):
            self._db.execute(f"DELETE FROM {table}")  # noqa: S608 - our own names
        self._db.execute("UPDATE read SET size = 0, leaf = x''")
        self._db.execute("COMMIT")

    def _take(self, rows: Sequence[Row]) -> None:
        changes = _Changes()
        for index, data, _ in rows:
            entry = _DECODER.decode(data)
            if entry.kind == EntryKind.ADMIN:
                continue
            known = changes.after.get(entry.passage)
            if known is None:
                known = self._known(entry.passage)
                if known is not None:
                    changes.had(known)
                known = known or Passed(seq=index, passage=entry.passage, at=entry.at)
                changes.after[entry.passage] = known
            known.take(entry.kind, entry.body)
        self._db.execute("BEGIN")
        changes.write(self._db)
        self._db.execute("UPDATE read SET size = ?, leaf = ?", (rows[-1][0] + 1, rows[-1][2]))
        self._db.execute("COMMIT")

    def _known(self, passage: str) -> Passed | None:
        found = self._db.execute("SELECT * FROM passages WHERE passage = ?", (passage,)).fetchone()
        return _passed(found) if found else None

    # ------------------------------------------------------------------ asking
    def ask(self, query: str, values: Iterable[object] = ()) -> list[tuple[Any, ...]]:
        """Return the rows of a query: what was written last, without waiting for what is being written."""
        with self._asking:
            return self._asked.execute(query, tuple(values)).fetchall()

    def passages(self, asked: Filter, *, before: int | None = None, most: int = 50) -> list[Passed]:
        """Return the newest passages that match, older than `before`."""
        where, values = condition(asked)
        if before is not None:
            where, values = f"{where} AND seq < ?", [*values, before]
        source = "ruled CROSS JOIN passages USING (seq)" if asked.rule else "passages"
        query = f"SELECT passages.* FROM {source} WHERE {where} ORDER BY seq DESC LIMIT ?"  # noqa: S608 - conditions of ours, values bound
        found = self.ask(query, [*values, most])
        return [_passed(row) for row in found]

    def passage(self, name: str) -> Passed | None:
        """Return one passage."""
        found = self.ask("SELECT * FROM passages WHERE passage = ?", (name,))
        return _passed(found[0]) if found else None

    def sums(self, asked: Filter, *names: str) -> list[tuple[Any, ...]]:
        """Return passages, tokens in and out, cost (millionths), by `names` of the key; the largest first."""
        if not set(names) <= set(KEY):
            raise ValueError("a sum is by the names of its key")
        where, values = condition(asked, summed=True)
        by = ", ".join(names)
        columns = "sum(passages), sum(tokens_in), sum(tokens_out), sum(cost_micro)"
        head, tail = (f"{by}, {columns}", f"GROUP BY {by}") if by else (columns, "")
        return self.ask(f"SELECT {head} FROM sums WHERE {where} {tail} ORDER BY sum(passages) DESC", values)  # noqa: S608 - names checked above

    def fired(self, asked: Filter, effect: str, most: int) -> list[tuple[str, int]]:
        """Return the rules that decided most, with how many passages: `refused` or `observed`."""
        where, values = condition(
            Filter(
                first_day=asked.first_day,
                last_day=asked.last_day,
                organisation=asked.organisation,
                application=asked.application,
            ),
            summed=True,
        )
        query = (
            f"SELECT rule, sum(passages) FROM fired WHERE {where} AND effect = ?"  # noqa: S608 - conditions of ours
            " GROUP BY rule ORDER BY 2 DESC, 1 LIMIT ?"
        )
        return [(rule, count) for rule, count in self.ask(query, [*values, effect, most])]

    def days(self) -> tuple[str, str] | None:
        """Return the first and the last day on record."""
        first, last = self.ask("SELECT min(day), max(day) FROM sums")[0]
        return (first, last) if first else None


class _Changes:
    """What a batch changes."""

    def __init__(self) -> None:
        self.after: dict[str, Passed] = {}
        self._sums: dict[tuple[Any, ...], list[int]] = {}
        self._fired: Counter[tuple[str, ...]] = Counter()
        self._unruled: list[tuple[str, int]] = []

    def had(self, passed: Passed) -> None:
        """Take away what a passage counted for before this batch."""
        self._count(passed, -1)
        self._unruled += passed.ruled

    def _count(self, passed: Passed, sign: int) -> None:
        row = self._sums.setdefault(passed.sum_key, [0, 0, 0, 0])
        row[0] += sign
        row[1] += sign * passed.tokens_in
        row[2] += sign * passed.tokens_out
        row[3] += sign * passed.cost_micro
        where = passed.at[:10], passed.organisation, passed.application
        if passed.way == "refused":
            self._fired.update({(*where, rule, "refused"): sign for rule in passed.rules.split()})
        self._fired.update({(*where, rule, "observed"): sign for rule in passed.observed.split()})

    def write(self, db: sqlite3.Connection) -> None:
        """Write passages and sums."""
        for passed in self.after.values():
            self._count(passed, 1)
        db.executemany(
            f"INSERT OR REPLACE INTO passages ({', '.join(COLUMNS)}) VALUES ({MARKS})",  # noqa: S608 - our own names
            [astuple(passed) for passed in self.after.values()],
        )
        db.executemany("DELETE FROM ruled WHERE rule = ? AND seq = ?", self._unruled)
        db.executemany(
            "INSERT INTO ruled VALUES (?, ?)", [pair for passed in self.after.values() for pair in passed.ruled]
        )
        db.executemany(
            "INSERT INTO sums VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
            " passages = passages + excluded.passages, tokens_in = tokens_in + excluded.tokens_in,"
            " tokens_out = tokens_out + excluded.tokens_out, cost_micro = cost_micro + excluded.cost_micro",
            [(*key, *counts) for key, counts in self._sums.items() if any(counts)],
        )
        db.executemany(
            "INSERT INTO fired VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET passages = passages + excluded.passages",
            [(*key, count) for key, count in self._fired.items() if count],
        )


def _passed(row: Sequence[Any]) -> Passed:
    return Passed(**dict(zip(COLUMNS, row, strict=True)))


def condition(asked: Filter, *, summed: bool = False) -> tuple[str, list[object]]:
    """Return the condition of a filter, and its values."""
    clauses, values = ["1"], list[object]()

    def add(clause: str, *given: object) -> None:
        clauses.append(clause)
        values.extend(given)

    if asked.first_day:
        add("day >= ?" if summed else "at >= ?", asked.first_day)
    if asked.last_day:
        add("day <= ?" if summed else "at < ?", asked.last_day if summed else f"{asked.last_day}U")
    for name in ("organisation", "application", "principal", "way", "destination"):
        if value := getattr(asked, name):
            add(f"{name} = ?", value)
    if asked.watched:
        add("watched = 1")
    if not summed and asked.rule:
        add("rule = ?", asked.rule)
    if not summed and asked.passage:
        add("passage >= ? AND passage < ?", asked.passage, f"{asked.passage}\x7f")
    return " AND ".join(clauses), values
