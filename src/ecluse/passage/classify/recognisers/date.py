"""Dates of the calendar, in figures and in words, French and English. A date alone names nobody: it is `indirect`.

A number is a date by its signs (12/03/2024), by a month's name (12 mars), or by a word before it (*en 1995*). Digits in
pairs and digits one by one, as forms and scans write them, ask for a valid day, month and year of four figures.
"""

import re

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.checks import before, one_of
from ecluse.passage.classify.recogniser import LIKELY, PLAUSIBLE, Candidate, Hit, Recogniser

_MONTHS = one_of(
    "janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre|decembre",
    "january|february|march|april|may|june|july|august|september|october|november|december",
)
_SHORT = one_of("janv?|fevr?|mar|avr|juin|juil|aou?t?|sept?|oct|nov|dec|feb|apr|jun|jul|aug")
_FIGURES = re.compile(r"\d+")
_LETTERS = re.compile(r"[A-Za-z]{3}")
_ROW = re.compile(r"\d(?: \d){7}\Z")
_ROW_GOES_ON = re.compile(r" \d\b")
_LEAD = 2
"""Characters that stand before a row of its own; a longer row ends with a date that other digits stand before."""
_TOGETHER = re.compile(r" (?:\d{6}|\d{8})\Z")
_WORDS = (
    r"(?:\b(?:le|du|au|des|depuis|en|date|jusqu'au|vers|on|since|from|until|dated|the|et|nee?s?|vue?)|\b[cdsj]\d{1,2})"
)
_TOLD = re.compile(rf"{_WORDS}[ \n]{{0,2}}\Z")
_ASKED = re.compile(rf"(?:{_WORDS}|[:(,;-])[ \n]{{0,2}}\Z")
_VERSION = re.compile(r"(?:\bv|version|release|chapitre|section|article|page|fig|tableau)[ .:]{0,3}$")
_MOST_DAYS, _MOST_MONTHS, _FIRST, _LAST = 31, 12, 1850, 2110
_YEAR_DIGITS = 4


def _verify(candidate: Candidate) -> Hit | None:
    if span := _RANGE.match(candidate.value):
        return _first_of_two(candidate, span)
    if row := _ROW.search(candidate.value):  # matched with what stands before it
        if row.start() > _LEAD and _ROW_GOES_ON.match(candidate.text, candidate.end):
            return None
        candidate = candidate._replace(start=candidate.start + row.start())
    text, start, end, _ = candidate
    value = candidate.value
    glued = value[0] != "\n" and _GLUED_BEFORE.search(text[max(0, start - 2) : start])
    if glued or _GLUED_AFTER.match(text, end):
        return None
    if _TOGETHER.search(value):
        return _run_together(candidate)
    return _in_words(candidate) if value[0].isalpha() or _LETTERS.search(value) else _in_figures(candidate)


def _in_figures(candidate: Candidate) -> Hit | None:
    text, start, end, _ = candidate
    value, said = candidate.value, before(text, start, 16)
    if bare := _YEARS.search(value):
        return Hit(start + bare.start(1), start + bare.end(1), PLAUSIBLE, "a year in a list, a range or brackets")
    if _VERSION.search(said):
        return None
    figures = [int(n) for n in _FIGURES.findall(value)]
    asked = bool((_TOLD if len(figures) == 2 else _ASKED).search(said))  # noqa: PLR2004 - 1:27 is no date, le 1/2 is
    if not _is_date(value, figures, asked=asked):
        return None
    return Hit(start, end, LIKELY if asked else PLAUSIBLE, "figures in the form of a date")


def _first_of_two(candidate: Candidate, span: re.Match[str]) -> Hit | None:
    """Take what opens a range that a date closes: *du 18 au 29/03/2020*; with a hyphen between the two, both."""
    start, end, text = candidate.start, candidate.start + span.end(1), candidate.text
    day = _FIGURES.match(span[1])
    if day and not 1 <= int(day.group()) <= _MOST_DAYS:
        return None
    if span[2]:  # of both, what closes the range is matched by no pattern of its own
        figures = [int(n) for n in _FIGURES.findall(span[2])]
        end = candidate.end
        if not _is_day(*figures[:2]) or _GLUED_AFTER.match(text, end):
            return None
    if _GLUED_BEFORE.search(text[max(0, start - 2) : start]):
        return None
    return Hit(start, end, LIKELY, "what opens a range of dates")


def _in_words(candidate: Candidate) -> Hit | None:
    """Take what begins with a preposition from the month or the year on: *en 1995*, *in October*, *fin septembre*."""
    if row := _YEARS_IN_A_ROW.fullmatch(candidate.value):  # after some prepositions the first is claimed by itself
        first = row.start(2) if row[1] else candidate.value.index(" ") + 1
        return Hit(candidate.start + first, candidate.end, PLAUSIBLE, "years in a row after a preposition")
    led = _LED.match(candidate.value)
    start = candidate.start + (led.end() if led else 0)
    day = re.match(r"\d{1,2}(?!\d)", candidate.text[start : start + 3])
    if day and not 1 <= int(day.group()) <= _MOST_DAYS:
        return None
    return Hit(start, candidate.end, LIKELY, "a month by its name, or a year or a weekday after a preposition")


_GLUED_BEFORE = re.compile(r"(?:[A-Za-z0-9_]|\d[/.-])\Z")
_GLUED_AFTER = re.compile(r"[A-Za-z0-9_]|[/.-]\d")
_YEARS = re.compile(r"\A\(?[\n -]*((?:18|19|20)\d{2}(?: ?- ?(?:18|19|20)\d{2})?)\)?\Z")
_YEARS_IN_A_ROW = re.compile(
    r"(?:(in|en|between|entre|since|depuis)|from|of|de) \d{4}(?:,|,? (?:and|et|or|ou|to|a)) (\d{4}.*)", re.IGNORECASE
)
_LED = re.compile(
    r"(?:en|depuis|since|during|in|annee|jusqu'en|courant|avant|apres|before|after|until|pour|on|last|next|by|between"
    r"|entre)[ \n]"
    r"(?:(?:l'annee|the year) )?",
    re.IGNORECASE,
)


def _run_together(candidate: Candidate) -> Hit | None:
    """Believe ddmmyy, ddmmyyyy and yyyymmdd after a word for a date."""
    start = candidate.value.rindex(" ") + 1
    digits = candidate.value[start:]
    day, month, year = (
        (digits[6:], digits[4:6], digits[:4])
        if len(digits) == 8 and digits[:2] in {"19", "20"} and int(digits[4:6]) <= _MOST_MONTHS  # noqa: PLR2004 - yyyymmdd
        else (digits[:2], digits[2:4], digits[4:])
    )
    possible = 1 <= int(day) <= _MOST_DAYS and 1 <= int(month) <= _MOST_MONTHS
    if not possible or (len(year) == _YEAR_DIGITS and not _FIRST <= int(year) <= _LAST):
        return None
    return Hit(
        candidate.start + start, candidate.end, PLAUSIBLE, "figures in the order of a date, after a word for one"
    )


def _is_date(value: str, figures: list[int], *, asked: bool) -> bool:
    apart = [len(n) for n in _FIGURES.findall(value)]
    if set(apart) == {1} and len(apart) == 8:  # noqa: PLR2004 - ddmmyyyy, one by one
        digits = value.replace(" ", "")
        return _is_day(int(digits[:2]), int(digits[2:4])) and _FIRST <= int(digits[4:]) <= _LAST
    if len(figures) < 2:  # noqa: PLR2004 - figures run together
        return False
    if len(figures) < 3:  # noqa: PLR2004 - day and month, or month and year
        if apart[-1] == _YEAR_DIGITS:
            return 1 <= figures[0] <= _MOST_MONTHS and _FIRST <= figures[1] <= _LAST and (asked or " " not in value)
        return asked and _is_day(*figures) and min(apart) * max(apart) >= 2  # noqa: PLR2004 - no 1.2
    year = next((n for n, size in zip(figures, apart, strict=False) if size == _YEAR_DIGITS), None)
    if year is not None:
        others = [n for n in figures[:3] if n != year] or [0]
        in_pairs = not re.search(r"[./|-]", value)
        return len(others) > 1 and _is_day(*others[:2]) and _FIRST <= year <= _LAST and (asked or not in_pairs)
    return _is_day(figures[0], figures[1]) and (asked or "/" in value)


def _is_day(one: int, other: int) -> bool:
    """Say whether two figures may be a day and a month, in either order."""
    return 1 <= min(one, other) <= _MOST_MONTHS and 1 <= max(one, other) <= _MOST_DAYS


_TIME = r"(?:[ T]\d{2}:\d{2}:\d{2})?"
_YEAR = r"(?:18|19|20)\d{2}"
_NUMBER = one_of(
    "un|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|treize|quatorze|quinze|seize|vingts?|trente|quarante",
    "cinquante|soixante|septante|huitante|nonante|cents?|milles?|et|premier|\\d{1,2}",
)
_DAY = r"\d{1,2}(?:er|st|nd|rd|th)?"
_ENGLISH = one_of("january|february|march|april|june|july|august|september|october|november|december")

_FIGURED = r"\d{1,2}[/.]\d{1,2}[/.](?:\d{4}|\d{2})"
_RANGE = re.compile(
    rf"({_DAY}|{_MONTHS}|{_SHORT}\.?)"
    rf"(?: (?:au|a|et|to|and) (?:{_FIGURED}|\d{{1,2}}/\d{{1,2}}|(?:{_DAY} )?(?:{_MONTHS}|{_SHORT})\b)|-({_FIGURED})\Z)",
    re.IGNORECASE,
)
"""What opens a range, and what closes it."""

RECOGNISER = Recogniser(
    name="date",
    kind="date",
    data_class=DataClass.PERSONAL,
    patterns=(
        rf"\d{{1,2}} ?[./|-] ?\d{{1,2}} ?[./|-] ?(?:\d{{4}}|\d{{2}}){_TIME}",
        rf"\d{{4}}[./-]\d{{1,2}}[./-]\d{{1,2}}{_TIME}",
        r"\d{1,2}[ /|]\d{1,2}[ /|](?:19|20)\d{2}",
        r"(?:^|[^0-9 ]| {2}|[^0-9] )\d(?: \d){7}",
        r"(?:^|[^0-9 ]| {2}|[^0-9] )[1-478](?: \d){19,23}\b",  # after a social security number, on a form
        r"\b\d{1,2} ?[./] ?\d{1,2}\b",
        r"\b\d{1,2}[ /-](?:19|20)\d{2}\b",
        rf"(?i)\b{_DAY}[ .-]{{0,2}}(?:of )?(?:{_MONTHS}|{_SHORT}\b\.?|{_SHORT}\d{{2,4}})(?:,?[ .-]{{0,2}}\d{{4}})?\b",
        rf"(?i)\b(?:(?:fin|debut|mi|courant|early|late)[ -])?{_MONTHS}(?: {_DAY},?)? \d{{4}}\b",
        rf"(?i)\b{_ENGLISH} {_DAY}\b",
        rf"(?i)\b(?:en|depuis|since|in|during|courant|avant|until|pour) (?:fin |debut |mi-|early |late )?{_MONTHS}\b",
        (
            r"(?i)\b(?:en|depuis|since|during|in|annee|jusqu'en|avant|apres|before|after|until|between|entre) "
            r"(?:(?:l'annee|the year) )?(?:1[6-9]|20)\d{2}\b"
        ),
        r"(?i)\b(?:on|last|next|by|until|since|before|after) (?:mon|tues|wednes|thurs|fri|satur|sun)day\b",
        r"\b[QT][1-4] 20\d{2}\b",
        rf"(?:\n|^)[ ]?- ?{_YEAR}\b|\b{_YEAR} ?- ?{_YEAR}\b|\({_YEAR}\)",
        rf"(?i)\b{_NUMBER}(?:[ -]{{1,2}}{_NUMBER}){{0,3}} {_MONTHS}(?: {_NUMBER}(?:[ -]{{1,2}}{_NUMBER}){{0,8}})?\b",
        rf"(?i)\b\d{{1,2}}, {_MONTHS} {_YEAR}\b|\b(?:{_MONTHS}|{_SHORT}) \d{{1,2}}, ?{_YEAR}\b",
        rf"(?i)\b(?:{_MONTHS}|fev|janv) (?:\d{{2}}|{_YEAR})\b",
        (
            rf"(?i)\b(?:in|en|between|entre|from|since|depuis|of|de) {_YEAR}"
            rf"(?:(?:,|,? (?:and|et|or|ou|to|a)) {_YEAR}){{1,6}}\b"
        ),
        rf"(?i)\b(?:{_DAY}|{_MONTHS}|{_SHORT}\.?) (?:au|a|et|to|and) (?:{_DAY} )?(?:{_MONTHS}|{_SHORT})\b",
        rf"\b\d{{1,2}} (?:au|et|to|and) (?:{_FIGURED}|\d{{1,2}}/\d{{1,2}}\b)|\b\d{{1,2}}-{_FIGURED}",
        r"(?i)\b(?:le|du|au|date|depuis) (?:\d{6}|\d{8})\b",
        rf"(?i)\b{_MONTHS} (?:mille|deux[ -]mille)(?:[ -]{{1,2}}{_NUMBER}){{0,8}}\b",
    ),
    verify=_verify,
    indirect=True,
    revision=5,
)
