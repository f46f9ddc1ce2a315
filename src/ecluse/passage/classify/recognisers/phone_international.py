"""Telephone numbers with a country code (ITU-T E.164: at most fifteen digits), and the North American form."""

import re

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.checks import bare, beside, clear_of_digits, touches_a_digit
from ecluse.passage.classify.recogniser import LIKELY, PLAUSIBLE, WEAK, Candidate, Hit, Recogniser

_NEAR = re.compile(
    r"\b(?:te?l(?:ephone|efon\w*)?|phone|mobile|cell|gsm|fax|call(?:ed|ing)?|appel\w*|numero|whatsapp)\b"
)
_LEAST, _MOST = 8, 15
_SPACED = re.compile(r"\d{3} \d{3} [\d ]{4,5}")


_DATE = re.compile(r"\d{1,2}[ ./-]\d{1,2}[ ./-]\d{4}|\d{4}[./-]\d{1,2}[./-]\d{1,2}.*")
_LABELLED = re.compile(r"[A-Za-z].*?(?=[+(\d])", re.DOTALL)


def _verify(candidate: Candidate) -> Hit | None:
    text, start, end, _ = candidate
    if label := _LABELLED.match(candidate.value):
        start += label.end()
        if touches_a_digit(text, start, end) or _DATE.fullmatch(text, start, end):
            return None
        return Hit(start, end, PLAUSIBLE, "a number after a label for a telephone")
    if not clear_of_digits(text, start, end):
        return None
    near = beside(_NEAR, text, start, end)
    if _SPACED.fullmatch(candidate.value) and not near:
        return None
    return _with_country(candidate, near=near) if candidate.value[0] == "+" else _american(candidate, near=near)


def _with_country(candidate: Candidate, *, near: bool) -> Hit | None:
    digits = bare(candidate.value)
    if not _LEAST <= len(digits) <= _MOST or digits[0] == "0":
        return None
    spaced = not candidate.value[1:].isdigit()
    confidence = LIKELY if near or spaced else PLAUSIBLE
    return Hit(candidate.start, candidate.end, confidence, "a number with a country code")


def _american(candidate: Candidate, *, near: bool) -> Hit:
    sure = near or candidate.value[0] == "("
    return Hit(candidate.start, candidate.end, PLAUSIBLE if sure else WEAK, "ten digits in the North American form")


RECOGNISER = Recogniser(
    name="phone_international",
    kind="phone",
    data_class=DataClass.PERSONAL,
    patterns=(
        r"\+\d{1,3}(?:[ .()\n-]{0,3}\d){6,13}",
        r"(?:\b(?:00)?1[ .-]?)?\(\d{3}\) ?\d{3}[ .-]\d{4}(?: ?(?:x|ext\.?) ?\d{2,5})?",
        r"\b(?:(?:00)?1[.-])?\d{3}[.-]\d{3}[.-]\d{4}(?: ?(?:x|ext\.?) ?\d{2,5})?",
        r"\b\d{3} \d{3} (?:\d{2} \d{2}|\d{4})\b",
        (
            r"(?i:\b(?:te?l(?:ephone|efon[oe]?)?|phone|mobile|fax|cell|portable|gsm)(?: ?n[o.]{1,2})?\.?)"
            r"[ ]?[:=][ \n]{0,2}\+?\(?\d(?:[ .()/-]{0,2}\d){6,13}"
        ),
        (
            r"(?i:\b(?:(?:call|reach|phone|text|contact)(?: me| us| him| her| them)?(?: back)? (?:at|on)|answering at"
            r"|(?:phone|mobile|telephone|portable|cell) (?:number )?(?:is|est le|est)|par te?l(?:ephone)? au"
            r"|(?:joindre|joignable|rappeler|appeler|contacter) au|ligne telephonique)) "
            r"\+?\(?\d(?:[ .()/-]{0,2}\d){6,13}"
        ),
    ),
    verify=_verify,
    across=True,
)
