"""Which process runs which batch: a lease in its row, under a token that only grows.

Law: one process at a time. Each write of a batch holds its token against the row in one transaction, so that whoever
was paused and comes back writes nothing more. The time is the store's own.
"""

import secrets
from typing import Any

import msgspec

from ecluse.edge.batches.objects import Batch
from ecluse.edge.batches.table import TakenOver
from ecluse.edge.tables import Asked, Tables

LEASE = 10_000
"""Milliseconds that a batch stays with a process that says nothing."""


class Free(msgspec.Struct, frozen=True, kw_only=True):
    """A batch that no other process runs. `left` is whether somebody did, and was not heard of since."""

    id: str
    token: int
    left: bool


class Claims:
    """The claims of one process."""

    def __init__(self, table: Tables) -> None:
        self._table = table
        self._holder = secrets.token_hex(8)
        self.alone = table.alone

    def begin(self) -> None:
        """Forget who ran what, where one process alone has the store: none of them is there any more."""
        if self.alone:
            with self._table.writing() as db:
                db.do("UPDATE kept_batches SET holder = NULL, until = 0 WHERE finished IS NULL")

    def free(self) -> list[Free]:
        """Return the batches that are not finished and that no other process runs, the oldest first."""
        with self._table.reading() as db:
            rows = db.all(
                "SELECT id, token, holder FROM kept_batches WHERE finished IS NULL AND"  # noqa: S608 - our words
                f" (holder IS NULL OR holder = ? OR until <= {self._table.clock}) ORDER BY made, id",
                self._holder,
            )
        return [Free(id=row["id"], token=row["token"], left=row["holder"] not in {None, self._holder}) for row in rows]

    def take(self, id_: str, seen: int | None = None) -> int | None:
        """Take a batch, when nobody runs it, or this process does; return its new token, None when another has it.

        With `seen`, only while its token is still that one.
        """
        with self._table.writing() as db:
            taken = db.do(
                f"UPDATE kept_batches SET holder = ?, token = token + 1, until = {self._table.clock} + ?"  # noqa: S608 - our words
                " WHERE id = ? AND finished IS NULL AND"
                f" (holder IS NULL OR holder = ? OR until <= {self._table.clock})"
                + ("" if seen is None else f" AND token = {seen:d}"),
                self._holder,
                LEASE,
                id_,
                self._holder,
            )
            return int(db.one("SELECT token FROM kept_batches WHERE id = ?", id_)["token"]) if taken else None

    def renew(self) -> None:
        """Say that this process is still there."""
        with self._table.writing() as db:
            db.do(
                f"UPDATE kept_batches SET until = {self._table.clock} + ? WHERE holder = ? AND finished IS NULL",  # noqa: S608 - our words
                LEASE,
                self._holder,
            )

    def release(self) -> None:
        """Let others go on with what this process ran, at once."""
        with self._table.writing() as db:
            db.do("UPDATE kept_batches SET holder = NULL, until = 0 WHERE holder = ?", self._holder)


def row_of(db: Asked, batch: Batch) -> Any:  # noqa: ANN401 - a row, or None when it is gone
    """Return a batch's row for one that runs it, to be changed in this transaction. Raises TakenOver."""
    row = db.one("SELECT state, key, token, finished FROM kept_batches WHERE id = ?", batch.id)
    if row is not None and row["token"] != batch.token:
        raise TakenOver(f"{batch.id} is run by another process")
    return row
