"""Malta: the number of an identity card, up to seven digits and a letter. No check digit: only its word tells it.

Source of the form: "TIN Algorithms - Public" of DG TAXUD (European Commission), as validator.js
(github.com/validatorjs/validator.js, MIT) documents it.
"""

import re

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.checks import alone, before
from ecluse.passage.classify.recogniser import LIKELY, Candidate, Hit, Recogniser

_SAID = re.compile(
    r"\b(?:malt\w{2,5} (?:id|identity)(?: card)?|id card|identity card|karta ta[l']?-?identita'?)\b[^\d\n]{0,20}\Z"
)


def _verify(candidate: Candidate) -> Hit | None:
    text, start, end, _ = candidate
    if not alone(text, start, end) or not _SAID.search(before(text, start)):
        return None
    return Hit(start, end, LIKELY, "the form of a Maltese identity card's number, right after its word")


RECOGNISER = Recogniser(
    name="mt_id_card",
    kind="national_id",
    data_class=DataClass.NATIONAL_ID,
    patterns=(r"\b\d{3,7} ?[APMGLHBZ]\b",),
    verify=_verify,
)
