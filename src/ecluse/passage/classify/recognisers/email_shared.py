"""Electronic addresses that are no person's: those of roles, and those of domains reserved for examples (RFC 2606).

They are seen, and decide nothing: it is `email` that decides, and does not believe these.
"""

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.checks import one_of
from ecluse.passage.classify.recogniser import LIKELY, Candidate, Hit, Recogniser

_ROLES = one_of(
    "accueil|admin|administrator|abuse|bonjour|commercial|compta|comptabilite|contacts?|direction|dpd|dpo|hello|help",
    "hostmaster|informations?|infos?|jobs|mailer-daemon|mairie|newsletter|no-?reply|ne-?pas-?repondre|postmaster|presse?",
    "privacy|reservation|rgpd|root|sales|secretariat|security|service|standard|support|team|webmaster",
)
_DOMAIN = r"[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,3}\.[A-Za-z]{2,24}"
_RESERVED = one_of(
    r"(?i:(?:[a-z0-9-]{1,63}\.){0,2}example\.(?:com|net|org|fr|eu))",
    r"(?i:(?:[a-z0-9-]{1,63}\.){1,2}(?:example|invalid|localhost|test|local))",
)


def _verify(candidate: Candidate) -> Hit | None:
    text, start, end, _ = candidate
    if text[end : end + 1].isalnum() or "://" in text[max(0, start - 60) : start].rpartition(" ")[2]:
        return None
    return Hit(start, end, LIKELY, "an address of a role or of a reserved domain")


RECOGNISER = Recogniser(
    name="email_shared",
    kind="email_shared",
    data_class=DataClass.PERSONAL,
    patterns=(rf"\b(?i:{_ROLES})@{_DOMAIN}\b", rf"\b[A-Za-z0-9._%+'-]{{1,64}}@{_RESERVED}\b"),
    verify=_verify,
    indirect=True,
)
