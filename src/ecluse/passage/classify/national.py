"""How the national numbers of persons are believed: by their check, by a word beside them, by a form that is rare.

Law: a right check beside the right word proves; a right check alone counts only where the form is rare (letters in
fixed places, a date inside); a wrong check asks for the word and is weak: typos and scans are real. The laws that
recognisers name were not opened again: their checks were held against the examples of python-stdnum's documentation.
"""

import re
from collections.abc import Callable, Sequence

from ecluse.passage.classify.checks import alone, bare, before, beside, clear_of_digits
from ecluse.passage.classify.recogniser import LIKELY, PROVEN, WEAK, Candidate, Hit, Verify

_LABEL = 40
_LED = re.compile(r"[^0-9]{1,2}(?=\d(?: \d)+\Z)")
"""What a row of single digits is matched with, so that a long row is not tried at each of its digits."""


def number(right: Callable[[str], bool], near: str, *, rare: bool = False, typed: bool = True) -> Verify:
    """Return a `verify`: `right` checks the bare value in capitals, `near` are the words (RE2-like alternatives).

    `rare` believes a right check without a word; `typed` believes a wrong one right after the word.
    """
    words = re.compile(rf"\b(?:{near})\b")
    label = re.compile(rf"\b(?:{near})\b[^\d\n]{{0,20}}\Z")

    def verify(candidate: Candidate) -> Hit | None:
        text, start, end, _ = candidate
        if led := _LED.match(candidate.value):
            start += led.end()
            candidate = candidate._replace(start=start)
        if not (alone(text, start, end) and clear_of_digits(text, start, end)):
            return None
        said = beside(words, text, start, end)
        if right(bare(candidate.value).upper()):
            if said:
                return Hit(start, end, PROVEN, "the check is right, beside a word that says what it is")
            return Hit(start, end, LIKELY, "the check of a national number is right") if rare else None
        if typed and label.search(before(text, start, _LABEL)):
            return Hit(start, end, WEAK, "the check is wrong, but a word says that it is a national number")
        return None

    return verify


def weighed(digits: str, weights: Sequence[int]) -> int:
    """Return the sum of digits, each times its weight."""
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False))


def mod_11_10(digits: str) -> bool:
    """Check ISO 7064 MOD 11,10: the last digit checks the others."""
    rest = 10
    for digit in digits[:-1]:
        rest = (rest + int(digit)) % 10 or 10
        rest = rest * 2 % 11
    return (11 - rest) % 10 == int(digits[-1])


def two_rounds(digits: str) -> bool:
    """Check the last of eleven digits: modulo eleven, and with other weights where that leaves ten."""
    for weights in ((1, 2, 3, 4, 5, 6, 7, 8, 9, 1), (3, 4, 5, 6, 7, 8, 9, 1, 2, 3)):
        rest = weighed(digits[:10], weights) % 11
        if rest < 10:  # noqa: PLR2004 - a digit
            return rest == int(digits[10])
    return digits[10] == "0"


def is_day(day: str, month: str) -> bool:
    """Say whether two pairs of digits are a day and a month."""
    return 1 <= int(day) <= 31 and 1 <= int(month) <= 12  # noqa: PLR2004 - days and months
