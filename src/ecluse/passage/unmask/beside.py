"""What stands beside a text in an answer: annotations with offsets, logprobs, fields that we have no word for.

Law: strings are restored as text is, but never where an address or a signature stands. An offset into a text follows
what was exchanged before it. Logprobs of a masked text would show surrogates piece by piece: they become null.
"""

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from ecluse.domain.citations import AT, ENDS, STARTS, ends_of
from ecluse.domain.request import Json

DROPPED = frozenset({"logprobs", "top_logprobs"})
ADDRESSES = frozenset({"url", "uri", "href", "src", "image_url", "file_url", "link"})
SIGNED = frozenset(
    {"signature", "encrypted_content", "encrypted_index", "encrypted_stdout", "redacted_thinking", "data", "thinking"}
)


class Shift(NamedTuple):
    """An exchange: where the surrogate stood, and where its original stands now."""

    start: int
    end: int
    shown_start: int
    shown_end: int


def moved(shifts: Sequence[Shift], position: int, *, opens: bool) -> int:
    """Return where a place of the masked text is in the restored one; inside a surrogate, an end of the original."""
    at = bisect_right(shifts, position, key=lambda shift: shift.start) - 1
    if at < 0:
        return position
    last = shifts[at]
    if position < last.end:
        return last.shown_start if opens or position == last.start else last.shown_end
    return position - last.end + last.shown_end


def restored(value: Json, shifts: Sequence[Shift], whole: Callable[[str], str]) -> Json:
    """Return a JSON value with its strings restored by `whole`, its offsets moved, and null for what is dropped."""
    if isinstance(value, str):
        return whole(value)
    if isinstance(value, Mapping):
        ends = ends_of(value)
        return {name: _member(name, member, shifts, whole, ends) for name, member in value.items()}
    if isinstance(value, Sequence):
        return [restored(item, shifts, whole) for item in value]
    return value


def _member(
    name: str, member: Json, shifts: Sequence[Shift], whole: Callable[[str], str], ends: frozenset[str]
) -> Json:
    if name in DROPPED:
        return None
    if name in SIGNED or (name in ADDRESSES and isinstance(member, str)):
        return member
    if isinstance(member, int) and not isinstance(member, bool) and name in STARTS | ends:
        return moved(shifts, member, opens=name in STARTS)
    return restored(member, shifts, whole)


def has_offsets(value: Json) -> bool:
    """Tell whether something in a JSON value speaks of places in a text."""
    if isinstance(value, Mapping):
        if value.get("type") in AT and "index" in value:
            return True
        return any(name in STARTS | ENDS or has_offsets(member) for name, member in value.items())
    return isinstance(value, Sequence) and not isinstance(value, str) and any(map(has_offsets, value))


def begins_anew(value: Json) -> bool:
    """Tell whether what comes next is another text: an item or a block of its own, with offsets of its own."""
    if not isinstance(value, Mapping):
        return False
    if "output" in value or "content_blocks" in value:
        return True
    below = (value.get("delta"), *(_list(value.get("choices"))))
    return any(map(begins_anew, below))


def _list(value: Json) -> Sequence[Json]:
    return value if isinstance(value, list) else ()
