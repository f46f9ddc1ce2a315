"""Numbers of cases and judgments: *requête n° 36244/06*, *RG 21/01234*, *pourvoi n° 18-12.345*, *C-131/12*.

A number names a procedure, not a person, but whoever reads the register of a court has the names: it is `indirect`.
"""

import re

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.checks import alone, before, clear_of_digits
from ecluse.passage.classify.recogniser import LIKELY, PLAUSIBLE, PROVEN, Candidate, Hit, Recogniser

_SAID = re.compile(
    r"\b(?:applications?|cases?|requetes?|affaires?|dossiers?|pourvois?|rg|repertoire|arrets?|jugements?|decisions?"
    r"|complaints?|claims?|docket|file|minute|parquet|instruction)[ ]{0,2}"
    r"(?:(?:n[o.\u00b0]{1,2}s?\.?|nos?\.?|numeros?|numbers?)[ ]{0,2}){0,2}(?:rg )?[:(#]?[ ]{0,2}\Z"
)
_LISTED = re.compile(r"\b(?:nos?\.?|n[o.]s?|and|et|,|;)[ ]{0,2}\Z")
_BROAD = re.compile(r"\d{4,6}/\d{2}|\d{2}/\d{5}")
"""More digits on one side than a date, a fraction or a page of so many has."""


def _verify(candidate: Candidate) -> Hit | None:
    text, start, end, _ = candidate
    if not alone(text, start, end) or text[max(0, start - 1) : start] in {"/", "-"} or text[end : end + 1] == "/":
        return None
    if candidate.value.startswith("ECLI"):
        return Hit(start, end, PROVEN, "an ECLI")
    return _by_its_words(candidate) if clear_of_digits(text, start, end) else None


def _by_its_words(candidate: Candidate) -> Hit | None:
    text, start, end, _ = candidate
    said = before(text, start, 40)
    if _SAID.search(said):
        return Hit(start, end, LIKELY, "a number after a word for a case")
    if _BROAD.fullmatch(candidate.value) and _LISTED.search(said):
        return Hit(start, end, PLAUSIBLE, "a number in the form of a case's, in a list or after 'no.'")
    if candidate.value[0].isalpha():
        return Hit(start, end, PLAUSIBLE, "a number in the form of a case's before a court of the Union")
    return None


RECOGNISER = Recogniser(
    name="case_number",
    kind="case_number",
    data_class=DataClass.PERSONAL,
    patterns=(
        r"\b\d{2,6}/\d{2,6}\b",
        r"\b\d{2}-\d{2}[.]?\d{3}\b",
        r"\b[CTF]-\d{1,4}/\d{2}\b",
        r"\bECLI:[A-Z]{2}:[A-Z0-9]{1,7}:\d{4}:[A-Z0-9.]{1,25}\b",
    ),
    verify=_verify,
    indirect=True,
)
