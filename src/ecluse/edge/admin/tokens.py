"""The tokens that open the admin API: made, listed and revoked from the command line.

Law: the table holds keyed hashes, never a token; a token is shown once. It stands for one person in one role, by name,
because the docket asks for two persons. When the table cannot be read, nobody enters.
"""

import contextlib
import hmac
import os
import secrets
import sqlite3
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import msgspec

from ecluse.domain.errors import CallerError, GatewayError
from ecluse.domain.snapshot import Instant
from ecluse.edge.clock import day_of
from ecluse.edge.keys.api_key import mint, well_formed
from ecluse.edge.keys.own import Secrets
from ecluse.edge.keys.secret import Secret
from ecluse.edge.keys.table import connect
from ecluse.edge.roles import Role
from ecluse.passage.record import timestamp

PREFIX = "ecl_admin_"
APPLICATION_ID = 0x45434C41
"""`ECLA`."""
SCHEMA = 1
LONGEST = 80
"""Characters of a person's name."""
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


class TokensUnusable(ValueError):
    """The table of admin tokens cannot be used, or a token cannot be made so. Says what to do."""


class AdminToken(msgspec.Struct, frozen=True, kw_only=True):
    """One token as it is stored: never the token itself, but a keyed hash of it."""

    id: str
    name: str
    role: Role
    index: bytes
    created: str
    expires: date | None = None
    revoked: bool = False

    def counts(self, today: date) -> bool:
        """Say whether it opens anything on a day; its last day counts."""
        return not self.revoked and (self.expires is None or today <= self.expires)


class AdminTokens:
    """The table of one state directory. Each move is one transaction of its own."""

    def __init__(self, path: Path, own: Secrets) -> None:
        self._path = path
        self._own = own

    def create(self, name: str, role: Role, now: Instant, expires: date | None = None) -> tuple[AdminToken, Secret]:
        """Make a token for a person in a role. Raises TokensUnusable."""
        if not is_name(name):
            raise TokensUnusable(f"a token's name is a person's, of at most {LONGEST} characters")
        secret = mint(PREFIX)
        made = AdminToken(
            id=f"adm_{secrets.token_hex(8)}",
            name=name.strip(),
            role=role,
            index=self._index(secret.reveal().encode()),
            created=timestamp(now),
            expires=expires,
        )
        with self._open(make=True) as db:
            db.execute(
                "INSERT INTO tokens (id, name, role, hash, created, expires) VALUES (?, ?, ?, ?, ?, ?)",
                (made.id, made.name, role.value, made.index, made.created, expires.isoformat() if expires else None),
            )
        return made, secret

    def list(self) -> tuple[AdminToken, ...]:
        """Return every token, the oldest first. Raises TokensUnusable."""
        if not self._path.exists():
            return ()
        with self._open() as db:
            rows = db.execute(
                "SELECT id, name, role, hash, created, expires, revoked FROM tokens ORDER BY created, id"
            ).fetchall()
        names = ("id", "name", "role", "index", "created", "expires", "revoked")
        try:
            return tuple(
                msgspec.convert(dict(zip(names, row, strict=True)), AdminToken, strict=False, builtin_types=(bytes,))
                for row in rows
            )
        except msgspec.ValidationError as error:
            raise TokensUnusable(f"{self._path} has a row that is no token: restore it from a backup") from error

    def revoke(self, id_: str) -> AdminToken:
        """Revoke a token for good. Raises KeyError, TokensUnusable."""
        if self._path.exists():
            with self._open() as db:
                db.execute("UPDATE tokens SET revoked = 1 WHERE id = ?", (id_,))
        for found in self.list():
            if found.id == id_:
                return found
        raise KeyError(id_)

    def whose(self, presented: str, now: Instant) -> AdminToken:
        """Return the token that is presented. Raises CallerError with one body for every cause, or GatewayError."""
        data = well_formed(presented, PREFIX)
        if data is None:
            raise CallerError("invalid_admin_token")
        index = self._index(data)
        try:
            known = self.list()
        except TokensUnusable as error:
            raise GatewayError("keys_unavailable", "the table of admin tokens") from error
        found = [token for token in known if hmac.compare_digest(token.index, index)]
        if not found or not found[0].counts(day_of(now)):
            raise CallerError("invalid_admin_token")
        return found[0]

    def _index(self, data: bytes) -> bytes:
        return self._own.index_of(b"admin/" + data)

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


def is_name(text: str) -> bool:
    """Say whether a text can be a person's name here."""
    return bool(text.strip()) and text.isprintable() and len(text) <= LONGEST
