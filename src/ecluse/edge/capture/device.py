"""A key held by a device that speaks PKCS#11: a security module, a smart card, SoftHSM.

Law: the key never leaves the device, and one that can be taken out is refused. Each content's key is sealed there with
AES-GCM, bound to that content. A session is opened for one move; the PIN is read anew for each.
"""

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol, cast

import pkcs11
from pkcs11 import Attribute, GCMParams, KeyType, Mechanism, ObjectClass

from ecluse.edge.capture.unusable import CaptureUnusable
from ecluse.edge.capture_settings import Pkcs11Settings
from ecluse.edge.keys import SecretResolver

NONCE = 12
TAG_BITS = 128
ONE_AT_A_TIME = threading.Lock()
"""A login is the whole process's: two sessions that log in at once disturb each other."""


class _Cipher(Protocol):
    """A key of a device, as far as it is used here; the library gives these moves at run time."""

    def __getitem__(self, attribute: Attribute) -> object:
        """Return an attribute."""

    def encrypt(self, data: bytes, *, mechanism: Mechanism, mechanism_param: GCMParams) -> bytes:
        """Seal data."""

    def decrypt(self, data: bytes, *, mechanism: Mechanism, mechanism_param: GCMParams) -> bytes:
        """Open data."""


class Device:
    """One key of one token. From any thread."""

    def __init__(self, stated: Pkcs11Settings) -> None:
        """Look at the key. Raises CaptureUnusable or SecretUnavailable."""
        self._stated = stated
        self._secrets = SecretResolver()
        with self._key() as key:
            if key[Attribute.EXTRACTABLE] or not key[Attribute.SENSITIVE]:
                raise CaptureUnusable(
                    f"the key {stated.key!r} of token {stated.token!r} can be taken out of it: make one that is "
                    "sensitive and not extractable"
                )

    def wrap(self, own: bytes, bound: str) -> bytes:
        """Return a key wrapped. Raises CaptureUnusable or SecretUnavailable."""
        nonce = secrets.token_bytes(NONCE)
        with self._key() as key:
            sealed = key.encrypt(own, mechanism=Mechanism.AES_GCM, mechanism_param=_params(nonce, bound))
        return nonce + sealed

    def unwrap(self, wrapped: bytes, bound: str) -> bytes:
        """Return the key. Raises CaptureUnusable or SecretUnavailable."""
        nonce, sealed = wrapped[:NONCE], wrapped[NONCE:]
        with self._key() as key:
            return key.decrypt(sealed, mechanism=Mechanism.AES_GCM, mechanism_param=_params(nonce, bound))

    @contextmanager
    def _key(self) -> Iterator[_Cipher]:
        stated = self._stated
        pin = self._secrets.resolve(stated.pin).reveal()
        try:
            with ONE_AT_A_TIME, pkcs11.lib(stated.module).get_token(token_label=stated.token).open(user_pin=pin) as at:
                found = at.get_key(object_class=ObjectClass.SECRET_KEY, key_type=KeyType.AES, label=stated.key)
                yield cast("_Cipher", found)
        except (pkcs11.PKCS11Error, ValueError) as error:
            if isinstance(error, CaptureUnusable):
                raise
            raise CaptureUnusable(
                f"the key {stated.key!r} of token {stated.token!r} cannot be used through {stated.module}: "
                f"{type(error).__name__}; or this was sealed under another key, or was changed"
            ) from error


def _params(nonce: bytes, bound: str) -> GCMParams:
    return GCMParams(nonce, bound.encode(), TAG_BITS)
