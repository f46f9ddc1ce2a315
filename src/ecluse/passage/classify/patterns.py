"""Which of many patterns match a text at all: a few automata, each asked only where what it looks for may stand.

Law: a pattern that matches is always named; one that does not may be. RE2 says that it ran out of memory by naming
nothing, not even the pattern that matches any text: then this raises. Linear in the text.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import Enum, auto
from functools import partial
from typing import NamedTuple, TypeAlias

import re2

from ecluse.domain.errors import GatewayError
from ecluse.passage.classify.gates import Need, is_rare, need_of

MEMORY = 64 * 2**20
"""Bytes of an automaton: RE2 makes its states as texts call for them."""
_TOGETHER = 40_000
"""Characters of patterns in one automaton."""
Find: TypeAlias = Callable[[bytes, int, int], Sequence[tuple[int, int]]]
"""From a text and the bounds of the search to the span of the first match, `NOWHERE` where there is none."""
NOWHERE = (-1, -1)
_SENTINEL, _ANY_TEXT = 0, rb"\z"
"""The pattern that matches any text: once, at its end. One that matched everywhere would be counted everywhere."""
_CASELESS = b"(?i"
_NO_SIGNS = bytes(code for code in range(128) if chr(code).isalnum() or chr(code).isspace())
_FEW, _MANY, _GAP = 1, 7, 3
_A_DIGIT = rb"[0-9]"
_DIGITS = rb"(?:[0-9][^0-9]{0,%d}){%d}[0-9]" % (_GAP, _MANY - 1)


class _Kind(Enum):
    """What a text must hold for an automaton to be asked. Each loose pattern has one: it multiplies others' states."""

    LOOSE_WITH_SIGNS = auto()
    WITH_SIGNS = auto()
    MANY_DIGITS = auto()
    DIGITS = auto()
    LOOSE = auto()
    ALWAYS = auto()


class _Automaton(NamedTuple):
    kind: _Kind
    signs: frozenset[int]
    found: "re2.Set"
    indices: tuple[int, ...]


class Patterns:
    """Patterns in RE2 syntax, told apart by their index."""

    __slots__ = ("_automata", "_digit", "_digits")

    def __init__(self, patterns: Sequence[bytes]) -> None:
        self._digit, self._digits = finder(re2.compile(_A_DIGIT)), finder(re2.compile(_DIGITS))
        self._automata = tuple(_automata(patterns))

    def matched(self, ascii_text: str) -> set[int]:
        """Return the patterns that may match a text, no matching one left out.

        Raises:
            GatewayError: `classification_unavailable`, when memory does not suffice.
        """
        text = ascii_text.encode("ascii")
        signs = frozenset(text.translate(None, _NO_SIGNS))
        size = len(text)
        digits = _FEW if self._digit(text, 0, size)[0] != NOWHERE else 0
        digits = _MANY if digits and self._digits(text, 0, size)[0] != NOWHERE else digits
        matched: set[int] = set()
        for kind, needs, patterns, indices in self._automata:
            if not _may_match(kind, needs, signs, digits):
                continue
            found = patterns.Match(text) or ()
            if _SENTINEL not in found:
                raise GatewayError("classification_unavailable", "the patterns ran out of memory")
            matched.update([indices[at] for at in found if at != _SENTINEL])
        return matched


def _may_match(kind: _Kind, needs: frozenset[int], signs: frozenset[int], digits: int) -> bool:
    if needs:
        return not needs.isdisjoint(signs)
    if kind is _Kind.MANY_DIGITS:
        return digits >= _MANY
    return kind is not _Kind.DIGITS or digits >= _FEW


def _automata(patterns: Sequence[bytes]) -> Iterator[_Automaton]:
    dealt: dict[tuple[_Kind, bool], list[tuple[int, bytes, frozenset[int]]]] = {}
    for index, pattern in enumerate(patterns):
        need = need_of(pattern.decode("ascii"))
        kind = _kind_of(need)
        # Both kinds are asked of nearly any text. Capitals tell patterns apart, so fewer states are made of each half.
        caseless = kind in {_Kind.DIGITS, _Kind.ALWAYS} and _CASELESS in pattern
        dealt.setdefault((kind, caseless), []).append((index, pattern, need.signs))
    for (kind, _), together in dealt.items():
        by_signs = kind in {_Kind.LOOSE_WITH_SIGNS, _Kind.WITH_SIGNS}
        alone = kind in {_Kind.LOOSE_WITH_SIGNS, _Kind.LOOSE}
        for part in [[one] for one in together] if alone else _parts(together):
            signs = frozenset[int]().union(*(signs for _, _, signs in part)) if by_signs else frozenset[int]()
            indices = (_SENTINEL, *(index for index, _, _ in part))
            yield _Automaton(kind, signs, _compiled(pattern for _, pattern, _ in part), indices)


def _kind_of(need: Need) -> _Kind:
    if need.digits >= _MANY and need.gap <= _GAP:
        return _Kind.MANY_DIGITS
    if is_rare(need.signs):
        return _Kind.LOOSE_WITH_SIGNS if need.is_loose else _Kind.WITH_SIGNS
    if need.digits >= _FEW:
        return _Kind.DIGITS
    return _Kind.LOOSE if need.is_loose else _Kind.ALWAYS


def _parts(dealt: Sequence[tuple[int, bytes, frozenset[int]]]) -> Iterator[list[tuple[int, bytes, frozenset[int]]]]:
    part: list[tuple[int, bytes, frozenset[int]]] = []
    size = 0
    for one in dealt:
        if part and size + len(one[1]) > _TOGETHER:
            yield part
            part, size = [], 0
        part.append(one)
        size += len(one[1])
    if part:
        yield part


def _compiled(patterns: Iterable[bytes]) -> "re2.Set":
    together = re2.Set.SearchSet(options(MEMORY))
    for pattern in (_ANY_TEXT, *patterns):
        together.Add(pattern)
    together.Compile()
    return together


def finder(compiled: "re2._Regexp") -> Find:
    """Return the search of a compiled pattern itself: what its wrapper in Python adds costs five times as much."""
    return partial(compiled._regexp.Match, re2._re2.RE2.Anchor.UNANCHORED)  # noqa: SLF001 - it shows it nowhere else


def options(memory: int) -> re2.Options:
    """Return how patterns are compiled."""
    chosen = re2.Options()
    chosen.max_mem = memory
    chosen.never_capture = True
    chosen.log_errors = False
    return chosen
