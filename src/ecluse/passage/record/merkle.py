"""The Merkle tree of RFC 6962 (section 2.1): leaves and nodes, a frontier that grows, and proofs.

Law: leaves and nodes hash under different prefixes, so that no node can pass for an entry. A frontier keeps only the
roots of the perfect subtrees on the left, so that appending costs O(log n) whatever the length of the log.
Verifiers raise VerificationFailed; they follow RFC 9162, sections 2.1.3.2 and 2.1.4.2.
"""

import hmac
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TypeAlias

from ecluse.domain.errors import VerificationFailed

NodeAt: TypeAlias = Callable[[int, int], bytes]
"""(level, index) -> the root of the perfect subtree over the leaves [index << level, (index + 1) << level)."""

EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of a leaf."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node."""
    return sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Frontier:
    """A tree of `size` leaves, by the roots of its perfect subtrees from left to right (a compact range)."""

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        """Refuse peaks that do not make up `size`."""
        if self.size < 0 or len(self.peaks) != self.size.bit_count():
            raise ValueError(f"{len(self.peaks)} peaks do not make up {self.size} leaves")

    def extend(self, leaves: Iterable[bytes], complete: Callable[[int, int, bytes], None] | None = None) -> "Frontier":
        """Append leaf hashes. `complete(level, index, hash)` is told of each inner node as it becomes final."""
        size, peaks = self.size, list(self.peaks)
        for leaf in leaves:
            level, index, top = 0, size, leaf
            while index & 1:
                level, index, top = level + 1, index >> 1, node_hash(peaks.pop(), top)
                if complete is not None:
                    complete(level, index, top)
            peaks.append(top)
            size += 1
        return Frontier(size=size, peaks=tuple(peaks))

    def root(self) -> bytes:
        """Return the tree's root."""
        if not self.peaks:
            return EMPTY_ROOT
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = node_hash(peak, root)
        return root


def frontier_at(node: NodeAt, size: int) -> Frontier:
    """Read the frontier of the first `size` leaves from their nodes."""
    peaks: list[bytes] = []
    start = 0
    for level in reversed(range(size.bit_length())):
        if size >> level & 1:
            peaks.append(node(level, start >> level))
            start += 1 << level
    return Frontier(size=size, peaks=tuple(peaks))


def in_memory(leaves: Sequence[bytes]) -> NodeAt:
    """Return the nodes of a tree whose leaf hashes are all at hand."""
    nodes: dict[tuple[int, int], bytes] = {(0, i): leaf for i, leaf in enumerate(leaves)}

    def keep(level: int, index: int, top: bytes) -> None:
        nodes[level, index] = top

    Frontier().extend(leaves, keep)
    return lambda level, index: nodes[level, index]


def inclusion(node: NodeAt, index: int, size: int) -> tuple[bytes, ...]:
    """Prove that leaf `index` is in the tree of the first `size` leaves (RFC 6962, 2.1.1). Leaf upwards."""
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not in a tree of {size}")
    path: list[bytes] = []
    start, stop = 0, size
    while stop - start > 1:
        middle = start + _split(stop - start)
        if index < middle:
            path.append(_root(node, middle, stop))
            stop = middle
        else:
            path.append(_root(node, start, middle))
            start = middle
    return tuple(reversed(path))


def consistency(node: NodeAt, old: int, new: int) -> tuple[bytes, ...]:
    """Prove that the tree of `old` leaves is a prefix of the tree of `new` leaves (RFC 6962, 2.1.2)."""
    if not 0 < old <= new:
        raise ValueError(f"no proof from {old} leaves to {new}")
    path: list[bytes] = []
    start, stop = 0, new
    while old != stop:
        middle = start + _split(stop - start)
        if old <= middle:
            path.append(_root(node, middle, stop))
            stop = middle
        else:
            path.append(_root(node, start, middle))
            start = middle
    if start:
        path.append(_root(node, start, stop))
    return tuple(reversed(path))


def verify_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> None:
    """Check an inclusion proof. Raises VerificationFailed."""
    if not 0 <= index < size:
        raise VerificationFailed(f"leaf {index} is not in a tree of {size}", index)
    position, last, top = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            raise VerificationFailed("the inclusion proof is too long", index)
        if position & 1 or position == last:
            top = node_hash(sibling, top)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            top = node_hash(top, sibling)
        position, last = position >> 1, last >> 1
    if last or not hmac.compare_digest(top, root):
        raise VerificationFailed("the inclusion proof does not lead to the root", index)


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]) -> None:
    """Check that the older tree is a prefix of the newer one. Raises VerificationFailed."""
    if not 0 < old <= new:
        raise VerificationFailed(f"no proof from {old} leaves to {new}")
    if old == new:
        if path or not hmac.compare_digest(old_root, new_root):
            raise VerificationFailed(f"two roots for {old} leaves")
        return
    steps = list(path)
    if old & (old - 1) == 0:
        steps.insert(0, old_root)
    if not steps:
        raise VerificationFailed("the consistency proof is empty")
    first, second = _climb(old - 1, new - 1, steps)
    if not (hmac.compare_digest(first, old_root) and hmac.compare_digest(second, new_root)):
        raise VerificationFailed(f"the tree of {new} leaves does not continue the tree of {old}")


def _climb(position: int, last: int, steps: Sequence[bytes]) -> tuple[bytes, bytes]:
    while position & 1:
        position, last = position >> 1, last >> 1
    first = second = steps[0]
    for step in steps[1:]:
        if last == 0:
            raise VerificationFailed("the consistency proof is too long")
        if position & 1 or position == last:
            first, second = node_hash(step, first), node_hash(step, second)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            second = node_hash(second, step)
        position, last = position >> 1, last >> 1
    if last:
        raise VerificationFailed("the consistency proof is too short")
    return first, second


def _split(width: int) -> int:
    """Return the largest power of two below `width`."""
    return 1 << ((width - 1).bit_length() - 1)


def _root(node: NodeAt, start: int, stop: int) -> bytes:
    """Return the root over [start, stop), which begins where a subtree of its width would."""
    width = stop - start
    level = width.bit_length() - 1
    if width == 1 << level:
        return node(level, start >> level)
    middle = start + _split(width)
    return node_hash(_root(node, start, middle), _root(node, middle, stop))
