"""A receipt holds with public keys alone, and no character of it can be changed."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecluse.domain.errors import VerificationFailed
from ecluse.domain.trail import Checkpoint
from ecluse.edge.keys import Ed25519Signer
from ecluse.passage.record import canonical
from ecluse.passage.record.checkpoint import key_of, sign
from ecluse.passage.record.cosign import cosign, cosigner_of
from ecluse.passage.record.merkle import Frontier, in_memory, inclusion, leaf_hash
from ecluse.passage.record.receipt import read_receipt, write_receipt
from ecluse.prove.receipt import verify_receipt
from tests.passage.record import samples

SIGNER = Ed25519Signer("ecluse.local/test", bytes(32))
WITNESS = Ed25519Signer("dpo.example/witness", bytes(range(32)))
DATA = [canonical(entry) for entry in samples.passages(40)]
LEAVES = [leaf_hash(data) for data in DATA]
HEAD = Checkpoint(origin=SIGNER.name, size=len(DATA), root=Frontier().extend(LEAVES).root())
NOTE = sign(HEAD, SIGNER)


def receipt(index: int, note: str = NOTE) -> str:
    path = inclusion(in_memory(LEAVES), index, len(LEAVES))
    return write_receipt(entry=DATA[index], index=index, path=path, note=note)


@pytest.mark.parametrize("index", range(0, len(DATA), 7))
def test_each_entry_has_a_receipt_that_holds(index: int) -> None:
    proven = verify_receipt(receipt(index), key_of(SIGNER))
    assert (proven.index, canonical(proven.entry), proven.checkpoint) == (index, DATA[index], HEAD)


def test_a_receipt_has_the_form_of_a_tlog_proof() -> None:
    lines = receipt(1).split("\n")
    assert lines[0] == "c2sp.org/tlog-proof@v1"
    assert lines[1] == f"extra {base64.b64encode(DATA[1]).decode()}"
    assert lines[2] == "index 1"
    assert lines[lines.index("") + 1] == SIGNER.name


def test_a_witness_that_is_asked_for_must_have_cosigned() -> None:
    cosigned = receipt(3, NOTE + cosign(NOTE, WITNESS, 1_795_521_600))
    assert verify_receipt(cosigned, key_of(SIGNER), [cosigner_of(WITNESS)]).witnesses == {WITNESS.name: 1_795_521_600}
    with pytest.raises(VerificationFailed):
        verify_receipt(receipt(3), key_of(SIGNER), [cosigner_of(WITNESS)])


@given(at=st.integers(0, len(receipt(5)) - 1), new=st.characters(codec="utf-8"))
def test_verify_refuses_a_receipt_with_any_other_character(at: int, new: str) -> None:
    text = receipt(5)
    if text[at] == new:
        return
    changed = text[:at] + new + text[at + 1 :]
    with pytest.raises(VerificationFailed):
        verify_receipt(changed, key_of(SIGNER))


@given(st.text())
def test_read_refuses_what_is_no_receipt(text: str) -> None:
    for candidate in (text, f"c2sp.org/tlog-proof@v1\n{text}"):
        with pytest.raises(VerificationFailed):
            read_receipt(candidate)


def test_verify_refuses_the_receipt_of_another_log_and_an_entry_that_is_none() -> None:
    with pytest.raises(VerificationFailed):
        verify_receipt(receipt(0), key_of(Ed25519Signer("ecluse.local/other", bytes(32))))
    leaf = leaf_hash(b"{}")
    note = sign(Checkpoint(origin=SIGNER.name, size=1, root=leaf), SIGNER)
    with pytest.raises(VerificationFailed, match="schema"):
        verify_receipt(write_receipt(entry=b"{}", index=0, path=(), note=note), key_of(SIGNER))
