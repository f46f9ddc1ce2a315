"""The classifier as a plain function of a text, for benchmarks that compare detectors.

`detect(text)` yields `(start, end, label)` in characters of the original text, with labels that such benchmarks know:
what decides, and what names nobody by itself (dates, places, organisations), which peers report too. `without_tagger`
is the same without the statistical tagger; `titled` is the same by the convention of the corpora that have a civility
inside the name (HIPE's guidelines do, eds-pseudo's do not); `deciding` yields findings only, those that decide where a
text may go.
"""

import re
from collections.abc import Iterator
from functools import cache

from ecluse.packs import dictionaries, weights
from ecluse.passage.classify import Engine, built_in, engine
from ecluse.passage.classify.tagger import Tagger, Weights

LABELS = {
    "person": "PERSON",
    "postal_address": "ADDRESS",
    "place": "LOCATION",
    "organisation": "ORGANIZATION",
    "date": "DATE",
    "birth_date": "BIRTH_DATE",
    "phone": "PHONE",
    "payment_card": "CREDIT_CARD",
    "ip_address": "IP_ADDRESS",
    "ip_network": "IP_ADDRESS",
    "email_shared": "EMAIL",
    "postcode": "ZIP_CODE",
}
_PARTS = re.compile(r"(.+?)([\s,\u2013-]+)(\d{2} ?\d{3})(?:([\s,]+)(\D+))?", re.DOTALL)
"""A French address: way, postcode, town. French corpora count each, so it is shown in its parts."""
_CIVILITY = re.compile(
    r"\b(?:MM?\.?|Mrs?\.?|Ms\.?|Miss|Mmes?\.?|Mlles?\.?|Me|Ma[\u00eei]tre|Dr\.?|Pr\.?|Prof\.?|Mgr|Monsieur|Madame"
    r"|Mademoiselle|Docteur|Professeur)[ \u00a0\u202f]{1,2}\Z"
)
_LONGEST_CIVILITY = 14
Found = Iterator[tuple[int, int, str]]


@cache
def detector(*, tagger: bool = True) -> Engine:
    """Compile the built-in recognisers once, with the weights that ship or without."""
    weighted = Tagger(Weights.of(weights.load())) if tagger else None
    return engine(built_in().values(), dictionaries.load(), weighted)


def _labelled(text: str, *, tagger: bool, indirect: bool) -> Found:
    for claim in detector(tagger=tagger).search(text, indirect=indirect):
        kind = claim.recogniser.kind
        parts = _PARTS.fullmatch(text[claim.start : claim.end]) if kind == "postal_address" else None
        if parts:
            yield from (
                (claim.start + parts.start(i), claim.start + parts.end(i), "ADDRESS") for i in (1, 3, 5) if parts[i]
            )
        else:
            yield claim.start, claim.end, LABELS.get(kind, kind.upper())


def detect(text: str) -> Found:
    """List what the whole cascade sees in a text."""
    return _labelled(text, tagger=True, indirect=True)


def titled(text: str) -> Found:
    """List what `detect` does, a person's civility inside the name."""
    for start, end, shown in detect(text):
        civil = _CIVILITY.search(text, max(0, start - _LONGEST_CIVILITY), start) if shown == "PERSON" else None
        yield (civil.start() if civil else start), end, shown


def without_tagger(text: str) -> Found:
    """List what patterns, validators and dictionaries see."""
    return _labelled(text, tagger=False, indirect=True)


def deciding(text: str) -> Found:
    """List the findings: what makes a data class."""
    return _labelled(text, tagger=True, indirect=False)
