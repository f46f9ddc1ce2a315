"""What two neighbouring texts of a request make together: a value cut in two, a value and the key that names it.

Law: a seam never takes from what its sides show alone, it only adds; it looks at 64 characters of each side.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ecluse.domain.request import Role, Slot
from ecluse.passage.classify.resolve import Claim

REACH = 64
KEYED_LIMIT = 4096
"""Characters of a value that are read together with its key."""
_KEY = "#key"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seam:
    """A text made of the end of slot `left` and the beginning of slot `right` (indices), or of a key and its value.

    `cut` is where the right side begins in `text`; `offset` is where the left side began in its slot.
    """

    text: str
    left: int
    right: int
    cut: int
    offset: int
    keyed: bool = False

    def sides(self, start: int, end: int, claims: Sequence[Sequence[Claim]]) -> tuple[tuple[int, int, int], ...]:
        """Return `(slot index, start, end)` for each side of a span of `text`; nothing when it is no news."""
        if self.keyed:
            return ((self.right, start - self.cut, end - self.cut),) if start >= self.cut else ()
        if not start < self.cut < end:
            return ()
        left = (self.left, start + self.offset, self.cut + self.offset)
        right = (self.right, 0, end - self.cut)
        known = any(c.start < e and s < c.end for i, s, e in (left, right) for c in claims[i])
        return () if known else (left, right)

    def evidence(self, said: str) -> str:
        """Say with what the recogniser was convinced."""
        return f"{said}; named by its key" if self.keyed else f"{said}; split over two texts"


def seams(slots: Sequence[Slot]) -> Iterator[Seam]:
    """List the seams of a request: keys with their values, consecutive texts, consecutive texts of one role."""
    last: dict[Role | None, int] = {}
    previous: int | None = None
    for i, slot in enumerate(slots):
        if slot.path.endswith(_KEY):
            if i + 1 < len(slots) and slots[i + 1].path == slot.path.removesuffix(_KEY):
                yield _keyed(slots, i)
            continue
        if "/parts/" not in slot.path or not slot.maskable or not slot.text:
            continue
        neighbours = {n for n in (previous, last.get(slot.role)) if n is not None}
        for neighbour in sorted(neighbours):
            yield _cut(slots, neighbour, i)
        previous = last[slot.role] = i


def _cut(slots: Sequence[Slot], left: int, right: int) -> Seam:
    tail, head = slots[left].text[-REACH:], slots[right].text[:REACH]
    return Seam(text=tail + head, left=left, right=right, cut=len(tail), offset=len(slots[left].text) - len(tail))


def _keyed(slots: Sequence[Slot], key: int) -> Seam:
    name = f"{slots[key].text[-REACH:]}: "
    value = slots[key + 1].text[:KEYED_LIMIT]
    return Seam(text=name + value, left=key, right=key + 1, cut=len(name), offset=0, keyed=True)
