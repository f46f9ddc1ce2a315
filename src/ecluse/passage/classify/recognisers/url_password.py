"""A name and a password inside an address (RFC 3986, section 3.2.1): `scheme://name:password@host`."""

import re

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.recogniser import DOUBTFUL, STRONG, Candidate, Hit, Recogniser
from ecluse.passage.classify.secrets_of import is_stand_in

_USERINFO = re.compile(r"://([^\s/:@]*):([^\s/@]+)@")


def _verify(candidate: Candidate) -> Hit | None:
    userinfo = _USERINFO.search(candidate.text, candidate.start, candidate.end)
    if userinfo is None:
        return None
    start, end = candidate.start, userinfo.end() - 1
    start = userinfo.start(1) if userinfo.group(1) else userinfo.start(2)
    if is_stand_in(userinfo.group(2)):
        return Hit(start, end, DOUBTFUL, "an address with a stand-in for a password")
    return Hit(start, end, STRONG, "an address with a password")


RECOGNISER = Recogniser(
    name="url_password",
    kind="url_password",
    data_class=DataClass.CREDENTIAL,
    patterns=(r"\b[A-Za-z][A-Za-z0-9+.-]{1,20}://[^\s/:@'\"<>]{0,64}:[^\s/@'\"<>]{1,128}@[A-Za-z0-9\[]",),
    verify=_verify,
    revision=2,
)
