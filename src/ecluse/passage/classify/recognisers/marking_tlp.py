"""Traffic Light Protocol 2.0: TLP:RED, TLP:AMBER+STRICT, TLP:AMBER and TLP:GREEN limit who may read.

Source: FIRST, "Traffic Light Protocol (TLP)", version 2.0: written in capitals, with a colon and no space. AMBER and
stricter stay with the recipient's organisation and those it serves, GREEN within a community: none is for a provider.
TLP:CLEAR limits nothing.
"""

import re

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.checks import before
from ecluse.passage.classify.recogniser import LIKELY, STRONG, Candidate, Hit, Recogniser

_TALK = re.compile(
    r"\b(?:mentions?|niveaux?|signifie|means|what is|qu'est-ce que?|labels?|definition|utiliser)\b[^\n]{0,16}$"
)


def _verify(candidate: Candidate) -> Hit | None:
    text, start, end, _ = candidate
    if _TALK.search(before(text, start)):
        return None
    exact = candidate.value.isupper() and " " not in candidate.value
    return Hit(start, end, STRONG if exact else LIKELY, "a mention of the Traffic Light Protocol")


RECOGNISER = Recogniser(
    name="marking_tlp",
    kind="marking_tlp",
    data_class=DataClass.RESTRICTED,
    patterns=(r"\b(?i:tlp) ?[:=-] ?(?i:red|rouge|amber(?: ?\+ ?strict)?|orange|green|vert)\b",),
    verify=_verify,
    of_document=True,
    of_lines=True,
)
