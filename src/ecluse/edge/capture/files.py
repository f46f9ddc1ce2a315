"""The two files of a state directory that hold what is kept of prompts and answers: keys, and contents.

Law: their owner alone reads them; what is deleted is overwritten (`secure_delete`). No backup should have the keys.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path

from ecluse.edge.capture.unusable import CaptureUnusable
from ecluse.edge.keys import state as where
from ecluse.edge.sqlite_asked import SqliteAsked

BUSY = 5.0
CREATE = """
CREATE TABLE IF NOT EXISTS capture_keys (
    entry TEXT PRIMARY KEY, organisation TEXT NOT NULL, created INTEGER NOT NULL, expires INTEGER NOT NULL,
    wrapped BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS capture_asks (
    id TEXT PRIMARY KEY, action TEXT NOT NULL, subject TEXT NOT NULL, actor TEXT NOT NULL, why TEXT NOT NULL,
    organisation TEXT NOT NULL, told INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS held.capture_contents (entry TEXT PRIMARY KEY, sealed BLOB NOT NULL);
"""
BEFORE = {"main": ("keys", "asks"), "held": ("contents",)}
"""Tables as they were called before: by file."""


class SafeFiles:
    """The files; each move opens them (implements `tables.Tables`)."""

    clock = "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"
    alone = True

    def __init__(self, state: Path) -> None:
        """Touch nothing yet."""
        self._contents = where.captured(state)
        self._keys = where.capture_keys(state)

    def there(self) -> bool:
        """Say whether anything was ever kept."""
        return self._keys.exists()

    def reading(self) -> AbstractContextManager[SqliteAsked]:
        """Open for reading: of a key and its content, nobody sees half. Raises CaptureUnusable."""
        return self.writing()

    @contextmanager
    def writing(self) -> Iterator[SqliteAsked]:
        """Open for writing, alone. Raises CaptureUnusable."""
        try:
            for path in (self._keys, self._contents):
                path.touch(mode=0o600, exist_ok=True)
            with closing(sqlite3.connect(self._keys, timeout=BUSY, isolation_level=None)) as db:
                db.row_factory = sqlite3.Row
                db.execute("ATTACH ? AS held", (str(self._contents),))
                db.execute("PRAGMA secure_delete = ON")  # of both
                db.execute("BEGIN IMMEDIATE")
                _made(db)
                yield SqliteAsked(db)
                db.execute("COMMIT")  # else closing it takes everything back
        except (sqlite3.Error, OSError) as error:
            raise CaptureUnusable(f"{self._keys} cannot be used: {type(error).__name__}") from error

    def close(self) -> None:
        """Hold nothing open."""

    def delete(self) -> None:
        """Delete both files, the keys first."""
        self._keys.unlink(missing_ok=True)
        self._contents.unlink(missing_ok=True)


def _made(db: sqlite3.Connection) -> None:
    """Make the tables, or give those of before their names of now."""
    for file, tables in BEFORE.items():
        for (name,) in db.execute(f"SELECT name FROM {file}.sqlite_schema WHERE type = 'table'").fetchall():  # noqa: S608 - our words
            if name in tables:
                db.execute(f"ALTER TABLE {file}.{name} RENAME TO capture_{name}")
    for statement in CREATE.split(";"):
        db.execute(statement)
