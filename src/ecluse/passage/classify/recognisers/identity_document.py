"""Numbers of French passports, identity cards, driving licences and residence permits, right after their word.

They have no check, so the word decides. Forms: from general knowledge, no text was opened.
"""

import re

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.checks import alone, one_of
from ecluse.passage.classify.recogniser import LIKELY, Candidate, Hit, Recogniser

_FORM = one_of(r"\d{2} ?[A-Z]{2} ?\d{5}", r"\d{12}", r"[A-Z]\d[A-Z0-9]{7}", r"\d{10}", r"[A-Z]{2}\d{7}")
_NUMBER = re.compile(rf"{_FORM}\Z", re.IGNORECASE)
_WORD = one_of(
    "passeports?|passport|carte (?:nationale )?d'identite|cni|identity card|id card|permis(?: de conduire)?",
    "driving licen[cs]e|(?:titre|carte) de sejour|carte de resident|residence permit",
)
_OTHER = re.compile(r"construire|amenager|demolir|louer|travail|chasse|pech|feu|port", re.IGNORECASE)
"""What other permits are for, right after the word."""
_MANY = 4


def _verify(candidate: Candidate) -> Hit | None:
    found = _NUMBER.search(candidate.value)
    if found is None or sum(map(str.isdigit, found[0])) < _MANY:
        return None
    start = candidate.start + found.start()
    other = candidate.value[: found.start()].lower().startswith("permis") and _OTHER.search(candidate.value)
    if other or not alone(candidate.text, start, candidate.end):
        return None
    return Hit(start, candidate.end, LIKELY, "the form of a document's number, right after its word")


RECOGNISER = Recogniser(
    name="identity_document",
    kind="identity_document",
    data_class=DataClass.PERSONAL,
    patterns=(rf"(?i)\b{_WORD}\b[^\n\d.;]{{0,24}}?\b{_FORM}\b",),
    verify=_verify,
)
