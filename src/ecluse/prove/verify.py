"""Does this trail hold? Everything is computed again from the bytes of the entries.

Law: nothing stored is believed but signatures of the key that the reader brings. What verifies is that the record is
whole and unchanged since it was signed; that the record tells the truth is not something that a hash can show. An
attacker who holds the signing key is caught only by a checkpoint kept elsewhere (`against`).
"""

import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from ecluse.domain.errors import VerificationFailed
from ecluse.domain.trail import Checkpoint, Entry, EntryKind, Opening, PassageId
from ecluse.passage.record import EntryRefused, commitment, parse
from ecluse.passage.record.checkpoint import VerifierKey, verify
from ecluse.passage.record.merkle import Frontier, leaf_hash
from ecluse.prove.faults import Fault, TrailFault

Row = tuple[int, bytes, bytes]
"""An entry's index, its canonical bytes, and the leaf hash stored beside it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a trail that holds contains.

    `unsealed` entries at the end are not under a signed checkpoint yet; `open` passages have an intent and no outcome
    (under way, or cut off by a crash and settled at the next start). `root` is hexadecimal, of all `size` entries.
    """

    size: int
    root: str
    intents: int
    refusals: int
    outcomes: int
    admins: int
    checkpoints: int
    against: int
    unsealed: int
    open: int
    first: str | None
    last: str | None


class _Kept(Enum):
    """Where a head was kept: what is wrong when it cannot be trusted, when it is of others, when it is of more."""

    WITHIN = (Fault.NOTE, Fault.ROOT, Fault.TRUNCATED)
    BESIDE = (Fault.MARK, Fault.BESIDE_MARK, Fault.BEHIND_MARK)
    OUTSIDE = (Fault.OUTSIDE_NOTE, Fault.FORKED, Fault.ROLLED_BACK)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Head:
    checkpoint: Checkpoint
    kept: _Kept


class _Check:
    """A trail being read in order: what stands so far, and which heads are still to come."""

    def __init__(self, heads: Sequence[_Head]) -> None:
        self.frontier = Frontier()
        self.kinds = dict.fromkeys(EntryKind, 0)
        self.first: str | None = None
        self.last: str | None = None
        self.open: dict[PassageId, set[str]] = {}
        self._ids: set[str] = set()
        self._ended: set[PassageId] = set()
        self._heads = sorted(heads, key=lambda head: head.checkpoint.size)
        self._next = 0
        self._held = dict.fromkeys(_Kept, 0)
        self.heads()

    def row(self, row: Row) -> None:
        """Check one row, then every head that covers exactly up to it."""
        index, data, stored = row
        here = self.frontier.size
        if index != here:
            raise TrailFault(Fault.ORDER, here, found=index)
        leaf = leaf_hash(data)
        if not hmac.compare_digest(leaf, stored):
            raise TrailFault(Fault.LEAF, here)
        try:
            entry = parse(data)
        except EntryRefused:
            raise TrailFault(Fault.FORM, here) from None
        self._sense(entry, here)
        self.frontier = self.frontier.extend((leaf,))
        self.heads()

    def _sense(self, entry: Entry, here: int) -> None:
        """Check that the entry may follow those before it."""
        if entry.id in self._ids:
            raise TrailFault(Fault.SAME_ID, here)
        self._ids.add(entry.id)
        if entry.passage in self._ended:
            raise TrailFault(Fault.ENDED, here)
        if entry.kind is EntryKind.INTENT:
            self.open.setdefault(entry.passage, set()).add(str(entry.body.get("destination")))
        elif entry.kind is EntryKind.OUTCOME:
            announced = self.open.pop(entry.passage, set())
            destination = entry.body.get("destination")
            if destination is not None and destination not in announced:
                raise TrailFault(Fault.NO_INTENT, here)
            self._ended.add(entry.passage)
        self.kinds[entry.kind] += 1
        self.first = self.first or entry.at
        self.last = entry.at

    def heads(self) -> None:
        """Compare the root with every head of the size reached."""
        size = self.frontier.size
        while self._next < len(self._heads) and self._heads[self._next].checkpoint.size == size:
            head = self._heads[self._next]
            if not hmac.compare_digest(head.checkpoint.root, self.frontier.root()):
                start = self._held[head.kept]
                raise TrailFault(head.kept.value[1], start, start=start, end=max(start, size - 1), size=size)
            self._held[head.kept] = size
            self._next += 1

    def end(self) -> None:
        """Check that no head says that there is more."""
        if self._next < len(self._heads):
            head = self._heads[self._next]
            raise TrailFault(head.kept.value[2], self.frontier.size, size=head.checkpoint.size)

    @property
    def sealed(self) -> int:
        """How many entries the trail's own heads cover."""
        return self._held[_Kept.WITHIN]


def verify_trail(
    rows: Iterable[Row],
    checkpoints: Sequence[str],
    key: VerifierKey,
    *,
    against: Sequence[str] = (),
    beside: Sequence[str] = (),
) -> Report:
    """Recompute a trail from its rows, in order of index, and compare it with its signed checkpoints.

    `against` are checkpoints that were kept elsewhere, `beside` those kept in the trail's own folder. Raises TrailFault
    (a VerificationFailed) naming the first entry that is wrong; when an entry was forged together with its leaf hash,
    the first of the entries signed by the checkpoint that no longer matches.
    """
    told = {_Kept.WITHIN: checkpoints, _Kept.OUTSIDE: against, _Kept.BESIDE: beside}
    heads = [_head(note, key, kept) for kept, notes in told.items() for note in notes]
    check = _Check(heads)
    for row in rows:
        check.row(row)
    check.end()
    if check.frontier.size and not checkpoints:
        raise TrailFault(Fault.NO_CHECKPOINT)
    return Report(
        size=check.frontier.size,
        root=check.frontier.root().hex(),
        intents=check.kinds[EntryKind.INTENT],
        refusals=check.kinds[EntryKind.REFUSAL],
        outcomes=check.kinds[EntryKind.OUTCOME],
        admins=check.kinds[EntryKind.ADMIN],
        checkpoints=len(checkpoints),
        against=len(against),
        unsealed=check.frontier.size - check.sealed,
        open=len(check.open),
        first=check.first,
        last=check.last,
    )


def verify_opening(entry: Entry, opening: Opening, content: bytes) -> None:
    """Check that `content` is what an intent committed to. Raises TrailFault."""
    stated = entry.body.get("commitment")
    if not isinstance(stated, str) or not hmac.compare_digest(stated, commitment(opening.salt, content)):
        raise TrailFault(Fault.COMMITMENT)


def _head(note: str, key: VerifierKey, kept: _Kept) -> _Head:
    try:
        return _Head(checkpoint=verify(note, key), kept=kept)
    except VerificationFailed as error:
        raise TrailFault(kept.value[0], why=str(error)) from None
