"""Amounts of money with their currency: *1 250,50 €*, *EUR 5,000*, *12 millions d'euros*. They decide nothing."""

import re

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.checks import clear_of_digits, one_of
from ecluse.passage.classify.recogniser import LIKELY, Candidate, Hit, Recogniser

_CODES = one_of("EUR|USD|GBP|CHF|PLN|RON|CZK|HUF|SEK|DKK|NOK|BGN|TRY|TRL|RUB|UAH|JPY|CNY|CAD|AUD")
_NAMES = one_of(
    r"euros?|francs?(?: suisses)?|dollars?|livres sterling|pounds(?: sterling)?|centimes?|cents|zlotys?|roubles?",
    "lei|forints?|couronnes?|kronor",
)
_FIGURE = r"\d{1,3}(?:[ .,']\d{3}){0,4}(?:[.,]\d{1,2})?|\d{1,12}(?:[.,]\d{1,2})?"
_GREAT = r"(?:[ ]?(?:k|m|mille|millions?|milliards?|billion|thousand)(?: d'| de | of )?)?"
_PARAMETER = re.compile(r"[$]\d{1,2}")
"""As programs and templates number what they are given."""


def _verify(candidate: Candidate) -> Hit | None:
    text, start, end, _ = candidate
    if not clear_of_digits(text, start, start + 1) and text[start - 1 : start].isalnum():
        return None
    if end < len(text) and text[end - 1].isalnum() and text[end].isalnum():
        return None
    if _PARAMETER.fullmatch(candidate.value):
        return None
    return Hit(start, end, LIKELY, "a figure and a currency")


RECOGNISER = Recogniser(
    name="amount",
    kind="amount",
    data_class=DataClass.PERSONAL,
    patterns=(
        rf"(?i)\b(?:{_FIGURE}){_GREAT} ?(?:{_NAMES}\b|{_CODES}\b)",
        rf"\b{_CODES} ?(?:{_FIGURE})(?: (?:million|billion|thousand)\b)?",
        rf"[$] ?(?:{_FIGURE})(?: ?(?:k|M|million|billion)\b)?",
    ),
    verify=_verify,
    indirect=True,
)
