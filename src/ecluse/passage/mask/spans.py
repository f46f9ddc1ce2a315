"""Which characters of a text a surrogate stands for.

Law: what a finding covers is covered, and no span touches another. A span grows until its surrogate can be told apart
and brought back: to the end of the word that it is part of, since a surrogate glued to letters is no surrogate any
more, and to the whole of the link that it stands in, since nothing is restored inside one.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from ecluse.domain.finding import DataClass, Finding
from ecluse.domain.links import links
from ecluse.domain.vault import GLUE, SurrogateType
from ecluse.passage.mask.words import word_of

_SENSITIVITY = (DataClass.PERSONAL, DataClass.PAYMENT, DataClass.NATIONAL_ID)
"""From the least to the most sensitive of the maskable classes."""
_RUN = re.compile(rf"[{GLUE}]+", re.ASCII)
_LINK_REST = re.compile(r"[^\s<>\"]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """`[start, end)` of a text, for a surrogate of type `word`. The heavier of two that meet gives its type."""

    start: int
    end: int
    word: SurrogateType
    weight: tuple[int, int] = (0, 0)


def span_of(finding: Finding) -> Span:
    """Return the span of a finding. The longest weighs most, then the most sensitive."""
    return Span(
        start=finding.start,
        end=finding.end,
        word=word_of(finding.kind, finding.data_class),
        weight=(finding.end - finding.start, _SENSITIVITY.index(finding.data_class)),
    )


def settle(text: str, spans: Iterable[Span]) -> tuple[Span, ...]:
    """Grow the spans, and make one of those that overlap or touch. They come back in reading order."""
    grow = _Grower(text)
    settled: list[Span] = []
    grown = [grow(span) for span in sorted(spans, key=_place)]
    for span in sorted(grown, key=_place):
        if settled and span.start <= settled[-1].end:
            settled[-1] = _joined(settled[-1], span)
        else:
            settled.append(span)
    return tuple(settled)


def _place(span: Span) -> tuple[int, int]:
    return span.start, span.end


def _joined(one: Span, other: Span) -> Span:
    heavier = one if one.weight >= other.weight else other
    return Span(
        start=min(one.start, other.start),
        end=max(one.end, other.end),
        word=heavier.word,
        weight=heavier.weight,
    )


class _Grower:
    """Grows spans of one text. Each run and each link is measured once, however many spans stand in it."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._runs = [run.span() for run in _RUN.finditer(text)]
        self._run_starts = [run[0] for run in self._runs]
        self._links = links(text)
        self._link_starts = [link[1] for link in self._links]
        self._rest = (0, -1)

    def __call__(self, span: Span) -> Span:
        start, end, word, weight = self._word_start(span.start), span.end, span.word, span.weight
        link = self._link_at(start)
        if link is not None:
            start = self._word_start(link[0])
            end = max(end, min(link[2], self._link_end(end)))
            if end == link[2] and self._text.startswith(")", end):
                end += 1
            word, weight = SurrogateType.LINK, (len(self._text), 0)
        return Span(start=start, end=self._word_end(end), word=word, weight=weight)

    def _word_start(self, position: int) -> int:
        """Return the beginning of the word that goes on before `position`, if one does."""
        at = bisect_left(self._run_starts, position) - 1
        return self._runs[at][0] if at >= 0 and position <= self._runs[at][1] else position

    def _word_end(self, position: int) -> int:
        """Return the end of the word that goes on at `position`, if one does."""
        at = bisect_right(self._run_starts, position) - 1
        return max(position, self._runs[at][1]) if at >= 0 else position

    def _link_at(self, position: int) -> tuple[int, int, int] | None:
        """Return the link inside which one stands at `position`."""
        at = bisect_right(self._link_starts, position) - 1
        return self._links[at] if at >= 0 and position <= self._links[at][2] else None

    def _link_end(self, end: int) -> int:
        """Return where a link ends of which `end` is a part."""
        if not self._rest[0] <= end <= self._rest[1]:
            rest = _LINK_REST.match(self._text, end)
            self._rest = (end, rest.end() if rest else end)
        return self._rest[1]
