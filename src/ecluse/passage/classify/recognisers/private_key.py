"""Private keys in PEM (RFC 7468), OpenSSH, PGP and PuTTY forms, on many lines or on one with escaped line breaks."""

import re

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.recogniser import LIKELY, PROVEN, Candidate, Hit, Recogniser

_END = re.compile(r"-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_BODY = re.compile(r"(?:[A-Za-z0-9+/=]|\\[nr]|[\r\n\t ])*")
_REACH = 16_384
_LEAST = 32


def _verify(candidate: Candidate) -> Hit | None:
    text, start, end, _ = candidate
    if closing := _END.search(text, end, end + _REACH):
        return Hit(start, closing.end(), PROVEN, "a private key between its markers")
    body = _BODY.match(text, end, end + _REACH)
    if body and len("".join(body.group().split())) >= _LEAST:
        return Hit(start, start + len(text[start : body.end()].rstrip()), PROVEN, "a private key without its end")
    return Hit(start, end, LIKELY, "the opening marker of a private key")


RECOGNISER = Recogniser(
    name="private_key",
    kind="private_key",
    data_class=DataClass.CREDENTIAL,
    patterns=(
        r"-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----",
        r"PuTTY-User-Key-File-\d: [a-z0-9-]{3,24}",
    ),
    verify=_verify,
)
