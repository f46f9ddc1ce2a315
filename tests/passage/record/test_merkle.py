"""The tree of RFC 6962: known answers, a naive tree beside ours, and proofs that break when anything changes."""

import tomllib
from base64 import b64decode
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecluse.domain.errors import VerificationFailed
from ecluse.passage.record.merkle import (
    EMPTY_ROOT,
    Frontier,
    consistency,
    frontier_at,
    in_memory,
    inclusion,
    leaf_hash,
    node_hash,
    verify_consistency,
    verify_inclusion,
)

VECTORS = tomllib.loads(Path(__file__).with_name("vectors.toml").read_text(encoding="utf-8"))
KNOWN = [leaf_hash(bytes.fromhex(leaf)) for leaf in VECTORS["leaves"]]
LEAVES = [leaf_hash(b"%d" % i) for i in range(70)]
sizes = st.integers(0, len(LEAVES))
pairs = st.tuples(st.integers(1, len(LEAVES)), st.integers(1, len(LEAVES))).map(sorted)


def naive(leaves: list[bytes]) -> bytes:
    """Return MTH as RFC 6962, 2.1, defines it."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return sha256(b"\x01" + naive(leaves[:split]) + naive(leaves[split:])).digest()


def flipped(data: bytes, bit: int) -> bytes:
    return (int.from_bytes(data, "big") ^ (1 << bit)).to_bytes(len(data), "big")


@pytest.mark.parametrize("size", range(9))
def test_the_reference_tree_has_its_published_roots(size: int) -> None:
    assert Frontier().extend(KNOWN[:size]).root().hex() == VECTORS["roots"][size]


def test_the_empty_tree_has_the_root_of_the_rfc() -> None:
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize("case", VECTORS["inclusion"], ids=lambda case: f"{case['index']} in {case['size']}")
def test_inclusion_proofs_are_the_published_ones(case: dict[str, list[str]]) -> None:
    index, size, path = int(str(case["index"])), int(str(case["size"])), case["path"]
    assert [step.hex() for step in inclusion(in_memory(KNOWN), index, size)] == path


@pytest.mark.parametrize("case", VECTORS["consistency"], ids=lambda case: f"{case['old']} to {case['new']}")
def test_consistency_proofs_are_the_published_ones(case: dict[str, list[str]]) -> None:
    old, new, path = int(str(case["old"])), int(str(case["new"])), case["path"]
    assert [step.hex() for step in consistency(in_memory(KNOWN), old, new)] == path


def test_a_proof_that_another_log_served_verifies() -> None:
    case = VECTORS["argon2020"]
    old_root, new_root, path = (
        b64decode(case["old_root"]),
        b64decode(case["new_root"]),
        list(map(b64decode, case["path"])),
    )
    verify_consistency(case["old"], case["new"], old_root, new_root, path)
    with pytest.raises(VerificationFailed):
        verify_consistency(case["old"] + 1, case["new"], old_root, new_root, path)


@given(sizes, sizes)
def test_a_frontier_grows_to_the_root_of_the_definition(one: int, other: int) -> None:
    start, stop = sorted((one, other))
    frontier = Frontier().extend(LEAVES[:start]).extend(LEAVES[start:stop])
    assert frontier == Frontier().extend(LEAVES[:stop])
    assert frontier.root() == naive(LEAVES[:stop])


@given(sizes)
def test_a_frontier_is_read_back_from_its_nodes(size: int) -> None:
    assert frontier_at(in_memory(LEAVES), size) == Frontier().extend(LEAVES[:size])


@given(st.integers(1, len(LEAVES)), st.data())
def test_every_leaf_is_proven_and_no_other(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    path, root = inclusion(in_memory(LEAVES), index, size), naive(LEAVES[:size])
    verify_inclusion(LEAVES[index], index, size, path, root)
    other = data.draw(st.integers(0, size - 1))
    if other != index:
        with pytest.raises(VerificationFailed):
            verify_inclusion(LEAVES[other], index, size, path, root)
        with pytest.raises(VerificationFailed):
            verify_inclusion(LEAVES[index], other, size, path, root)


@given(pairs, st.data())
def test_inclusion_refuses_whatever_was_changed(pair: list[int], data: st.DataObject) -> None:
    index, size = pair[0] - 1, pair[1]
    leaf, path, root = LEAVES[index], list(inclusion(in_memory(LEAVES), index, size)), naive(LEAVES[:size])
    bit = data.draw(st.integers(0, 255))
    broken = [
        (flipped(leaf, bit), path, root),
        (leaf, path, flipped(root, bit)),
        (leaf, [*path, leaf], root),
        *((leaf, [*path[:i], flipped(path[i], bit), *path[i + 1 :]], root) for i in range(len(path))),
        *((leaf, path[:i] + path[i + 1 :], root) for i in range(len(path))),
    ]
    for changed, steps, top in broken:
        with pytest.raises(VerificationFailed):
            verify_inclusion(changed, index, size, steps, top)


@given(pairs, st.data())
def test_a_prefix_is_proven_and_nothing_else(pair: list[int], data: st.DataObject) -> None:
    old, new = pair
    path = list(consistency(in_memory(LEAVES), old, new))
    before, after = naive(LEAVES[:old]), naive(LEAVES[:new])
    verify_consistency(old, new, before, after, path)
    bit = data.draw(st.integers(0, 255))
    broken = [
        (flipped(before, bit), after, path),
        (before, flipped(after, bit), path),
        (before, after, [*path, before]),
        *((before, after, [*path[:i], flipped(path[i], bit), *path[i + 1 :]]) for i in range(len(path))),
        *((before, after, path[:i]) for i in range(len(path))),
    ]
    for first, second, steps in broken:
        with pytest.raises(VerificationFailed):
            verify_consistency(old, new, first, second, steps)


def test_merkle_refuses_what_cannot_be_asked() -> None:
    node = in_memory(LEAVES)
    for index, size in ((-1, 1), (1, 1), (0, 0)):
        with pytest.raises(ValueError, match="not in a tree"):
            inclusion(node, index, size)
        with pytest.raises(VerificationFailed):
            verify_inclusion(LEAVES[0], index, size, (), EMPTY_ROOT)
    for old, new in ((0, 1), (2, 1)):
        with pytest.raises(ValueError, match="no proof"):
            consistency(node, old, new)
        with pytest.raises(VerificationFailed):
            verify_consistency(old, new, EMPTY_ROOT, EMPTY_ROOT, ())


@pytest.mark.parametrize(("size", "peaks"), [(0, 1), (1, 0), (3, 1), (4, 2), (-1, 1)])
def test_a_frontier_refuses_peaks_that_do_not_make_up_its_size(size: int, peaks: int) -> None:
    with pytest.raises(ValueError, match="peaks"):
        Frontier(size=size, peaks=(bytes(32),) * peaks)


def test_a_node_cannot_pass_for_an_entry() -> None:
    left, right = LEAVES[:2]
    assert leaf_hash(left + right) != node_hash(left, right)
