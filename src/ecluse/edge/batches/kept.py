"""What callers have kept: files of calls, batches over them, and their answers, sealed with an end.

Law: every file and batch has a key of its own, sealed under its organisation's; without the row nobody opens what it
sealed. What is of another application, or has ended, is not there.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from ecluse.domain.caller import Application, OrganisationId
from ecluse.domain.errors import CallerError
from ecluse.domain.snapshot import Instant
from ecluse.edge.batches.table import KeptUnusable, Table
from ecluse.edge.vaults import VaultUnusable, content_key, seal_content, unseal_content

MOST = 1_000
"""Files, and batches, of one application at a time."""


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A file: its row and its head, which is the caller's text and is sealed."""

    id: str
    organisation: str
    application: str
    purpose: str
    size: int
    lines: int
    made: Instant
    ends: Instant
    name: str
    sensitivity: tuple[str, ...] = ()


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """A batch: its row and its head."""

    id: str
    organisation: str
    application: str
    caller: str
    file: str
    endpoint: str
    state: str
    total: int
    made: Instant
    deadline: Instant
    ends: Instant
    completed: int
    failed: int
    cancelled: int | None = None
    finished: int | None = None
    output: str | None = None
    errors: str | None = None
    metadata: dict[str, str] | None = None
    asked: dict[str, Any] = {}


class Keeping:
    """The kept content of one state directory. Each call is one transaction; call it beside the event loop."""

    def __init__(self, path: Path, organisation_key: Callable[[OrganisationId], bytes], most: int) -> None:
        self._table = Table(path)
        self._organisation_key = organisation_key
        self._most = most

    def close(self) -> None:
        """Let go of the file."""
        self._table.close()

    # ------------------------------------------------------------------ files
    def put(self, kept: Kept, data: bytes) -> None:
        """Keep a file. Raises CallerError when the application has no room left."""
        key, sealed_key = self._new_key(kept.organisation, kept.id, kept.ends)
        head = msgspec.json.encode({"name": kept.name, "sensitivity": kept.sensitivity})
        with self._table.use() as db:
            if kept.purpose == "batch":
                self._fits(db, kept)
            db.execute(
                "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    kept.id, kept.organisation, kept.application, kept.purpose, sealed_key,
                    seal_content(key, f"{kept.id}/head", head, kept.ends), seal_content(key, kept.id, data, kept.ends),
                    kept.size, kept.lines, kept.made, kept.ends,
                ),
            )  # fmt: skip

    def check(self, kept: Kept) -> None:
        """Raise CallerError when the application has no room left for a file, before anything is said of it."""
        with self._table.use() as db:
            self._fits(db, kept)

    def files(self, application: Application, now: Instant) -> list[Kept]:
        """Return an application's files, the newest first."""
        with self._table.use() as db:
            rows = db.execute(
                "SELECT * FROM files WHERE application = ? AND organisation = ? AND ends > ? ORDER BY made DESC, id",
                (application.id, application.organisation.id, now),
            ).fetchall()
        return [self._file(row, now) for row in rows]

    def file(self, application: Application, id_: str, now: Instant) -> Kept:
        """Return a file of an application. Raises CallerError."""
        with self._table.use() as db:
            row = db.execute(
                "SELECT * FROM files WHERE id = ? AND application = ? AND organisation = ? AND ends > ?",
                (id_, application.id, application.organisation.id, now),
            ).fetchone()
        if row is None:
            raise CallerError("not_found")
        return self._file(row, now)

    def content(self, kept: Kept, now: Instant) -> bytes:
        """Open a file's content. Raises CallerError when it went meanwhile."""
        with self._table.use() as db:
            row = db.execute("SELECT key, content FROM files WHERE id = ?", (kept.id,)).fetchone()
        if row is None:
            raise CallerError("not_found")
        return self._open(self._key(kept.organisation, kept.id, row["key"], now), kept.id, row["content"], now)

    def forget(self, kept: Kept) -> None:
        """Delete a file with its key. Raises CallerError while a batch reads it."""
        with self._table.use() as db:
            reading = db.execute(
                "SELECT id FROM batches WHERE file = ? AND state IN ('in_progress', 'cancelling')", (kept.id,)
            ).fetchone()
            if reading is not None:
                raise CallerError("invalid_request", f"{reading['id']} reads this file; cancel it first")
            db.execute("DELETE FROM files WHERE id = ?", (kept.id,))

    # ------------------------------------------------------------------ batches
    def begin(self, batch: Batch) -> None:
        """Keep a new batch. Raises CallerError when too many are under way."""
        key, sealed_key = self._new_key(batch.organisation, batch.id, batch.ends)
        head = msgspec.json.encode({"metadata": batch.metadata, "asked": batch.asked})
        with self._table.use() as db:
            self._bounded(db, "batches", batch.application)
            if db.execute("SELECT 1 FROM files WHERE id = ?", (batch.file,)).fetchone() is None:
                raise CallerError("not_found")
            db.execute(
                "INSERT INTO batches (id, organisation, application, caller, file, endpoint, key, head, state, total,"
                " made, deadline, ends) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    batch.id, batch.organisation, batch.application, batch.caller, batch.file, batch.endpoint,
                    sealed_key, seal_content(key, f"{batch.id}/head", head, batch.ends), batch.state, batch.total,
                    batch.made, batch.deadline, batch.ends,
                ),
            )  # fmt: skip

    def batches(self, application: Application, now: Instant) -> list[Batch]:
        """Return an application's batches, the newest first."""
        with self._table.use() as db:
            rows = db.execute(
                "SELECT * FROM batches WHERE application = ? AND organisation = ? AND ends > ? ORDER BY made DESC, id",
                (application.id, application.organisation.id, now),
            ).fetchall()
            return [self._batch(db, row, now) for row in rows]

    def batch(self, application: Application, id_: str, now: Instant) -> Batch:
        """Return a batch of an application. Raises CallerError."""
        with self._table.use() as db:
            row = db.execute(
                "SELECT * FROM batches WHERE id = ? AND application = ? AND organisation = ? AND ends > ?",
                (id_, application.id, application.organisation.id, now),
            ).fetchone()
            if row is None:
                raise CallerError("not_found")
            return self._batch(db, row, now)

    def under_way(self) -> list[str]:
        """Return the ids of the batches that are not finished."""
        with self._table.use() as db:
            return [row["id"] for row in db.execute("SELECT id FROM batches WHERE finished IS NULL ORDER BY made")]

    def whole(self, id_: str, now: Instant) -> tuple[Batch, tuple[Kept, bytes] | None, Mapping[int, bool]]:
        """Return a batch with its file while there is one, and its lines that began: whether each was answered.

        Raises CallerError when the batch is gone.
        """
        with self._table.use() as db:
            row = db.execute("SELECT * FROM batches WHERE id = ?", (id_,)).fetchone()
            if row is None:
                raise CallerError("not_found")
            file = db.execute("SELECT * FROM files WHERE id = ?", (row["file"],)).fetchone()
            begun = {
                one["number"]: one["good"] is not None
                for one in db.execute("SELECT number, good FROM items WHERE batch = ?", (id_,))
            }
            batch = self._batch(db, row, now)
        if file is None or file["ends"] <= now:
            return batch, None, begun
        kept = self._file(file, now)
        return batch, (kept, self.content(kept, now)), begun

    def cancel(self, batch: Batch, now: Instant) -> None:
        """Let no more lines of a batch begin."""
        with self._table.use() as db:
            db.execute(
                "UPDATE batches SET state = 'cancelling', cancelled = ? WHERE id = ? AND state = 'in_progress'",
                (now, batch.id),
            )

    def state(self, id_: str) -> str:
        """Return a batch's state; `gone` when it is not there."""
        with self._table.use() as db:
            row = db.execute("SELECT state FROM batches WHERE id = ?", (id_,)).fetchone()
        return "gone" if row is None else str(row["state"])

    # ------------------------------------------------------------------ lines
    def start(self, batch: Batch, number: int) -> str:
        """Write down that a line begins, before anything of it is sent; return why it may not, or nothing.

        A line begins once and no more.
        """
        with self._table.use() as db:
            row = db.execute("SELECT state FROM batches WHERE id = ?", (batch.id,)).fetchone()
            if row is None or row["state"] != "in_progress":
                return "batch_cancelled"
            if self._held(db, batch.application) >= self._most:
                return "kept_full"
            db.execute("INSERT INTO items (batch, number) VALUES (?, ?)", (batch.id, number))
            return ""

    def answer(self, batch: Batch, number: int, data: bytes, *, good: bool, now: Instant) -> None:
        """Keep what became of a line."""
        with self._table.use() as db:
            row = db.execute("SELECT key FROM batches WHERE id = ?", (batch.id,)).fetchone()
            if row is None:
                return
            key = self._key(batch.organisation, batch.id, row["key"], now)
            sealed = seal_content(key, f"{batch.id}/{number}", data, batch.ends)
            db.execute(
                "INSERT INTO items VALUES (?, ?, ?, ?, ?) ON CONFLICT (batch, number) DO UPDATE"
                " SET good = excluded.good, answer = excluded.answer, size = excluded.size",
                (batch.id, number, int(good), sealed, len(data)),
            )

    def answers(self, batch: Batch, *, good: bool, now: Instant) -> Sequence[bytes]:
        """Return the answers of a batch, or its errors, in the order of its lines."""
        with self._table.use() as db:
            row = db.execute("SELECT key FROM batches WHERE id = ?", (batch.id,)).fetchone()
            rows = db.execute(
                "SELECT number, answer FROM items WHERE batch = ? AND good = ? ORDER BY number", (batch.id, int(good))
            ).fetchall()
        if row is None:
            return ()
        key = self._key(batch.organisation, batch.id, row["key"], now)
        return [self._open(key, f"{batch.id}/{one['number']}", one["answer"], now) for one in rows]

    def finish(self, batch: Batch, state: str, files: Mapping[str, str | None], now: Instant) -> None:
        """End a batch; its answers are in files now."""
        with self._table.use() as db:
            done, failed = _counts(db, batch.id)
            db.execute(
                "UPDATE batches SET state = ?, finished = ?, output = ?, errors = ?, completed = ?, failed = ?"
                " WHERE id = ?",
                (state, now, files.get("output"), files.get("errors"), done, failed, batch.id),
            )
            db.execute("DELETE FROM items WHERE batch = ?", (batch.id,))

    # ------------------------------------------------------------------ ends
    def ended(self, now: Instant) -> list[tuple[str, str]]:
        """Delete what has ended, with its keys; return each file's id with its application."""
        with self._table.use() as db:
            ended = [
                (row["id"], row["application"])
                for row in db.execute("SELECT id, application FROM files WHERE ends <= ?", (now,))
            ]
            db.execute("DELETE FROM files WHERE ends <= ?", (now,))
            db.execute("DELETE FROM items WHERE batch IN (SELECT id FROM batches WHERE ends <= ?)", (now,))
            db.execute("DELETE FROM batches WHERE ends <= ?", (now,))
        return ended

    # ------------------------------------------------------------------ keys
    def _new_key(self, organisation: str, id_: str, ends: Instant) -> tuple[bytes, bytes]:
        key = secrets.token_bytes(32)
        root = content_key(self._organisation_key(OrganisationId(organisation)))
        return key, seal_content(root, f"{id_}/key", key, ends)

    def _key(self, organisation: str, id_: str, sealed: bytes, now: Instant) -> bytes:
        root = content_key(self._organisation_key(OrganisationId(organisation)))
        return self._open(root, f"{id_}/key", sealed, now)

    @staticmethod
    def _open(key: bytes, name: str, sealed: bytes, now: Instant) -> bytes:
        try:
            return unseal_content(key, name, sealed, now)
        except VaultUnusable as error:
            raise KeptUnusable(str(error)) from None

    def _fits(self, db: Any, kept: Kept) -> None:  # noqa: ANN401 - a connection of sqlite3
        if self._held(db, kept.application) + kept.size > self._most:
            raise CallerError("kept_full", f"{self._most} bytes")
        self._bounded(db, "files", kept.application)

    @staticmethod
    def _bounded(db: Any, table: str, application: str) -> None:  # noqa: ANN401 - a connection of sqlite3
        query = f"SELECT count(*) FROM {table} WHERE application = ?"  # noqa: S608 - our own word
        if db.execute(query, (application,)).fetchone()[0] >= MOST:
            raise CallerError("kept_full", f"{MOST} {table}")

    @staticmethod
    def _held(db: Any, application: str) -> int:  # noqa: ANN401 - a connection of sqlite3
        (files,) = db.execute(
            "SELECT coalesce(sum(size), 0) FROM files WHERE application = ?", (application,)
        ).fetchone()
        (items,) = db.execute(
            "SELECT coalesce(sum(i.size), 0) FROM items i JOIN batches b ON b.id = i.batch WHERE b.application = ?",
            (application,),
        ).fetchone()
        return int(files) + int(items)

    def _file(self, row: Any, now: Instant) -> Kept:  # noqa: ANN401 - a row of sqlite3
        key = self._key(row["organisation"], row["id"], row["key"], now)
        head = msgspec.json.decode(self._open(key, f"{row['id']}/head", row["head"], now))
        return msgspec.convert({**_plain(row, "key", "head", "content"), **head}, Kept)

    def _batch(self, db: Any, row: Any, now: Instant) -> Batch:  # noqa: ANN401 - a connection and a row of sqlite3
        key = self._key(row["organisation"], row["id"], row["key"], now)
        head = msgspec.json.decode(self._open(key, f"{row['id']}/head", row["head"], now))
        stated = {**_plain(row, "key", "head"), **head}
        if row["finished"] is None:
            stated["completed"], stated["failed"] = _counts(db, row["id"])
        return msgspec.convert(stated, Batch)


def _plain(row: Any, *without: str) -> dict[str, Any]:  # noqa: ANN401 - a row of sqlite3
    return {name: row[name] for name in row.keys() if name not in without}  # noqa: SIM118 - a row iterates over values


def _counts(db: Any, batch: str) -> tuple[int, int]:  # noqa: ANN401 - a connection of sqlite3
    row = db.execute(
        "SELECT coalesce(sum(good = 1), 0), coalesce(sum(good = 0), 0) FROM items WHERE batch = ?", (batch,)
    ).fetchone()
    return int(row[0]), int(row[1])
