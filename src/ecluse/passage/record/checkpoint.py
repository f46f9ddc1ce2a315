"""Signed tree heads, in the C2SP formats tlog-checkpoint and signed-note v1.0.0 (https://c2sp.org), with Ed25519.

Law: one log, one key: the origin is the key's name. A note is read strictly and trusted only once a signature of the
known key has verified; signatures of unknown keys (witnesses) are passed over; extension lines, which nobody can
audit, are refused.
"""

import base64
import binascii
import re
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ecluse.domain.errors import VerificationFailed
from ecluse.domain.ports import Signer
from ecluse.domain.trail import Checkpoint

ED25519 = b"\x01"
COSIGNATURE = b"\x04"
"""What a key signs: notes, or a witness's dated cosignatures. Both are Ed25519; the id of a key tells them apart."""
HASH = 32
NOTE_LIMIT = 65_536
"""Bytes of a note that are read; room for far more than the sixteen signatures that a verifier must accept."""

KEY_NAME = re.compile(r"[^\s+]{1,200}")
SIZE = re.compile(r"0|[1-9][0-9]{0,18}")
SIGNATURE = re.compile(r"\u2014 (\S+) (\S+)\n")
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifierKey:
    """The public half of a log's or a witness's key. A log's `name` is its origin; `public` has 32 bytes."""

    name: str
    public: bytes
    algorithm: bytes = ED25519

    def __post_init__(self) -> None:
        """Refuse a name with spaces or plus, and a key that is not 32 bytes."""
        if not KEY_NAME.fullmatch(self.name) or CONTROL.search(self.name):
            raise ValueError("a key's name has no space and no plus")
        if len(self.public) != HASH:
            raise ValueError(f"an Ed25519 key has {HASH} bytes, not {len(self.public)}")

    @property
    def id(self) -> bytes:
        """The four bytes that stand before each signature."""
        return sha256(self.name.encode() + b"\n" + self.algorithm + self.public).digest()[:4]

    @property
    def vkey(self) -> str:
        """The key as text: name+id+key."""
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(self.algorithm + self.public).decode()}"


def key_of(signer: Signer) -> VerifierKey:
    """Return the public half of a signer."""
    return VerifierKey(name=signer.name, public=signer.public())


def parse_vkey(text: str, algorithm: bytes = ED25519) -> VerifierKey:
    """Read a vkey. Raises VerificationFailed for another algorithm or an id that is not the key's."""
    parts = text.split("+", 2)
    if len(parts) != len(("name", "id", "key")):
        raise VerificationFailed("a vkey reads name+id+key")
    name, key_id, encoded = parts
    raw = unbase64(encoded)
    if raw[:1] != algorithm:
        what = "a witness's key for cosignatures" if algorithm == COSIGNATURE else "an Ed25519 key"
        raise VerificationFailed(f"the vkey is not of {what}")
    try:
        key = VerifierKey(name=name, public=raw[1:], algorithm=algorithm)
    except ValueError as error:
        raise VerificationFailed(f"the vkey is malformed: {error}") from None
    if key.id.hex() != key_id:
        raise VerificationFailed("the vkey's id is not that of its key")
    return key


def text_of(checkpoint: Checkpoint) -> str:
    """Write what is signed: origin, size, root."""
    if not KEY_NAME.fullmatch(checkpoint.origin) or checkpoint.size < 0 or len(checkpoint.root) != HASH:
        raise ValueError("not a checkpoint")
    return f"{checkpoint.origin}\n{checkpoint.size}\n{base64.b64encode(checkpoint.root).decode()}\n"


def sign(checkpoint: Checkpoint, signer: Signer) -> str:
    """Return the signed note. Raises ValueError when the checkpoint is of another log than the signer's."""
    if checkpoint.origin != signer.name:
        raise ValueError("a log's checkpoints are signed by its own key")
    return note_of(text_of(checkpoint), signer)


def note_of(text: str, signer: Signer) -> str:
    """Return a signed note over any text that ends its last line."""
    if not text.endswith("\n") or "\n\n" in text or CONTROL.search(text):
        raise ValueError("a note's text has whole lines, none of them empty")
    signature = base64.b64encode(key_of(signer).id + signer.sign(text.encode())).decode()
    return f"{text}\n\u2014 {signer.name} {signature}\n"


def verify(note: str, key: VerifierKey) -> Checkpoint:
    """Read a checkpoint that `key` signed. Raises VerificationFailed for anything else."""
    text = verify_note(note, key)
    lines = text.split("\n")
    if len(lines) != len(("origin", "size", "root", "")):
        raise VerificationFailed("a checkpoint has three lines: origin, size, root")
    origin, size, root = lines[:3]
    if origin != key.name:
        raise VerificationFailed("the checkpoint is of another log")
    if not SIZE.fullmatch(size):
        raise VerificationFailed("the checkpoint's size is not a plain number")
    hashed = unbase64(root)
    if len(hashed) != HASH:
        raise VerificationFailed("the checkpoint's root is not 32 bytes")
    return Checkpoint(origin=origin, size=int(size), root=hashed)


def verify_note(note: str, key: VerifierKey) -> str:
    """Return the text of a note that `key` signed. Raises VerificationFailed for anything else."""
    text, signatures = split_note(note)
    known = [raw[4:] for name, raw in signatures if name == key.name and raw[:4] == key.id]
    if not known:
        raise VerificationFailed(f"no signature of {key.name}+{key.id.hex()} on the note")
    public = Ed25519PublicKey.from_public_bytes(key.public)
    for signature in known:
        try:
            public.verify(signature, text.encode())
        except InvalidSignature:
            raise VerificationFailed(f"the signature of {key.name}+{key.id.hex()} does not verify") from None
    return text


def split_note(note: str) -> tuple[str, list[tuple[str, bytes]]]:
    """Return the text, with its last newline, and the signatures as (name, id and signature). Verifies none of them."""
    text, blank, block = note.rpartition("\n\n")
    if not blank or not block or not text or len(note) > NOTE_LIMIT or CONTROL.search(note):
        raise VerificationFailed("not a signed note")
    signatures: list[tuple[str, bytes]] = []
    at = 0
    while at < len(block):
        line = SIGNATURE.match(block, at)
        if line is None or not KEY_NAME.fullmatch(line[1]):
            raise VerificationFailed("a line after the note's text is no signature")
        signatures.append((line[1], unbase64(line[2])))
        at = line.end()
    return text + "\n", signatures


def unbase64(text: str) -> bytes:
    """Decode standard base64 in its one spelling. Raises VerificationFailed."""
    try:
        raw = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise VerificationFailed("not base64") from None
    if base64.b64encode(raw).decode() != text:
        raise VerificationFailed("not base64 in its one spelling")
    return raw
