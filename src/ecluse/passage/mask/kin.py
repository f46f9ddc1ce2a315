"""What gives a value away beside the value itself: the account in an IBAN, a date written otherwise, a name as a login.

Law: each is searched for as the value is. What prose writes by chance is left out: a common word is no login.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping

from ecluse.domain.vault import SurrogateType
from ecluse.passage.mask import dates
from ecluse.passage.mask.common import COMMON
from ecluse.passage.mask.formats import sameness
from ecluse.passage.mask.people import PARTICLES, TITLES, name_parts
from ecluse.passage.mask.spelling import compact

_IBAN = re.compile(r"[a-z]{2}[0-9]{2}([0-9a-z]{11,30})")
_NIR_LENGTH = 13
_FRENCH_LENGTH, _GERMAN_LENGTH = 27, 22
_LOGIN_PART = 4
"""Letters that a name has at least to be searched for with an initial beside it."""
_DAMAGED = 5
"""Letters that a damaged word must have left."""
_WRITTEN_OUT = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "Å": "Aa", "Ø": "Oe"}
)
_WORD = re.compile(r"[^\W_]+")
_HYPHEN = re.compile(r"[-\u2010\u2011]")

_SIGNS = ("at", "arobase")
_DOTS = ("dot", "point")
_LOCAL = 6
"""Letters and digits before the sign of an address that say who it is beside an initial or a digit: `e.lefevre`."""


def kin(value: str, word: SurrogateType) -> Iterator[str]:
    """Yield the other forms of a value; none for most types."""
    match word:
        case SurrogateType.IBAN:
            account = _IBAN.fullmatch(compact(value))
            if account:
                yield account[1]
                yield from _accounts(compact(value))
        case SurrogateType.PHONE:
            number = sameness(word, value)
            yield from (f"0{number}", number) if number else ()
        case SurrogateType.NIR:
            if len(compact(value)) > _NIR_LENGTH:
                yield compact(value)[:_NIR_LENGTH]
        case SurrogateType.EMAIL:
            yield from _addresses(value)
        case SurrogateType.DATE:
            for day in dates.days(value):
                yield from dates.forms(day)
        case _:
            return


def _addresses(email: str) -> Iterator[str]:
    """Yield an address as people write it against machines, and what stands before its sign where that says who."""
    local, sign, domain = email.partition("@")
    if not sign:
        return
    for at in _SIGNS:
        for dot in ("", *_DOTS):
            yield f"{compact(local)}{at}{compact(domain.replace('.', dot))}"
    parts = _WORD.findall(local)
    if len(compact(local)) >= _LOCAL and any(len(part) == 1 or not part.isalpha() for part in parts):
        yield compact(local)


def _accounts(iban: str) -> Iterator[str]:
    """Yield the account of a French or German IBAN by itself, and a French one with its bank and without its key."""
    if iban[:2] in {"fr", "mc"} and len(iban) == _FRENCH_LENGTH:
        yield from (iban[14:25], iban[4:25])
    elif iban[:2] == "de" and len(iban) == _GERMAN_LENGTH:
        yield iban[12:]


def short_dates(values: Mapping[str, SurrogateType]) -> Iterator[str]:
    """Yield the dates among some values with two digits of their year; they count as words."""
    for value, word in values.items():
        if word is SurrogateType.DATE:
            for day in dates.days(value):
                yield from dates.short_forms(day)


def written_out(value: str) -> str | None:
    """Return a name with `ü` and its like written as two letters; nothing if it has none."""
    plain = value.translate(_WRITTEN_OUT)
    return plain if plain != value else None


def damaged(name: str) -> Iterator[str]:
    """Yield the words of a name without their accented letters: a conversion may lose these (`Lef?vre`)."""
    for part in name_parts(name):
        broken = "".join(c for c in unicodedata.normalize("NFC", part) if c.isascii())
        if broken != part and len(key := compact(broken)) >= _DAMAGED and key not in COMMON:
            yield broken


def plurals(name: str) -> Iterator[str]:
    """Yield the words of a name as several bear them: `the Lefèvres`."""
    for part in name_parts(name):
        if len(key := compact(part)) >= _LOGIN_PART and key[-1] not in "sxz" and f"{key}s" not in COMMON:
            yield f"{part}s"


def logins(name: str) -> Iterator[str]:
    """Yield what a name may be as one word: a part with the initial of another, and its end with all that it has."""
    yield from dict.fromkeys((*_initials(name), *_run_together(name)))


def _run_together(name: str) -> Iterator[str]:
    """Yield `jlegoff` and its like: particles belong to an account's name, though they name nobody by themselves."""
    words = [compact(word) for word in _WORD.findall(name)]
    words = [word for word in words if word and word not in TITLES]
    for at in range(1, len(words)):
        first, last = "".join(words[:at]), "".join(words[at:])
        for login in (first[:1] + last, last + first[:1], first + last, last + first):
            if len(login) > _LOGIN_PART and login not in COMMON and not login.isdecimal():
                yield login
    for at in range(1, len(words) - 1):
        if words[at] in PARTICLES and len(last := "".join(words[at:])) > _LOGIN_PART and last not in COMMON:
            yield last


def _initials(name: str) -> Iterator[str]:
    parts = list(dict.fromkeys(name_parts(name)))
    initials = {part: "".join(compact(piece)[:1] for piece in _HYPHEN.split(part)) for part in parts}
    for part in parts:
        if len(compact(part)) < _LOGIN_PART:
            continue
        for other in parts:
            if other == part or part in other or other in part:
                continue
            for initial in dict.fromkeys((initials[other], initials[other][:1])):
                for login in (initial + compact(part), compact(part) + initial):
                    if login not in COMMON:
                        yield login
