"""A witness's dated word on a checkpoint, in the format cosignature/v1 (https://c2sp.org/tlog-cosignature)."""

import pytest

from ecluse.domain.errors import VerificationFailed
from ecluse.domain.trail import Checkpoint
from ecluse.edge.keys import Ed25519Signer
from ecluse.passage.record.checkpoint import COSIGNATURE, key_of, parse_vkey, sign, verify
from ecluse.passage.record.cosign import cosign, cosigned_at, cosigner_of, with_cosignatures

LOG = Ed25519Signer("ecluse.local/log", bytes(32))
WITNESS = Ed25519Signer("dpo.example/witness", bytes(range(32)))
SECONDS = 1_795_521_600
NOTE = sign(Checkpoint(origin=LOG.name, size=3, root=bytes(32)), LOG)


def test_a_cosigned_checkpoint_says_when_and_still_verifies_under_the_logs_key() -> None:
    note = with_cosignatures(NOTE, [cosign(NOTE, WITNESS, SECONDS)])
    assert cosigned_at(note, cosigner_of(WITNESS)) == SECONDS
    assert verify(note, key_of(LOG)).size == 3
    assert with_cosignatures(note, [cosign(NOTE, WITNESS, SECONDS)]) == note


def test_a_witnesss_key_is_no_logs_key() -> None:
    key = cosigner_of(WITNESS)
    assert parse_vkey(key.vkey, COSIGNATURE) == key
    assert key.id != key_of(WITNESS).id
    for text, algorithm in ((key.vkey, b"\x01"), (key_of(WITNESS).vkey, COSIGNATURE)):
        with pytest.raises(VerificationFailed):
            parse_vkey(text, algorithm)


def test_cosigned_at_refuses_another_time_another_text_and_another_witness() -> None:
    line = cosign(NOTE, WITNESS, SECONDS)
    note = NOTE + line
    other = sign(Checkpoint(origin=LOG.name, size=4, root=bytes(32)), LOG) + line
    later = NOTE + cosign(NOTE, WITNESS, SECONDS + 1)[:-80] + line[-80:]
    stranger = cosigner_of(Ed25519Signer("dpo.example/other", bytes(range(32))))
    for text, key in ((other, cosigner_of(WITNESS)), (later, cosigner_of(WITNESS)), (note, stranger), (NOTE, stranger)):
        with pytest.raises(VerificationFailed):
            cosigned_at(text, key)


def test_cosign_refuses_to_leave_the_time_out() -> None:
    with pytest.raises(ValueError, match="time"):
        cosign(NOTE, WITNESS, 0)
