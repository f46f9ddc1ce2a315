"""The French social security number (NIR): sex, year, month, commune, rank, and a key of 97 minus the rest modulo 97.

Source: decree 82-103 of 22 January 1982 on the national register (RNIPP), articles 4 and 5; Corsica's 2A and 2B count
as 19 and 18. A wrong key lowers confidence and asks for the usual spacing or a word beside; it does not delete.
"""

import re

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.checks import bare, before, beside, clear_of_digits
from ecluse.passage.classify.recogniser import LIKELY, PLAUSIBLE, PROVEN, WEAK, Candidate, Hit, Recogniser

_NEAR = re.compile(
    r"\b(?:nir|nss|ssn|insee|secu|s\.s|securite sociale|social security|assure|immatricul\w*|carte vitale|rnipp)\b"
)
_OTHER_NUMBER = re.compile(r"(?:siret|siren|iban|imei|rpps)\W{0,12}$")
_USUAL = re.compile(r"\d[ .-]\d\d[ .-]\d\d[ .-]\d[\dAB][ .-]\d{3}[ .-]\d{3}(?:[ .-]{1,3}\d\d)?", re.IGNORECASE)
_CORSICA = {"2A": "19", "2B": "18"}
_BODY = 13
_MONTHS = frozenset(range(1, 13)) | frozenset(range(20, 43)) | frozenset(range(50, 100))
"""Months 20 to 42 and from 50 stand for births whose month was not known."""


def _verify(candidate: Candidate) -> Hit | None:
    # What is spaced oddly or follows a word is matched with what stands before it, which may be another number.
    first = _DIGIT.search(candidate.text, candidate.start)
    if first and _TWO_IN_A_ROW.fullmatch(candidate.text, first.start(), candidate.end):
        return _before_a_date(candidate._replace(start=first.start()))
    whole = _judged(candidate._replace(start=first.start() if first else candidate.start))
    led = _LED.match(candidate.text, candidate.start, candidate.end)
    rest = _ODD.match(candidate.text, led.end()) if led else None
    if rest is None or (whole and whole.confidence == PROVEN):
        return whole
    hits = (_judged(candidate._replace(start=rest.start(), end=rest.end())), whole)
    return max(filter(None, hits), key=lambda hit: hit.confidence, default=None)


def _before_a_date(candidate: Candidate) -> Hit | None:
    """Part a row of single digits, as the boxes of a form are read, where its last eight are a date of birth."""
    text, start, end, _ = candidate
    row = bare(candidate.value)
    day, month, year = int(row[-8:-6]), int(row[-6:-4]), int(row[-4:])
    born = 1 <= day <= _DAYS and month in range(1, 13) and year in _BORN
    if not born or _ROW_GOES_ON.match(text, end):
        return None
    return Hit(start, end - 2 * _DATE, WEAK, "digit by digit, before a date that is written so too")


def _judged(candidate: Candidate) -> Hit | None:
    value = bare(candidate.value).upper()
    if len(value) >= _BODY and value[:5].isdigit() and int(value[3:5]) in _MONTHS:
        return _as_written(candidate, value)
    return _as_on_a_form(candidate, value)


def _as_written(candidate: Candidate, value: str) -> Hit | None:
    text, start, end, _ = candidate
    if not clear_of_digits(text, start, end) or (_ONE_BY_ONE.search(candidate.value) and _runs_on(candidate, value)):
        return None
    whole = len(value) > _BODY
    if whole and _has_its_key(value):
        return Hit(start, end, PROVEN, "the key is right")
    if _OTHER_NUMBER.search(before(text, start)):
        return None
    if beside(_NEAR, text, start, end):
        sure, why = (PLAUSIBLE, "the key is wrong") if whole else (LIKELY, "thirteen digits without key")
        return Hit(start, end, sure, f"{why}, beside a word for social security")
    if _USUAL.fullmatch(candidate.value.replace("\n", "")):
        return Hit(start, end, WEAK, "without the right key, but spaced as a NIR")
    return _as_on_a_form(candidate, value)


def _has_its_key(value: str) -> bool:
    """Check the key; where 2A or 2B stands elsewhere than a département does, there is none."""
    body = value[:5] + _CORSICA.get(value[5:7], value[5:7]) + value[7:_BODY]
    return body.isdigit() and value[_BODY:].isdigit() and 97 - int(body) % 97 == int(value[_BODY:])


def _as_on_a_form(candidate: Candidate, value: str) -> Hit | None:
    """Believe a little what stands digit by digit, as forms and scans have it, or beside a word for social security."""
    text, start, end, _ = candidate
    if candidate.value == " ".join(value) and _BODY <= len(value) <= _BODY + 2 and not _runs_on(candidate, value):
        return Hit(start, end, WEAK, "digit by digit, as many as a NIR has, or one lost")
    if _SAID.search(before(text, start, 40)) and clear_of_digits(text, start, end):
        return Hit(start, end, WEAK, "digits after a word for social security")
    return None


def _runs_on(candidate: Candidate, value: str) -> bool:
    """Say whether digits that stand one by one are part of a longer row, or of two rows."""
    text, start, end, _ = candidate
    longer = text[max(0, start - 2) : start - 1].isdigit() and text[start - 1] == " "
    return longer or candidate.value != " ".join(value) or bool(_GOES_ON.match(text, end))


_DIGIT = re.compile(r"\d")
_LED = re.compile(r"\D{0,2}\d\d? ")
_ONE_BY_ONE = re.compile(r"(?:\d ){5}")
_TWO_IN_A_ROW = re.compile(r"\d(?: \d){19,23}")
_DATE, _DAYS, _BORN = 8, 31, range(1880, 2110)
_GOES_ON = re.compile(r" ?\d")
_ROW_GOES_ON = re.compile(r" \d\b")
_SAID = re.compile(
    r"(?:securite sociale|assurance maladie|n(?:o|umero)? ?(?:de )?(?:secu|nir|nss)\w*)[ a-z]{0,8}[:=]?[ ]*\Z"
)


_REST = r"[ ./\n-]{0,2}(?:\d[ ./\n-]{0,2}\d|2[ABab])(?:[ ./\n-]{0,2}\d){6}(?:[ ./\n-]{0,3}\d[ ]?\d)?"

_ODDLY = rf"[1-478](?:[ ./\n-]{{0,2}}\d){{4}}{_REST}"
_ODD = re.compile(_ODDLY)

RECOGNISER = Recogniser(
    name="nir",
    kind="nir",
    data_class=DataClass.NATIONAL_ID,
    patterns=(
        # In pairs anywhere; spaced otherwise only after no more than one digit that stands alone, so that a row of
        # single digits is tried twice, not at each of them.
        rf"\b[1-478][ ./\n-]{{0,2}}\d\d[ ./\n-]{{0,2}}\d\d{_REST}",
        rf"(?:^|[^0-9A-Za-z_ ]| {{2}}|[^0-9] |\d\d |(?:^|[^0-9 ]|[^0-9] )\d ){_ODDLY}",
        r"(?:^|[^0-9 ]| {2}|[^0-9] )[12](?: \d){12}(?: \d){0,2}",
        r"(?:^|[^0-9 ]| {2}|[^0-9] )[1-478](?: \d){19,23}\b",
        (
            r"(?i)(?:securite sociale|assurance maladie|\bn(?:o|umero)?.? ?(?:de )?(?:secu|nir|nss)\w{0,6})[ a-z]{0,8}"
            r"[:=]? {0,3}[12](?:[ .-]?\d){10,14}\b"
        ),
    ),
    verify=_verify,
    across=True,
    revision=4,
)
