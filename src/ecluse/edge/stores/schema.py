"""The trail's file: its tables, and how it is opened.

Law: WAL with synchronous=FULL, so that a commit is on the disk when it returns; salts are overwritten when they are
erased. A file that is not a trail of this version is refused, never migrated in passing.
"""

import os
import sqlite3
from pathlib import Path

from ecluse.edge.stores.errors import TrailUnreadable

APPLICATION_ID = 0x45434C55
"""`ECLU`: what `file(1)` and `PRAGMA application_id` see."""
SCHEMA = 1
BUSY = 2.0
"""Seconds to wait for another process that holds SQLite's write lock, such as a backup."""

TABLES = """
CREATE TABLE entries (
    idx INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    passage TEXT NOT NULL,
    kind TEXT NOT NULL,
    entry BLOB NOT NULL,
    leaf BLOB NOT NULL
) STRICT;
CREATE INDEX entries_passage ON entries (passage);
CREATE TABLE openings (idx INTEGER PRIMARY KEY, salt BLOB NOT NULL) STRICT;
CREATE TABLE checkpoints (size INTEGER PRIMARY KEY, note TEXT NOT NULL) STRICT;
CREATE TABLE nodes (
    level INTEGER NOT NULL,
    idx INTEGER NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (level, idx)
) STRICT, WITHOUT ROWID;
CREATE TABLE unsettled (seq INTEGER PRIMARY KEY, passage TEXT NOT NULL, destination TEXT NOT NULL) STRICT;
CREATE INDEX unsettled_passage ON unsettled (passage)
"""
"""`openings` stand beside the log, so that they can be erased. `nodes` are the roots of perfect subtrees at levels 8,
16, 24 ...: computed from the entries, kept so that opening and proofs are quick. `unsettled` are the intents of
passages without an outcome."""


def create(path: Path) -> None:
    """Make an empty trail, readable by its owner alone, unless there is a file already. Raises TrailUnreadable."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        return
    except OSError as error:
        raise TrailUnreadable(f"{path} cannot be made: {error.strerror}") from error


def connect(path: Path) -> sqlite3.Connection:
    """Open a trail for its one writer, making the tables of an empty file. Raises TrailUnreadable or sqlite3.Error."""
    db = sqlite3.connect(_uri(path, "rw"), uri=True, timeout=BUSY, isolation_level=None, check_same_thread=False)
    try:
        _make_durable(db, path)
        if db.execute("SELECT count(*) FROM sqlite_schema").fetchone() == (0,):
            _make(db)
        _check(db, path)
    except (sqlite3.Error, TrailUnreadable):
        db.close()
        raise
    return db


def connect_readonly(path: Path) -> sqlite3.Connection:
    """Open a trail for reading, also while it is being served. Raises TrailUnreadable."""
    if not path.is_file():
        raise TrailUnreadable(f"there is no trail at {path}; `--state-dir` names the folder that has it")
    wal = path.with_name(path.name + "-wal")
    alone = not os.access(path.parent, os.W_OK) and not (wal.exists() and wal.stat().st_size)
    mode = "ro&immutable=1" if alone else "ro"
    try:
        db = sqlite3.connect(_uri(path, mode), uri=True, timeout=BUSY, isolation_level=None, check_same_thread=False)
        try:
            _check(db, path)
        except (sqlite3.Error, TrailUnreadable):
            db.close()
            raise
    except sqlite3.Error as error:
        raise TrailUnreadable(f"{path} cannot be read: {error}") from error
    return db


def _make_durable(db: sqlite3.Connection, path: Path) -> None:
    if db.execute("PRAGMA journal_mode = WAL").fetchone() != ("wal",):
        raise TrailUnreadable(f"{path} is on a file system without shared memory; SQLite needs a local disk")
    for pragma in ("synchronous = FULL", "fullfsync = ON", "secure_delete = ON", "trusted_schema = OFF"):
        db.execute(f"PRAGMA {pragma}")


def _uri(path: Path, mode: str) -> str:
    return f"{path.absolute().as_uri()}?mode={mode}"


def _make(db: sqlite3.Connection) -> None:
    db.execute("BEGIN IMMEDIATE")
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    db.execute(f"PRAGMA user_version = {SCHEMA}")
    for statement in TABLES.split(";"):
        db.execute(statement)
    db.execute("COMMIT")


def _check(db: sqlite3.Connection, path: Path) -> None:
    (application,) = db.execute("PRAGMA application_id").fetchone()
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if (application, version) != (APPLICATION_ID, SCHEMA):
        raise TrailUnreadable(f"{path} is not a trail of this version of Ecluse (schema {SCHEMA})")
