"""Initials that stand for a person, as courts and minutes write them: *Mr A.B.*, *Mme X.*, *witness K.L.*, *M. D...*.

What stands behind is hidden already, and a file of initials still tells people apart: `indirect`.
"""

import re

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.checks import before, one_of
from ecluse.passage.classify.recogniser import LIKELY, Candidate, Hit, Recogniser

_TITLE = one_of("M|Mr|Mrs|Ms|Miss|Mme|Mlle|Madame|Monsieur|MM|Dr|Judge|Justice")
_ROLE = one_of(
    "witness(?:es)?|applicants?|defendant|victim|accused|suspect|son|daughter|wife|husband|brother|sister|named|temoin",
    "prevenue?|victime|requerante?|mineure?|enfant|epoux|epouse|nommee?|certain",
)
_KNOWN = frozenset(
    {"U.S.", "U.K.", "E.U.", "U.N.", "D.C.", "P.O.", "P.S.", "N.B.", "S.A.", "B.V.", "A.G.", "N.V.", "U.S.A."}
)


def _verify(candidate: Candidate) -> Hit | None:
    text, end = candidate.text, candidate.end
    initials = _AT_END.search(candidate.value)
    if initials is None or not (candidate.value[1] != "." or _LED.search(before(text, candidate.start, 16))):
        return None
    if text[end : end + 1].isalnum() or initials.group().replace(" ", "") in _KNOWN:
        return None
    start = candidate.start + initials.start()
    if text[end : end + 2].strip()[:1].isupper() and text[end : end + 1] != "\n" and len(initials.group()) < _SEVERAL:
        return None  # an initial before a surname: the whole is a name, and others read it
    return Hit(start, end, LIKELY, "initials after a title or a word for a person")


_AT_END = re.compile(r"(?:\b[A-Z]\. ?){1,3}(?:\.\.)?\Z")
_SEVERAL = 4
_LED = re.compile(rf"\b(?:{_ROLE},?|by|and|with|of|to|that|against|par|contre|avec) \Z")

RECOGNISER = Recogniser(
    name="person_initials",
    kind="person_initials",
    data_class=DataClass.PERSONAL,
    patterns=(
        rf"\b{_TITLE}\.? (?:[A-Z]\. ?){{0,2}}[A-Z]\.(?:\.\.)?",
        r"\b[A-Z]\. ?(?:[A-Z]\. ?)?[A-Z]\.",
    ),
    verify=_verify,
    indirect=True,
)
