"""What callers have kept: files of calls, batches over them, and their answers, sealed with an end.

Law: every file and batch has a key of its own, sealed under its organisation's; without the row nobody opens what it
sealed. What is of another application, or has ended, is not there.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from ecluse.domain.caller import Application, OrganisationId
from ecluse.domain.errors import CallerError
from ecluse.domain.snapshot import Instant
from ecluse.edge.batches.claims import Claims, row_of
from ecluse.edge.batches.objects import Batch, Kept
from ecluse.edge.batches.table import TABLES, KeptUnusable, TakenOver
from ecluse.edge.tables import Asked, Tables
from ecluse.edge.vaults import VaultUnusable, content_key, seal_content, unseal_content

MOST = 1_000
"""Files, and batches, of one application at a time."""
FILE = TABLES["kept_files"].replace("content, ", "")
"""What a file's row says without its content, which may be long."""
BATCH = TABLES["kept_batches"]


class Keeping:
    """The kept content of one store. Each call is one transaction; call it beside the event loop.

    What raises KeptUnusable may have been done, when the store was away: each may be called again.
    """

    def __init__(self, table: Tables, organisation_key: Callable[[OrganisationId], bytes], most: int) -> None:
        self._table = table
        self.claims = Claims(table)
        self._organisation_key = organisation_key
        self._most = most

    def close(self) -> None:
        """Let go of the store."""
        self._table.close()

    # ------------------------------------------------------------------ files
    def put(self, kept: Kept, data: bytes, of: Batch | None = None) -> None:
        """Keep a file, or the answers of a batch. Raises CallerError when the application has no room left."""
        key, sealed_key = self._new_key(kept.organisation, kept.id, kept.ends)
        head = msgspec.json.encode({"name": kept.name, "sensitivity": kept.sensitivity})
        with self._table.writing() as db:
            if of is None:
                self._fits(db, kept)
            elif row_of(db, of) is None:
                return
            db.do("DELETE FROM kept_files WHERE id = ?", kept.id)
            db.do(
                f"INSERT INTO kept_files ({TABLES['kept_files']}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - our words
                kept.id, kept.organisation, kept.application, kept.purpose, sealed_key,
                seal_content(key, f"{kept.id}/head", head, kept.ends), seal_content(key, kept.id, data, kept.ends),
                kept.size, kept.lines, kept.made, kept.ends,
            )  # fmt: skip

    def check(self, kept: Kept) -> None:
        """Raise CallerError when the application has no room left for a file, before anything is said of it."""
        with self._table.reading() as db:
            self._fits(db, kept)

    def files(self, application: Application, now: Instant) -> list[Kept]:
        """Return an application's files, the newest first."""
        with self._table.reading() as db:
            rows = db.all(
                f"SELECT {FILE} FROM kept_files WHERE application = ? AND organisation = ? AND ends > ?"  # noqa: S608 - our words
                " ORDER BY made DESC, id",
                application.id,
                application.organisation.id,
                now,
            )
        return [self._file(row, now) for row in rows]

    def file(self, application: Application, id_: str, now: Instant) -> Kept:
        """Return a file of an application. Raises CallerError."""
        with self._table.reading() as db:
            row = db.one(
                f"SELECT {FILE} FROM kept_files WHERE id = ? AND application = ? AND organisation = ? AND ends > ?",  # noqa: S608 - our words
                id_,
                application.id,
                application.organisation.id,
                now,
            )
        if row is None:
            raise CallerError("not_found")
        return self._file(row, now)

    def content(self, kept: Kept, now: Instant) -> bytes:
        """Open a file's content. Raises CallerError when it went meanwhile."""
        with self._table.reading() as db:
            row = db.one("SELECT key, content FROM kept_files WHERE id = ?", kept.id)
        if row is None:
            raise CallerError("not_found")
        return self._open(self._key(kept.organisation, kept.id, row["key"], now), kept.id, row["content"], now)

    def forget(self, kept: Kept) -> None:
        """Delete a file with its key. Raises CallerError while a batch reads it."""
        with self._table.writing() as db:
            reading = db.one(
                "SELECT id FROM kept_batches WHERE file = ? AND state IN ('in_progress', 'cancelling')", kept.id
            )
            if reading is not None:
                raise CallerError("invalid_request", f"{reading['id']} reads this file; cancel it first")
            db.do("DELETE FROM kept_files WHERE id = ?", kept.id)

    # ------------------------------------------------------------------ batches
    def begin(self, batch: Batch) -> None:
        """Keep a new batch. Raises CallerError when too many are under way."""
        key, sealed_key = self._new_key(batch.organisation, batch.id, batch.ends)
        head = msgspec.json.encode({"metadata": batch.metadata, "asked": batch.asked})
        with self._table.writing() as db:
            self._bounded(db, "batches", batch.application)
            if db.one("SELECT 1 FROM kept_files WHERE id = ?", batch.file) is None:
                raise CallerError("not_found")
            db.do(
                "INSERT INTO kept_batches (id, organisation, application, caller, file, endpoint, key, head, state,"
                " total, made, deadline, ends) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                batch.id, batch.organisation, batch.application, batch.caller, batch.file, batch.endpoint,
                sealed_key, seal_content(key, f"{batch.id}/head", head, batch.ends), batch.state, batch.total,
                batch.made, batch.deadline, batch.ends,
            )  # fmt: skip

    def batches(self, application: Application, now: Instant) -> list[Batch]:
        """Return an application's batches, the newest first."""
        with self._table.reading() as db:
            rows = db.all(
                f"SELECT {BATCH} FROM kept_batches WHERE application = ? AND organisation = ? AND ends > ?"  # noqa: S608 - our words
                " ORDER BY made DESC, id",
                application.id,
                application.organisation.id,
                now,
            )
            return [self._batch(db, row, now) for row in rows]

    def batch(self, application: Application, id_: str, now: Instant) -> Batch:
        """Return a batch of an application. Raises CallerError."""
        with self._table.reading() as db:
            row = db.one(
                f"SELECT {BATCH} FROM kept_batches WHERE id = ? AND application = ? AND organisation = ? AND ends > ?",  # noqa: S608 - our words
                id_,
                application.id,
                application.organisation.id,
                now,
            )
            if row is None:
                raise CallerError("not_found")
            return self._batch(db, row, now)

    def whole(self, id_: str, now: Instant) -> tuple[Batch, tuple[Kept, bytes] | None, Mapping[int, bool]]:
        """Return a batch with its file while there is one, and its lines that began: whether each was answered.

        Raises CallerError when the batch is gone.
        """
        with self._table.reading() as db:
            row = db.one(f"SELECT {BATCH} FROM kept_batches WHERE id = ?", id_)  # noqa: S608 - our words
            if row is None:
                raise CallerError("not_found")
            file = db.one(f"SELECT {FILE} FROM kept_files WHERE id = ?", row["file"])  # noqa: S608 - our words
            begun = {
                one["number"]: one["good"] is not None
                for one in db.all("SELECT number, good FROM kept_items WHERE batch = ?", id_)
            }
            batch = self._batch(db, row, now)
        if file is None or file["ends"] <= now:
            return batch, None, begun
        kept = self._file(file, now)
        return batch, (kept, self.content(kept, now)), begun

    def cancel(self, batch: Batch, now: Instant) -> None:
        """Let no more lines of a batch begin."""
        with self._table.writing() as db:
            db.do(
                "UPDATE kept_batches SET state = 'cancelling', cancelled = ? WHERE id = ? AND state = 'in_progress'",
                now,
                batch.id,
            )

    def state(self, id_: str) -> str:
        """Return a batch's state; `gone` when it is not there."""
        with self._table.reading() as db:
            row = db.one("SELECT state FROM kept_batches WHERE id = ?", id_)
        return "gone" if row is None else str(row["state"])

    # ------------------------------------------------------------------ lines
    def start(self, batch: Batch, number: int, mark: str) -> str:
        """Write down that a line begins, before anything of it is sent; return why it may not, or nothing.

        A line begins once and no more, under a mark that its beginner drew.
        """
        with self._table.writing() as db:
            row = row_of(db, batch)
            if row is None or row["state"] != "in_progress":
                return "batch_cancelled"
            begun = db.one("SELECT mark FROM kept_items WHERE batch = ? AND number = ?", batch.id, number)
            if begun is not None:
                if begun["mark"] != mark:
                    raise TakenOver(f"line {number} of {batch.id} began before")
                return ""
            if self._held(db, batch.application) >= self._most:
                return "kept_full"
            db.do("INSERT INTO kept_items (batch, number, mark) VALUES (?, ?, ?)", batch.id, number, mark)
            return ""

    def answer(self, batch: Batch, number: int, data: bytes, *, good: bool, now: Instant) -> None:
        """Keep what became of a line."""
        with self._table.writing() as db:
            row = row_of(db, batch)
            if row is None:
                return
            key = self._key(batch.organisation, batch.id, row["key"], now)
            sealed = seal_content(key, f"{batch.id}/{number}", data, batch.ends)
            db.do(
                "INSERT INTO kept_items (batch, number, good, answer, size) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (batch, number) DO UPDATE"
                " SET good = excluded.good, answer = excluded.answer, size = excluded.size",
                batch.id,
                number,
                int(good),
                sealed,
                len(data),
            )

    def answers(self, batch: Batch, *, good: bool, now: Instant) -> Sequence[bytes]:
        """Return the answers of a batch, or its errors, in the order of its lines."""
        with self._table.reading() as db:
            row = db.one("SELECT key FROM kept_batches WHERE id = ?", batch.id)
            rows = db.all(
                "SELECT number, answer FROM kept_items WHERE batch = ? AND good = ? ORDER BY number",
                batch.id,
                int(good),
            )
        if row is None:
            return ()
        key = self._key(batch.organisation, batch.id, row["key"], now)
        return [self._open(key, f"{batch.id}/{one['number']}", one["answer"], now) for one in rows]

    def finish(self, batch: Batch, state: str, files: Mapping[str, str | None], now: Instant) -> None:
        """End a batch; its answers are in files now."""
        with self._table.writing() as db:
            row = row_of(db, batch)
            if row is None or row["finished"] is not None:
                return
            done, failed = _counts(db, batch.id)
            db.do(
                "UPDATE kept_batches SET state = ?, finished = ?, output = ?, errors = ?, completed = ?, failed = ?"
                " WHERE id = ?",
                state,
                now,
                files.get("output"),
                files.get("errors"),
                done,
                failed,
                batch.id,
            )
            db.do("DELETE FROM kept_items WHERE batch = ?", batch.id)

    # ------------------------------------------------------------------ ends
    def ended(self, now: Instant) -> list[tuple[str, str]]:
        """Delete what has ended, with its keys; return each file's id with its application."""
        with self._table.writing() as db:
            ended = [
                (row["id"], row["application"])
                for row in db.all("SELECT id, application FROM kept_files WHERE ends <= ?", now)
            ]
            db.do("DELETE FROM kept_files WHERE ends <= ?", now)
            db.do("DELETE FROM kept_items WHERE batch IN (SELECT id FROM kept_batches WHERE ends <= ?)", now)
            db.do("DELETE FROM kept_batches WHERE ends <= ?", now)
        return ended

    def anything(self) -> bool:
        """Say whether anything is kept."""
        with self._table.reading() as db:
            return any(db.one(f"SELECT 1 FROM {table} LIMIT 1") is not None for table in TABLES)  # noqa: S608 - our words

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

    def _fits(self, db: Asked, kept: Kept) -> None:
        if self._held(db, kept.application) + kept.size > self._most:
            raise CallerError("kept_full", f"{self._most} bytes")
        self._bounded(db, "files", kept.application)

    @staticmethod
    def _bounded(db: Asked, table: str, application: str) -> None:
        query = f"SELECT count(*) AS many FROM kept_{table} WHERE application = ?"  # noqa: S608 - our own word
        if db.one(query, application)["many"] >= MOST:
            raise CallerError("kept_full", f"{MOST} {table}")

    @staticmethod
    def _held(db: Asked, application: str) -> int:
        files = db.one("SELECT coalesce(sum(size), 0) AS held FROM kept_files WHERE application = ?", application)
        items = db.one(
            "SELECT coalesce(sum(i.size), 0) AS held FROM kept_items i JOIN kept_batches b ON b.id = i.batch"
            " WHERE b.application = ?",
            application,
        )
        return int(files["held"]) + int(items["held"])

    def _file(self, row: Any, now: Instant) -> Kept:  # noqa: ANN401 - a row of either store
        key = self._key(row["organisation"], row["id"], row["key"], now)
        head = msgspec.json.decode(self._open(key, f"{row['id']}/head", row["head"], now))
        return msgspec.convert({**_plain(row, "key", "head"), **head}, Kept)

    def _batch(self, db: Asked, row: Any, now: Instant) -> Batch:  # noqa: ANN401 - a row of either store
        key = self._key(row["organisation"], row["id"], row["key"], now)
        head = msgspec.json.decode(self._open(key, f"{row['id']}/head", row["head"], now))
        stated = {**_plain(row, "key", "head"), **head}
        if row["finished"] is None:
            stated["completed"], stated["failed"] = _counts(db, row["id"])
        return msgspec.convert(stated, Batch)


def _plain(row: Any, *without: str) -> dict[str, Any]:  # noqa: ANN401 - a row of either store
    return {name: row[name] for name in row.keys() if name not in without}  # noqa: SIM118 - a row iterates over values


def _counts(db: Asked, batch: str) -> tuple[int, int]:
    row = db.one(
        "SELECT count(CASE WHEN good = 1 THEN 1 END) AS done, count(CASE WHEN good = 0 THEN 1 END) AS failed"
        " FROM kept_items WHERE batch = ?",
        batch,
    )
    return int(row["done"]), int(row["failed"])
