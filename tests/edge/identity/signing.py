"""An identity provider for tests: keys made in the test, tokens as good or as bad as the test says."""

import base64
import functools
import hmac
import json
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from joserfc import jws
from joserfc.jwk import ECKey, RSAKey

ISSUER = "https://login.example.fr/realms/town"
NOW = 1_795_521_600  # 2026-11-24T12:00:00Z
CLAIMS: dict[str, Any] = {"iss": ISSUER, "sub": "person-7", "aud": ["ecluse"], "azp": "letters", "exp": NOW + 300}


@functools.cache
def rsa(name: str = "a") -> RSAKey:
    """Return the RSA key of a name."""
    return RSAKey.generate_key(2048, {"kid": name})


@functools.cache
def curve(name: str = "e", crv: str = "P-256") -> ECKey:
    """Return the key on a curve of a name."""
    return ECKey.generate_key(crv, {"kid": name})


def public(*keys: RSAKey | ECKey) -> bytes:
    """Return a set as providers publish it."""
    return json.dumps({"keys": [key.as_dict(private=False) | {"use": "sig"} for key in keys]}).encode()


def token(
    key: RSAKey | ECKey | None = None, alg: str = "RS256", header: dict[str, Any] | None = None, **claims: Any
) -> str:
    """Return `Bearer TOKEN`; a claim of None is left out."""
    key = key or rsa()
    body = {name: value for name, value in (CLAIMS | claims).items() if value is not None}
    head = {"alg": alg, "kid": key.kid, "typ": "JWT"} | (header or {})
    head = {name: value for name, value in head.items() if value is not None}
    payload = json.dumps(body).encode()
    registry = jws.JWSRegistry(algorithms=[alg], strict_check_header=False)
    return f"Bearer {jws.serialize_compact(head, payload, key, registry=registry)}"


def _told(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def by_hand(alg: str, secret: bytes | None = None, **header: Any) -> str:
    """Return a token that no library would make: with a signature of three bytes, or by a shared secret."""
    parts = ({"alg": alg, "kid": "a"} | header, CLAIMS)
    text = ".".join(_told(json.dumps(part).encode()) for part in parts)
    signature = b"abc" if secret is None else hmac.digest(secret, text.encode(), "sha256")
    return f"Bearer {text}.{_told(signature)}"


def by_key(**header: Any) -> str:
    """Return a token signed well by the key `a`, with a header that the library would not write."""
    head = _told(json.dumps({"alg": "RS256", "kid": "a"} | header).encode())
    text = f"{head}.{_told(json.dumps(CLAIMS).encode())}"
    signature = rsa().private_key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())  # type: ignore[union-attr] # it is private
    return f"Bearer {text}.{_told(signature)}"
