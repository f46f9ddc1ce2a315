"""A signed token of an identity provider, in place of an API key (RFC 7519, RFC 8725).

Law: what errs refuses, with the one body of a bad key. The algorithm is one of the settings' list and must fit the key;
the key is found by name in its issuer's own set, never in the token nor at an address that a token names. The
application is the one that the settings give to a claim's value.
"""

import base64
import binascii
import re
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import msgspec
from joserfc import jws
from joserfc.errors import JoseError

from ecluse.domain.caller import ApplicationId, KeyId
from ecluse.domain.errors import CallerError
from ecluse.domain.snapshot import Instant
from ecluse.edge.config import SettingsError
from ecluse.edge.identity.jwks import Jwks
from ecluse.edge.identity_settings import Algorithm, ConsoleSignIn, IdentitySettings, IssuerSettings
from ecluse.edge.outward import Outward, OutwardFailed

LARGEST = 8192
"""Characters of a token."""
FORM = re.compile(r"eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
SCHEME = "bearer "
TYPES = frozenset({None, "jwt", "at+jwt", "application/at+jwt"})
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class _Header(msgspec.Struct, frozen=True):
    alg: Algorithm
    kid: str
    typ: str | None = None
    crit: list[str] | None = None


class _Claims(msgspec.Struct, frozen=True):
    iss: str
    aud: str | list[str]
    exp: float
    sub: str = ""
    nbf: float | None = None
    iat: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """One identity provider with its keys."""

    stated: IssuerSettings
    keys: Jwks


def is_token(header: str | None) -> bool:
    """Say whether `Bearer TEXT` has the form of a token. Costs the same for any text of any length."""
    return _presented(header) is not None


class Tokens:
    """Reads tokens of the settings' issuers. `pseudonym` is a keyed hash, so that no entry names a person."""

    def __init__(self, issuers: Mapping[str, Issuer], pseudonym: Callable[[bytes], bytes]) -> None:
        self._issuers = issuers
        self._pseudonym = pseudonym

    def authenticate(self, header: str | None, now: Instant) -> tuple[ApplicationId, KeyId]:
        """Return the application that a token stands for, and a pseudonym of who presents it.

        Raises CallerError('invalid_api_key'), or GatewayError while the issuer's keys cannot be known.
        """
        issuer, claims = believed(header, self._issuers, now)
        value = claims.get(issuer.stated.application_claim)
        application = issuer.stated.applications.get(value) if isinstance(value, str) else None
        if application is None:
            raise CallerError("invalid_api_key")
        return ApplicationId(application), KeyId(pseudonym(issuer, claims, self._pseudonym))

    def jobs(self) -> Sequence[Coroutine[Any, Any, None]]:
        """Return what keeps each issuer's keys."""
        return [issuer.keys.run() for issuer in self._issuers.values()]


def believed(header: str | None, issuers: Mapping[str, Issuer], now: Instant) -> tuple[Issuer, Mapping[str, Any]]:
    """Return the claims of the token that a header presents, and which of these issuers stands for them.

    Raises CallerError('invalid_api_key'), or GatewayError while the issuer's keys cannot be known.
    """
    token = _presented(header)
    if token is None:
        raise CallerError("invalid_api_key")
    try:
        issuer = issuers.get(msgspec.json.decode(_decoded(token.split(".")[1]), type=_Claims).iss)
        if issuer is None:
            raise CallerError("invalid_api_key")
        return issuer, claims_of(token, issuer, now / 1000)
    except (JoseError, msgspec.DecodeError, binascii.Error, ValueError):
        raise CallerError("invalid_api_key") from None


def pseudonym(issuer: Issuer, claims: Mapping[str, Any], keyed: Callable[[bytes], bytes]) -> str:
    """Return what stands in entries for whoever presents a token: a keyed hash, no name."""
    who = keyed(msgspec.json.encode(["token", claims["iss"], claims["sub"]])).hex()[:16]
    return f"token_{issuer.stated.name}_{who}"


def claims_of(token: str, issuer: Issuer, now: float) -> Mapping[str, Any]:
    """Return the claims of a token about somebody that this issuer signed for its audience, at `now` in seconds.

    Raises CallerError, JoseError, msgspec.DecodeError or ValueError for one that does not count.
    """
    claims = signed_claims(token, issuer, now, TYPES)
    if not claims.get("sub"):
        raise CallerError("invalid_api_key")
    return claims


def signed_claims(token: str, issuer: Issuer, now: float, types: frozenset[str | None]) -> Mapping[str, Any]:
    """Return the claims of a token of one of these types that this issuer signed. Raises as `claims_of` does."""
    head, _, _ = token.split(".")
    header = msgspec.json.decode(_decoded(head), type=_Header)
    if header.crit is not None or (header.typ.lower() if header.typ else None) not in types:
        raise CallerError("invalid_api_key")
    key = issuer.keys.find(header.kid, header.alg) if header.alg in issuer.stated.algorithms else None
    if key is None:
        raise CallerError("invalid_api_key")
    payload = jws.deserialize_compact(token, key, algorithms=[header.alg.value]).payload
    if not _holds(msgspec.json.decode(payload, type=_Claims), issuer.stated, now):
        raise CallerError("invalid_api_key")
    return msgspec.json.decode(payload, type=dict[str, Any])


def tokens_of(
    settings: IdentitySettings, known: Sequence[str], outward: Outward, pseudonym: Callable[[bytes], bytes]
) -> Tokens:
    """Return what reads the tokens of these issuers. Raises SettingsError."""
    issuers: dict[str, Issuer] = {}
    names: set[str] = set()
    for stated in settings.issuers:
        where = f"identity.issuers {stated.name!r}"
        if stated.issuer in issuers or stated.name in names:
            raise SettingsError(f"{where}: its name or its issuer stands twice")
        if not (stated.audience and stated.applications and stated.issuer):
            raise SettingsError(f"{where}: issuer, audience and applications are not empty")
        if unknown := set(stated.applications.values()) - set(known):
            raise SettingsError(f"{where}: {min(unknown)!r} is no application of these settings")
        check_address(f"{where}: jwks", stated.jwks)
        names.add(stated.name)
        issuers[stated.issuer] = Issuer(stated=stated, keys=Jwks(fetching(outward, stated.jwks)))
    return Tokens(issuers, pseudonym)


def console_issuer(stated: ConsoleSignIn, keys: Jwks, jwks: str) -> Issuer:
    """Return the console's provider, whose tokens are for the console alone."""
    return Issuer(
        stated=IssuerSettings(
            name="console",
            issuer=stated.issuer,
            audience=stated.client_id,
            jwks=jwks,
            applications={},
            algorithms=stated.algorithms,
            skew_seconds=stated.skew_seconds,
        ),
        keys=keys,
    )


def check_address(where: str, address: str) -> None:
    """Refuse an address that is neither https:// nor on this machine. Raises SettingsError."""
    parts = urlsplit(address)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise SettingsError(f"{where} is an https:// address; http:// only on this machine itself")


def fetching(outward: Outward, address: str) -> Callable[[], Coroutine[Any, Any, bytes]]:
    """Return what fetches a set of keys; it raises OSError."""

    async def fetch() -> bytes:
        try:
            answered = await outward.get(address)
        except OutwardFailed as error:
            raise OSError(str(error)) from error
        if answered.status != HTTPStatus.OK:
            raise OSError(f"status {answered.status}")
        return answered.body

    return fetch


def _holds(claims: _Claims, issuer: IssuerSettings, now: float) -> bool:
    audience = [claims.aud] if isinstance(claims.aud, str) else claims.aud
    skew = issuer.skew_seconds
    return (
        claims.iss == issuer.issuer
        and issuer.audience in audience
        and now < claims.exp + skew
        and (claims.nbf is None or claims.nbf <= now + skew)
        and (claims.iat is None or claims.iat <= now + skew)
    )


def _presented(header: str | None) -> str | None:
    if header is None or header[: len(SCHEME)].lower() != SCHEME or len(header) > LARGEST + len(SCHEME):
        return None
    text = header[len(SCHEME) :].strip()
    return text if FORM.fullmatch(text) else None


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
