"""The file of the state directory that holds sealed files and batches.

Law: its owner alone reads it; what is deleted is overwritten (`secure_delete`); a change is on the disk once said.
"""

import contextlib
import os
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

APPLICATION_ID = 0x45434B50
"""`ECKP`."""
SCHEMA = 1
BUSY = 2.0
TABLES = """
CREATE TABLE files (
    id TEXT PRIMARY KEY, organisation TEXT NOT NULL, application TEXT NOT NULL, purpose TEXT NOT NULL,
    key BLOB NOT NULL, head BLOB NOT NULL, content BLOB NOT NULL,
    size INTEGER NOT NULL, lines INTEGER NOT NULL, made INTEGER NOT NULL, ends INTEGER NOT NULL
) STRICT;
CREATE TABLE batches (
    id TEXT PRIMARY KEY, organisation TEXT NOT NULL, application TEXT NOT NULL, caller TEXT NOT NULL,
    file TEXT NOT NULL, endpoint TEXT NOT NULL, key BLOB NOT NULL, head BLOB NOT NULL, state TEXT NOT NULL,
    total INTEGER NOT NULL, made INTEGER NOT NULL, deadline INTEGER NOT NULL, ends INTEGER NOT NULL,
    cancelled INTEGER, finished INTEGER, completed INTEGER NOT NULL DEFAULT 0, failed INTEGER NOT NULL DEFAULT 0,
    output TEXT, errors TEXT
) STRICT;
CREATE TABLE items (
    batch TEXT NOT NULL, number INTEGER NOT NULL, good INTEGER, answer BLOB, size INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (batch, number)
) STRICT;
"""


class KeptUnusable(ValueError):
    """What is kept cannot be read or written. Says what to do, never what is in it."""


class Table:
    """The open file; one thread at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        try:
            with contextlib.suppress(FileExistsError):
                os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
            self._db = sqlite3.connect(path, timeout=BUSY, isolation_level=None, check_same_thread=False)
            self._db.row_factory = sqlite3.Row
            for pragma in ("synchronous = FULL", "secure_delete = ON", "trusted_schema = OFF"):
                self._db.execute(f"PRAGMA {pragma}")
            self._check()
        except (sqlite3.Error, OSError) as error:
            raise KeptUnusable(f"{path} cannot be used: {error}") from error

    def _check(self) -> None:
        if self._db.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0] == 0:
            self._db.executescript(TABLES)
            self._db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            self._db.execute(f"PRAGMA user_version = {SCHEMA}")
        stated = [self._db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")]
        if stated != [APPLICATION_ID, SCHEMA]:
            raise KeptUnusable(f"{self._path} is no file of kept content of this version; move it away")

    @contextlib.contextmanager
    def use(self) -> Iterator[sqlite3.Connection]:
        """Do everything in the block, or nothing of it. Raises KeptUnusable."""
        with self._lock:
            try:
                self._db.execute("BEGIN IMMEDIATE")
                try:
                    yield self._db
                    self._db.execute("COMMIT")
                finally:
                    if self._db.in_transaction:
                        self._db.execute("ROLLBACK")
            except sqlite3.Error as error:
                raise KeptUnusable(f"{self._path} cannot be used: {error}") from error

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._db.close()
