"""Who is at the admin API: a token of our own, or one that an identity provider of the settings signed.

Law: what errs refuses, with one body for every cause. A claim's values that the settings do not name give no role, and
nobody enters without one. The trail gets the role and a mark, never the name.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ecluse.domain.errors import CallerError
from ecluse.domain.snapshot import Instant
from ecluse.edge.admin_settings import AdminIssuer, AdminSettings
from ecluse.edge.admin_tokens import PREFIX, AdminTokens, is_name
from ecluse.edge.config import SettingsError
from ecluse.edge.identity.jwks import Jwks
from ecluse.edge.identity.tokens import Issuer, believed, check_address, fetching, is_token, pseudonym
from ecluse.edge.identity_settings import IssuerSettings
from ecluse.edge.outward import Outward
from ecluse.edge.roles import MAY, Act, Role, may

SCHEME = "bearer "
LONGEST = len(SCHEME) + len(PREFIX) + 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who entered. `name` is for the docket, `mark` for the trail."""

    name: str
    roles: frozenset[Role]
    mark: str

    def acting(self, act: Act) -> Role:
        """Return the role in which somebody does something. Raises CallerError('role_required')."""
        if act not in may(self.roles):
            raise CallerError("role_required", f"it takes one of: {', '.join(r for r in Role if act in MAY[r])}")
        return next(role for role in Role if role in self.roles and act in MAY[role])


class Persons:
    """Reads who enters."""

    def __init__(
        self,
        tokens: AdminTokens,
        believed_: Sequence[tuple[AdminIssuer, Issuer]],
        keyed: Callable[[bytes], bytes],
    ) -> None:
        self._tokens = tokens
        self._stated: Mapping[str, AdminIssuer] = {stated.issuer: stated for stated, _ in believed_}
        self._issuers: Mapping[str, Issuer] = {stated.issuer: issuer for stated, issuer in believed_}
        self._keyed = keyed

    async def enter(self, header: str | None, now: Instant) -> Person:
        """Return who presents this. Raises CallerError('invalid_admin_token') or GatewayError."""
        if is_token(header):
            return self._signed(header, now)
        if header is None or len(header) > LONGEST or header[: len(SCHEME)].lower() != SCHEME:
            raise CallerError("invalid_admin_token")
        token = await asyncio.to_thread(self._tokens.whose, header[len(SCHEME) :], now)
        return Person(name=token.name, roles=frozenset({token.role}), mark=token.id)

    def jobs(self) -> Sequence[Coroutine[Any, Any, None]]:
        """Return what keeps each issuer's keys."""
        return [issuer.keys.run() for issuer in self._issuers.values()]

    def _signed(self, header: str | None, now: Instant) -> Person:
        try:
            issuer, claims = believed(header, self._issuers, now)
        except CallerError:
            raise CallerError("invalid_admin_token") from None
        stated = self._stated[issuer.stated.issuer]
        name, values = claims.get(stated.name_claim), claims.get(stated.role_claim)
        given = [values] if isinstance(values, str) else values
        listed = given if isinstance(given, list) else []
        roles = frozenset(stated.roles[one] for one in listed if isinstance(one, str) and one in stated.roles)
        if not roles or not isinstance(name, str) or not is_name(name):
            raise CallerError("invalid_admin_token")
        return Person(name=name.strip(), roles=roles, mark=pseudonym(issuer, claims, self._keyed))


def persons_of(
    settings: AdminSettings, tokens: AdminTokens, outward: Outward, keyed: Callable[[bytes], bytes]
) -> Persons:
    """Return what reads who enters by these settings. Raises SettingsError."""
    found: dict[str, tuple[AdminIssuer, Issuer]] = {}
    for stated in settings.issuers:
        where = f"admin.issuers {stated.name!r}"
        if stated.issuer in found:
            raise SettingsError(f"{where}: its issuer stands twice")
        if not (stated.issuer and stated.audience and stated.roles):
            raise SettingsError(f"{where}: issuer, audience and roles are not empty")
        check_address(f"{where}: jwks", stated.jwks)
        read = IssuerSettings(
            name=stated.name,
            issuer=stated.issuer,
            audience=stated.audience,
            jwks=stated.jwks,
            applications={},
            algorithms=stated.algorithms,
            skew_seconds=stated.skew_seconds,
        )
        found[stated.issuer] = (stated, Issuer(stated=read, keys=Jwks(fetching(outward, stated.jwks))))
    return Persons(tokens, list(found.values()), keyed)
