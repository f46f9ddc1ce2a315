r"""What a surrogate looks like in an answer, whole and unfinished, in any case.

Law: what is a surrogate is said once, in domain/vault.py; here it is only spelt out for the engine of `re`, which skips
to a set of characters when a pattern begins with one, and reads every character when a flag says to ignore case.
"""

import re
from collections.abc import Callable, Iterable

from ecluse.domain.links import DOTS
from ecluse.domain.vault import CORE_PATTERN, GLUE, SEPARATOR_PATTERN, SurrogateType


def _any_case(pattern: str) -> str:
    """Spell out a set of capitals in both cases: `[0-9A-H]` is `[0-9A-Ha-h]`."""
    return re.sub(
        r"\[([^\]]*[A-Z][^\]]*)\]", lambda m: f"[{m[1]}{re.sub('[^A-Z-]', '', m[1]).strip('-').lower()}]", pattern
    )


def _letter(letter: str) -> str:
    return f"[{letter}{letter.lower()}]"


def _word(rest: str) -> str:
    return "".join(map(_letter, rest))


def _growing(rest: str) -> str:
    """Return a pattern of the beginnings of `rest`, nothing and all included."""
    return "".join(f"(?:{_letter(letter)}" for letter in rest) + ")?" * len(rest)


def _initials() -> list[str]:
    return sorted({word[0] for word in SurrogateType})


def _by_initial(pattern: Callable[[str], str], ahead: str = "") -> str:
    """Return a pattern that begins with the set of initials, then goes on for each with `pattern` of the rest."""

    def rests(initial: str) -> Iterable[str]:
        return sorted((word[1:] for word in SurrogateType if word[0] == initial), key=len, reverse=True)

    both = "".join(initial + initial.lower() for initial in _initials())
    branches = (f"(?<={_letter(initial)})(?:{'|'.join(map(pattern, rests(initial)))})" for initial in _initials())
    return f"[{both}]{ahead}(?:{'|'.join(branches)})"


_CORE_CHARACTERS = _any_case("[0-9A-HJKMNP-TV-Z]")

TOKEN = re.compile(rf"({_by_initial(_word)}){SEPARATOR_PATTERN}({_any_case(CORE_PATTERN)})(?![{GLUE}])", re.ASCII)
"""A surrogate in any form that is tolerated. Groups: type, core."""


def _unfinished(ahead: str) -> re.Pattern[str]:
    begun = rf"(?:\\{{1,2}}|{SEPARATOR_PATTERN}{_CORE_CHARACTERS}{{0,6}}[2-9]?[{DOTS}]?)"
    return re.compile(
        _by_initial(lambda rest: f"(?:{_word(rest)}{begun}|{_growing(rest)})\\Z", ahead),
        re.ASCII,
    )


UNFINISHED = _unfinished(rf"(?<![{GLUE}][A-Za-z])")
"""What may still become a surrogate at the end of a text: the beginning of one, where a word begins."""
UNFINISHED_IN_JSON = _unfinished(rf"(?:(?<![{GLUE}][A-Za-z])|(?<=\\[bfnrt][A-Za-z])|(?<=\\u[0-9a-fA-F]{{4}}[A-Za-z]))")
r"""The same in JSON, where a word may begin after `\n` or `\u00a0`."""
