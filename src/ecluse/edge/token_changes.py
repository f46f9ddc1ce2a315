"""Changes of the admin API's tokens from the command line, on the trail before they are made.

Law: a change that cannot be put on the trail is not made. An entry has the token's id, its role and its last day; the
person's name stays in the table of tokens.
"""

import secrets
from datetime import date
from pathlib import Path

from ecluse.domain.errors import GatewayError
from ecluse.domain.ports import Clock
from ecluse.domain.snapshot import Instant
from ecluse.edge.admin_tokens import AdminToken, AdminTokens, TokensUnusable, check_name, fresh_id
from ecluse.edge.key_changes import Change, announce
from ecluse.edge.keys import KeysUnusable
from ecluse.edge.keys.own import Secrets
from ecluse.edge.keys.secret import Secret
from ecluse.edge.roles import Role
from ecluse.edge.stores.beside import tokens_at
from ecluse.edge.stores.errors import StoreError

ACTOR = "command_line"


class AnnouncedTokens:
    """Makes and revokes tokens of a state directory, each once the trail says so; for any thread but a loop's."""

    def __init__(self, state: Path, own: Secrets, clock: Clock) -> None:
        self._state = state
        self._own = own
        self._clock = clock
        self._table: AdminTokens = tokens_at(state, own)

    def create(self, name: str, role: Role, now: Instant, expires: date | None = None) -> tuple[AdminToken, Secret]:
        """Make a token for a person in a role. Raises TokensUnusable."""
        check_name(name)
        id_ = fresh_id()
        facts = {"role": role.value, "expires": expires.isoformat() if expires else None}
        self._announce("admin_token_created", id_, facts)
        return self._table.create(name, role, now, expires, id_=id_)

    def revoke(self, id_: str) -> AdminToken:
        """Revoke a token for good. Raises KeyError, TokensUnusable."""
        found = next((one for one in self._table.list() if one.id == id_), None)
        if found is None:
            raise KeyError(id_)
        self._announce("admin_token_revoked", id_, {"role": found.role.value})
        return self._table.revoke(id_)

    def _announce(self, action: str, subject: str, facts: dict[str, str | None]) -> None:
        change = Change(id=secrets.token_hex(16), action=action, actor=ACTOR, subject=subject, facts=facts)
        try:
            announce(self._state, self._own, self._clock, change)
        except (KeysUnusable, StoreError, GatewayError, ValueError) as error:
            raise TokensUnusable(f"the trail cannot be written, so nothing was changed: {error}") from error
