"""Where a trail stands when it is opened: is its end the one that was signed?

Law: the entries since the last stored nodes are hashed again and must give the root of the last signed checkpoint;
otherwise everything is, and what is wrong is named. Nothing is served on a trail that does not match. Older entries
are `ecluse trail verify`'s, which reads them all.
"""

from collections.abc import Iterator
from typing import Protocol

from ecluse.domain.errors import VerificationFailed
from ecluse.edge.stores.errors import TrailDamaged
from ecluse.edge.stores.reader import LOWEST
from ecluse.passage.record.checkpoint import VerifierKey, verify
from ecluse.passage.record.merkle import Frontier, frontier_at, leaf_hash
from ecluse.prove.faults import Fault, TrailFault
from ecluse.prove.verify import Row, verify_trail

SPAN = 4096
"""The tail that is hashed again begins at a multiple of this, so that opening takes a bounded time."""


class Standing(Protocol):
    """What is read of a trail to tell where it stands."""

    def size(self) -> int:
        """Return how many entries there are."""

    def last_note(self) -> str | None:
        """Return the newest signed checkpoint."""

    def node(self, level: int, index: int) -> bytes:
        """Return the root of a perfect subtree."""

    def rows(self, start: int, stop: int) -> Iterator[Row]:
        """Read the rows whose index is in [start, stop)."""

    def everything(self) -> tuple[Iterator[Row], list[str]]:
        """Return every row and every checkpoint."""


def stand(reader: Standing, key: VerifierKey) -> tuple[Frontier, bool]:
    """Return the frontier, and whether the stored nodes can be kept. Raises TrailDamaged naming the entry."""
    try:
        return _tail(reader, key), True
    except (VerificationFailed, TrailDamaged):
        return _whole(reader, key), False


def _tail(reader: Standing, key: VerifierKey) -> Frontier:
    size, note = reader.size(), reader.last_note()
    if note is None:
        if size:
            raise TrailFault(Fault.NO_CHECKPOINT)
        return Frontier()
    head = verify(note, key)
    if head.size > size:
        raise TrailFault(Fault.TRUNCATED, size, size=head.size)
    start = max(head.size - 1, 0) // SPAN * SPAN
    frontier = frontier_at(reader.node, start)
    for index, data, stored in reader.rows(start or LOWEST, size):
        if index != frontier.size:
            raise TrailFault(Fault.ORDER, frontier.size, found=index)
        leaf = leaf_hash(data)
        if leaf != stored:
            raise TrailFault(Fault.LEAF, index)
        frontier = frontier.extend((leaf,))
        if frontier.size == head.size and frontier.root() != head.root:
            raise TrailFault(Fault.ROOT, start, start=start, end=head.size - 1, size=head.size)
    return frontier


def _whole(reader: Standing, key: VerifierKey) -> Frontier:
    rows, notes = reader.everything()
    leaves: list[bytes] = []

    def passing() -> Iterator[Row]:
        for row in rows:
            leaves.append(row[2])
            yield row

    try:
        verify_trail(passing(), notes, key)
    except TrailFault as fault:
        raise TrailDamaged(
            f"the trail is not the one that was signed. {fault.sentence('en')} Nothing is served on it: keep the file "
            "as evidence, and start on a backup that `ecluse trail verify` accepts, or in a new state directory"
        ) from fault
    return Frontier().extend(leaves)
