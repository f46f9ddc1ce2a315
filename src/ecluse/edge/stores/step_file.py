"""The docket's steps in a file of the state directory.

Law: the file is its owner's alone, and its tables are of this version or it is not used. Each opening is one
transaction.
"""

import asyncio
import contextlib
import os
import sqlite3
from collections.abc import AsyncIterator, Iterable, Iterator
from pathlib import Path

from ecluse.edge.chain import Book, DocketUnusable, Row

APPLICATION_ID = 0x45434C44
"""`ECLD`."""
SCHEMA = 1
BUSY = 2.0
"""Seconds to wait for another process that is writing."""
TABLE = """
CREATE TABLE steps (
    seq INTEGER PRIMARY KEY,
    step BLOB NOT NULL,
    signature BLOB NOT NULL,
    trailed INTEGER NOT NULL DEFAULT 0
) STRICT
"""


class FileSteps:
    """The steps of one state directory, which one gateway serves."""

    def __init__(self, path: Path, application_id: int = APPLICATION_ID) -> None:
        self.path = path
        self._application_id = application_id
        self._turn = asyncio.Lock()

    @property
    def name(self) -> str:
        """How a message calls it."""
        return str(self.path)

    def there(self) -> bool:
        """Say whether there is any."""
        return self.path.exists()

    def look(self) -> tuple[int, ...]:
        """Return what changes whenever the file does."""
        try:
            status = self.path.stat()
        except OSError:
            return ()
        return (status.st_mtime_ns, status.st_size, status.st_ino)

    @contextlib.asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for one's turn among those of this process: no other has the trail."""
        async with self._turn:
            yield

    @contextlib.contextmanager
    def writing(self) -> Iterator[Book]:
        """Open for writing; make the file when it is new."""
        try:
            with contextlib.suppress(FileExistsError):
                os.close(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
            with contextlib.closing(self._connect("rw")) as db:
                db.execute("BEGIN IMMEDIATE")
                if db.execute("SELECT count(*) FROM sqlite_schema").fetchone() == (0,):
                    db.execute(f"PRAGMA application_id = {self._application_id}")
                    db.execute(f"PRAGMA user_version = {SCHEMA}")
                    db.execute(TABLE)
                self._check(db)
                yield _Open(db)
                db.execute("COMMIT")
        except (sqlite3.Error, OSError) as error:
            raise DocketUnusable(f"{self.path} cannot be used: {error}") from error

    @contextlib.contextmanager
    def reading(self) -> Iterator[Book]:
        """Open for reading."""
        try:
            with contextlib.closing(self._connect("ro")) as db:
                self._check(db)
                yield _Open(db)
        except (sqlite3.Error, OSError) as error:
            raise DocketUnusable(f"{self.path} cannot be used: {error}") from error

    def _connect(self, mode: str) -> sqlite3.Connection:
        uri = f"{self.path.absolute().as_uri()}?mode={mode}"
        db = sqlite3.connect(uri, uri=True, timeout=BUSY, isolation_level=None)
        db.execute("PRAGMA synchronous = FULL")
        db.execute("PRAGMA trusted_schema = OFF")
        return db

    def _check(self, db: sqlite3.Connection) -> None:
        stated = tuple(db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version"))
        if stated != (self._application_id, SCHEMA):
            raise DocketUnusable(f"{self.path} is not a docket of this version of Ecluse (schema {SCHEMA})")


class _Open:
    """The steps within one transaction."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def rows(self) -> Iterable[Row]:
        """Return every step, in order."""
        return self._db.execute("SELECT seq, step, signature, trailed FROM steps ORDER BY seq")

    def add(self, step: bytes, signature: bytes) -> None:
        """Add a step."""
        self._db.execute("INSERT INTO steps (step, signature) VALUES (?, ?)", (step, signature))

    def told(self, seq: int) -> None:
        """Note that the trail has a step."""
        self._db.execute("UPDATE steps SET trailed = 1 WHERE seq = ?", (seq,))
