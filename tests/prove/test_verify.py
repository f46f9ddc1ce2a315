"""A trail that was touched does not verify, and the first wrong entry is named (siege 39)."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecluse.domain.errors import VerificationFailed
from ecluse.domain.trail import Checkpoint, Entry, Opening
from ecluse.edge.keys import Ed25519Signer
from ecluse.passage.record import canonical, commitment
from ecluse.passage.record.checkpoint import key_of, sign
from ecluse.passage.record.merkle import Frontier, leaf_hash
from ecluse.prove.faults import SENTENCES, Fault, TrailFault
from ecluse.prove.verify import Row, verify_opening, verify_trail
from tests.passage.record import samples

SIGNER = Ed25519Signer("ecluse.local/test", bytes(32))
KEY = key_of(SIGNER)
EVERY = 5
"""How many entries stand between two checkpoints."""


def rows_of(entries: Sequence[bytes]) -> list[Row]:
    return [(index, data, leaf_hash(data)) for index, data in enumerate(entries)]


def note_at(entries: Sequence[bytes], size: int, signer: Ed25519Signer = SIGNER) -> str:
    root = Frontier().extend(leaf_hash(data) for data in entries[:size]).root()
    return sign(Checkpoint(origin=signer.name, size=size, root=root), signer)


ENTRIES = [canonical(entry) for entry in samples.passages(10)]
SIZE = len(ENTRIES)
ROWS = rows_of(ENTRIES)
NOTES = [note_at(ENTRIES, size) for size in (*range(EVERY, SIZE, EVERY), SIZE)]


def fault_of(rows: Sequence[Row], notes: Sequence[str] = NOTES, against: Sequence[str] = ()) -> TrailFault:
    with pytest.raises(TrailFault) as failed:
        verify_trail(rows, notes, KEY, against=against)
    return failed.value


def sealed_by(index: int) -> int:
    """Return where the checkpoint that first covers an entry begins to differ from the one before it."""
    return index // EVERY * EVERY


def renumbered(entries: Sequence[bytes]) -> list[Row]:
    """Return rows as a forger leaves them: numbered anew, with fitting leaf hashes."""
    return rows_of(entries)


def test_a_trail_that_nobody_touched_verifies() -> None:
    report = verify_trail(ROWS, NOTES, KEY, against=NOTES[:1])
    assert (report.size, report.checkpoints, report.against, report.unsealed, report.open) == (
        SIZE,
        len(NOTES),
        1,
        0,
        0,
    )
    assert (report.intents, report.refusals, report.outcomes, report.admins) == (10, 1, 10, 1)
    assert (report.first, report.last) == ("2026-11-24T12:00:00.000Z", "2026-11-24T12:00:00.000Z")
    assert report.root == Frontier().extend(leaf for _, _, leaf in ROWS).root().hex()


def test_an_empty_trail_verifies() -> None:
    report = verify_trail([], [], KEY)
    assert (report.size, report.first) == (0, None)


def test_entries_after_the_last_checkpoint_are_counted_as_unsealed() -> None:
    assert verify_trail(ROWS, NOTES[:-1], KEY).unsealed == SIZE % EVERY


def test_a_passage_without_outcome_is_counted_as_open() -> None:
    entries = [canonical(samples.intent(1)), canonical(samples.intent(1, attempt=2, choice=samples.MASKED))]
    assert verify_trail(rows_of(entries), [note_at(entries, 2)], KEY).open == 1


@given(st.integers(0, SIZE - 1), st.data())
def test_verify_refuses_any_changed_byte_and_names_the_entry(index: int, data: st.DataObject) -> None:
    entry = bytearray(ENTRIES[index])
    entry[data.draw(st.integers(0, len(entry) - 1))] ^= data.draw(st.integers(1, 255))
    rows = [*ROWS[:index], (index, bytes(entry), ROWS[index][2]), *ROWS[index + 1 :]]
    fault = fault_of(rows)
    assert (fault.fault, fault.index) == (Fault.LEAF, index)


@given(st.integers(0, SIZE - 1), st.integers(0, 255))
def test_verify_refuses_a_forged_leaf_and_names_the_entry(index: int, bit: int) -> None:
    leaf = (int.from_bytes(ROWS[index][2], "big") ^ (1 << bit)).to_bytes(32, "big")
    fault = fault_of([*ROWS[:index], (index, ROWS[index][1], leaf), *ROWS[index + 1 :]])
    assert (fault.fault, fault.index) == (Fault.LEAF, index)


@given(st.integers(0, SIZE - 1))
def test_verify_refuses_an_entry_forged_with_its_leaf_and_names_what_was_signed(index: int) -> None:
    forged = canonical(replace(samples.passages(10)[index], at="2026-11-24T12:00:00.001Z"))
    fault = fault_of(renumbered([*ENTRIES[:index], forged, *ENTRIES[index + 1 :]]))
    assert (fault.fault, fault.index) == (Fault.ROOT, sealed_by(index))
    assert index <= int(fault.told["end"])


@given(st.integers(0, SIZE - 1))
def test_verify_refuses_a_deleted_row(index: int) -> None:
    fault = fault_of([*ROWS[:index], *ROWS[index + 1 :]])
    assert (fault.fault, fault.index) == (Fault.ORDER if index < SIZE - 1 else Fault.TRUNCATED, index)


@given(st.integers(0, SIZE - 1))
def test_verify_refuses_a_row_deleted_with_all_that_follow_renumbered(index: int) -> None:
    fault = fault_of(renumbered([*ENTRIES[:index], *ENTRIES[index + 1 :]]))
    assert fault.index is not None
    assert fault.index <= index if fault.fault is Fault.ROOT else fault.fault in {Fault.NO_INTENT, Fault.TRUNCATED}


@given(st.integers(0, SIZE - 1), st.sampled_from([samples.intent(99), samples.refusal(99), samples.admin(99)]))
def test_verify_refuses_an_inserted_row(index: int, entry: Entry) -> None:
    data = canonical(entry)
    fault = fault_of(renumbered([*ENTRIES[:index], data, *ENTRIES[index:]]))
    assert (fault.fault, fault.index) == (Fault.ROOT, sealed_by(index))
    doubled = fault_of([*ROWS[:index], (index, data, leaf_hash(data)), *ROWS[index:]])
    assert (doubled.fault, doubled.index) in {(Fault.ORDER, index + 1), (Fault.ROOT, sealed_by(index))}


def test_a_row_added_after_the_last_checkpoint_is_told_as_unsealed() -> None:
    """Nothing signed speaks of it yet: the report says how many such entries there are."""
    rows = renumbered([*ENTRIES, canonical(samples.refusal(99))])
    assert verify_trail(rows, NOTES, KEY).unsealed == 1


@given(st.integers(0, SIZE - 1), st.integers(0, SIZE - 1))
def test_verify_refuses_rows_that_changed_places(one: int, other: int) -> None:
    if one == other:
        return
    low, high = sorted((one, other))
    entries = list(ENTRIES)
    entries[low], entries[high] = entries[high], entries[low]
    fault = fault_of(renumbered(entries))
    assert fault.fault in {Fault.ROOT, Fault.NO_INTENT, Fault.ENDED}
    assert fault.index is not None
    assert sealed_by(low) <= fault.index <= high + 1
    rows = list(ROWS)
    rows[low], rows[high] = rows[high], rows[low]
    assert (fault_of(rows).fault, fault_of(rows).index) == (Fault.ORDER, low)


@given(st.integers(0, SIZE - 1))
def test_verify_refuses_a_trail_that_was_cut_off(size: int) -> None:
    fault = fault_of(ROWS[:size])
    assert (fault.fault, fault.index) == (Fault.TRUNCATED, size)


@given(st.integers(1, SIZE - 1))
def test_a_rollback_shows_against_a_checkpoint_that_was_kept(size: int) -> None:
    """Entries and checkpoints are those of an older copy: only what is kept elsewhere tells."""
    older = [note_at(ENTRIES, size)]
    assert verify_trail(ROWS[:size], older, KEY).size == size
    fault = fault_of(ROWS[:size], older, NOTES[-1:])
    assert (fault.fault, fault.index) == (Fault.ROLLED_BACK, size)


@given(st.integers(0, SIZE - 1))
def test_history_rewritten_by_the_holder_of_the_key_shows_against_a_kept_checkpoint(index: int) -> None:
    forged = canonical(replace(samples.passages(10)[index], at="2026-11-24T12:00:00.001Z"))
    entries = [*ENTRIES[:index], forged, *ENTRIES[index + 1 :]]
    signed_again = [note_at(entries, SIZE)]
    assert verify_trail(renumbered(entries), signed_again, KEY).size == SIZE
    fault = fault_of(renumbered(entries), signed_again, NOTES)
    assert (fault.fault, fault.index) == (Fault.FORKED, sealed_by(index))


def test_verify_refuses_a_trail_whose_checkpoints_were_removed() -> None:
    assert fault_of(ROWS, []).fault is Fault.NO_CHECKPOINT


@given(st.integers(0, len(NOTES) - 1), st.data())
def test_verify_refuses_a_changed_checkpoint(which: int, data: st.DataObject) -> None:
    raw = bytearray(NOTES[which].encode())
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    changed = raw.decode("utf-8", "replace")
    assert fault_of(ROWS, [*NOTES[:which], changed, *NOTES[which + 1 :]]).fault is Fault.NOTE
    assert fault_of(ROWS, NOTES, [changed]).fault is Fault.OUTSIDE_NOTE


def test_verify_refuses_a_checkpoint_of_another_key() -> None:
    other = Ed25519Signer(SIGNER.name, bytes([1]) * 32)
    assert fault_of(ROWS, [note_at(ENTRIES, SIZE, other)]).fault is Fault.NOTE


def twice_the_same() -> list[bytes]:
    return [ENTRIES[1], ENTRIES[1]]


def outcome_twice() -> list[bytes]:
    return [ENTRIES[1], ENTRIES[2], canonical(samples.outcome(1, label="again"))]


def intent_after_the_end() -> list[bytes]:
    return [ENTRIES[1], ENTRIES[2], canonical(samples.intent(1, attempt=2))]


def outcome_without_intent() -> list[bytes]:
    return [canonical(samples.outcome(7))]


def outcome_of_another_destination() -> list[bytes]:
    return [ENTRIES[1], canonical(samples.outcome(1, destination=samples.THERE))]


def another_spelling() -> list[bytes]:
    return [ENTRIES[0] + b" "]


@pytest.mark.parametrize(
    ("write", "fault"),
    [
        (twice_the_same, Fault.SAME_ID),
        (outcome_twice, Fault.ENDED),
        (intent_after_the_end, Fault.ENDED),
        (outcome_without_intent, Fault.NO_INTENT),
        (outcome_of_another_destination, Fault.NO_INTENT),
        (another_spelling, Fault.FORM),
    ],
    ids=lambda case: getattr(case, "__name__", str(case)),
)
def test_verify_refuses_entries_that_cannot_follow_each_other(write: Callable[[], list[bytes]], fault: Fault) -> None:
    """Even when everything is signed: such a trail was not written by a gateway that keeps its laws."""
    entries = write()
    failed = fault_of(rows_of(entries), [note_at(entries, len(entries))])
    assert (failed.fault, failed.index) == (fault, len(entries) - 1)


def test_a_passage_that_sent_nothing_may_end_without_an_intent() -> None:
    entries = [canonical(samples.outcome(7, destination=None))]
    assert verify_trail(rows_of(entries), [note_at(entries, 1)], KEY).outcomes == 1


def test_each_fault_says_itself_in_english_and_in_french() -> None:
    told: dict[str, str | int] = {"found": 3, "start": 0, "end": 4, "size": 5, "name": "dpo.example/witness"}
    told["why"] = "the signature does not verify"
    for fault in Fault:
        failed = TrailFault(fault, 7, **told)
        assert isinstance(failed, VerificationFailed)
        assert failed.sentence("en").startswith("Entry 7: ")
        assert failed.sentence("fr").startswith("Entrée 7 : ")
        assert failed.sentence("en").endswith(".")
        assert "{" not in failed.sentence("en") + failed.sentence("fr")
        assert TrailFault(fault, None, **told).sentence("fr")[0].isupper()
    assert set(SENTENCES) == set(Fault)


def test_content_opens_what_an_intent_committed_to() -> None:
    salt = bytes(32)
    entry = replace(samples.intent(), body={**samples.intent().body, "commitment": commitment(salt, b"sent")})
    verify_opening(entry, Opening(salt=salt), b"sent")
    for opening, content in ((Opening(salt=bytes([1]) * 32), b"sent"), (Opening(salt=salt), b"other")):
        with pytest.raises(TrailFault, match="commits to"):
            verify_opening(entry, opening, content)
    with pytest.raises(TrailFault):
        verify_opening(samples.refusal(), Opening(salt=salt), b"sent")
