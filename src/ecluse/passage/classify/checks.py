"""What several recognisers ask of a number or of its surroundings.

Law: arithmetic and looks at a bounded window; nothing here decides.
"""

import math
import re
from collections import Counter

_WINDOW = 48


def words(row: str) -> frozenset[str]:
    """Return the words of a row."""
    return frozenset(row.split())


def one_of(*rows: str) -> str:
    """Return a group, for a pattern, that matches any of the alternatives that the rows list between bars."""
    return f"(?:{'|'.join(rows)})"


_BETWEEN = str.maketrans("", "", " .,-/()+\n\t")


def bare(value: str) -> str:
    """Return `value` without the blanks and signs that stand between groups of digits."""
    return value.translate(_BETWEEN)


def luhn(digits: str) -> bool:
    """Check the Luhn sum (ISO/IEC 7812-1, annex B) of a string of digits."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        n = int(digit) << (place & 1)
        total += n - 9 if n > 9 else n  # noqa: PLR2004 - a doubled digit above nine loses nine
    return total % 10 == 0


def mod_97(value: str) -> int:
    """Return the ISO 7064 MOD 97-10 remainder of an alphanumeric string, letters counting from A = 10."""
    return int("".join(str(int(c, 36)) for c in value)) % 97


def entropy(value: str) -> float:
    """Return Shannon's entropy of the characters, in bits a character."""
    size = len(value)
    return -sum(n / size * math.log2(n / size) for n in Counter(value).values()) if size else 0.0


def before(text: str, start: int, size: int = _WINDOW) -> str:
    """Return what stands before `start`, at most `size` characters, in lower case."""
    return text[max(0, start - size) : start].lower()


def after(text: str, end: int, size: int = _WINDOW) -> str:
    """Return what stands after `end`, at most `size` characters, in lower case."""
    return text[end : end + size].lower()


def beside(words: re.Pattern[str], text: str, start: int, end: int) -> bool:
    """Say whether one of `words` stands within 48 characters before the span or 24 after it."""
    return bool(words.search(before(text, start)) or words.search(after(text, end, _WINDOW // 2)))


def alone(text: str, start: int, end: int) -> bool:
    """Say whether no letter, digit or underscore touches the span."""
    return not (start > 0 and _wordy(text[start - 1])) and not (end < len(text) and _wordy(text[end]))


def clear_of_digits(text: str, start: int, end: int) -> bool:
    """Say whether the span is no part of a longer number: no digit touches it, not even over a point or a comma."""
    left = text[max(0, start - 2) : start]
    right = text[end : end + 2]
    return not (_runs_on(left[::-1]) or _runs_on(right))


def touches_a_digit(text: str, start: int, end: int) -> bool:
    """Say whether a digit stands right before or after the span."""
    return text[max(0, start - 1) : start].isdigit() or text[end : end + 1].isdigit()


def _runs_on(outward: str) -> bool:
    if not outward:
        return False
    if outward[0].isalnum() or outward[0] == "_":
        return True
    return outward[0] in ".," and outward[1:].isdigit()


def _wordy(letter: str) -> bool:
    return letter.isalnum() or letter == "_"
