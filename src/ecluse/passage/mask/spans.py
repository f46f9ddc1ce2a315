"""Which characters of a text a surrogate stands for.

Law: what a finding covers is covered, and no span touches another. A span grows until its surrogate can be told apart
and brought back: to the end of the word that it is part of, since a surrogate glued to letters is no surrogate any
more, and to the whole of the link, host, address or code that fetches that it stands in, since nothing is restored
inside one.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from ecluse.domain.finding import DataClass, Finding
from ecluse.domain.links import DOTS, HOST_GOES_ON, JOINED, links
from ecluse.domain.vault import GLUE, SurrogateType
from ecluse.passage.mask.words import word_of

_SENSITIVITY = (DataClass.PERSONAL, DataClass.PAYMENT, DataClass.NATIONAL_ID)
"""From the least to the most sensitive of the maskable classes."""
_RUN = re.compile(rf"[{GLUE}]+", re.ASCII)
_DOTTED = re.compile(rf"{JOINED}[{DOTS}]")
_JOINED = re.compile(JOINED)
_DOT = re.compile(rf"[{DOTS}]")
_WRITTEN_AS_IT_IS = frozenset({SurrogateType.DATE, SurrogateType.PHONE, SurrogateType.IBAN})
"""Types of which a surrogate may have the dots of its original; one of an e-mail address always has some."""
_LINK_REST = re.compile(r"[^\s<>\"]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """`[start, end)` of a text, for a surrogate of type `word`. The heavier of two that meet gives its type.

    `shown` stands in its place instead, as long as the span is exactly this one.
    """

    start: int
    end: int
    word: SurrogateType
    weight: tuple[int, int] = (0, 0)
    shown: str | None = None


def span_of(finding: Finding) -> Span:
    """Return the span of a finding. The longest weighs most, then the most sensitive."""
    return Span(
        start=finding.start,
        end=finding.end,
        word=word_of(finding.kind, finding.data_class),
        weight=(finding.end - finding.start, _SENSITIVITY.index(finding.data_class)),
    )


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


class Spans:
    """The spans of one text, grown and apart, in reading order.

    Each run of letters and each link is measured once, however many spans stand in it.
    """

    def __init__(self, text: str, *, address: bool = False) -> None:
        """Begin without spans; an address has one for the whole of it."""
        self.text = text
        self._address = address
        self.settled: tuple[Span, ...] = ()
        self._links = links(text)
        self._link_starts = [link[1] for link in self._links]
        self._link_words: dict[int, int] = {}
        self._run = (0, 0)
        self._rest = (0, -1)

    def add(self, spans: Iterable[Span]) -> None:
        """Grow the spans, and make one of those that overlap or touch, or would read as one host."""
        grown = [self._grown(span) for span in sorted(spans, key=_place)]
        settled: list[Span] = []
        for span in sorted((*self.settled, *grown), key=_place):
            if settled and (span.start <= settled[-1].end or self._one_host(settled[-1].end, span)):
                settled[-1] = _joined(settled[-1], span)
            else:
                settled.append(span)
        self.settled = tuple(settled)

    def _grown(self, span: Span) -> Span:
        if self._address:
            return Span(start=0, end=len(self.text), word=SurrogateType.LINK, weight=(len(self.text), 0))
        start, end, word, weight = self._word_start(span.start), span.end, span.word, span.weight
        link = self._link_at(start)
        if link is not None:
            start = self._link_start(link[0])
            end = max(end, min(link[2], self._link_end(end)))
            if end == link[2] and self.text.startswith(")", end):
                end += 1
            word, weight = SurrogateType.LINK, (len(self.text), 0)
        end = self._word_end(end)
        if HOST_GOES_ON.match(self.text, end):
            end = self._word_end(self._link_end(end))
            word, weight = SurrogateType.LINK, (len(self.text), 0)
        shown = span.shown if (start, end) == (span.start, span.end) else None
        return Span(start=start, end=end, word=word, weight=weight, shown=shown)

    def _one_host(self, end: int, span: Span) -> bool:
        """Tell whether what ends at `end` would read as a host's first part because of a surrogate for `span`."""
        if _DOTTED.fullmatch(self.text, end, span.start):
            return True
        dots = span.word is SurrogateType.EMAIL or (
            span.word in _WRITTEN_AS_IT_IS and _DOT.search(self.text, span.start, span.end) is not None
        )
        return dots and _JOINED.fullmatch(self.text, end, span.start) is not None

    def _run_at(self, position: int) -> tuple[int, int]:
        """Return the run of letters and digits that has the character at `position`, empty if it is none."""
        if self._run[0] <= position < self._run[1]:
            return self._run
        run = _RUN.match(self.text, position)
        if run is None:
            return position, position
        start = position
        while start > 0 and _RUN.match(self.text, start - 1, start):
            start -= 1
        self._run = (start, run.end())
        return self._run

    def _word_start(self, position: int) -> int:
        """Return the beginning of the word that goes on before `position`, if one does."""
        if position == 0:
            return 0
        start, end = self._run_at(position - 1)
        return start if end >= position else position

    def _word_end(self, position: int) -> int:
        """Return the end of the word that goes on at `position`, if one does."""
        return self._run_at(position)[1]

    def _link_at(self, position: int) -> tuple[int, int, int] | None:
        """Return the link inside which one stands at `position`."""
        at = bisect_right(self._link_starts, position) - 1
        return self._links[at] if at >= 0 and position <= self._links[at][2] else None

    def _link_start(self, position: int) -> int:
        """Return the beginning of the word with which a link begins that is opened at `position`."""
        if position not in self._link_words:
            self._link_words[position] = self._word_start(position)
        return self._link_words[position]

    def _link_end(self, end: int) -> int:
        """Return where a link ends of which `end` is a part."""
        if not self._rest[0] <= end <= self._rest[1]:
            rest = _LINK_REST.match(self.text, end)
            self._rest = (end, rest.end() if rest else end)
        return self._rest[1]
