"""How a text is cut into tokens: words, elided words, numbers, single signs, line breaks.

Law: every token is a slice of the original text, in order, none empty, none longer than `LONGEST`; linear time.
A word keeps the marks that combine with it and the invisible characters put inside it.
"""

import re
from collections.abc import Callable, Iterator
from itertools import islice
from operator import itemgetter
from typing import NamedTuple

LONGEST = 48
INVISIBLE = "\u00ad\u00ac\u200b\u200c\u200d\u2060\ufeff"
"""Soft hyphen, the sign that OCR writes for one, zero-width characters."""
_MARKS = rf"\u0300-\u036f{INVISIBLE}"
_INSIDE = rf"[\w{_MARKS}]"
_TOKEN = re.compile(
    # Most tokens are a word that nothing but a blank or a sign follows: it is what the others would find of it.
    rf"[^\W\d]\w{{0,{LONGEST - 1}}}+(?![\w'\u2019{_MARKS}])"
    rf"|[^\W\d_]{{1,8}}['\u2019](?=\w)|\d{{1,{LONGEST}}}(?![^\W\d])|\w{_INSIDE}{{0,{LONGEST - 1}}}|\n|[^\w\s]"
)


_WHOLE: Callable[[re.Match[str]], str] = itemgetter(0)


class Token(NamedTuple):
    """`text[start:end]` and what stands there."""

    text: str
    start: int
    end: int


class Window(NamedTuple):
    """Consecutive tokens of which `found[low:high]` are to be judged; the others are their surroundings.

    They are as the expression found them: few are part of a mention, and only these are worth a `Token`.
    """

    found: list[re.Match[str]]
    low: int
    high: int

    @property
    def words(self) -> list[str]:
        """The tokens' texts."""
        return list(map(_WHOLE, self.found))


def tokens(text: str) -> Iterator[Token]:
    """Cut a text into tokens."""
    return map(token_of, _TOKEN.finditer(text))


def token_of(found: re.Match[str]) -> Token:
    """Return what the expression found as a token."""
    return Token(found[0], *found.span())


def windows(text: str, size: int, margin: int) -> Iterator[Window]:
    """Cut a text into windows that judge `size` tokens each and see `margin` tokens on either side."""
    stream = _TOKEN.finditer(text)
    held: list[re.Match[str]] = []
    low = 0
    while True:
        held.extend(islice(stream, low + size + margin - len(held)))
        if len(held) < low + size + margin:
            break
        yield Window(held, low, low + size)
        kept = max(0, low + size - margin)
        held, low = held[kept:], low + size - kept
    if len(held) > low:
        yield Window(held, low, len(held))
