"""What is still to be seen of the values in a masked request.

Law: every string that would leave is searched, each for itself, then neighbouring texts together: a value may be cut in
pieces over them, which a model puts together as easily. Numbers are strings here, short ones too: a list of them may
spell a phone number, as the keys of an object may spell a name.
"""

import re
from collections.abc import Container, Iterator, Mapping, Sequence
from typing import NamedTuple

from ecluse.domain.request import Request, Role, Slot, SlotPath, slots
from ecluse.passage.mask.search import Hit, Values
from ecluse.passage.mask.spelling import compact
from ecluse.passage.mask.written import Written

_SHORTEST_CUT = 5
"""Characters from which a value counts when it is put together from two texts: `an` and `ne` meet by chance."""
_SHORTEST_NUMBER = 4
_SLACK = 3
_LONGEST_REACH = 512
_OFFERED = re.compile(r"tools/|tool_choice|messages/\d+/tool_calls/\d+/name\Z")
"""What an application calls its tools: one named *Rose* says nothing of a person who is."""
_LEFT_OUT = "\0 \0"
_KEY = "#key"


class _Piece(NamedTuple):
    """`text[at:end]` of a row is what stands from `offset` on in a slot."""

    slot: Slot
    offset: int
    at: int
    end: int


def traces(
    request: Request, values: Values, written: Mapping[SlotPath, Written], carried: Container[SlotPath] = ()
) -> Mapping[Slot, Sequence[Hit]]:
    """Return where values are seen in a masked request, by slot; `written` are the texts that have surrogates.

    `carried` are files: whoever read them searched them for these values, before the verdict.
    """
    seen: dict[Slot, list[Hit]] = {}
    shown: list[tuple[Slot, str]] = []
    every: list[tuple[Slot, str]] = []
    for slot in (one for one in slots(request, short_numbers=True) if one.path not in carried):
        text = shown_as.blanked if (shown_as := written.get(slot.path)) else slot.text
        every.append((slot, text))
        if slot.maskable:
            shown.append((slot, text))
        hits = values.hits(text)
        if slot.short_number:
            hits = tuple(hit for hit in hits if hit.end - hit.start >= _SHORTEST_NUMBER)
        if _OFFERED.match(slot.path) and not slot.maskable:
            hits = tuple(hit for hit in hits if not hit.common)
        if hits:
            seen.setdefault(slot, []).extend(hits)
    whole = {slot.path: tuple(hits) for slot, hits in seen.items()}
    for row in (*_rows(shown, _around(request)), *_fixed_rows(every)):
        for pieces in _cut(row, values):
            # What a text shows by itself is replaced first: what lies next to it is no piece of it.
            if not any(_meet(hit, known) for slot, hit in pieces for known in whole.get(slot.path, ())):
                for slot, hit in pieces:
                    seen.setdefault(slot, []).append(hit)
    return seen


def _meet(one: Hit, other: Hit) -> bool:
    return one.start < other.end and other.start < one.end


def _around(request: Request) -> str | None:
    """Return where the text stands between which and the first the model is to write."""
    return next((f"options/{i}" for i, name in enumerate(request.options) if name == "suffix"), None)


def _rows(shown: Sequence[tuple[Slot, str]], around: str | None) -> Iterator[Sequence[tuple[Slot, str]]]:
    """Yield the texts in a row, those of each speaker in a row, and what stands around a middle."""
    if len(shown) > 1:
        yield shown
    if around is not None:
        yield [(slot, text) for slot, text in shown if slot.path.startswith("inputs/") or slot.path == around]
    roles = {slot.role for slot, _ in shown}
    if len(roles) > 1:
        for role in Role:
            row = [(slot, text) for slot, text in shown if slot.role is role]
            if len(row) > 1:
                yield row


def _fixed_rows(every: Sequence[tuple[Slot, str]]) -> Iterator[Sequence[tuple[Slot, str]]]:
    """Yield keys in a row, keys with what they name, and numbers: `{"Lef": 1, "èvre": 2}`, `[6, 39, 98, 41, 27]`."""
    keys: dict[str, list[tuple[Slot, str]]] = {}
    for slot, text in every:
        if slot.path.endswith(_KEY):
            keys.setdefault(slot.path.rpartition("/")[0], []).append((slot, text))
    named = {slot.path.removesuffix(_KEY) for row in keys.values() for slot, _ in row}
    yield [one for row in keys.values() for one in (*row, (row[0][0], _LEFT_OUT))]
    yield [(slot, text) for slot, text in every if slot.path.removesuffix(_KEY) in named]
    yield [(slot, text) for slot, text in every if not slot.maskable and text.isdecimal()]


def _cut(row: Sequence[tuple[Slot, str]], values: Values) -> Iterator[Sequence[tuple[Slot, Hit]]]:
    """Yield, for each value that is cut over several texts of a row, its pieces."""
    text, pieces = _joined(row, min(_LONGEST_REACH, _SLACK * values.longest + 16))
    for hit in values.hits(text):
        touched = [piece for piece in pieces if piece.at < hit.end and hit.start < piece.end]
        if len({piece.slot.path for piece in touched}) < 2:  # noqa: PLR2004 - a cut has two sides
            continue
        if len(compact(text[hit.start : hit.end])) < _SHORTEST_CUT:
            continue
        yield tuple(_pieces(text, touched, hit))


def _pieces(text: str, touched: Sequence[_Piece], hit: Hit) -> Iterator[tuple[Slot, Hit]]:
    for piece in touched:
        start, end = max(hit.start, piece.at), min(hit.end, piece.end)
        shift = piece.offset - piece.at
        if text[start:end].strip():
            yield piece.slot, Hit(start=start + shift, end=end + shift, word=hit.word)


def _joined(row: Sequence[tuple[Slot, str]], reach: int) -> tuple[str, Sequence[_Piece]]:
    """Put texts together, of a long one its two ends."""
    out: list[str] = []
    pieces: list[_Piece] = []
    at = 0
    for slot, text in row:
        ends = ((0, text),) if len(text) <= 2 * reach else ((0, text[:reach]), (len(text) - reach, text[-reach:]))
        for offset, part in ends:
            if offset:
                out.append(_LEFT_OUT)
                at += len(_LEFT_OUT)
            out.append(part)
            pieces.append(_Piece(slot, offset, at, at + len(part)))
            at += len(part)
    return "".join(out), pieces
