"""The gateway's own secrets: the pepper of API keys, the root of masking keys, the seed of the signing key.

Law: made once, of the system's randomness, in a file that its owner alone can read. When the file is gone but what it
protects is there, nothing new is made in its place: that would silently orphan every key and the trail.
"""

import hmac
import os
import re
import secrets
import stat
import tomllib
from pathlib import Path

import msgspec

from ecluse.domain.caller import OrganisationId
from ecluse.edge.keys import state as where
from ecluse.edge.keys.signer import Ed25519Signer
from ecluse.passage.record.checkpoint import key_of

OTHERS = stat.S_IRWXG | stat.S_IRWXO
HEX_KEY = re.compile(r"[0-9a-f]{64}")


class SecretsUnusable(Exception):
    """The gateway's own secrets cannot be used. Says what to do, never what is in the file."""


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    version: int
    origin: str
    pepper: str
    masking: str
    signing: str


class Secrets:
    """The secrets of one state directory."""

    __slots__ = ("_masking", "_pepper", "_signing", "origin")

    def __init__(self, *, origin: str, pepper: bytes, masking: bytes, signing: bytes) -> None:
        self.origin = origin
        """The log's name: unique to this state directory."""
        self._pepper = pepper
        self._masking = masking
        self._signing = signing

    def __repr__(self) -> str:
        return f"Secrets({self.origin}, ***)"

    @classmethod
    def open(cls, state: Path) -> "Secrets":
        """Read the secrets of a state directory; make both when it is new. Raises SecretsUnusable."""
        path = where.secrets(state)
        try:
            state.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not path.exists():
                _refuse_orphans(state)
                _make(path)
            own = _read(path)
            _publish(own, where.vkey(state))
        except OSError as error:
            raise SecretsUnusable(f"{path} cannot be used: {error.strerror}") from error
        return own

    @classmethod
    def adopt(cls, state: Path, source: Path) -> bool:
        """Put the secrets of a file into a state directory; say whether they were not there yet.

        The file may be readable by a group, as one of a cluster's is; the copy is its owner's alone. Raises
        SecretsUnusable for what is no secrets file, and when the directory has other secrets, or what others protect.
        """
        path, vkey = where.secrets(state), where.vkey(state)
        try:
            text = source.read_text(encoding="utf-8")
            given = _parse(text, source)
            state.mkdir(mode=0o700, parents=True, exist_ok=True)
            was_there = path.exists()
            if not was_there:
                _refuse_others(state, given)
                _place(path, text)
            if not _read(path).same_as(given):
                raise SecretsUnusable(
                    f"{path} has other secrets, and stays as it is: what is signed and kept here needs them. Give this "
                    "file to the other replicas, or name a new state directory"
                )
            _publish(given, vkey)
        except OSError as error:
            raise SecretsUnusable(f"{error.filename or path} cannot be used: {error.strerror}") from error
        except UnicodeDecodeError:
            raise SecretsUnusable(f"{source} is not a secrets file of this version") from None
        return not was_there

    def same_as(self, other: "Secrets") -> bool:
        """Say whether these are the same secrets."""
        ours, theirs = (
            (one.origin.encode(), one._pepper, one._masking, one._signing)  # noqa: SLF001 - of this very class
            for one in (self, other)
        )
        return hmac.compare_digest(b"|".join(ours), b"|".join(theirs))

    def signer(self) -> Ed25519Signer:
        """Return the signer of the trail's heads."""
        return Ed25519Signer(self.origin, self._signing)

    def index_of(self, key: bytes) -> bytes:
        """Return the keyed hash by which an API key is known: HMAC-SHA256(pepper, key)."""
        return hmac.digest(self._pepper, key, "sha256")

    def masking_key(self, organisation: OrganisationId) -> bytes:
        """Return the 32 bytes that an organisation's surrogates derive from."""
        return hmac.digest(self._masking, b"organisation/" + organisation.encode(), "sha256")


def _refuse_orphans(state: Path) -> None:
    places = (where.trail, where.keys, where.docket, where.drafts, where.admin, where.kept)
    needing = [place(state) for place in places]
    for kept in needing:
        if kept.exists():
            raise SecretsUnusable(
                f"{kept} is there, but {where.secrets(state)} that it needs is not: put it back from a backup, "
                "or start in a new state directory"
            )


def _refuse_others(state: Path, given: Secrets) -> None:
    """Refuse secrets that are not those of what is kept in a directory; its public key tells."""
    vkey = where.vkey(state)
    if not vkey.exists():
        _refuse_orphans(state)
    elif vkey.read_text(encoding="utf-8").strip() != key_of(given.signer()).vkey:
        raise SecretsUnusable(f"{vkey} is of another log than these secrets: name a new state directory")


def make_secrets(path: Path) -> str:
    """Write the secrets of a new log to a file that is not there yet; return the log's public key.

    Raises SecretsUnusable.
    """
    try:
        if path.exists():
            raise SecretsUnusable(f"{path} is there already, and stays as it is")
        _make(path)
        return key_of(_read(path).signer()).vkey
    except OSError as error:
        raise SecretsUnusable(f"{path} cannot be written: {error.strerror}") from error


def _make(path: Path) -> None:
    lines = [
        "# Made by Ecluse. Back it up apart from the trail. Whoever reads it can sign the trail and test API keys.",
        "version = 1",
        f'origin = "ecluse.local/{secrets.token_hex(8)}"',
        *(f'{name} = "{secrets.token_hex(32)}"' for name in ("pepper", "masking", "signing")),
        "",
    ]
    _place(path, "\n".join(lines))


def _place(path: Path, text: str) -> None:
    """Write secrets whole, or not at all; of two processes that try, one wins and both read the same."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            return
    finally:
        draft.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _read(path: Path) -> Secrets:
    if path.stat().st_mode & OTHERS:
        raise SecretsUnusable(f"{path} can be read by others: `chmod 600 {path}`, and consider its secrets known")
    try:
        return _parse(path.read_text(encoding="utf-8"), path)
    except UnicodeDecodeError:
        raise SecretsUnusable(f"{path} is not a secrets file of this version: put it back from a backup") from None


def _parse(text: str, path: Path) -> Secrets:
    try:
        stated = msgspec.convert(tomllib.loads(text), _File)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError):
        raise SecretsUnusable(f"{path} is not a secrets file of this version: put it back from a backup") from None
    if stated.version != 1 or not all(map(HEX_KEY.fullmatch, (stated.pepper, stated.masking, stated.signing))):
        raise SecretsUnusable(f"{path} is not a secrets file of this version: put it back from a backup")
    return Secrets(
        origin=stated.origin,
        pepper=bytes.fromhex(stated.pepper),
        masking=bytes.fromhex(stated.masking),
        signing=bytes.fromhex(stated.signing),
    )


def _publish(own: Secrets, path: Path) -> None:
    if not path.exists():
        path.write_text(f"{key_of(own.signer()).vkey}\n", encoding="utf-8")
