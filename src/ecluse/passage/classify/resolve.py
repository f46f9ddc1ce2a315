"""From what recognisers claim to what is reported: spans that do not overlap.

Law: every character that a claim covered stays covered. The surer claim keeps its span, the other keeps what is left
of its own; two claims of one kind become one. What names nobody by itself never takes from what does. What tells the
class of a document stands apart from what it lies on.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from ecluse.passage.classify.recogniser import Recogniser


class Claim(NamedTuple):
    """What a recogniser says of `text[start:end]` of an original text."""

    start: int
    end: int
    confidence: float
    recogniser: Recogniser
    evidence: str


def resolve(text: str, claims: Iterable[Claim]) -> tuple[Claim, ...]:
    """Settle overlapping claims on `text`, in reading order."""
    values: list[Claim] = []
    documents: list[Claim] = []
    for claim in claims:
        (documents if claim.recogniser.of_document else values).append(claim)
    settled = _settle(text, _unite(values)) + _settle(text, _unite(documents))
    return tuple(sorted(settled, key=_reading_order))


def _reading_order(claim: Claim) -> tuple[int, int, str]:
    return claim.start, claim.end, claim.recogniser.name


def _unite(claims: Sequence[Claim]) -> list[Claim]:
    """Make one of claims of one kind that overlap, as sure as the surest."""
    united: dict[str, list[Claim]] = {}
    for claim in sorted(claims, key=_reading_order):
        same = united.setdefault(claim.recogniser.kind, [])
        if same and claim.start < same[-1].end:
            surest = max(same[-1], claim, key=lambda c: c.confidence)
            same[-1] = surest._replace(start=same[-1].start, end=max(same[-1].end, claim.end))
        else:
            same.append(claim)
    return [claim for same in united.values() for claim in same]


def _settle(text: str, claims: list[Claim]) -> list[Claim]:
    starts: list[int] = []
    kept: list[Claim] = []
    for claim in sorted(
        claims, key=lambda c: (c.recogniser.indirect, -c.confidence, c.start - c.end, _reading_order(c))
    ):
        for rest in tuple(_left_over(text, claim, kept, starts)):
            at = bisect_left(starts, rest.start)
            starts.insert(at, rest.start)
            kept.insert(at, rest)
    return kept


def _left_over(text: str, claim: Claim, kept: Sequence[Claim], starts: Sequence[int]) -> Iterator[Claim]:
    """Yield the parts of a claim that no kept claim covers."""
    at = claim.start
    i = max(0, bisect_right(starts, claim.start) - 1)
    while i < len(kept) and kept[i].start < claim.end:
        if kept[i].start > at:
            yield from _worth_keeping(text, claim, at, kept[i].start)
        at = max(at, kept[i].end)
        i += 1
    if at == claim.start:
        yield claim
    elif at < claim.end:
        yield from _worth_keeping(text, claim, at, claim.end)


def _worth_keeping(text: str, claim: Claim, start: int, end: int) -> Iterator[Claim]:
    """Yield what is left between `start` and `end` without the blanks and signs at its ends, if anything is."""
    while start < end and not text[start].isalnum():
        start += 1
    while start < end and not text[end - 1].isalnum():
        end -= 1
    if start < end:
        yield claim._replace(start=start, end=end)
