"""What every match of a pattern must hold: a sign, some digits near each other. Other texts are spared the pattern.

Law: what is said of a pattern is true of each of its matches in ASCII text, or nothing is said: a pattern that is not
understood is asked of every text. Signs are read from RE2's own answer, class by class.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

import re2

NO_END = 1 << 20
"""The width of what has no end."""
_ASCII = bytes(range(128))
_ALPHANUMERIC = frozenset(code for code in range(128) if chr(code).isalnum())
_BLANK = frozenset(b" \t\n\r\v\f")
_DIGITS = frozenset(b"0123456789")
_COMMON, _FREQUENT = frozenset(b".,'-"), frozenset(b':;/()"')
"""Signs of any prose, and of much of it: to ask for one spares little."""
_CLASS = re.compile(r"\[\^?\]?(?:\\.|\[:\^?\w+:\]|[^\]\\])*\]", re.DOTALL)
_ESCAPE = re.compile(r"\\(?:x[0-9A-Fa-f]{2}|x\{[0-9A-Fa-f]+\}|[pP]\w|[pP]\{\^?\w+\}|[^QEC0-9])")
_LETTERS = re.compile(r"[A-Za-z ]+(?![*+?{])")
_HEAD = re.compile(r"\((?:\?(?:P?<\w+>|[imsU-]*:))?(?!\?)")
_FLAGS = re.compile(r"\(\?[imsU-]+\)")
_TIMES = re.compile(r"(?:(?P<sign>[*+?])|\{(?P<least>\d+)(?P<range>,(?P<most>\d*))?\})\??")
_NOTHING_WIDE = frozenset(("\\b", "\\B", "\\A", "\\z"))


class Need(NamedTuple):
    """What each match holds: one of `signs` (none: not known); `digits` digits with at most `gap` others between two.

    `lead`, `trail` and `width` are the most characters before its first digit, after its last, and in all; `vague` is
    how many at its beginning may be nearly any letter, so that an automaton follows it from every letter on.
    """

    signs: frozenset[int] = frozenset()
    digits: int = 0
    gap: int = 0
    lead: int = 0
    trail: int = 0
    width: int = 0
    vague: int = 0

    @property
    def is_loose(self) -> bool:
        """Whether its beginning tells little: beside others in one automaton it multiplies their states."""
        return self.vague >= _LOOSE


_LOOSE, _ANY_LETTER = 6, 20
_UNKNOWN = Need(width=NO_END, lead=NO_END, trail=NO_END)


@lru_cache(maxsize=1024)
def need_of(pattern: str) -> Need:
    """Return what each match of a pattern in RE2 syntax must hold, nothing when it is not understood."""
    try:
        need, at = _alternatives(pattern, 0)
    except (ValueError, RecursionError):
        return _UNKNOWN
    return need if at == len(pattern) else _UNKNOWN


def _alternatives(pattern: str, at: int) -> tuple[Need, int]:
    found: list[Need] = []
    while True:
        need, at = _sequence(pattern, at)
        found.append(need)
        if pattern[at : at + 1] != "|":
            return _either(found), at
        at += 1


def _sequence(pattern: str, at: int) -> tuple[Need, int]:
    whole = Need()
    while at < len(pattern) and pattern[at] not in "|)":
        if flags := _FLAGS.match(pattern, at):
            at = flags.end()
            continue
        if letters := _LETTERS.match(pattern, at):
            size, at = letters.end() - at, letters.end()
            whole = _both(whole, Need(lead=size, trail=size, width=size))
            continue
        need, at = _one(pattern, at)
        while times := _TIMES.match(pattern, at):
            need, at = _repeated(need, times), times.end()
        whole = _both(whole, need)
    return whole, at


def _one(pattern: str, at: int) -> tuple[Need, int]:
    """Read one thing that may be repeated. Raises ValueError for what is not understood."""
    sign = pattern[at]
    if sign == "(":
        head = _HEAD.match(pattern, at)
        if head is None:
            raise ValueError(pattern)
        need, at = _alternatives(pattern, head.end())
        if pattern[at : at + 1] != ")":
            raise ValueError(pattern)
        return need, at + 1
    if sign in "^$":
        return Need(), at + 1
    if sign in "[\\":
        said = (_CLASS if sign == "[" else _ESCAPE).match(pattern, at)
        if said is None:
            raise ValueError(pattern)
        return (Need() if said[0] in _NOTHING_WIDE else _character(_letters_of(said[0]))), said.end()
    if sign in "*+?{":
        raise ValueError(pattern)
    return _character(_letters_of(sign) if sign == "." else frozenset((ord(sign),))), at + 1


@lru_cache(maxsize=1024)
def _letters_of(one: str) -> frozenset[int]:
    """Return the ASCII characters that a class, an escape or a character matches."""
    options = re2.Options()
    options.log_errors = False
    return frozenset(b"".join(re2.compile(one.encode("ascii"), options).findall(_ASCII)))


def _character(letters: frozenset[int]) -> Need:
    if letters and letters <= _DIGITS:
        return Need(digits=1, width=1)
    is_sign = letters and letters.isdisjoint(_ALPHANUMERIC | _BLANK)
    vague = int(len(letters) >= _ANY_LETTER)
    return Need(signs=letters if is_sign else frozenset(), lead=1, trail=1, width=1, vague=vague)


def _both(one: Need, other: Need) -> Need:
    signs = _rarer(one.signs, other.signs)
    width = min(one.width + other.width, NO_END)
    vague = one.vague + (other.vague if one.vague == one.width else 0)
    if not (one.digits or other.digits):
        return Need(signs, lead=width, trail=width, width=width, vague=vague)
    return Need(
        signs,
        digits=one.digits + other.digits,
        gap=max(one.gap, other.gap, one.trail + other.lead if one.digits and other.digits else 0),
        lead=one.lead if one.digits else min(one.width + other.lead, NO_END),
        trail=other.trail if other.digits else min(one.trail + other.width, NO_END),
        width=width,
        vague=vague,
    )


def _either(needs: Sequence[Need]) -> Need:
    signs = frozenset().union(*(n.signs for n in needs)) if all(n.signs for n in needs) else frozenset[int]()
    width = max(n.width for n in needs)
    vague = width if any(n.vague == n.width > 0 for n in needs) else max(n.vague for n in needs)
    if not all(n.digits for n in needs):
        return Need(signs, lead=width, trail=width, width=width, vague=vague)
    return Need(
        signs,
        digits=min(n.digits for n in needs),
        gap=max(n.gap for n in needs),
        lead=max(n.lead for n in needs),
        trail=max(n.trail for n in needs),
        width=width,
        vague=vague,
    )


def _repeated(need: Need, times: re.Match[str]) -> Need:
    least = int(times["least"]) if times["least"] else int(times["sign"] == "+")
    if times["sign"]:
        most = 1 if times["sign"] == "?" else NO_END
    else:
        most = (int(times["most"]) if times["most"] else NO_END) if times["range"] else least
    width = min(need.width * most, NO_END)
    vague = width if need.vague == need.width else need.vague
    if not least or not need.digits:
        return Need(need.signs if least else frozenset(), lead=width, trail=width, width=width, vague=vague)
    gap = max(need.gap, need.trail + need.lead) if most > 1 else need.gap
    return need._replace(digits=need.digits * least, gap=gap, width=width, vague=vague)


def _rarer(one: frozenset[int], other: frozenset[int]) -> frozenset[int]:
    return min((signs for signs in (one, other) if signs), key=_how_common, default=frozenset())


def _how_common(signs: Iterable[int]) -> int:
    return sum(100 if sign in _COMMON else 10 if sign in _FREQUENT else 1 for sign in signs)


def is_rare(signs: frozenset[int]) -> bool:
    """Say whether ordinary prose may well be without any of these signs."""
    return bool(signs) and signs.isdisjoint(_COMMON)
