"""Where an identity provider signs people in, from what it says of itself (OpenID Connect Discovery 1.0, section 4).

Law: the issuer is the one of the settings, letter for letter, and what it says of another is refused; every address is
https (http on this machine alone, and only of a provider on this machine); what was read counts for an hour, then it is
asked anew or nobody enters. A provider that did not answer is left alone for some seconds: anybody may begin a sign-in.
"""

import asyncio
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import msgspec

from ecluse.domain.ports import Clock
from ecluse.edge.config import EgressSettings, SettingsError
from ecluse.edge.identity.tokens import LOOPBACK, check_address, fetching
from ecluse.edge.identity_settings import ConsoleSignIn
from ecluse.edge.outward import Outward

PATH: Final = "/.well-known/openid-configuration"
COUNTS = 60 * 60 * 1000
"""Milliseconds for which what was read counts."""
REST = 5 * 1000
"""Milliseconds for which a provider that did not say it is not asked again."""
STATED = ("authorize", "token", "jwks")


class Undiscovered(Exception):
    """The provider does not say where it signs people in, or says it of somebody else. Our words alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """Where one goes to sign in, redeems the code, reads keys and signs out. `leave` is None where nobody says."""

    authorize: str
    token: str
    jwks: str
    leave: str | None


class _Told(msgspec.Struct, frozen=True):
    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    end_session_endpoint: str | None = None
    code_challenge_methods_supported: list[str] | None = None


class Discovery:
    """The addresses of one provider: those of the settings, or those that it states itself."""

    def __init__(self, stated: ConsoleSignIn, egress: EgressSettings, clock: Clock) -> None:
        """Keep the parts. Raises SettingsError for addresses that are not safe, or that are only partly stated."""
        self._stated, self._egress, self._clock = stated, egress, clock
        self._read_at = 0
        self._failed: tuple[int, str] | None = None
        self._lock = asyncio.Lock()
        written = {name: value for name in STATED if (value := getattr(stated, name)) is not None}
        if written and len(written) < len(STATED):
            lacking = ", ".join(name for name in STATED if name not in written)
            raise SettingsError(
                f"identity.console: write {lacking} too, or leave out {', '.join(written)}: the issuer is then asked"
            )
        for name, address in (written | ({"leave": stated.leave} if stated.leave else {})).items():
            check_address(f"identity.console.{name}", address)
        self._known = Endpoints(**written, leave=stated.leave) if written else None
        if self._known is None:
            check_address("identity.console.issuer", stated.issuer)
            self._read_at = -COUNTS

    async def look(self) -> Endpoints:
        """Return the addresses, asked anew when they no longer count. Raises Undiscovered."""
        if self._stated.authorize is not None and self._known is not None:
            return self._known
        async with self._lock:
            now = self._clock.now()
            if self._known is None or now - self._read_at >= COUNTS:
                self._known = await self._asked(now)
                self._read_at = now
            return self._known

    @property
    def leave(self) -> str | None:
        """Where one signs out, as far as is known."""
        return self._known.leave if self._known else self._stated.leave

    async def _asked(self, now: int) -> Endpoints:
        if self._failed is not None and 0 <= now - self._failed[0] < REST:
            raise Undiscovered(self._failed[1])
        try:
            return await self._ask()
        except Undiscovered as error:
            self._failed = (self._clock.now(), str(error))
            raise

    async def _ask(self) -> Endpoints:
        outward = Outward(self._egress)
        try:
            said = await fetching(outward, self._stated.issuer.rstrip("/") + PATH)()
            told = msgspec.json.decode(said, type=_Told)
        except OSError as error:
            raise Undiscovered("the provider could not be asked where it signs people in") from error
        except msgspec.DecodeError as error:
            raise Undiscovered("the provider does not say where it signs people in") from error
        finally:
            await outward.close()
        if told.issuer != self._stated.issuer:
            raise Undiscovered("the provider says that it is another than identity.console.issuer")
        methods = told.code_challenge_methods_supported
        if methods is not None and "S256" not in methods:
            raise Undiscovered("the provider does not take PKCE with S256")
        made = Endpoints(
            authorize=told.authorization_endpoint,
            token=told.token_endpoint,
            jwks=told.jwks_uri,
            leave=self._stated.leave or told.end_session_endpoint,
        )
        here = urlsplit(told.issuer).hostname in LOOPBACK
        try:
            for address in (made.authorize, made.token, made.jwks, *([made.leave] if made.leave else ())):
                check_address("the provider's address", address)
                if urlsplit(address).hostname in LOOPBACK and not here:
                    raise Undiscovered("the provider names an address of this machine, and is not on it")
        except (SettingsError, ValueError) as error:
            raise Undiscovered("the provider names an address that is not https") from error
        return made
