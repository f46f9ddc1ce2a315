"""Tokens of Entra ID for Azure: an application's client credentials, in place of a key of the resource.

Law: `entra:PATH` names a TOML file that names secrets and holds none: a secret by reference, a certificate with its
key, or the token of a workload's own identity. Files are read at each asking, so that what is renewed counts at once.
Source: learn.microsoft.com, "OAuth 2.0 client credentials flow on the Microsoft identity platform" (2023-02-13) and
"application authentication certificate credentials" (2025-01-04).
"""

import base64
import json
import secrets
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from urllib.parse import urlencode, urlsplit

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from ecluse.domain.snapshot import Instant
from ecluse.edge.keys import SecretResolver, SecretUnavailable
from ecluse.edge.outward import Outward, OutwardFailed

PREFIX = "entra:"
SCOPE = "https://cognitiveservices.azure.com/.default"
BY_JWT = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
LIFE = 300
"""Seconds for which an assertion counts."""
OK = 200


class Stated(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """What the file says. Exactly one of `secret`, `certificate` and `token_file` proves who asks."""

    tenant: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9.-]{1,100}$")]
    client_id: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9-]{1,64}$")]
    secret: str | None = None
    certificate: str | None = None
    key: str | None = None
    token_file: str | None = None
    authority: str = "https://login.microsoftonline.com"
    scope: str = SCOPE


class _Told(msgspec.Struct):
    """What of the answer counts."""

    access_token: Annotated[str, msgspec.Meta(pattern=r"^[\x21-\x7e]{1,16384}$")]
    expires_in: Annotated[int, msgspec.Meta(ge=1, le=86_400 * 7)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entra:
    """An application that Entra ID knows."""

    reference: str
    stated: Stated

    async def ask(self, outward: Outward, now: Instant) -> tuple[str, int]:
        """Return a token and for how many seconds it counts. Raises SecretUnavailable."""
        stated = self.stated
        url = f"{stated.authority.rstrip('/')}/{stated.tenant}/oauth2/v2.0/token"
        form = {"client_id": stated.client_id, "scope": stated.scope, "grant_type": "client_credentials"}
        form |= self._proof(url, now)
        kind = (("content-type", "application/x-www-form-urlencoded"), ("accept", "application/json"))
        try:
            answered = await outward.post(url, urlencode(form).encode(), kind)
        except OutwardFailed as error:
            raise SecretUnavailable(self.reference, f"Entra ID cannot be asked: {error}") from None
        if answered.status != OK:
            raise SecretUnavailable(self.reference, f"Entra ID refuses: HTTP {answered.status}{_code(answered.body)}")
        try:
            told = msgspec.json.decode(answered.body, type=_Told, strict=False)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise SecretUnavailable(self.reference, "Entra ID's answer holds no token") from None
        return told.access_token, told.expires_in

    def _proof(self, url: str, now: Instant) -> dict[str, str]:
        stated = self.stated
        if stated.secret is not None:
            return {"client_secret": SecretResolver().resolve(stated.secret).reveal()}
        if stated.token_file is not None:
            token = SecretResolver().resolve(f"file:{stated.token_file}").reveal()
            return {"client_assertion_type": BY_JWT, "client_assertion": token}
        return {"client_assertion_type": BY_JWT, "client_assertion": self._assertion(url, now)}

    def _assertion(self, url: str, now: Instant) -> str:
        """Sign who asks with the certificate's key: PS256, named by the certificate's SHA-256."""
        certificate, key = Path(self.stated.certificate or ""), Path(self.stated.key or self.stated.certificate or "")
        try:
            shown = x509.load_pem_x509_certificate(certificate.read_bytes())
            signing = load_pem_private_key(key.read_bytes(), None)
        except (OSError, ValueError, TypeError) as error:
            raise SecretUnavailable(
                self.reference, f"the certificate or its key cannot be read: {type(error).__name__}"
            ) from None
        if not isinstance(signing, RSAPrivateKey):
            raise SecretUnavailable(self.reference, "the certificate's key is no RSA key, which PS256 needs")
        second = now // 1000
        head = {"alg": "PS256", "typ": "JWT", "x5t#S256": _plain(shown.fingerprint(hashes.SHA256()))}
        who = self.stated.client_id
        claims = {
            "aud": url,
            "iss": who,
            "sub": who,
            "jti": secrets.token_hex(16),
            "nbf": second,
            "iat": second,
            "exp": second + LIFE,
        }
        text = ".".join(_plain(json.dumps(part).encode()) for part in (head, claims))
        padding = PSS(mgf=MGF1(hashes.SHA256()), salt_length=hashes.SHA256.digest_size)
        return f"{text}.{_plain(signing.sign(text.encode(), padding, hashes.SHA256()))}"


def entra_of(reference: str) -> Entra:
    """Read the file that a credential names. Raises SecretUnavailable."""
    try:
        text = Path(reference.removeprefix(PREFIX)).read_text(encoding="utf-8")
        stated = msgspec.convert(tomllib.loads(text), Stated)
    except (OSError, ValueError) as error:
        why = str(error) if isinstance(error, msgspec.ValidationError) else type(error).__name__
        raise SecretUnavailable(reference, f"the file cannot be used: {why}") from None
    proofs = [name for name in ("secret", "certificate", "token_file") if getattr(stated, name) is not None]
    if len(proofs) != 1:
        raise SecretUnavailable(reference, "the file needs exactly one of secret, certificate and token_file")
    parts = urlsplit(stated.authority)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise SecretUnavailable(reference, "authority: write https://HOST")
    return Entra(reference=reference, stated=stated)


def _plain(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _code(body: bytes) -> str:
    """Return the error's code if it is a plain name; never its description."""
    try:
        told = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""
    code = told.get("error") if isinstance(told, dict) else None
    return f" {code}" if isinstance(code, str) and code.isascii() and code.replace("_", "").isalpha() else ""
