"""The tokens of the admin API beside the trail on PostgreSQL: one made or revoked anywhere counts at all, at once."""

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg

from ecluse.edge.admin_tokens import AdminToken, TokensUnusable, token_of
from ecluse.edge.stores.errors import StoreError
from ecluse.edge.stores.postgres.bridge import Bridge
from ecluse.edge.stores.postgres.opened import Opened
from ecluse.edge.stores.postgres.reader import AWAY

COLUMNS = "id, name, role, hash, created, expires, revoked"


class PostgresTokens:
    """The table of one log."""

    def __init__(self, opened: Opened) -> None:
        self._opened = opened

    def tokens(self) -> tuple[AdminToken, ...]:
        """Return every token, the oldest first. Raises TokensUnusable."""
        with self._db() as (bridge, pool):
            rows = bridge.wait(pool.fetch(f"SELECT {COLUMNS} FROM admin_tokens ORDER BY created, id"))  # noqa: S608 - our words
        return tuple(token_of([*row], f"admin_tokens in schema {self._opened.schema}") for row in rows)

    def add(self, token: AdminToken) -> None:
        """Add a token; one that is here already stays. Raises TokensUnusable."""
        expires = token.expires.isoformat() if token.expires else None
        row = (token.id, token.name, token.role.value, token.index, token.created, expires, token.revoked)
        with self._db() as (bridge, pool):
            bridge.wait(
                pool.execute(
                    f"INSERT INTO admin_tokens ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",  # noqa: S608 - our words
                    *row,
                )
            )

    def revoke(self, id_: str) -> None:
        """Note that a token is revoked. Raises TokensUnusable."""
        with self._db() as (bridge, pool):
            bridge.wait(pool.execute("UPDATE admin_tokens SET revoked = true WHERE id = $1", id_))

    @contextmanager
    def _db(self) -> Iterator[tuple[Bridge, asyncpg.Pool]]:
        try:
            with self._opened.db() as held:
                yield held
        except (*AWAY, StoreError) as error:
            raise TokensUnusable(f"the tokens on PostgreSQL cannot be used: {type(error).__name__}") from error
