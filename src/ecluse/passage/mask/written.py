"""A text with surrogates in the place of spans, and the way back from a place in it to a place in the original.

Law: a surrogate is no trace of a value, though a person may be called Person: it is left blank when the masked text is
searched. Everything else in it is searched.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ecluse.passage.mask.spans import Span

_BLANK = "\0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A masked text, and the same with surrogates left blank.

    `places[i]` is where its stretch of the original begins that begins at `starts[i]`.
    """

    text: str
    blanked: str
    starts: Sequence[int]
    places: Sequence[int]

    def source(self, position: int) -> int:
        """Return where the character at `position`, which is of no surrogate, stands in the original."""
        at = bisect_right(self.starts, position) - 1
        return self.places[at] + position - self.starts[at]

    def exchanges(self) -> Iterator[tuple[int, int, str]]:
        """Yield what was exchanged: where it stood in the original, and what stands there now."""
        for at in range(1, len(self.starts)):
            begin, end = self.starts[at - 1], self.starts[at]
            shown = self.blanked.index(_BLANK, begin, end)
            yield self.places[at - 1] + shown - begin, self.places[at], self.text[shown:end]


def written(text: str, spans: Sequence[Span], surrogate: Callable[[Span], str]) -> Written:
    """Write `text` with a surrogate for each span; these stand in reading order and do not touch."""
    out: list[str] = []
    blanked: list[str] = []
    starts, places = [0], [0]
    at = length = 0
    for span in spans:
        shown = surrogate(span)
        out += (text[at : span.start], shown)
        blanked += (text[at : span.start], _BLANK * len(shown))
        length += span.start - at + len(shown)
        at = span.end
        starts.append(length)
        places.append(at)
    out.append(text[at:])
    blanked.append(text[at:])
    return Written(text="".join(out), blanked="".join(blanked), starts=starts, places=places)
