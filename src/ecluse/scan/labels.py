"""Labels to data classes, by a table that the owner writes.

Law: a label that the table does not have is unknown, and said to be; it is never taken for none. What a header or
footer says is a label where it is, word for word, one of the table: nothing is guessed.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ecluse.domain.finding import DataClass
from ecluse.scan.found import How, Label, Part

_MARGIN = re.compile(
    r"/(?:word/(?:header|footer)\d*|styles|ppt/\w+/(?:slideMaster|slideLayout)\d+)\.xml(?:#\d+)?$"
    r"|\.rest$|#octets$|#headers$"
)
"""Parts that are headers and footers, or where programs keep them."""
_EDGE = 2
"""Lines at the top and at the bottom of any other text: a page, a slide, a letter."""
_CODE = re.compile(r"&(?:\"[^\"]*\"|K[0-9A-Fa-f+-]{6}|\d{1,3}|[A-Z])")
"""Codes of Excel in a header: place, font, colour, number of the page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruled:
    """A label and the data class that the owner gave it; None when it is unknown."""

    label: Label
    data_class: DataClass | None


def rule(labels: Sequence[Label], table: Mapping[str, DataClass], parts: Sequence[Part] = ()) -> tuple[Ruled, ...]:
    """Look each label up by its id, or else by its name, then what stands in headers and footers by its words."""
    known = {_plain(key): data_class for key, data_class in table.items()}
    named = [
        Ruled(label=label, data_class=known.get(label.id.casefold(), known.get(label.name.casefold())))
        for label in labels
    ]
    written = dict.fromkeys((part.path, line) for part in parts for line in _margins(part) if _plain(line) in known)
    return (
        *named,
        *(Ruled(label=Label(path=path, id=line, name=line), data_class=known[_plain(line)]) for path, line in written),
    )


def _plain(text: str) -> str:
    return " ".join(text.strip().strip("{}").casefold().split())


def _margins(part: Part) -> Iterator[str]:
    lines = [line.strip() for line in part.text.splitlines() if line.strip()]
    if part.path.endswith(".rest"):
        lines = [piece.strip() for line in lines for piece in _CODE.sub("\n", line).splitlines() if piece.strip()]
    if _MARGIN.search(part.path):
        yield from lines
    elif part.how is not How.METADATA:
        yield from (lines if len(lines) <= 2 * _EDGE else [*lines[:_EDGE], *lines[-_EDGE:]])
