"""Electronic addresses of persons (RFC 5322 as people write it), also with at sign and points spelt out in brackets.

Role addresses (contact@, support@) and reserved domains (RFC 2606, RFC 6761) are seen and not believed: the CNIL's
definition of personal data leaves a company's generic address out (https://www.cnil.fr/fr/definition/donnee-personnelle).
"""

import re

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.checks import words
from ecluse.passage.classify.recogniser import DOUBTFUL, LIKELY, STRONG, Candidate, Hit, Recogniser

_SPELT = re.compile(r"[ ]?[\[({<] ?(?:at|arobase|chez) ?[\])}>] ?", re.IGNORECASE)
_DOT = r"(?:\.|(?i: ?[\[({<] ?(?:dot|point) ?[\])}>] ?))"
_SPELT_DOT = re.compile(_DOT)
_ROLES = words(
    "accueil admin administrator abuse bonjour commercial compta comptabilite contact contacts direction dpd dpo git "
    "hello help hostmaster info informations jobs mailer-daemon mairie newsletter no-reply noreply nepasrepondre "
    "ne-pas-repondre postmaster presse press privacy reservation rgpd root sales secretariat security service "
    "standard support team webmaster"
)
_RESERVED = re.compile(r"(?:^|\.)(?:example\.(?:com|net|org|fr|eu)|(?:example|invalid|localhost|test|local))$")
_NO_DOMAINS = words("png jpg jpeg gif svg webp ico css js ts py json xml html")
_IN_URL = re.compile(r"://[^\s/@]*$")


def _verify(candidate: Candidate) -> Hit | None:
    spelt = _SPELT.search(candidate.value)
    local, _, domain = _SPELT.sub("@", candidate.value, count=1).partition("@")
    domain = _SPELT_DOT.sub(".", domain)
    bare = local.lstrip(".%+'-_")
    top = domain.rpartition(".")[2]
    if not bare or not top.isalpha() or top.lower() in _NO_DOMAINS:
        return None
    if _IN_URL.search(candidate.text[max(0, candidate.start - 80) : candidate.start]):
        return None
    start = candidate.start + len(local) - len(bare)
    if _RESERVED.search(domain.lower()):
        return Hit(start, candidate.end, DOUBTFUL, "an address of a reserved example domain")
    if bare.lower() in _ROLES:
        return Hit(start, candidate.end, DOUBTFUL, "the address of a role, not of a person")
    if spelt:
        return Hit(start, candidate.end, LIKELY, "an electronic address with its at sign spelt out")
    return Hit(start, candidate.end, STRONG, "an electronic address")


RECOGNISER = Recogniser(
    name="email",
    kind="email",
    data_class=DataClass.PERSONAL,
    patterns=(
        (
            r"[A-Za-z0-9._%+'-]{1,64}(?:@|(?i: ?[\[({<] ?(?:at|arobase|chez) ?[\])}>] ?))"
            rf"[A-Za-z0-9-]{{1,63}}(?:{_DOT}[A-Za-z0-9-]{{1,63}}){{0,4}}{_DOT}[A-Za-z]{{2,24}}"
        ),
    ),
    verify=_verify,
    across=True,
    revision=2,
)
