"""Does this receipt hold? An entry, its place and the signed head over it, with nothing but public keys.

Law: nothing in the receipt is believed but signatures of the keys that the reader brings. A receipt that holds shows
that the entry was in the log when its head was signed; each witness named shows that it saw the same log.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ecluse.domain.errors import VerificationFailed
from ecluse.domain.trail import Checkpoint, Entry
from ecluse.passage.record import EntryRefused, parse
from ecluse.passage.record.checkpoint import VerifierKey, verify
from ecluse.passage.record.cosign import cosigned_at
from ecluse.passage.record.merkle import leaf_hash, verify_inclusion
from ecluse.passage.record.receipt import read_receipt


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """What a receipt that holds says. `witnesses` are names with the POSIX time of their cosignature."""

    entry: Entry
    index: int
    checkpoint: Checkpoint
    witnesses: Mapping[str, int]


def verify_receipt(text: str, key: VerifierKey, witnesses: Sequence[VerifierKey] = ()) -> Proven:
    """Verify a receipt against the log's key; each of `witnesses` must have cosigned. Raises VerificationFailed."""
    receipt = read_receipt(text)
    head = verify(receipt.note, key)
    cosigned = {witness.name: cosigned_at(receipt.note, witness) for witness in witnesses}
    verify_inclusion(leaf_hash(receipt.entry), receipt.index, head.size, receipt.path, head.root)
    try:
        entry = parse(receipt.entry)
    except EntryRefused as error:
        raise VerificationFailed(f"the entry is not one of schema v1: {error}", receipt.index) from None
    return Proven(entry=entry, index=receipt.index, checkpoint=head, witnesses=cosigned)
