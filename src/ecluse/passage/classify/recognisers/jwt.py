"""JSON Web Tokens (RFC 7519): three parts in base64url, of which the first is a header that names an algorithm."""

import base64
import binascii
import re

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.recogniser import LIKELY, PROVEN, Candidate, Hit, Recogniser

_WHOLE = re.compile(r"(eyJ[\w-]{8,2048})\.[\w-]{8,8192}(?:\.[\w-]{0,8192}){0,3}", re.ASCII)


def _verify(candidate: Candidate) -> Hit | None:
    whole = _WHOLE.match(candidate.text, candidate.start)
    if whole is None:
        return None
    if _names_algorithm(whole.group(1)):
        return Hit(whole.start(), whole.end(), PROVEN, "a header that names an algorithm, and its payload")
    return Hit(whole.start(), whole.end(), LIKELY, "the shape of a JSON Web Token")


def _names_algorithm(header: str) -> bool:
    try:
        return b'"alg"' in base64.urlsafe_b64decode(header + "=" * (-len(header) % 4))
    except binascii.Error:
        return False


RECOGNISER = Recogniser(
    name="jwt",
    kind="jwt",
    data_class=DataClass.CREDENTIAL,
    patterns=(r"\beyJ[A-Za-z0-9_-]{8}",),
    verify=_verify,
    across=True,
)
