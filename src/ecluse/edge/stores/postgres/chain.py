"""What a replica signs before its entries have an index: batches, each bound to the one before it.

Law: a row that is edited or taken out between its commit and its sequencing no longer gives the head that was signed,
and a batch that is taken out leaves a gap. The last batches of a replica that is gone leave none: nobody is there to
miss them.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ecluse.domain.ports import Signer

START = bytes(32)
"""What stands before the first batch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One batch of a replica: its number from 1, the head before it, its own, and the signature over both."""

    replica: str
    number: int
    previous: bytes
    head: bytes
    signature: bytes


def batch_of(replica: str, number: int, previous: bytes, leaves: Iterable[bytes], signer: Signer) -> Batch:
    """Bind and sign a batch of leaves."""
    head = _head(previous, leaves)
    signature = signer.sign(_said(signer.name, replica, number, previous, head))
    return Batch(replica=replica, number=number, previous=previous, head=head, signature=signature)


def fault_of(batch: Batch, leaves: Iterable[bytes], number: int, previous: bytes, signer: Signer) -> str | None:
    """Say what is wrong with a batch that should be `number` after `previous`, or None."""
    if batch.number != number or batch.previous != previous:
        return f"batch {number} of replica {batch.replica} is not there"
    if _head(previous, leaves) != batch.head:
        return f"batch {number} of replica {batch.replica} is not the one that was signed"
    said = _said(signer.name, batch.replica, number, previous, batch.head)
    try:
        Ed25519PublicKey.from_public_bytes(signer.public()).verify(batch.signature, said)
    except InvalidSignature:
        return f"batch {number} of replica {batch.replica} is not signed by this log's key"
    return None


def _head(previous: bytes, leaves: Iterable[bytes]) -> bytes:
    return hashlib.sha256(previous + b"".join(leaves)).digest()


def _said(origin: str, replica: str, number: int, previous: bytes, head: bytes) -> bytes:
    return f"ecluse batch v1\n{origin}\n{replica}\n{number}\n{previous.hex()}\n{head.hex()}\n".encode()
