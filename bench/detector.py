"""The classifier as a plain function of a text, for benchmarks that compare detectors.

`detect(text)` yields `(start, end, label)` in characters of the original text, with labels that such benchmarks know.
"""

from collections.abc import Iterator
from functools import cache

from ecluse.packs import dictionaries
from ecluse.passage.classify import Engine, built_in, engine

LABELS = {
    "person": "PERSON",
    "postal_address": "ADDRESS",
    "birth_date": "BIRTH_DATE",
    "phone": "PHONE",
    "payment_card": "CREDIT_CARD",
    "ip_address": "IP_ADDRESS",
}


@cache
def detector() -> Engine:
    """Compile the built-in recognisers once."""
    return engine(built_in().values(), dictionaries.load())


def detect(text: str) -> Iterator[tuple[int, int, str]]:
    """List what is found in a text."""
    for claim in detector().search(text):
        kind = claim.recogniser.kind
        yield claim.start, claim.end, LABELS.get(kind, kind.upper())
