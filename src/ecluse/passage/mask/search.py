"""The search for values that must not be left in what is sent.

Law: every spelling of a value is found, wherever it stands, at a cost that grows with the text and not with the number
of values. A value that is a common sequence of letters (`Anne` is in `année`) counts where it stands as a word; one
that no text holds by chance, six characters with a digit or more, counts anywhere, even across spaces. A part of a name
counts as a word, and in small letters unless it is a common word too.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from ecluse.domain.vault import SurrogateType
from ecluse.passage.mask import dates
from ecluse.passage.mask.common import COMMON
from ecluse.passage.mask.encoded import encoded
from ecluse.passage.mask.spelling import Origins, compact, readings, spaced

_HEAD = 6
_BLOCK = 4
_STRIDE = _HEAD - _BLOCK + 1
"""One in three places is looked at: whatever begins between two of them has one of its blocks there (Wu and Manber)."""
_LETTERS_ANYWHERE = 8
"""Letters from which a value without digits counts inside a word too, if one end of it is an end of a word."""
_LETTERS_SPELT = 3
"""Letters from which a value counts anywhere in what was spelt letter by letter."""
_NESTED = 2
"""Base64 in base64 is read."""
_WORDS_OF_A_DATE = 3
_SHORT_PART = 3
"""Letters up to which a part of a name counts with a capital only."""
_SPACELESS = "\u0e00"
"""First character of the scripts that do not space their words: there is no end of a word to look for."""
_WORD = re.compile(r"[^ ]+")
_INNER = re.compile(r"[A-Z\u00c0-\u00de0-9]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A value seen at `[start, end)` of a text, and the type of its surrogate. A common word says little by itself."""

    start: int
    end: int
    word: SurrogateType
    common: bool = False


class Values:
    """The values to search for, by how they are searched."""

    def __init__(
        self,
        values: Mapping[str, SurrogateType],
        parts: Iterable[str] = (),
        days: Iterable[str] = (),
        proper: Iterable[str] = (),
    ) -> None:
        """Sort the values: in a script without spaces, as words, anywhere.

        `parts` are words of names, `proper` those that count with a capital only; `days` are dates whose year has two
        digits.
        """
        self._spaceless: dict[str, SurrogateType] = {}
        self._words: dict[str, SurrogateType] = {}
        self._widths: set[int] = set()
        self._capital: set[str] = set()
        self._anywhere: dict[str, SurrogateType] = {}
        self.longest = max(map(len, values), default=0)
        heads: dict[str, set[int]] = {}
        for value, word in values.items():
            key = compact(value)
            if not key:
                continue  # marks and spaces alone name nobody
            if max(key) >= _SPACELESS:
                self._spaceless.setdefault(key, word)
            elif len(key) < (_LETTERS_ANYWHERE if key.isalpha() else _HEAD):
                self._words.setdefault(key, word)
                self._widths.add(len(spaced(value).split()))
                if word is SurrogateType.PERSON and key in COMMON:
                    self._capital.add(key)
            else:
                self._anywhere.setdefault(key, word)
                heads.setdefault(key[:_HEAD], set()).add(len(key))
        for part in parts:
            self._add_part(part, proper=False)
        for part in proper:
            self._add_part(part, proper=True)
        self._days = frozenset(compact(day) for day in days) - self._words.keys()
        if self._days:
            self._words.update(dict.fromkeys(self._days, SurrogateType.DATE))
            self._widths.add(_WORDS_OF_A_DATE)
        self._blocks = {head[i : i + _BLOCK] for head in heads for i in range(_STRIDE)}
        self._heads = {head: tuple(sorted(lengths, reverse=True)) for head, lengths in heads.items()}
        self._widths.discard(1)

    def _add_part(self, part: str, *, proper: bool) -> None:
        key = compact(part)
        if key and max(key) < _SPACELESS and key not in self._words:
            self._words[key] = SurrogateType.PERSON
            self._widths.add(len(spaced(part).split()))
            if proper or key in COMMON or len(key) <= _SHORT_PART:
                self._capital.add(key)

    def hits(self, text: str) -> tuple[Hit, ...]:
        """List the places of `text` that spell a value, or say it in base64. Hits may overlap."""
        return self._hits(text, _NESTED)

    def _hits(self, text: str, depth: int) -> tuple[Hit, ...]:
        found: list[Hit] = []
        for reading in readings(text):
            hits = tuple(self._in(reading.text))
            hits += tuple(hit for run in reading.runs for hit in self._spelt(reading.text, *run))
            if depth:
                hits += tuple(self._encoded(reading.text, depth))
            if hits:
                starts, ends = reading.sources()
                found += (
                    Hit(start=starts[hit.start], end=ends[hit.end - 1], word=hit.word, common=hit.common)
                    for hit in hits
                )
        return tuple(found)

    def _spelt(self, text: str, begin: int, end: int) -> Iterator[Hit]:
        """Yield the values in `[begin, end)`, which was spelt letter by letter: a value may begin and end anywhere."""
        for key, word in (*self._words.items(), *self._anywhere.items()):
            if len(key) < _LETTERS_SPELT:
                continue
            at = text.find(key, begin, end)
            while at >= 0:
                yield Hit(start=at, end=at + len(key), word=word)
                at = text.find(key, at + 1, end)

    def _encoded(self, text: str, depth: int) -> Iterator[Hit]:
        for run in encoded(text):
            for hit in self._hits(run.text, depth - 1)[:1]:
                yield Hit(start=run.start, end=run.end, word=hit.word)

    def _in(self, text: str) -> Iterator[Hit]:
        folded = spaced(text)
        if self._spaceless:
            yield from self._without_spaces(text, folded.replace(" ", ""))
        if self._words:
            yield from self._as_words(text, folded)
        if self._heads:
            yield from self._at_large(text, folded.replace(" ", ""))

    def _without_spaces(self, text: str, folded: str) -> Iterator[Hit]:
        for key, word in self._spaceless.items():
            at = folded.find(key)
            place = Origins(text).compact if at >= 0 else int
            while at >= 0:
                yield Hit(start=place(at), end=place(at + len(key) - 1) + 1, word=word)
                at = folded.find(key, at + 1)

    def _as_words(self, text: str, folded: str) -> Iterator[Hit]:
        words = folded.split()
        spans: list[tuple[int, int]] = []
        place: Callable[[int], int] = int
        for width in (1, *sorted(self._widths)):
            for i, key in enumerate(_joined(words, width)):
                if key in self._words:
                    if not spans:
                        spans, place = [word.span() for word in _WORD.finditer(folded)], Origins(text).spaced
                    start, end = place(spans[i][0]), place(spans[i + width - 1][1] - 1) + 1
                    if self._counts(key, text, start, end):
                        yield self._hit(key, start, end)
        for start, end in _inner_words(text):
            key = compact(text[start:end])
            if key in self._words and self._counts(key, text, start, end):
                yield self._hit(key, start, end)

    def _hit(self, key: str, start: int, end: int) -> Hit:
        return Hit(start=start, end=end, word=self._words[key], common=key in COMMON)

    def _counts(self, key: str, text: str, start: int, end: int) -> bool:
        """Tell whether a word counts as it is spelt.

        A common word that is part of a name, with a capital only; a short date, written as one and alone.
        """
        if key in self._days:
            return dates.stands_alone(text, start, end)
        return key not in self._capital or not text[start:end].islower()

    def _begun(self, folded: str) -> list[int]:
        """List where something in `folded` begins like a value."""
        blocks, heads = self._blocks, self._heads
        return [
            i
            for at in range(0, len(folded) - _BLOCK + 1, _STRIDE)
            if folded[at : at + _BLOCK] in blocks
            for i in range(max(0, at - _STRIDE + 1), at + 1)
            if folded[i : i + _HEAD] in heads
        ]

    def _at_large(self, text: str, folded: str) -> Iterator[Hit]:
        heads = self._heads
        begun = self._begun(folded)
        place = Origins(text).compact if begun else int
        for i in begun:
            for length in heads[folded[i : i + _HEAD]]:
                key = folded[i : i + length]
                word = self._anywhere.get(key)
                if word is None or len(key) < length:  # at the text's end: a shorter length stands for a shorter key
                    continue
                start, end = place(i), place(i + length - 1) + 1
                if not key.isalpha() or _breaks(text, start) or _breaks(text, end):
                    yield Hit(start=start, end=end, word=word)
                    break


def _joined(words: list[str], width: int) -> Iterable[str]:
    if width == 1:
        return words
    return ("".join(words[i : i + width]) for i in range(len(words) - width + 1))


def _inner_words(text: str) -> Iterator[tuple[int, int]]:
    """Yield the words inside words: `Anne` in `MmeAnne`, `anne75` and `75anne`."""
    breaks = [at for mark in _INNER.finditer(text) for at in mark.span() if _breaks_inside(text, at)]
    for at in dict.fromkeys(breaks):
        yield _reach(text, at, -1), at
        end = _reach(text, at, 1)
        yield at, end


def _reach(text: str, at: int, step: int) -> int:
    """Return the nearest end of a word before or after `at`."""
    at += step
    while not _breaks(text, at):
        at += step
    return at


def _breaks(text: str, at: int) -> bool:
    """Tell whether a word ends or begins at `at`."""
    if at <= 0 or at >= len(text):
        return True
    return not text[at - 1].isalnum() or not text[at].isalnum() or _breaks_inside(text, at)


def _breaks_inside(text: str, at: int) -> bool:
    """Tell whether two words touch at `at`: small letter and capital, letter and digit, `M` and `Lefevre`."""
    if not 0 < at < len(text):
        return False
    before, after = text[at - 1], text[at]
    if before.isupper() and after.isupper():
        return text[at + 1 : at + 2].islower()
    if before.isdigit() != after.isdigit():
        return before.isalnum() and after.isalnum()
    return before.islower() and after.isupper()
