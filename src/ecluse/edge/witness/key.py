"""A witness's own key, in a file that its owner alone can read.

Law: made once, of the system's randomness; the file says who the witness is. Its public half is what others are given.
"""

import os
import secrets
import stat
import tomllib
from pathlib import Path

import msgspec

from ecluse.edge.keys import Ed25519Signer
from ecluse.edge.witness.cosigning import WitnessUnusable
from ecluse.passage.record.checkpoint import KEY_NAME

OTHERS = stat.S_IRWXG | stat.S_IRWXO
SEED = 32


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: str
    seed: str


def make_key(path: Path, name: str) -> Ed25519Signer:
    """Make a key in a file that must not be there yet. Raises WitnessUnusable."""
    if not KEY_NAME.fullmatch(name):
        raise WitnessUnusable(f"{name!r} is no name of a key: no space, no plus; for instance dpo.example.org/witness")
    seed = secrets.token_bytes(SEED)
    text = f'# The private key of a witness. Whoever reads it can cosign.\nname = "{name}"\nseed = "{seed.hex()}"\n'
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise WitnessUnusable(f"{path} cannot be made: {error.strerror}") from error
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return Ed25519Signer(name, seed)


def read_key(path: Path) -> Ed25519Signer:
    """Read a key. Raises WitnessUnusable, never saying what is in the file."""
    try:
        if path.stat().st_mode & OTHERS:
            raise WitnessUnusable(f"{path} can be read by others: `chmod 600 {path}`, and consider the key known")
        stated = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), _File)
        seed = bytes.fromhex(stated.seed)
    except OSError as error:
        raise WitnessUnusable(f"{path} cannot be read: {error.strerror}; `ecluse witness key` makes one") from error
    except (ValueError, msgspec.ValidationError):
        raise WitnessUnusable(f"{path} is not a witness's key; `ecluse witness key` makes one") from None
    if len(seed) != SEED or not KEY_NAME.fullmatch(stated.name):
        raise WitnessUnusable(f"{path} is not a witness's key; `ecluse witness key` makes one")
    return Ed25519Signer(stated.name, seed)
