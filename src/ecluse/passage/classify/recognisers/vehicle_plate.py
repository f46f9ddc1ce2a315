"""French registration plates, of both systems, beside a word for a vehicle: who holds one is a person.

The letters I, O and U are in no plate of the system of 2009. A word is asked for: references of goods look the same.
Forms: from general knowledge, no text was opened.
"""

import re

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.checks import alone, beside, words
from ecluse.passage.classify.recogniser import LIKELY, Candidate, Hit, Recogniser

_NEAR = re.compile(
    r"\b(?:immatricul\w*|plaques?|vehicules?|voitures?|automobiles?|motos?|scooters?|camions?|camionnettes?|fourgons?"
    r"|utilitaires?|carte grise|berlines?|licen[cs]e plates?|registration)\b"
)
_UNITS = words("EUR USD CHF GBP TTC HT KM KG CV CC CH")
_LETTERS = "[A-HJ-NP-TV-Z]"


def _verify(candidate: Candidate) -> Hit | None:
    text, start, end, _ = candidate
    if not _UNITS.isdisjoint(re.split("[ -]", candidate.value)):
        return None
    if not alone(text, start, end) or not beside(_NEAR, text, start, end):
        return None
    return Hit(start, end, LIKELY, "the form of a registration plate, beside a word for a vehicle")


RECOGNISER = Recogniser(
    name="vehicle_plate",
    kind="vehicle_plate",
    data_class=DataClass.PERSONAL,
    patterns=(
        rf"(?i)\b{_LETTERS}{{2}}[ -]?\d{{3}}[ -]?{_LETTERS}{{2}}\b",
        r"\b[1-9]\d{1,3}[ -][A-Z]{2,3}[ -](?:\d{2}|2[AB]|97\d)\b",
    ),
    verify=_verify,
)
