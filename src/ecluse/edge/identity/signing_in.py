"""Entering by an identity provider: OpenID Connect's code flow with PKCE (RFC 6749, 7636, 9700, OIDC Core 3.1).

Law: what errs refuses. A sign-in counts once, within ten minutes, in the browser that began it; the code is redeemed
with the verifier that never left this process; the token must be for this client and this sign-in; a claim's values
that the settings do not name give no role, and nobody enters without one.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import quote_plus, urlencode, urlsplit

import msgspec
from joserfc.errors import JoseError

from ecluse.domain.errors import CallerError, GatewayError
from ecluse.domain.ports import Clock
from ecluse.edge.config import EgressSettings
from ecluse.edge.identity.discovery import Discovery, Endpoints, Undiscovered
from ecluse.edge.identity.jwks import Jwks
from ecluse.edge.identity.signing_out import SigningOut
from ecluse.edge.identity.tokens import LARGEST, claims_of, console_issuer, fetching
from ecluse.edge.identity_settings import ConsoleSignIn
from ecluse.edge.keys import SecretResolver
from ecluse.edge.outward import Outward, OutwardFailed
from ecluse.edge.roles import Role

LASTS = 10 * 60 * 1000
"""Milliseconds from the beginning of a sign-in to its end."""
MOST = 512
"""Sign-ins under way; the oldest goes first."""
LONGEST = 2048
"""Characters of a code or a state."""
NAME = 100
"""Characters of a person's name."""


class NotEntered(Exception):
    """Nobody enters. Says why to whoever runs the console: a few words of ours, never what was presented."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A sign-in under way. `mark` is what the browser keeps; `after` is where it goes then."""

    mark: str
    nonce: str
    verifier: str
    after: str
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """Who came back: their roles, who they are to the provider, how it names them, and where they go.

    `session` is the name of their session there, empty where it says none. `proof` is the provider's token: it is kept
    for as long as the session, to sign out there, and is never shown.
    """

    roles: frozenset[Role]
    subject: str
    name: str
    after: str
    session: str
    proof: str


class _Redeemed(msgspec.Struct, frozen=True):
    id_token: str


class SigningIn:
    """Sign-ins of one console, that comes back at the address `back`."""

    def __init__(self, stated: ConsoleSignIn, egress: EgressSettings, clock: Clock, back: str) -> None:
        """Keep the parts. Raises SettingsError for an address that is not safe."""
        self._discovery = Discovery(stated, egress, clock)
        self._stated = stated
        self._egress = egress
        self._clock = clock
        self._back = back
        self._secrets = SecretResolver()
        self._begun: dict[str, Begun] = {}
        self.out = SigningOut(stated, egress, clock, self._discovery)

    async def begin(self, after: str) -> tuple[str, str]:
        """Return where the browser goes, and the mark that it keeps meanwhile. Raises NotEntered."""
        authorize = (await self._addresses()).authorize
        state = secrets.token_urlsafe(32)
        begun = Begun(
            mark=secrets.token_urlsafe(32),
            nonce=secrets.token_urlsafe(32),
            verifier=secrets.token_urlsafe(64),
            after=after,
            at=self._clock.now(),
        )
        if len(self._begun) >= MOST:
            del self._begun[next(iter(self._begun))]
        self._begun[state] = begun
        challenge = base64.urlsafe_b64encode(hashlib.sha256(begun.verifier.encode()).digest()).decode().rstrip("=")
        asked = {
            "response_type": "code",
            "client_id": self._stated.client_id,
            "redirect_uri": self._back,
            "scope": "openid",
            "state": state,
            "nonce": begun.nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        return _with(authorize, asked), begun.mark

    def leaving(self, proof: str, after: str) -> str | None:
        """Return where the browser signs out of the provider too (OpenID Connect RP-Initiated Logout 1.0).

        None where the provider has no such address. `after` must be one of the client's addresses there.
        """
        address = self._discovery.leave
        if address is None:
            return None
        asked = {"id_token_hint": proof, "client_id": self._stated.client_id, "post_logout_redirect_uri": after}
        return _with(address, asked)

    async def _addresses(self) -> Endpoints:
        try:
            return await self._discovery.look()
        except Undiscovered as error:
            raise NotEntered(str(error)) from error

    async def end(self, *, state: str, code: str, mark: str, issuer: str | None) -> Entered:
        """Return who comes back. Raises NotEntered."""
        begun = self._begun.pop(state, None)
        if begun is None or self._clock.now() - begun.at > LASTS:
            raise NotEntered("no such sign-in is under way")
        if not hmac.compare_digest(begun.mark.encode(), mark.encode()):
            raise NotEntered("the sign-in began in another browser")
        if issuer not in {None, self._stated.issuer}:
            raise NotEntered("another provider answered")  # RFC 9207
        if not code or len(code) > LONGEST:
            raise NotEntered("the provider gave no code")
        where = await self._addresses()
        outward = Outward(self._egress)
        try:
            claims, token = await self._claims(outward, where, code, begun)
        except (OutwardFailed, OSError, GatewayError) as error:
            raise NotEntered("the provider could not be asked") from error
        except (CallerError, JoseError, msgspec.DecodeError, ValueError) as error:
            raise NotEntered("the provider's token does not count") from error
        finally:
            await outward.close()
        roles = self._roles(claims.get(self._stated.role_claim))
        if not roles:
            raise NotEntered("no role is given by identity.console.roles")
        return Entered(
            roles=roles,
            subject=str(claims["sub"]),
            name=_name(claims),
            after=begun.after,
            session=claims["sid"] if isinstance(claims.get("sid"), str) else "",
            proof=token,
        )

    async def _claims(self, outward: Outward, where: Endpoints, code: str, begun: Begun) -> tuple[dict[str, Any], str]:
        """Redeem the code, and return the claims of the token and the token."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._back,
            "client_id": self._stated.client_id,
            "code_verifier": begun.verifier,
        }
        headers = [("content-type", "application/x-www-form-urlencoded"), ("accept", "application/json")]
        if self._stated.client_secret is not None:
            known = self._secrets.resolve(self._stated.client_secret).reveal()
            pair = f"{quote_plus(self._stated.client_id)}:{quote_plus(known)}"
            headers.append(("authorization", f"Basic {base64.b64encode(pair.encode()).decode()}"))
        answered = await outward.post(where.token, urlencode(form).encode(), headers)
        if answered.status != HTTPStatus.OK:
            raise OSError("the token's address refused")
        token = msgspec.json.decode(answered.body, type=_Redeemed).id_token
        keys = Jwks(fetching(outward, where.jwks))
        await keys.look()
        if len(token) > LARGEST:
            raise CallerError("invalid_api_key")
        claims = dict(claims_of(token, console_issuer(self._stated, keys, where.jwks), self._clock.now() / 1000))
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        party = claims.get("azp", None if several else self._stated.client_id)
        nonce = claims.get("nonce")
        if party != self._stated.client_id or not isinstance(nonce, str):
            raise CallerError("invalid_api_key")
        if not hmac.compare_digest(nonce.encode(), begun.nonce.encode()):
            raise CallerError("invalid_api_key")
        return claims, token

    @property
    def home(self) -> str:
        """The console's own address, without a path."""
        return self._back.removesuffix(urlsplit(self._back).path)

    @property
    def issuer(self) -> str:
        """The provider."""
        return self._stated.issuer

    def _roles(self, stated: object) -> frozenset[Role]:
        values = [stated] if isinstance(stated, str) else stated
        if not isinstance(values, list):
            return frozenset()
        return frozenset(
            self._stated.roles[one] for one in values if isinstance(one, str) and one in self._stated.roles
        )


def _with(address: str, asked: Mapping[str, str]) -> str:
    return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}"


def _name(claims: dict[str, Any]) -> str:
    """Return how the provider names a person, on one line; nothing when it does not."""
    for stated in (claims.get("name"), claims.get("preferred_username")):
        if isinstance(stated, str) and (name := " ".join(stated.split())[:NAME]):
            return name
    return ""
