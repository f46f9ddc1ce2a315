r"""Text as recognisers read it: ASCII only, with an exact way back to the original.

Law: each character of the original becomes zero or more ASCII characters, so a span of the reading is a span of the
original. Accents fall, any space is a space, any digit is a digit, invisible characters vanish, letters without a Latin
reading become `x` or `X`, other signs `\x7f`. Linear in the text; any `str` is read, lone surrogates too.
"""

import re
import unicodedata
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from ecluse.domain.lookalikes import LOOKALIKES, PLAIN

_OTHER = "\x7f"
_FOREIGN = frozenset(LOOKALIKES)
_TOKEN = re.compile(r"\S+")
_TAGS = range(0xE0020, 0xE007F)
"""Invisible tag characters spell ASCII that a model reads and a person does not see."""
_FEW = 16


class Span(NamedTuple):
    """Half-open: `text[start:end]`."""

    start: int
    end: int


class Edit(NamedTuple):
    """`text[start:end]` of a reading is read as `text` (ASCII)."""

    start: int
    end: int
    text: str


class _Runs:
    """Where the characters of a reading came from, in runs: `start`, `end` of the original for the run at `at`.

    A run whose `end` is -1 came one to one from `start` on; every character of another came from `[start, end)`.
    """

    __slots__ = ("at", "end", "size", "start")

    def __init__(self) -> None:
        self.at, self.start, self.end = array("q"), array("q"), array("q")
        self.size = 0

    def follow(self, size: int, start: int) -> None:
        """Add characters that came one to one from `start` on."""
        if size:
            goes_on = self.at and self.end[-1] < 0 and self.start[-1] + self.size - self.at[-1] == start
            if not goes_on:
                self._append(start, -1)
            self.size += size

    def stand_for(self, size: int, start: int, end: int) -> None:
        """Add characters that all came from `[start, end)`."""
        if size:
            self._append(start, end)
            self.size += size

    def stretch(self, end: int) -> None:
        """Let the last character come from one character more, the one before `end`, if it is its neighbour."""
        if not self.size:
            return
        if self.end[-1] == end - 1:
            self.end[-1] = end
        elif self.end[-1] < 0 and self.start[-1] + self.size - self.at[-1] == end - 1:
            self.size -= 1
            if self.at[-1] == self.size:
                self.start[-1], self.end[-1] = end - 2, end
            else:
                self._append(end - 2, end)
            self.size += 1

    def copy(self, other: "_Runs", first: int, last: int) -> None:
        """Add the characters `[first, last)` of another reading."""
        i = bisect_right(other.at, first) - 1
        while first < last:
            stop = min(last, other.at[i + 1] if i + 1 < len(other.at) else other.size)
            if other.end[i] < 0:
                self.follow(stop - first, other.start[i] + first - other.at[i])
            else:
                self.stand_for(stop - first, other.start[i], other.end[i])
            first, i = stop, i + 1

    def original(self, first: int, last: int) -> Span:
        """Return the span of the original that characters `[first, last)` came from."""
        i = bisect_right(self.at, first) - 1
        j = bisect_right(self.at, last - 1) - 1
        start = self.start[i] if self.end[i] >= 0 else self.start[i] + first - self.at[i]
        end = self.end[j] if self.end[j] >= 0 else self.start[j] + last - self.at[j]
        return Span(start, end)

    def _append(self, start: int, end: int) -> None:
        self.at.append(self.size)
        self.start.append(start)
        self.end.append(end)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One way to read a text. `runs` is None when every character came from the one at its own index."""

    text: str
    runs: _Runs | None = None

    def original(self, start: int, end: int) -> Span:
        """Return the span of the original that `text[start:end]` was read from. The span must not be empty."""
        return Span(start, end) if self.runs is None else self.runs.original(start, end)

    def edited(self, edits: Iterable[Edit]) -> "Reading":
        """Return another reading in which some spans are read otherwise. Edits stand in order and do not overlap."""
        before = self.runs or _one_to_one(len(self.text))
        runs = _Runs()
        pieces: list[str] = []
        at = 0
        for edit in edits:
            pieces.append(self.text[at : edit.start])
            runs.copy(before, at, edit.start)
            pieces.append(edit.text)
            runs.stand_for(len(edit.text), *before.original(edit.start, edit.end))
            at = edit.end
        pieces.append(self.text[at:])
        runs.copy(before, at, len(self.text))
        return Reading(text="".join(pieces), runs=runs)


def _one_to_one(size: int) -> _Runs:
    runs = _Runs()
    runs.follow(size, 0)
    return runs


def read(text: str) -> Reading:
    """Read `text` as ASCII."""
    if text.isascii():
        return Reading(text=text)
    letters = {letter for letter in set(text) if letter > "\x7f"}
    if not _FOREIGN.isdisjoint(letters):
        text = _TOKEN.sub(_unmask_lookalikes, text)
    table = {letter: ascii_of(letter) for letter in letters}
    long = {letter for letter in letters if len(table[letter]) != 1}
    if not long:
        return Reading(text=_translated(text, table))
    return Reading(text=_translated(text, table), runs=_uneven_runs(text, table, long))


def _translated(text: str, table: Mapping[str, str]) -> str:
    if len(table) > _FEW:
        return text.translate({ord(letter): stands_for for letter, stands_for in table.items()})
    for letter, stands_for in table.items():
        text = text.replace(letter, stands_for)
    return text


@lru_cache(maxsize=8192)
def ascii_of(letter: str) -> str:
    """Return what one character is read as: zero or more ASCII characters."""
    if letter.isascii():
        return letter
    if ord(letter) in _TAGS:
        return chr(ord(letter) - 0xE0000)
    if letter in PLAIN:
        return PLAIN[letter]
    whole = "".join(_ascii_of_base(base) for base in unicodedata.normalize("NFKD", letter))
    return whole[0] if whole and whole.strip("xX") == "" else whole


_BY_CATEGORY = {
    **dict.fromkeys(("Mn", "Mc", "Me", "Cf"), ""),
    **dict.fromkeys(("Lu", "Lt"), "X"),
    **dict.fromkeys(("Ll", "Lm", "Lo"), "x"),
    **dict.fromkeys(("Zl", "Zp"), "\n"),
    "Zs": " ",
    "Pd": "-",
}
_NEXT_LINE = "\x85"


def _ascii_of_base(base: str) -> str:
    if base.isascii():
        return base
    if base in PLAIN:
        return PLAIN[base]
    category = unicodedata.category(base)
    if category == "Nd":
        return str(unicodedata.decimal(base))
    return "\n" if base == _NEXT_LINE else _BY_CATEGORY.get(category, _OTHER)


def _unmask_lookalikes(token: re.Match[str]) -> str:
    word = token.group()
    if word.isascii() or _FOREIGN.isdisjoint(word) or not any(c.isascii() and c.isalnum() for c in word):
        return word
    return "".join(LOOKALIKES.get(letter, letter) for letter in word)


def _uneven_runs(text: str, table: Mapping[str, str], long: set[str]) -> _Runs:
    runs = _Runs()
    at = 0
    for i in _positions(text, long):
        runs.follow(i - at, at)
        at = i + 1
        if size := len(table[text[i]]):
            runs.stand_for(size, i, at)
        elif unicodedata.category(text[i])[0] == "M":
            # A combining mark belongs to the letter before it; an invisible character belongs to nobody.
            runs.stretch(at)
    runs.follow(len(text) - at, at)
    return runs


def _positions(text: str, letters: set[str]) -> Iterable[int]:
    """List where any of `letters` stands, in order."""
    if len(letters) > _FEW:
        return (i for i, letter in enumerate(text) if letter in letters)
    return sorted(i for letter in letters for i in _positions_of(text, letter))


def _positions_of(text: str, letter: str) -> Iterator[int]:
    at = text.find(letter)
    while at != -1:
        yield at
        at = text.find(letter, at + 1)
