"""A witness cosigns what continues the log that it knows, and nothing else; its memory survives it."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecluse.domain.trail import Checkpoint
from ecluse.edge.keys import Ed25519Signer
from ecluse.edge.witness.cosigning import Witness, WitnessUnusable
from ecluse.edge.witness.key import make_key, read_key
from ecluse.passage.record.checkpoint import key_of, sign
from ecluse.passage.record.cosign import cosigned_at, cosigner_of
from ecluse.passage.record.merkle import EMPTY_ROOT, Frontier, consistency, in_memory, leaf_hash
from ecluse.passage.record.submission import read_submission, write_submission

LOG = Ed25519Signer("ecluse.local/log", bytes(32))
OTHER = Ed25519Signer("ecluse.local/log", bytes([1]) * 32)
SIGNER = Ed25519Signer("dpo.example/witness", bytes(range(32)))
SECONDS = 1_795_521_600
LEAVES = [leaf_hash(bytes([number])) for number in range(40)]
FORKED = [*LEAVES[:20], leaf_hash(b"rewritten"), *LEAVES[21:]]


def head(size: int, leaves: list[bytes] = LEAVES, signer: Ed25519Signer = LOG) -> str:
    root = Frontier().extend(leaves[:size]).root()
    return sign(Checkpoint(origin=signer.name, size=size, root=root), signer)


def asked(old: int, new: int, leaves: list[bytes] = LEAVES, signer: Ed25519Signer = LOG) -> bytes:
    path = consistency(in_memory(leaves), old, new) if 0 < old <= new else ()
    return write_submission(old=old, path=path, note=head(new, leaves, signer)).encode()


@pytest.fixture
def witness(tmp_path: Path) -> Witness:
    return Witness(SIGNER, [key_of(LOG)], tmp_path, lambda: SECONDS)


def test_a_log_that_grows_is_cosigned_step_by_step(witness: Witness) -> None:
    for old, new in ((0, 1), (1, 7), (7, 7), (7, 40)):
        told = witness.add_checkpoint(asked(old, new))
        assert told.status == 200, told
        assert cosigned_at(head(new) + told.body, cosigner_of(SIGNER)) == SECONDS


def test_a_forked_log_is_refused_and_what_was_seen_stays(witness: Witness, tmp_path: Path) -> None:
    assert witness.add_checkpoint(asked(0, 30)).status == 200
    assert witness.add_checkpoint(asked(30, 40, FORKED)).status == 422
    assert witness.add_checkpoint(asked(30, 30, FORKED)).status == 422
    again = Witness(SIGNER, [key_of(LOG)], tmp_path, lambda: SECONDS)
    assert again.add_checkpoint(asked(30, 40)).status == 200


def test_a_log_that_was_rolled_back_is_told_how_much_was_seen(witness: Witness) -> None:
    assert witness.add_checkpoint(asked(0, 30)).status == 200
    told = witness.add_checkpoint(asked(0, 20))
    assert (told.status, told.kind, told.body) == (409, "text/x.tlog.size", "30\n")


def test_each_refusal_has_the_status_that_the_protocol_gives_it(witness: Witness) -> None:
    unknown = Ed25519Signer("ecluse.local/unknown", bytes(32))
    empty = sign(Checkpoint(origin=LOG.name, size=0, root=bytes(32)), LOG)
    cases = {
        404: asked(0, 5, signer=unknown),
        403: asked(0, 5, signer=OTHER),
        400: write_submission(old=6, path=(), note=head(5)).encode(),
        422: write_submission(old=0, path=(bytes(32),), note=head(5)).encode(),
    }
    assert {status: witness.add_checkpoint(body).status for status, body in cases.items()} == {s: s for s in cases}
    assert witness.add_checkpoint(write_submission(old=0, path=(), note=empty).encode()).status == 422
    whole = sign(Checkpoint(origin=LOG.name, size=0, root=EMPTY_ROOT), LOG)
    assert witness.add_checkpoint(write_submission(old=0, path=(), note=whole).encode()).status == 200


@given(body=st.binary(max_size=300), at=st.integers(0, 200))
def test_a_witness_refuses_what_it_cannot_read(tmp_path_factory: pytest.TempPathFactory, body: bytes, at: int) -> None:
    one = Witness(SIGNER, [key_of(LOG)], tmp_path_factory.getbasetemp() / "unread", lambda: SECONDS)
    whole = asked(0, 5)
    for candidate in (body, whole[:at] + body + whole[at:] if body else b""):
        assert one.add_checkpoint(candidate).status in {400, 403, 404, 422}


def test_a_submission_reads_back() -> None:
    read = read_submission(asked(7, 40).decode())
    assert (read.old, read.note) == (7, head(40))
    assert read.path == consistency(in_memory(LEAVES), 7, 40)


def test_a_witness_refuses_a_memory_that_was_touched(witness: Witness, tmp_path: Path) -> None:
    witness.add_checkpoint(asked(0, 5))
    [file] = tmp_path.glob("*.note")
    file.write_text(head(3), encoding="utf-8")
    with pytest.raises(WitnessUnusable, match="cannot be trusted"):
        Witness(SIGNER, [key_of(LOG)], tmp_path, lambda: SECONDS)


def test_a_key_is_its_owners_alone_and_is_made_once(tmp_path: Path) -> None:
    path = tmp_path / "key"
    made = make_key(path, "dpo.example/witness")
    assert cosigner_of(read_key(path)) == cosigner_of(made)
    with pytest.raises(WitnessUnusable):
        make_key(path, "dpo.example/witness")
    path.chmod(0o644)
    with pytest.raises(WitnessUnusable, match="read by others"):
        read_key(path)
    with pytest.raises(WitnessUnusable, match="no name"):
        make_key(tmp_path / "other", "a name")
