"""SIREN and SIRET: numbers of companies and of their establishments, with the Luhn sum (La Poste's sum differs).

A company's number is no personal data by itself, even where a sole trader has one: it is seen, so that it can be told
from a card or a telephone number, and never believed enough to make a data class.
Source of La Poste's exception (SIREN 356000000, digits that add up to a multiple of five): INSEE's documentation.
"""

import re

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.checks import bare, before, clear_of_digits, luhn
from ecluse.passage.classify.recogniser import DOUBTFUL, Candidate, Hit, Recogniser

_NEAR = re.compile(r"\b(?:sire[nt]s?|rcs|tva|immatricul\w*|societe|entreprise)\b")
_LA_POSTE = "356000000"
_SIREN = 9


def _verify(candidate: Candidate) -> Hit | None:
    text, start, end, _ = candidate
    digits = bare(candidate.value)
    if not clear_of_digits(text, start, end) or not _sum_is_right(digits):
        return None
    if len(digits) == _SIREN and not _NEAR.search(before(text, start)):
        return None
    return Hit(start, end, DOUBTFUL, "the number of a company: no personal data by itself")


def _sum_is_right(digits: str) -> bool:
    return luhn(digits) or (digits.startswith(_LA_POSTE) and sum(map(int, digits)) % 5 == 0)


RECOGNISER = Recogniser(
    name="siret",
    kind="siret",
    data_class=DataClass.PERSONAL,
    patterns=(r"\b\d{3}[ .\n-]{0,2}\d{3}[ .\n-]{0,2}\d{3}(?:[ .\n-]{0,2}\d{5})?",),
    verify=_verify,
)
