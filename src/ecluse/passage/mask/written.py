"""A text with surrogates in the place of spans, and the way back from a place in it to a place in the original.

Law: a surrogate is no trace of a value, though a person may be called Person: it is left blank when the masked text is
searched. Everything else in it is searched.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ecluse.domain.vault import CORE_PATTERN, TYPES_PATTERN, Vault
from ecluse.passage.mask.spans import Span

_BLANK = "\0"
_SURROGATE = re.compile(rf"(?:{TYPES_PATTERN})_{CORE_PATTERN}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A masked text. `places[i]` is where its stretch of the original begins that begins at `starts[i]`."""

    text: str
    starts: Sequence[int]
    places: Sequence[int]

    def source(self, position: int) -> int:
        """Return where the character at `position`, which is of no surrogate, stands in the original."""
        at = bisect_right(self.starts, position) - 1
        return self.places[at] + position - self.starts[at]


def written(text: str, spans: Sequence[Span], surrogate: Callable[[Span], str]) -> Written:
    """Write `text` with a surrogate for each span; these stand in reading order and do not touch."""
    out: list[str] = []
    starts, places = [0], [0]
    at = length = 0
    for span in spans:
        shown = surrogate(span)
        out += (text[at : span.start], shown)
        length += span.start - at + len(shown)
        at = span.end
        starts.append(length)
        places.append(at)
    out.append(text[at:])
    return Written(text="".join(out), starts=starts, places=places)


def without_surrogates(text: str, vault: Vault) -> str:
    """Blank the surrogates of `vault`; every other character stays where it is."""
    if "_" not in text:
        return text
    return _SURROGATE.sub(lambda m: _BLANK * len(m[0]) if m[0] in vault.originals else m[0], text)
