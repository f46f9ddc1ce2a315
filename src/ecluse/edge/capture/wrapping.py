"""What wraps the key of each content: the organisation's key, here or held outside.

Law: outside goes a key that was drawn for one content and which content it is for, never a word of the content. What
cannot be wrapped is not kept; what cannot be unwrapped is not shown.
"""

import re
import secrets
from collections.abc import Mapping
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ecluse.domain.caller import OrganisationId
from ecluse.edge.capture.transit import Transit
from ecluse.edge.capture.unusable import CaptureUnusable
from ecluse.edge.capture_settings import CaptureSettings
from ecluse.edge.config import EgressSettings
from ecluse.edge.extras import load
from ecluse.edge.keys import SecretResolver

HEX = re.compile(r"[0-9a-f]{64}")
NONCE = 12
PROBE = bytes(32)
ANOTHER = "this is not the key that it was sealed under, or it was changed"


class Wrapping(Protocol):
    """Wraps keys of 32 bytes, each bound to what it is for. From any thread but a loop's own."""

    def wrap(self, own: bytes, bound: str) -> bytes:
        """Return a key wrapped. Raises CaptureUnusable or SecretUnavailable."""

    def unwrap(self, wrapped: bytes, bound: str) -> bytes:
        """Return the key. Raises CaptureUnusable or SecretUnavailable."""


class HeldKey:
    """A key of 32 bytes that is here."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def wrap(self, own: bytes, bound: str) -> bytes:
        """Return a key wrapped."""
        return seal(self._key, own, bound)

    def unwrap(self, wrapped: bytes, bound: str) -> bytes:
        """Return the key. Raises CaptureUnusable."""
        try:
            return unseal(self._key, wrapped, bound)
        except (InvalidTag, ValueError):
            raise CaptureUnusable(ANOTHER) from None


def key_from(reference: str) -> bytes:
    """Return the 32 bytes of an organisation's key. Raises SecretUnavailable or CaptureUnusable."""
    text = SecretResolver().resolve(reference).reveal()
    if not HEX.fullmatch(text):
        raise CaptureUnusable(f"{reference} is no key: 64 digits of 0-9 and a-f, as `openssl rand -hex 32` prints them")
    return bytes.fromhex(text)


def wrapping_of(stated: CaptureSettings, egress: EgressSettings) -> Wrapping:
    """Return what wraps under the key that settings name.

    Raises SecretUnavailable, CaptureUnusable, SettingsError or ExtraMissing.
    """
    if stated.transit is not None:
        return Transit(stated.transit, egress)
    if stated.pkcs11 is not None:
        made: Wrapping = load("ecluse.edge.capture.device", "pkcs11").Device(stated.pkcs11)
        return made
    return HeldKey(key_from(stated.key or ""))


def wrappings_of(stated: Mapping[str, CaptureSettings], egress: EgressSettings) -> Mapping[OrganisationId, Wrapping]:
    """Return what wraps for each organisation. Raises as `wrapping_of` does."""
    return {OrganisationId(name): wrapping_of(one, egress) for name, one in stated.items()}


def probe(wrapping: Wrapping) -> None:
    """Wrap and unwrap a key of noughts. Raises CaptureUnusable or SecretUnavailable when that does not come back."""
    bound = f"probe/{secrets.token_hex(8)}"
    if wrapping.unwrap(wrapping.wrap(PROBE, bound), bound) != PROBE:
        raise CaptureUnusable("a key that was wrapped came back as another")


def seal(key: bytes, data: bytes, bound: str) -> bytes:
    """Seal data under a key, bound to what it is."""
    nonce = secrets.token_bytes(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, data, bound.encode())


def unseal(key: bytes, data: bytes, bound: str) -> bytes:
    """Open what was sealed. Raises InvalidTag."""
    return AESGCM(key).decrypt(data[:NONCE], data[NONCE:], bound.encode())
