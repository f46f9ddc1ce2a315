"""Who used what, where to and at what cost: sums kept as entries land, so that a reader waits for none of them.

Law: derived from the trail alone, and made anew whenever it does not match it; it proves nothing, the trail does. A
passage with several data classes counts in each of them. What nobody counted or priced is counted as such, never zero.
"""

import asyncio
import contextlib
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from ecluse.domain.trail import Entry, EntryKind, OutcomeStatus
from ecluse.edge.keys import state as where
from ecluse.edge.stores.errors import StoreError
from ecluse.edge.stores.opening import open_reader
from ecluse.passage.record import parse
from ecluse.prove.verify import Row

SCHEMA = 1
BATCH = 5_000
EVERY = 5.0
"""Seconds between two looks at what has landed."""
NO_CLASS = "none"
"""Stands where neither a declaration nor a finding named a data class."""
TOTAL = ""
"""The data class of rows that count a passage once."""

TABLES = """
CREATE TABLE place (next INTEGER NOT NULL, leaf BLOB NOT NULL) STRICT;
CREATE TABLE open (
    passage TEXT PRIMARY KEY, day TEXT NOT NULL, organisation TEXT NOT NULL, application TEXT NOT NULL,
    key TEXT NOT NULL, classes TEXT NOT NULL, simulated INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE usage (
    day TEXT NOT NULL, organisation TEXT NOT NULL, application TEXT NOT NULL, key TEXT NOT NULL,
    destination TEXT NOT NULL, currency TEXT NOT NULL, data_class TEXT NOT NULL,
    passages INTEGER NOT NULL, refused INTEGER NOT NULL, failed INTEGER NOT NULL, simulated INTEGER NOT NULL,
    tokens_in INTEGER NOT NULL, tokens_out INTEGER NOT NULL, uncounted INTEGER NOT NULL,
    cost_micro INTEGER NOT NULL, unpriced INTEGER NOT NULL,
    PRIMARY KEY (data_class, day, organisation, application, key, destination, currency)
) STRICT, WITHOUT ROWID
"""


class By(StrEnum):
    """By what sums are told apart."""

    DAY = "day"
    ORGANISATION = "organisation"
    APPLICATION = "application"
    KEY = "key"
    DESTINATION = "destination"
    DATA_CLASS = "data_class"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """How much. `passages` went out, `refused` did not, `failed` of the passages did not end well.

    `uncounted` passages have no token count, `unpriced` no cost; neither is in the sums. Cost in millionths.
    """

    passages: int = 0
    refused: int = 0
    failed: int = 0
    simulated: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    uncounted: int = 0
    cost_micro: int = 0
    unpriced: int = 0

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(**{name: getattr(self, name) + getattr(other, name) for name in MEASURES})


MEASURES = tuple(field.name for field in fields(Sums))


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Sums under one name; `currency` is empty where nothing had a price."""

    name: str
    currency: str
    sums: Sums


class Trail(Protocol):
    """Where entries are read from: any store's reader."""

    def size(self) -> int:
        """Return how many entries there are."""

    def rows(self, start: int, stop: int) -> Iterator[Row]:
        """Read the rows whose index is in [start, stop)."""


class UsageBook:
    """The sums of one trail, in a file of their own. One thread at a time."""

    def __init__(self, path: Path) -> None:
        """Open or make the file. Raises sqlite3.Error."""
        self._db = sqlite3.connect(path, timeout=5.0, isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        if not self._made():  # asked before writing, so that a reader waits for nobody who writes
            with self._writing():
                if not self._made():
                    self._make()

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    @property
    def size(self) -> int:
        """How many entries were taken in."""
        found = self._db.execute("SELECT next FROM place").fetchone()
        return int(found[0]) if found else 0

    def catch_up(self, trail: Trail) -> int:
        """Take in what has landed since; return how many entries. Starts anew when the trail is another one."""
        taken = 0
        while True:
            with self._writing():
                start = self._start(trail)
                rows = list(trail.rows(start, min(trail.size(), start + BATCH)))
                if not rows:
                    return taken
                self._take(rows)
            taken += len(rows)

    def by(
        self,
        dimension: By,
        *,
        since: date | None = None,
        until: date | None = None,
        organisation: str | None = None,
        application: str | None = None,
    ) -> list[Line]:
        """Return the sums by one dimension, for days from `since` to `until` (both count), in the order of names."""
        wanted: dict[str, object] = {
            "day >= ?": since.isoformat() if since else None,
            "day <= ?": until.isoformat() if until else None,
            "organisation = ?": organisation,
            "application = ?": application,
        }
        conditions = ["data_class <> ''" if dimension is By.DATA_CLASS else "data_class = ''"]
        conditions += [condition for condition, value in wanted.items() if value is not None]
        sums = ", ".join(f"sum({name})" for name in MEASURES)
        query = (
            f"SELECT {dimension.value}, currency, {sums} FROM usage WHERE {' AND '.join(conditions)}"  # noqa: S608 - our words
            " GROUP BY 1, 2 ORDER BY 1, 2"
        )
        found = self._db.execute(query, [value for value in wanted.values() if value is not None]).fetchall()
        return [
            Line(name=name, currency=currency, sums=Sums(**dict(zip(MEASURES, counts, strict=True))))
            for name, currency, *counts in found
        ]

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        done = False
        try:
            yield
            done = True
        finally:
            self._db.execute("COMMIT" if done else "ROLLBACK")

    def _made(self) -> bool:
        return bool(self._db.execute("PRAGMA user_version").fetchone() == (SCHEMA,))

    def _make(self) -> None:
        for table in ("place", "open", "usage"):
            self._db.execute(f"DROP TABLE IF EXISTS {table}")
        for statement in TABLES.split(";"):
            self._db.execute(statement)
        self._db.execute(f"PRAGMA user_version = {SCHEMA}")

    def _start(self, trail: Trail) -> int:
        """Return the index to go on from: the next, or 0 when the last entry taken is not there as it was."""
        found = self._db.execute("SELECT next, leaf FROM place").fetchone()
        if found is None:
            return 0
        after, leaf = found
        last = next(iter(trail.rows(after - 1, after)), None)
        if last is not None and last[2] == leaf:
            return int(after)
        self._make()
        return 0

    def _take(self, rows: Sequence[Row]) -> None:
        sums: dict[tuple[str, ...], Sums] = {}
        for _, data, _ in rows:
            for name, counted in self._counts(parse(data)):
                sums[name] = sums[name] + counted if name in sums else counted
        marks = ", ".join("?" * (7 + len(MEASURES)))
        adds = ", ".join(f"{name} = {name} + excluded.{name}" for name in MEASURES)
        self._db.executemany(
            f"INSERT INTO usage VALUES ({marks}) ON CONFLICT DO UPDATE SET {adds}",  # noqa: S608 - our words
            [(*name, *(getattr(counted, measure) for measure in MEASURES)) for name, counted in sums.items()],
        )
        index, _, leaf = rows[-1]
        self._db.execute("DELETE FROM place")
        self._db.execute("INSERT INTO place VALUES (?, ?)", (index + 1, leaf))

    def _counts(self, entry: Entry) -> Iterator[tuple[tuple[str, ...], Sums]]:
        """Return what an entry adds, once in total and once for each data class."""
        body = entry.body
        if entry.kind is EntryKind.INTENT:
            self._db.execute(
                "INSERT OR REPLACE INTO open VALUES (?, ?, ?, ?, ?, ?, ?)",
                (entry.passage, *_asked(entry), ",".join(_classes(body)), int(body.get("simulated") is True)),
            )
        elif entry.kind is EntryKind.REFUSAL:
            yield from _named(_asked(entry), "", "", _classes(body), Sums(refused=1))
        elif entry.kind is EntryKind.OUTCOME:
            query = "DELETE FROM open WHERE passage = ? RETURNING *"
            for _, *asked, classes, simulated in self._db.execute(query, (entry.passage,)).fetchall():
                counted, currency = _used(body, simulated)
                yield from _named(asked, str(body.get("destination") or ""), currency, classes.split(","), counted)


async def keep(state: Path) -> None:
    """Take in what lands in the trail of a state directory, every few seconds, until cancelled.

    What cannot be read is tried again.
    """
    while True:
        with contextlib.suppress(sqlite3.Error, StoreError, OSError):
            await asyncio.to_thread(_caught_up, state)
        await asyncio.sleep(EVERY)


def _caught_up(state: Path) -> None:
    with contextlib.closing(open_reader(state)) as reader, contextlib.closing(UsageBook(where.usage(state))) as book:
        book.catch_up(reader)


def _asked(entry: Entry) -> list[str]:
    body = entry.body
    return [entry.at[:10], *(str(body.get(name) or "") for name in ("organisation", "application", "key"))]


def _classes(body: Mapping[str, Any]) -> list[str]:
    return sorted({*(body.get("declared") or ()), *(body.get("found") or ())}) or [NO_CLASS]


def _used(body: Mapping[str, Any], simulated: int) -> tuple[Sums, str]:
    tokens_in, tokens_out, cost = body.get("tokens_in"), body.get("tokens_out"), body.get("cost_micro")
    counted = isinstance(tokens_in, int) and isinstance(tokens_out, int)
    priced = isinstance(cost, int)
    sums = Sums(
        passages=1,
        failed=int(body.get("status") != OutcomeStatus.DONE),
        simulated=simulated,
        tokens_in=tokens_in or 0,
        tokens_out=tokens_out or 0,
        uncounted=int(not counted),
        cost_micro=cost or 0,
        unpriced=int(not priced),
    )
    return sums, str(body.get("currency") or "") if priced else ""


def _named(
    asked: Sequence[str], destination: str, currency: str, classes: Iterable[str], counted: Sums
) -> Iterator[tuple[tuple[str, ...], Sums]]:
    for data_class in (TOTAL, *classes):
        yield (*asked, destination, currency, data_class), counted


def regrouped(lines: Iterable[Line], names: Mapping[str, Sequence[str]], otherwise: str) -> list[Line]:
    """Group lines under other names, e.g. destinations under the countries that can compel them, each in each.

    A name without others goes under `otherwise`.
    """
    sums: dict[tuple[str, str], Sums] = {}
    for line in lines:
        for name in names.get(line.name) or (otherwise,):
            sums[name, line.currency] = sums.get((name, line.currency), Sums()) + line.sums
    return [Line(name=name, currency=currency, sums=counted) for (name, currency), counted in sorted(sums.items())]
