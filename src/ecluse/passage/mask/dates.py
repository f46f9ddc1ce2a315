"""Dates as they are written, so that one can be moved by some days, or made coarser, and stay written that way.

Law: what is not surely a day of the calendar is no date here. A moved date has the form of the date it stands for.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

_FRENCH = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip
_ENGLISH = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_SHORT_FRENCH = (
    "janv", "févr fév", "mar", "avr", "mai", "juin",
    "juil", "aoû", "sept", "oct", "nov", "déc",
)  # fmt: skip
_MONTHS: Mapping[str, int] = {
    **{name: i for i, name in enumerate(_FRENCH, 1)},
    **{name.lower(): i for i, name in enumerate(_ENGLISH, 1)},
}
_NUMERIC = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})")
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_DAY_MONTH = re.compile(r"(\d{1,2})(er)? ([a-zà-ÿA-Z]+) (\d{4})")
_SHORT = re.compile(r"(?<![0-9])(?<![0-9][./-])(\d{1,2})([./-])(\d{1,2})\2(\d{2})(?![./-]?[0-9])")
_CENTURIES = (1900, 2000)
_MONTH_DAY = re.compile(r"([A-Z][a-z]+) (\d{1,2})(,?) (\d{4})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A day, how another would be written in its place, and how its month alone is written."""

    day: date
    write: Callable[[date], str]
    month: str

    def moved(self, days: int) -> str | None:
        """Write the day that is `days` later, if the calendar has it."""
        try:
            return self.write(self.day + timedelta(days=days))
        except OverflowError:
            return None


def forms(day: date) -> Iterator[str]:
    """Yield how a day is written, its year in full."""
    french, english = _FRENCH[day.month - 1], _ENGLISH[day.month - 1]
    for shown in (str(day.day), f"{day.day:02}"):
        yield f"{shown} {french} {day.year:04}"
        yield f"{shown} {english} {day.year:04}"
        yield f"{english} {shown} {day.year:04}"
        yield from (f"{shown}/{month}/{day.year:04}" for month in (str(day.month), f"{day.month:02}"))
    yield f"{day.day}er {french} {day.year:04}"
    yield day.isoformat()
    yield f"{day.year:04}/{day.month:02}/{day.day:02}"
    ordinal = f"{day.day}{_ordinal(day.day)}"
    yield from (f"{ordinal} {english} {day.year:04}", f"{ordinal} of {english} {day.year:04}")
    yield f"{english} {ordinal} {day.year:04}"
    for short in dict.fromkeys((*_SHORT_FRENCH[day.month - 1].split(), english[:3])):
        yield from (f"{shown} {short} {day.year:04}" for shown in (str(day.day), f"{day.day:02}"))


def _ordinal(day: int) -> str:
    return "th" if day in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")


def short_forms(day: date) -> Iterator[str]:
    """Yield how a day is written with two digits of its year."""
    for shown in dict.fromkeys((str(day.day), f"{day.day:02}")):
        for month in dict.fromkeys((str(day.month), f"{day.month:02}")):
            yield f"{shown}/{month}/{day.year % 100:02}"


def stands_alone(text: str, start: int, end: int) -> bool:
    """Tell whether a date whose year has two digits stands at `[start, end)`: `12/03/85`, and not in `06.12.03.85`."""
    match = _SHORT.match(text, start)
    return match is not None and match.end() == end


def days(text: str) -> Iterator[date]:
    """Yield the day that a text names; of a year of two digits, the day in either century."""
    found = read(text)
    if found is not None:
        yield found.day
    elif match := _SHORT.fullmatch(text):
        for century in _CENTURIES:
            day = _day(str(century + int(match[4])), int(match[3]), match[1])
            yield from (day,) if day else ()


def read(text: str) -> Written | None:
    """Read a date, or nothing when it is none that can be written again."""
    for form in (_numeric, _iso, _day_month, _month_day):
        found = form(text)
        if found is not None and found.write(found.day) == text:
            return found
    return None


def _day(year: str, month: int, day: str) -> date | None:
    try:
        return date(int(year), month, int(day))
    except ValueError:
        return None


def _numeric(text: str) -> Written | None:
    match = _NUMERIC.fullmatch(text)
    day = _day(match[4], int(match[3]), match[1]) if match else None
    if match is None or day is None:
        return None
    sign, wide_day, wide_month = match[2], len(match[1]), len(match[3])
    return Written(
        day=day,
        write=lambda d: f"{d.day:0{wide_day}}{sign}{d.month:0{wide_month}}{sign}{d.year:04}",
        month=f"{day.month:02}/{day.year:04}",
    )


def _iso(text: str) -> Written | None:
    match = _ISO.fullmatch(text)
    day = _day(match[1], int(match[2]), match[3]) if match else None
    return Written(day=day, write=date.isoformat, month=f"{day.year:04}-{day.month:02}") if day else None


def _day_month(text: str) -> Written | None:
    match = _DAY_MONTH.fullmatch(text)
    number = _MONTHS.get(match[3].lower()) if match else None
    day = _day(match[4], number, match[1]) if match and number else None
    if match is None or number is None or day is None:
        return None
    names = _FRENCH if match[3].lower() == _FRENCH[number - 1] else _ENGLISH
    french, wide = names is _FRENCH, len(match[1])
    first = "er" if french and (match[2] or day.day != 1) else ""

    def write(d: date) -> str:
        return f"{d.day:0{wide}}{first if d.day == 1 else ''} {names[d.month - 1]} {d.year:04}"

    return Written(day=day, write=write, month=f"{names[day.month - 1]} {day.year:04}")


def _month_day(text: str) -> Written | None:
    match = _MONTH_DAY.fullmatch(text)
    number = _MONTHS.get(match[1].lower()) if match else None
    day = _day(match[4], number, match[2]) if match and number else None
    if match is None or day is None:
        return None
    comma = match[3]
    return Written(
        day=day,
        write=lambda d: f"{_ENGLISH[d.month - 1]} {d.day}{comma} {d.year:04}",
        month=f"{_ENGLISH[day.month - 1]} {day.year:04}",
    )
