"""Numbers, dates and amounts as each language writes them (Imprimerie nationale; ISO 8601 underneath)."""

from datetime import date, datetime
from math import floor, log10

LANGUAGES = ("fr", "en")
THIN = "\u202f"
"""Narrow no-break space: groups of three digits, and before % and units in French."""
NO_BREAK = "\u00a0"

MONTHS = {
    "fr": (
        "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
        "décembre",
    ),
    "en": (
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ),
}  # fmt: skip


def number(value: float, language: str, digits: int | None = None) -> str:
    """Write a number: 12 345,6 or 12,345.6. Whole numbers have no decimals unless `digits` asks for some."""
    if digits is None:
        digits = 0 if float(value).is_integer() else 1
    text = f"{value:,.{digits}f}"
    if language == "fr":
        return text.replace(",", THIN).replace(".", ",")
    return text


def percent(part: float, whole: float, language: str) -> str:
    """Write a share of a whole, or a dash when there is no whole."""
    if not whole:
        return "\u2013"
    share = 100 * part / whole
    digits = 0 if share >= 10 or share == 0 else 1  # noqa: PLR2004 - one decimal below ten
    return f"{number(share, language, digits)}{THIN if language == 'fr' else ''}%"


def money(value: float, currency: str, language: str) -> str:
    """Write an amount."""
    digits = 2 if value < 1000 else 0  # noqa: PLR2004 - cents of small amounts only
    sign = {"EUR": "€", "USD": "$"}.get(currency, currency)
    if language == "fr":
        return f"{number(value, language, digits)}{NO_BREAK}{sign}"
    return f"{sign}{number(value, language, digits)}"


def between(low: float, high: float, unit: str, language: str) -> str:
    """Write an interval with two significant figures: 0,22 à 2,2 Wh."""
    first, last = (number(one, language, max(0, 1 - floor(log10(one)))) if one else "0" for one in (low, high))
    return f"{first} {'à' if language == 'fr' else 'to'} {last}{NO_BREAK}{unit}"


def day(value: date | str, language: str) -> str:
    """Write a day in words: 24 novembre 2026."""
    when = date.fromisoformat(value[:10]) if isinstance(value, str) else value
    first = "1er" if when.day == 1 and language == "fr" else str(when.day)
    return f"{first}{NO_BREAK}{MONTHS[language][when.month - 1]} {when.year}"


def moment(value: str, language: str) -> str:
    """Write an entry's instant (UTC): day and time to the second."""
    when = datetime.fromisoformat(value)
    joined = " à " if language == "fr" else ", "
    return f"{day(when.date(), language)}{joined}{when:%H:%M:%S} UTC"


def short_moment(value: str, language: str) -> str:
    """Write an entry's instant (UTC) in a table: 24/11/2026 08:12."""
    when = datetime.fromisoformat(value)
    return f"{when:%d/%m/%Y %H:%M}" if language == "fr" else f"{when:%Y-%m-%d %H:%M}"


def bytes_of(value: int, language: str) -> str:
    """Write a size."""
    unit = "o" if language == "fr" else "B"
    if value < 1024:  # noqa: PLR2004 - one KiB
        return f"{number(value, language)}{NO_BREAK}{unit}"
    return f"{number(value / 1024, language, 1)}{NO_BREAK}Ki{unit}"
