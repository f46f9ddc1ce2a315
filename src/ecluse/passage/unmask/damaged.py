"""Surrogates that a model damaged: counted where they can be recognised, and left as they stand.

Law: nothing is exchanged here. A damaged one has the six characters of a surrogate of this vault, whatever stands
before, between or behind them (`PERSONNE_7K2Q9F`, `PERSON 7K2 Q9F`, `PERSON_7K2Q9Fs`), or its type word, `_` and the
first three or more of them (`PERSON_7K2`), or all but one (`PERSON_7K2Q8`). What kept neither, nobody recognises.
"""

import re
from collections.abc import Iterator
from itertools import combinations

from ecluse.domain.vault import CORE_LENGTH, GLUE, SurrogateType, Vault, stem

REACH = 64
"""Characters in which a damaged surrogate stands."""
_DIGITS = re.compile(r"[0-9]{1,12}")
"""Prose has few of them, and every surrogate has one."""
_SIDE = 24
_LEAST = 3
"""Characters of a surrogate that no other text has by chance behind a type word and `_`."""
_NEITHER = re.compile(r"[^0-9A-Za-z]+")
_LONGEST = max(map(len, SurrogateType))
_BEHIND = "|".join(rf"(?<={word}_)" for word in SurrogateType)
_BEGUN = re.compile(rf"_(?i:{_BEHIND})([0-9A-Za-z]{{{_LEAST},{CORE_LENGTH + 2}}})(?![{GLUE}])", re.ASCII)
"""What stands behind a type word and `_`."""
_MISREAD = str.maketrans("OIL", "011")
"""Letters that are in no surrogate, and what they are taken for (Crockford)."""


class Damaged:
    """The surrogates of one vault, as they are recognised when damaged."""

    __slots__ = ("_cores", "_nearly")

    def __init__(self, vault: Vault) -> None:
        """List the characters of each, and what they are with some missing: one, or all after the third or more."""
        cores = {stem(shown) for shown in vault.originals}
        self._cores = frozenset(shown.partition("_")[2] for shown in cores)
        self._nearly = {
            f"{word}_{less}"
            for word, _, core in (shown.partition("_") for shown in cores)
            for less in (*_but_one(core), *(core[:end] for end in range(_LEAST, CORE_LENGTH)))
        }

    def count(self, text: str, end: int) -> tuple[int, int]:
        """Return how many stand in `text` and begin before `end`, and from where on nothing was read.

        Surrogates that were read as such stand in `text` no more.
        """
        places = sorted((*self._whole(text), *self._begun(text)))
        found, read = 0, 0
        for begin, stop in places:
            if read <= begin < end:
                found, read = found + 1, stop
        return found, max(read, end)

    def _whole(self, text: str) -> list[tuple[int, int]]:
        """List where the six characters of one stand, whatever stands between them."""
        found: list[tuple[int, int]] = []
        read = 0
        for digits in _DIGITS.finditer(text):
            if digits.start() < read:
                continue
            before = _NEITHER.sub("", text[max(read, digits.start() - _SIDE) : digits.start()]).upper()
            near = before + _NEITHER.sub("", text[digits.start() : digits.end() + _SIDE]).upper()
            for at in range(max(0, len(before) - CORE_LENGTH + 1), len(before) + len(digits[0])):
                if near[at : at + CORE_LENGTH] in self._cores:
                    begin = _step(text, digits.start(), at - len(before))
                    read = _step(text, digits.start(), at - len(before) + CORE_LENGTH - 1) + 1
                    found.append((begin, read))
                    break
        return found

    def _begun(self, text: str) -> list[tuple[int, int]]:
        """List where a type word stands with some of the six characters, or all but one."""
        found: list[tuple[int, int]] = []
        for begun in _BEGUN.finditer(text):
            before = text[max(0, begun.start() - _LONGEST) : begun.start()].upper()
            word = max((word for word in SurrogateType if before.endswith(word)), key=len)
            said = begun[1].upper()
            if any(f"{word}_{less}" in self._nearly for less in (said, *_but_one(said.translate(_MISREAD)))):
                found.append((begun.start() - len(word), begun.end()))
        return found


def _step(text: str, at: int, letters: int) -> int:
    """Return where the letter or digit stands that is so many after the one at `at`, or before it."""
    way = 1 if letters > 0 else -1
    while letters:
        at += way
        if text[at].isascii() and text[at].isalnum():
            letters -= way
    return at


def _but_one(said: str) -> Iterator[str]:
    """Yield what has all but one of the six: two that share it differ by one character, changed or moved."""
    return map("".join, combinations(said[: CORE_LENGTH + 1], CORE_LENGTH - 1))
