"""What a witness says of a checkpoint: 'consistent with all I saw before', dated (https://c2sp.org/tlog-cosignature).

Law: cosignature/v1 with Ed25519. The time is covered by the signature; a signature that does not verify is a fault,
one of an unknown key is passed over.
"""

import base64
from collections.abc import Sequence

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ecluse.domain.errors import VerificationFailed
from ecluse.domain.ports import Signer
from ecluse.passage.record.checkpoint import COSIGNATURE, VerifierKey, split_note

TIMED = 8 + 64
LATEST = 2**63 - 1


def cosigner_of(signer: Signer) -> VerifierKey:
    """Return the public half of a witness's key."""
    return VerifierKey(name=signer.name, public=signer.public(), algorithm=COSIGNATURE)


def cosign(note: str, signer: Signer, seconds: int) -> str:
    """Return a witness's signature line for the text of a note, at a POSIX time. It checks nothing: do that before."""
    if not 0 < seconds <= LATEST:
        raise ValueError("a cosignature has a time")
    text, _ = split_note(note)
    signature = seconds.to_bytes(8, "big") + signer.sign(_message(text, seconds))
    return f"\u2014 {signer.name} {base64.b64encode(cosigner_of(signer).id + signature).decode()}\n"


def cosigned_at(note: str, witness: VerifierKey) -> int:
    """Return when `witness` cosigned a note, in seconds since the epoch; the earliest of several.

    Raises VerificationFailed when it did not, or when a signature under its name does not verify.
    """
    text, signatures = split_note(note)
    known = [raw[4:] for name, raw in signatures if name == witness.name and raw[:4] == witness.id]
    if not known:
        raise VerificationFailed(f"no cosignature of {witness.name}+{witness.id.hex()} on the checkpoint")
    public = Ed25519PublicKey.from_public_bytes(witness.public)
    times: list[int] = []
    for signature in known:
        seconds = int.from_bytes(signature[:8], "big")
        if len(signature) != TIMED or not 0 < seconds <= LATEST:
            raise VerificationFailed(f"the cosignature of {witness.name} is malformed")
        try:
            public.verify(signature[8:], _message(text, seconds))
        except InvalidSignature:
            raise VerificationFailed(f"the cosignature of {witness.name} does not verify") from None
        times.append(seconds)
    return min(times)


def with_cosignatures(note: str, lines: Sequence[str]) -> str:
    """Return a note with signature lines added, each once."""
    return note + "".join(line for line in dict.fromkeys(lines) if line not in note)


def _message(text: str, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()
