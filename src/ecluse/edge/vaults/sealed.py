"""A vault as a sealed record: AES-256-GCM (NIST SP 800-38D), bound to its name, its end and its organisation's key.

Law: no store ever sees an original. A record that was changed, renamed, prolonged or sealed under another key refuses;
one whose end has come is treated as gone.
"""

import hmac
import re
import secrets

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ecluse.domain.snapshot import Instant
from ecluse.domain.vault import Vault

_MAGIC = b"EVL1"
_NONCE = 12
_HEAD = len(_MAGIC) + 8
_LABEL = b"ecluse/vault/v1"
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_CONTENT = b"EKC1"
_CONTENT_LABEL = b"ecluse/content/v1"


class VaultUnusable(Exception):
    """A vault cannot be read. Says what to do, never what is in it."""


class VaultEnded(VaultUnusable):
    """A vault was opened, and its end has come. Only the seal says so: a store may have been written by others."""


class _Content(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    originals: dict[str, str]
    formats: dict[str, str]
    excluded: list[str]


def plain(name: str) -> str:
    """Return a name that every store takes as it is. Raises VaultUnusable for another."""
    if not _NAME.fullmatch(name):
        raise VaultUnusable("a vault's name has letters, digits, `.`, `_` and `-`, 128 at most")
    return name


def vault_key(organisation_key: bytes) -> bytes:
    """Return the 32 bytes that seal an organisation's vaults; nothing else is sealed with them."""
    return hmac.digest(organisation_key, _LABEL, "sha256")


def seal(key: bytes, name: str, vault: Vault, expires: Instant) -> bytes:
    """Seal a vault under a name until an instant (milliseconds)."""
    content = _Content(originals=dict(vault.originals), formats=dict(vault.formats), excluded=sorted(vault.excluded))
    return _close(_MAGIC, key, name, msgspec.json.encode(content), expires)


def unseal(key: bytes, name: str, record: bytes, now: Instant) -> Vault:
    """Open a vault. Raises VaultUnusable when it has ended, was changed, or was sealed under another key or name."""
    head, nonce, sealed = record[:_HEAD], record[_HEAD : _HEAD + _NONCE], record[_HEAD + _NONCE :]
    if len(head) < _HEAD or not head.startswith(_MAGIC):
        raise VaultUnusable(f"{name} is no vault")
    try:
        content = msgspec.json.decode(AESGCM(key).decrypt(nonce, sealed, head + name.encode()), type=_Content)
    except (InvalidTag, ValueError, msgspec.MsgspecError):
        raise VaultUnusable(
            f"{name} was changed, renamed, or sealed elsewhere: use the state directory that masked the document"
        ) from None
    if now >= int.from_bytes(head[len(_MAGIC) :], "big"):
        raise VaultEnded(f"{name} has ended: what it hid does not come back; mask the document again")
    return Vault(originals=content.originals, formats=content.formats, excluded=frozenset(content.excluded))


def content_key(organisation_key: bytes) -> bytes:
    """Return the 32 bytes that seal the keys of content that an organisation has kept; nothing else is sealed so."""
    return hmac.digest(organisation_key, _CONTENT_LABEL, "sha256")


def seal_content(key: bytes, name: str, data: bytes, expires: Instant) -> bytes:
    """Seal content under a name until an instant (milliseconds)."""
    return _close(_CONTENT, key, name, data, expires)


def unseal_content(key: bytes, name: str, record: bytes, now: Instant) -> bytes:
    """Open content. Raises VaultUnusable when it has ended, was changed, or was sealed under another key or name."""
    head, nonce, sealed = record[:_HEAD], record[_HEAD : _HEAD + _NONCE], record[_HEAD + _NONCE :]
    try:
        data = AESGCM(key).decrypt(nonce, sealed, head + name.encode())
    except (InvalidTag, ValueError):
        raise VaultUnusable(f"{name} was changed, renamed, or sealed elsewhere") from None
    if not head.startswith(_CONTENT):
        raise VaultUnusable(f"{name} is no kept content")
    if now >= int.from_bytes(head[len(_CONTENT) :], "big"):
        raise VaultEnded(f"{name} has ended")
    return data


def _close(magic: bytes, key: bytes, name: str, data: bytes, expires: Instant) -> bytes:
    head = magic + expires.to_bytes(8, "big")
    nonce = secrets.token_bytes(_NONCE)
    return head + nonce + AESGCM(key).encrypt(nonce, data, head + name.encode())
