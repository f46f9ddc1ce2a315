"""A sign-out at the identity provider, told from behind (OpenID Connect Back-Channel Logout 1.0).

Law: what errs refuses. A token counts once, and only one that the console's own provider signed for this client, that
is not over, says by its event that it is a sign-out, names somebody or a session of theirs, and could not pass for a
token to enter with. The provider's keys are asked for at most every ten seconds: anybody may present a token.
"""

import asyncio
from dataclasses import dataclass

import msgspec
from joserfc.errors import JoseError

from ecluse.domain.errors import CallerError, GatewayError
from ecluse.domain.ports import Clock
from ecluse.edge.config import EgressSettings
from ecluse.edge.identity.discovery import Discovery, Undiscovered
from ecluse.edge.identity.jwks import Jwks
from ecluse.edge.identity.tokens import FORM, LARGEST, Issuer, console_issuer, fetching, signed_claims
from ecluse.edge.identity_settings import ConsoleSignIn
from ecluse.edge.outward import Outward

EVENT = "http://schemas.openid.net/event/backchannel-logout"
TYPES = frozenset({None, "jwt", "logout+jwt", "application/logout+jwt"})
SOONEST = 10 * 1000
"""Milliseconds between two looks at the provider's keys."""
MOST = 1024
"""Tokens that are remembered until they end; the oldest goes first."""


class NotSignedOut(Exception):
    """A token that ends nothing. Says why to whoever runs the console: a few words of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedOut:
    """Who signed out: somebody, one session of theirs, or both. None where the token does not say."""

    subject: str | None
    session: str | None


class _Said(msgspec.Struct, frozen=True):
    jti: str
    iat: float
    exp: float
    events: dict[str, dict[str, msgspec.Raw]]
    sub: str | None = None
    sid: str | None = None
    nonce: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


class SigningOut:
    """Reads the sign-outs that one provider tells one console."""

    def __init__(self, stated: ConsoleSignIn, egress: EgressSettings, clock: Clock, discovery: Discovery) -> None:
        """Keep the parts."""
        self._stated, self._egress, self._clock, self._discovery = stated, egress, clock, discovery
        self._issuer: Issuer | None = None
        self._looked = -SOONEST
        self._lock = asyncio.Lock()
        self._counted: dict[str, float] = {}

    async def read(self, token: str) -> SignedOut:
        """Return who signed out. Raises NotSignedOut."""
        if len(token) > LARGEST or not FORM.fullmatch(token):
            raise NotSignedOut("what came is no token")
        try:
            said = await self._verified(token)
        except (CallerError, JoseError, msgspec.DecodeError, ValueError) as error:
            raise NotSignedOut("the token does not count") from error
        except (OSError, GatewayError, Undiscovered) as error:
            raise NotSignedOut("the provider could not be asked for its keys") from error
        if EVENT not in said.events or said.nonce is not msgspec.UNSET or not (said.sub or said.sid):
            raise NotSignedOut("the token is no sign-out")
        now = self._clock.now() / 1000
        self._counted = {jti: ends for jti, ends in self._counted.items() if ends > now}
        if said.jti in self._counted:
            raise NotSignedOut("the token has counted before")
        if len(self._counted) >= MOST:
            del self._counted[next(iter(self._counted))]
        self._counted[said.jti] = said.exp + self._stated.skew_seconds
        return SignedOut(subject=said.sub or None, session=said.sid or None)

    async def _verified(self, token: str) -> _Said:
        """Return what the token says, by the keys that are known, else by those of now."""
        async with self._lock:
            now = self._clock.now()
            if self._issuer is not None:
                try:
                    return self._claims(token, self._issuer)
                except (CallerError, GatewayError):
                    if now - self._looked < SOONEST:
                        raise
            elif now - self._looked < SOONEST:
                raise OSError("asked a moment ago")
            self._looked = now
            self._issuer = await self._asked()
            return self._claims(token, self._issuer)

    def _claims(self, token: str, issuer: Issuer) -> _Said:
        return msgspec.convert(signed_claims(token, issuer, self._clock.now() / 1000, TYPES), _Said)

    async def _asked(self) -> Issuer:
        where = await self._discovery.look()
        outward = Outward(self._egress)
        try:
            keys = Jwks(fetching(outward, where.jwks))
            await keys.look()
        finally:
            await outward.close()
        return console_issuer(self._stated, keys, where.jwks)
