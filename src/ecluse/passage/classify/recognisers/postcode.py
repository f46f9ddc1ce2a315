"""Postcodes without their address: *code postal : 69003*, *dans le 75011*, *CO 80202*, *ZIP 10001*, *SW1A 2AA*.

A postcode names a place, not a person: it is `indirect`. Beside the rest of an address it is part of it.
"""

import re

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.checks import alone, one_of
from ecluse.passage.classify.recogniser import LIKELY, Candidate, Hit, Recogniser

_STATES = one_of(
    "A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|P[AR]|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY]"
)
_BRITISH = re.compile(r"[A-PR-UWYZ](?:[A-HK-Y]?\d{1,2}|[A-HK-Y]?\d[A-Z]) \d[ABD-HJLNP-UW-Z]{2}")
_FRENCH = r"(?:0[1-9]|[1-8]\d|9[0-8])\d{3}"


def _verify(candidate: Candidate) -> Hit | None:
    text, start, end, _ = candidate
    if not alone(text, start, end):
        return None
    if candidate.value[-1].isalpha() and not _BRITISH.fullmatch(candidate.value):
        return None
    if candidate.value[-1].isdigit():  # the last word is the code
        code = candidate.value.rsplit(maxsplit=1)[-1].lstrip(":=#(")
        start = end - len(code)
    return Hit(start, end, LIKELY, "digits or letters in the form of a postcode, after a word for one or a state")


RECOGNISER = Recogniser(
    name="postcode",
    kind="postcode",
    data_class=DataClass.PERSONAL,
    patterns=(
        rf"(?i:\b(?:code postal|cp|c\.p\.)(?: est(?: le)?)?)[ ]?[:=]?[ ]{{1,2}}{_FRENCH}\b",
        rf"(?i:\b(?:dans|pour|vers|sur) le) {_FRENCH}\b",
        rf"\b{_STATES} \d{{5}}(?:-\d{{4}})?\b",
        r"(?i:\b(?:zip(?: ?code)?|postcode|postal code|post code)(?: is)?)[ ]?[:=#(]?[ ]{1,2}\d{4,5}(?:-\d{4})?\b",
        r"\b[A-Z]{1,2}\d[0-9A-Z]? \d[A-Z]{2}\b",
    ),
    verify=_verify,
    indirect=True,
)
