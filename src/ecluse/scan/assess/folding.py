"""How the attacker reads: folded words, days however they are written, runs of digits.

Law: nothing here is shared with the mask that is attacked: what the mask does not think of, this may.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

_MONTHS: dict[str, int] = {
    name: number
    for number, names in enumerate(
        (
            "janvier january januar enero gennaio januari janeiro janv jan",
            "fevrier february februar febrero febbraio februari fevereiro fevr fev feb",
            "mars march marz marzo maart marco mar",
            "avril april abril aprile avr apr",
            "mai may mayo maggio mei maio",
            "juin june juni junio giugno junho jun",
            "juillet july juli julio luglio julho juil jul",
            "aout august agosto augustus aug",
            "septembre september septiembre settembre setembro sept sep",
            "octobre october oktober octubre ottobre outubro oct okt",
            "novembre november noviembre novembro nov",
            "decembre december dezember diciembre dicembre dezembro dec dez",
        ),
        1,
    )
    for name in names.split()
}
_DAY = re.compile(
    r"(?<!\d)(?:"
    r"(?P<y1>\d{4})[-/. ](?P<m1>\d{1,2})[-/. ](?P<d1>\d{1,2})"
    r"|(?P<d2>\d{1,2}) ?[-/. ] ?(?P<m2>\d{1,2})(?: ?[-/. ] ?(?P<y2>\d{4})| ?[-/.] ?(?P<y7>\d{2}))"
    r"|(?P<d3>\d{1,2})(?:er|st|nd|rd|th|\.)? ?[-/ ]?(?:de )?(?P<m3>[^\W\d_]{3,10})"
    r"\.?,? ?[-/ ]?(?:de )?(?P<y3>\d{4}|\d{2})"
    r"|(?P<y4>(?:19|20)\d{2})(?P<m4>\d{2})(?P<d4>\d{2})"
    r"|(?P<d5>\d{2})(?P<m5>\d{2})(?P<y5>(?:19|20)\d{2})"
    r")(?!\d)"
    r"|(?<!\w)(?P<m6>[^\W\d_]{3,10})\.? (?P<d6>\d{1,2})(?:st|nd|rd|th)?,? (?P<y6>\d{4})(?!\d)"
)
_NAMED = tuple([name for name in _DAY.groupindex if name[0] == part] for part in "ymd")
_SHORT_YEAR = 100
_WORD = re.compile(r"[^\W\d_]+")


def fold(text: str) -> str:
    """Return letters and digits without case and accents."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe").replace("æ", "ae").replace("ß", "ss"))
    return "".join(c for c in plain if c.isalnum())


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A word of a text."""

    folded: str
    start: int
    end: int
    capital: bool


def words(text: str) -> Iterator[Word]:
    """Yield the words of a text, those of a compound one by one."""
    for match in _WORD.finditer(text):
        yield Word(folded=fold(match[0]), start=match.start(), end=match.end(), capital=match[0][0].isupper())


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A day at a place of a text; a year of two digits is one of two."""

    days: frozenset[date]
    start: int
    end: int


def days(text: str) -> Iterator[Day]:
    """Yield the days of a text, in figures and words of several languages, day before month."""
    for match in _DAY.finditer(text):
        year, month, day = (next(filter(None, (match[name] for name in names))) for names in _NAMED)
        number = int(month) if month.isdigit() else _MONTHS.get(fold(month), 0)
        read = frozenset(_read(_years(int(year)), number, int(day)))
        if read:
            yield Day(days=read, start=match.start(), end=match.end())


def _years(year: int) -> tuple[int, ...]:
    return (1900 + year, 2000 + year) if year < _SHORT_YEAR else (year,)


def _read(years: tuple[int, ...], month: int, day: int) -> Iterator[date]:
    for year in years:
        try:
            yield date(year, month, day)
        except ValueError:
            continue
