"""The tokens that open the admin API: made, listed and revoked from the command line.

Law: the table holds keyed hashes, never a token; a token is shown once. It stands for one person in one role, by name,
because the docket asks for two persons. When the table cannot be read, nobody enters.
"""

import hmac
import secrets
from collections.abc import Sequence
from datetime import date
from typing import Any, Protocol

import msgspec

from ecluse.domain.errors import CallerError, GatewayError
from ecluse.domain.snapshot import Instant
from ecluse.edge.clock import day_of
from ecluse.edge.keys.api_key import mint, well_formed
from ecluse.edge.keys.own import Secrets
from ecluse.edge.keys.secret import Secret
from ecluse.edge.roles import Role
from ecluse.passage.record import timestamp

PREFIX = "ecl_admin_"
LONGEST = 80
"""Characters of a person's name."""


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


class TokenTable(Protocol):
    """Where tokens are kept. What cannot be used raises TokensUnusable."""

    def tokens(self) -> tuple[AdminToken, ...]:
        """Return every token, the oldest first; nothing is made."""

    def add(self, token: AdminToken) -> None:
        """Add a token."""

    def revoke(self, id_: str) -> None:
        """Note that a token is revoked, if it is there."""


class AdminTokens:
    """The tokens of one log. Each move is one transaction of its own."""

    def __init__(self, table: TokenTable, own: Secrets) -> None:
        self._table = table
        self._own = own

    def create(
        self, name: str, role: Role, now: Instant, expires: date | None = None, *, id_: str | None = None
    ) -> tuple[AdminToken, Secret]:
        """Make a token for a person in a role; `id_` is one told before, of `fresh_id`. Raises TokensUnusable."""
        check_name(name)
        secret = mint(PREFIX)
        made = AdminToken(
            id=id_ or fresh_id(),
            name=name.strip(),
            role=role,
            index=self._index(secret.reveal().encode()),
            created=timestamp(now),
            expires=expires,
        )
        self._table.add(made)
        return made, secret

    def list(self) -> tuple[AdminToken, ...]:
        """Return every token, the oldest first. Raises TokensUnusable."""
        return self._table.tokens()

    def revoke(self, id_: str) -> AdminToken:
        """Revoke a token for good. Raises KeyError, TokensUnusable."""
        self._table.revoke(id_)
        for found in self.list():
            if found.id == id_:
                return found
        raise KeyError(id_)

    def adopt(self, other: "AdminTokens") -> int:
        """Take over the tokens of another table of this log; what is here already stays. Raises TokensUnusable."""
        known = {token.id for token in self.list()}
        brought = [token for token in other.list() if token.id not in known]
        for token in brought:
            self._table.add(token)
        return len(brought)

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


def token_of(row: Sequence[Any], where_: str) -> AdminToken:
    """Return the token of a row. Raises TokensUnusable for one that is none."""
    names = ("id", "name", "role", "index", "created", "expires", "revoked")
    try:
        return msgspec.convert(dict(zip(names, row, strict=True)), AdminToken, strict=False, builtin_types=(bytes,))
    except msgspec.ValidationError as error:
        raise TokensUnusable(f"{where_} has a row that is no token: restore it from a backup") from error


def fresh_id() -> str:
    """Return the id of a token that is about to be made."""
    return f"adm_{secrets.token_hex(8)}"


def check_name(text: str) -> None:
    """Refuse what is no person's name. Raises TokensUnusable."""
    if not is_name(text):
        raise TokensUnusable(f"a token's name is a person's, of at most {LONGEST} characters")


def is_name(text: str) -> bool:
    """Say whether a text can be a person's name here."""
    return bool(text.strip()) and text.isprintable() and len(text) <= LONGEST
