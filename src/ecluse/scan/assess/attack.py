"""An attacker who knows what was masked in a document searches the masked text for rests of it.

Law: this is a test of the mask, not a proof: it finds the rests that it knows to look for. The text of surrogates is
not searched. A rest is told by its sort; its text only where examples are asked for.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from ecluse.domain.vault import CORE_PATTERN, TYPES_PATTERN
from ecluse.passage.mask.common import COMMON, row
from ecluse.scan.assess.folding import Word, days, fold, words


class Sort(StrEnum):
    """What a rest is."""

    NAME_PART = "name_part"
    LOGIN = "login"
    DATE = "date_written_otherwise"
    NUMBER = "number"
    KNOWN_ELSEWHERE = "name_known_elsewhere"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """A rest at a place of a masked text; `names` are the people, folded, where it is a name's."""

    sort: Sort
    start: int
    end: int
    names: tuple[str, ...] = ()


_SURROGATE = re.compile(rf"(?:{TYPES_PATTERN})_{CORE_PATTERN}")
_GONE = "\0"
_TITLES = row("m mr mme mlle madame mademoiselle monsieur dr docteur pr professeur me maitre mrs ms miss")
_PARTICLES = row("de du des d la le les l von van der den di da del et and of ben el al")
_DATED = frozenset({"date", "birth_date"})
_SHORTEST_PART = 3
_SHORTEST_LOGIN = 5
_SMALL_LETTERS = 4
"""Letters from which a part of a name counts in small letters too."""
_GRAM = 8
"""Digits in a row that two numbers do not share by chance."""
_LOGIN = re.compile(r"[^\W_][\w.\-]{3,60}")
_DIGITS = re.compile(r"\d(?:[ .\-/\u00a0\u202f]?\d){7,}")
_SENTENCE = re.compile(r"(?:^|[.!?:;\n])\W*\Z")


def blanked(text: str) -> str:
    """Return a masked text with nothing in the place of its surrogates, every other character where it was."""
    return _SURROGATE.sub(lambda found: _GONE * len(found[0]), text)


def name_of(value: str) -> tuple[str, ...]:
    """Return the folded words of a name, in their order, without titles."""
    return tuple(word.folded for word in words(value) if word.folded not in _TITLES)


def person(name: Sequence[str]) -> str:
    """Return what names a person here: two spellings of a name are one, two people of one name are one."""
    return " ".join(sorted(word for word in name if word not in _PARTICLES))


@dataclass(slots=True)
class Known:
    """What an attacker knows of a document: its masked values, as they are searched."""

    parts: dict[str, set[str]] = field(default_factory=dict)
    logins: dict[str, set[str]] = field(default_factory=dict)
    days: set[date] = field(default_factory=set)
    grams: set[str] = field(default_factory=set)
    people: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, values: Iterable[tuple[str, str]]) -> "Known":
        """Sort the masked values, each with the kind of its finding."""
        known = cls()
        names: list[tuple[str, ...]] = []
        for kind, value in values:
            if kind == "person":
                names.append(name_of(value))
            elif kind == "email":
                known.logins.setdefault(_login(value.partition("@")[0]), set()).add("")
            elif kind in _DATED:
                known.days |= {day for found in days(value) for day in found.days}
            known.grams |= _grams(value)
        for name in sorted(set(names), key=lambda n: (-len(n), n)):
            known._add(name)
        known.logins = {login: of for login, of in known.logins.items() if len(login) >= _SHORTEST_LOGIN}
        return known

    def _add(self, name: tuple[str, ...]) -> None:
        key = person(name)
        if not key:
            return
        said = set(key.split())
        near = {other for word in said for other in self.parts.get(word, ())}
        keys = {other for other in near if said <= set(other.split())} or {key}
        self.people |= keys
        for word in key.split():
            if len(word) >= _SHORTEST_PART:
                self.parts.setdefault(word, set()).update(keys)
        for login in _logins(name):
            self.logins.setdefault(login, set()).update(keys)


def _logins(name: tuple[str, ...]) -> Iterator[str]:
    """Yield what a name may be as an account: first and last, initial and last, either way round."""
    for at in range(1, len(name)):
        first, last = "".join(name[:at]), "".join(name[at:])
        for one, other in ((first, last), (last, first)):
            yield from (one + other, one[:1] + other, other + one[:1])


def _login(text: str) -> str:
    return fold(text).rstrip("0123456789")


def rests(known: Known, masked: str) -> Iterator[Rest]:
    """Yield what is left of the values in a masked text."""
    text = blanked(masked)
    accounts = list(_accounts(known, text))
    yield from accounts
    for word in words(text):
        names = known.parts.get(word.folded)
        if names and _counts(word, text) and not any(one.start <= word.start < one.end for one in accounts):
            yield Rest(sort=Sort.NAME_PART, start=word.start, end=word.end, names=tuple(sorted(names)))
    for day in days(text):
        if day.days & known.days:
            yield Rest(sort=Sort.DATE, start=day.start, end=day.end)
    for run in _DIGITS.finditer(text):
        if not _grams(run[0]).isdisjoint(known.grams) and not any(days(run[0])):
            yield Rest(sort=Sort.NUMBER, start=run.start(), end=run.end())


def _accounts(known: Known, text: str) -> Iterator[Rest]:
    for found in _LOGIN.finditer(text):
        names = known.logins.get(_login(found[0]))
        if names:
            yield Rest(sort=Sort.LOGIN, start=found.start(), end=found.end(), names=tuple(sorted(names - {""})))


def _grams(text: str) -> set[str]:
    digits = "".join(c for c in text if c.isdecimal())
    return {digits[i : i + _GRAM] for i in range(len(digits) - _GRAM + 1)}


def _counts(word: Word, text: str) -> bool:
    """Say whether a word is the part of a name that it spells, or may well be only a word."""
    if word.folded in COMMON:
        return word.capital and not _SENTENCE.search(text, max(0, word.start - 40), word.start)
    return word.capital or len(word.folded) >= _SMALL_LETTERS


def neighbours(masked: str) -> frozenset[str]:
    """Return the pairs of words with capitals that stand side by side in a masked text."""
    found: set[str] = set()
    before: Word | None = None
    text = blanked(masked)
    for word in words(text):
        if not word.capital or len(word.folded) < _SHORTEST_PART:
            before = None
            continue
        if before is not None and text[before.end : word.start] in {" ", "-", ", ", "\u00a0", "\t", "\n"}:
            found.add(" ".join(sorted((before.folded, word.folded))))
        before = word
    return frozenset(found)


def pairs(people: Iterable[str]) -> frozenset[str]:
    """Return the names of two words, of which one is no common word: they are searched for in the other documents."""
    two = (key for key in people if key.count(" ") == 1)
    return frozenset(key for key in two if not all(word in COMMON for word in key.split()))
