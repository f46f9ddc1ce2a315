"""The tokens of the admin API in a file of the state directory, which is its owner's alone."""

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from ecluse.edge.admin_tokens import AdminToken, TokensUnusable, token_of
from ecluse.edge.keys.table import connect

APPLICATION_ID = 0x45434C41
"""`ECLA`."""
SCHEMA = 1
COLUMNS = "id, name, role, hash, created, expires, revoked"
TABLE = """
CREATE TABLE tokens (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    hash BLOB NOT NULL UNIQUE,
    created TEXT NOT NULL,
    expires TEXT,
    revoked INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID
"""


class FileTokens:
    """The table of one state directory."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def tokens(self) -> tuple[AdminToken, ...]:
        """Return every token, the oldest first. Raises TokensUnusable."""
        if not self._path.exists():
            return ()
        with self._open() as db:
            rows = db.execute(f"SELECT {COLUMNS} FROM tokens ORDER BY created, id").fetchall()  # noqa: S608 - our words
        return tuple(token_of(row, str(self._path)) for row in rows)

    def add(self, token: AdminToken) -> None:
        """Add a token; make the table when it is new. Raises TokensUnusable."""
        expires = token.expires.isoformat() if token.expires else None
        row = (token.id, token.name, token.role.value, token.index, token.created, expires, token.revoked)
        with self._open(make=True) as db:
            db.execute(f"INSERT INTO tokens ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)", row)  # noqa: S608 - our words

    def revoke(self, id_: str) -> None:
        """Note that a token is revoked. Raises TokensUnusable."""
        if self._path.exists():
            with self._open() as db:
                db.execute("UPDATE tokens SET revoked = 1 WHERE id = ?", (id_,))

    @contextlib.contextmanager
    def _open(self, *, make: bool = False) -> Iterator[sqlite3.Connection]:
        try:
            if make:
                with contextlib.suppress(FileExistsError):
                    os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
            with contextlib.closing(connect(self._path)) as db:
                db.execute("BEGIN IMMEDIATE")
                if make and db.execute("SELECT count(*) FROM sqlite_schema").fetchone() == (0,):
                    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                    db.execute(f"PRAGMA user_version = {SCHEMA}")
                    db.execute(TABLE)
                stated = tuple(
                    db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")
                )
                if stated != (APPLICATION_ID, SCHEMA):
                    raise TokensUnusable(f"{self._path} is no table of admin tokens of this version (schema {SCHEMA})")
                yield db
                db.execute("COMMIT")
        except (sqlite3.Error, OSError) as error:
            raise TokensUnusable(f"{self._path} cannot be used: {error}") from error
