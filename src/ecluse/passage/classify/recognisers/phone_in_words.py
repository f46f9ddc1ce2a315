"""French telephone numbers told in words: *zéro six douze trente-quatre cinquante-six soixante-dix-huit*.

Words are read as one says them, tens with what follows them; only ten digits from 0 are a number (the Arcep's plan).
"""

import re

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.checks import one_of
from ecluse.passage.classify.recogniser import LIKELY, Candidate, Hit, Recogniser

_FROM_ONE = (
    *("un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze", "douze", "treize"),
    *("quatorze", "quinze", "seize"),
)
_VALUES = dict(
    zip(_FROM_ONE, range(1, 17), strict=True),
    zero=0,
    une=1,
    vingt=20,
    trente=30,
    quarante=40,
    cinquante=50,
    soixante=60,
    septante=70,
    huitante=80,
    nonante=90,
)
_PLURAL = frozenset({"vingts"})
_TOGETHER = {(4, 20): 80}
_LONG_TENS = frozenset({60, 80})
_TENS = frozenset({20, 30, 40, 50, 70, 90})
_TEN_AND = frozenset({10, 70, 90})
_WORD = re.compile(r"[a-z]+|[,.]")
_DIGITS = 10


def _verify(candidate: Candidate) -> Hit | None:
    digits = _digits([word for word in _WORD.findall(candidate.value.lower()) if word != "et"])
    if len(digits) != _DIGITS or digits[0] != "0" or digits[1] == "0":
        return None
    return Hit(candidate.start, candidate.end, LIKELY, "a French telephone number in words")


def _digits(words: list[str]) -> str:
    """Write the numbers that the words tell, one after the other."""
    told: list[int] = []
    apart = True
    for word in words:
        if word in ",.":
            apart = True
            continue
        value = _VALUES[word.removesuffix("s") if word in _PLURAL else word]
        if not apart and _goes_on(told[-1], value):
            told[-1] = _TOGETHER.get((told[-1], value), told[-1] + value)
        else:
            told.append(value)
        apart = False
    return "".join(map(str, told))


def _goes_on(last: int, value: int) -> bool:
    """Say whether two numbers are said as one: *trente-quatre*, *soixante-dix*, *quatre-vingt*, *dix-huit*."""
    if (last, value) in _TOGETHER:
        return True
    if last in _LONG_TENS:
        return 0 < value < 20  # noqa: PLR2004 - what one says after soixante and quatre-vingt
    if last in _TENS:
        return 0 < value < 10  # noqa: PLR2004 - a unit after tens
    return last in _TEN_AND and 6 < value < 10  # noqa: PLR2004 - dix-sept to dix-neuf


_NUMBER = one_of(
    "zero|une?|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|treize|quatorze|quinze|seize|vingts?|trente",
    "quarante|cinquante|soixante|septante|huitante|nonante",
)

RECOGNISER = Recogniser(
    name="phone_in_words",
    kind="phone",
    data_class=DataClass.PERSONAL,
    patterns=(rf"(?i)\bzero[ ,.-]{{1,2}}{_NUMBER}(?:[ ,.-]{{1,2}}(?:et[ -])?{_NUMBER}){{3,16}}\b",),
    verify=_verify,
)
