"""What neighbouring texts of a request make together: a value cut in pieces, a value and the key that names it.

Law: a seam never takes from what its texts show alone, it only adds. Of a long text it reads 64 characters at each end;
a short one is read whole, so that a value cut into three or more is found.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ecluse.domain.request import Role, Slot
from ecluse.passage.classify.resolve import Claim

REACH = 64
KEYED_LIMIT = 4096
"""Characters of a value that are read together with its key."""
_CHANCE = 2
"""Digits up to which what follows a whole value in the next text is no more of it. Letters never are: without what
stands before them they say nothing."""
_KEY = "#key"


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """`text[at:end]` of a seam is what stands from `offset` on in the slot with index `slot`."""

    slot: int
    offset: int
    at: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Seam:
    """A text made of neighbouring slots' texts, or of a key and its value (the last piece)."""

    text: str
    pieces: tuple[Piece, ...]
    keyed: bool = False

    def sides(self, start: int, end: int, claims: Sequence[Sequence[Claim]]) -> tuple[tuple[int, int, int], ...]:
        """Return `(slot index, start, end)` for each piece of a span of `text`; nothing when it is no news."""
        if self.keyed:
            value = self.pieces[-1]
            return ((value.slot, start - value.at, end - value.at),) if start >= value.at else ()
        spans = tuple(
            (p.slot, max(start, p.at) - p.at + p.offset, min(end, p.end) - p.at + p.offset)
            for p in self.pieces
            if p.at < end and start < p.end
        )
        if len({slot for slot, _, _ in spans}) == 1:
            return ()
        known = [any(c.start <= s and e <= c.end for c in claims[slot]) for slot, s, e in spans]
        at = known.index(False) if False in known else len(known)
        if at and True not in known[at:] and not self._is_more(spans[at:]):
            return ()
        return spans

    def _is_more(self, spans: Sequence[tuple[int, int, int]]) -> bool:
        """Tell whether what follows a whole value in the next texts is more of it: `.co` and `mment` are two words."""
        said = "".join(
            self.text[max(start, p.offset) - p.offset + p.at : min(end - p.offset + p.at, p.end)]
            for slot, start, end in spans
            for p in self.pieces
            if p.slot == slot
        )
        return sum(character.isdigit() for character in said) > _CHANCE

    def evidence(self, said: str) -> str:
        """Say with what the recogniser was convinced."""
        return f"{said}; named by its key" if self.keyed else f"{said}; split over several texts"


def seams(slots: Sequence[Slot]) -> Iterator[Seam]:
    """List the seams of a request: keys with their values, the texts in a row, the texts of each role in a row."""
    texts: list[int] = []
    by_role: dict[Role | None, list[int]] = {}
    for i, slot in enumerate(slots):
        if slot.path.endswith(_KEY):
            if i + 1 < len(slots) and slots[i + 1].path == slot.path.removesuffix(_KEY):
                yield _keyed(slots, i)
        elif "/parts/" in slot.path and slot.maskable and slot.text:
            texts.append(i)
            by_role.setdefault(slot.role, []).append(i)
    rows = {part for row in (texts, *by_role.values()) for part in _parts(slots, row)}
    for row in sorted(rows):
        yield from _joined(slots, row)


def _parts(slots: Sequence[Slot], row: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Yield a row, and its parts between which a figure meets a letter.

    A recogniser asks what stands beside a value, and what stands there may be the next text: `56` before `Merci`.
    """
    parts = [[index] for index in row[:1]]
    for one, other in pairwise(row):
        if _meet(slots[one].text[-1], slots[other].text[0]):
            parts.append([])
        parts[-1].append(other)
    yield from (tuple(part) for part in (row, *parts) if len(part) > 1)


def _meet(end: str, begin: str) -> bool:
    return (end.isdigit() and begin.isalpha()) or (end.isalpha() and begin.isdigit())


def _joined(slots: Sequence[Slot], row: Sequence[int]) -> Iterator[Seam]:
    """Join a row of texts: a seam begins with the end of a long text, and ends with the head of the next."""
    pieces: list[Piece] = []
    said: list[str] = []

    def add(index: int, offset: int, text: str) -> None:
        at = pieces[-1].end if pieces else 0
        pieces.append(Piece(slot=index, offset=offset, at=at, end=at + len(text)))
        said.append(text)

    for index in row:
        text = slots[index].text
        if len(text) <= 2 * REACH:
            add(index, 0, text)
            continue
        add(index, 0, text[:REACH])
        if len(pieces) > 1:
            yield Seam(text="".join(said), pieces=tuple(pieces))
        pieces.clear()
        said.clear()
        add(index, len(text) - REACH, text[-REACH:])
    if len(pieces) > 1:
        yield Seam(text="".join(said), pieces=tuple(pieces))


def _keyed(slots: Sequence[Slot], key: int) -> Seam:
    name = f"{slots[key].text[-REACH:]}: "
    value = slots[key + 1].text[:KEYED_LIMIT]
    piece = Piece(slot=key + 1, offset=0, at=len(name), end=len(name) + len(value))
    return Seam(text=name + value, pieces=(piece,), keyed=True)
