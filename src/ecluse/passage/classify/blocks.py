"""Where a long text is cut, so that what stands far from a change need not be searched again.

Law: the cuts follow from the text alone. Each block is read with its surroundings, as wide as any pattern and what is
asked around it, and owns what begins inside it. No cut and no edge of surroundings lies beside a line that is not
words, so that no encoded run is torn. A text that holds a private key, or no place to cut at, is one block.
"""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple
from zlib import crc32

from ecluse.passage.classify.normalise import read
from ecluse.passage.classify.resolve import Claim

LONG = 32 * 1024
"""Characters from which a text is cut."""
BEFORE, AFTER = 640, 320
"""Characters that recognisers look at before and after what their patterns match, once encodings are undone."""
_LEAST, _MOST = 8 * 1024, 16 * 1024
"""Characters of a block: between them the line before a cut decides, so that an insertion moves few cuts."""
_ONE_IN = 8
_WORDS, _LINE, _STEP = 3, 400, 64
_HIDES = re.compile(
    r"\\[ux][0-9A-Fa-f]{2,4}|&#?[A-Za-z0-9]{2,8};|%[0-9A-Fa-f]{2}|(?<=[^!-~][!-~]) (?=[!-~](?:[^!-~]|\Z))"
)
"""Escapes, which may hide nothing at all, and the blanks between characters one by one."""
_UNCUT = ("PRIVATE KEY", "PuTTY-User-Key")
"""What may be followed by much that belongs to it."""


class Block(NamedTuple):
    """`text[start:end]`, read as `text[before:after]`."""

    start: int
    end: int
    before: int
    after: int

    def own(self, claims: tuple[Claim, ...]) -> Iterator[Claim]:
        """List, where they stand in the text, the claims on what is read that begin inside the block."""
        if not self.before and self.after == self.end:
            yield from claims
            return
        for claim in claims:
            start = claim.start + self.before
            if self.start <= start < self.end:
                yield claim._replace(start=start, end=claim.end + self.before)


def blocks(text: str, widest: int | None) -> tuple[Block, ...]:
    """Cut a text into blocks, with surroundings for matches of at most `widest` characters; None: into one."""
    if widest is None or len(text) < LONG or any(sign in text for sign in _UNCUT):
        return (Block(0, len(text), 0, len(text)),)
    cuts = (*_cuts(text), len(text))
    return tuple(
        Block(start, end, _before(text, start, max(BEFORE, widest)), _after(text, end, AFTER + widest))
        for start, end in pairwise(cuts)
    )


def _cuts(text: str) -> Iterator[int]:
    last = at = 0
    yield 0
    while at := text.find("\n", max(at, last + _LEAST)) + 1:
        if at < len(text) and _is_quiet(text, at) and (at - last >= _MOST or _decides(text, at)):
            yield at
            last = at


def _decides(text: str, at: int) -> bool:
    line = text[max(0, at - _LINE) : at].rstrip().rpartition("\n")[2]
    return crc32(line.encode("utf-8", "surrogatepass")) % _ONE_IN == 0


def told(text: str) -> int:
    """Count the characters left of a text once what hides others is undone, or fewer."""
    plain = read(text).text
    return len(plain) - sum(map(len, _HIDES.findall(plain)))


def _before(text: str, at: int, size: int) -> int:
    """Return a quiet place from which on at least so many characters are told up to `at`."""
    start, left = at, size
    while start > 0 and left > 0:
        begun, start = start, max(0, start - max(left, _STEP))
        left -= told(text[start:begun])
    return _quiet_before(text, start)


def _after(text: str, at: int, size: int) -> int:
    """Return a quiet place up to which at least so many characters are told from `at` on."""
    end, left = at, size
    while end < len(text) and left > 0:
        begun, end = end, min(len(text), end + max(left, _STEP))
        left -= told(text[begun:end])
    return _quiet_after(text, end)


def _quiet_before(text: str, at: int) -> int:
    while at > 0:
        at = text.rfind("\n", 0, at) + 1
        if _is_quiet(text, at):
            return at
        at -= 1
    return 0


def _quiet_after(text: str, at: int) -> int:
    while at < len(text):
        at = text.find("\n", at) + 1 or len(text)
        if _is_quiet(text, at):
            return at
    return len(text)


def _is_quiet(text: str, at: int) -> bool:
    """Say whether the lines on both sides of a line's beginning, blank ones aside, are words."""
    before = text[max(0, at - _LINE) : at].rstrip().rpartition("\n")[2]
    after = text[at : at + _LINE].lstrip().partition("\n")[0]
    return len(before.split()) >= _WORDS and len(after.split()) >= _WORDS
