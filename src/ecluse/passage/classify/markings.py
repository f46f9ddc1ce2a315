"""How a protective marking stands in a text: as a marking, or as words that talk about one.

Law: a marking stands alone in its line, after a label with a colon, in brackets or at an edge of its line, or is said
of this very document. 'The top secret recipe' and 'the mention Diffusion Restreinte must appear' mark nothing.
"""

import re

from ecluse.passage.classify.checks import one_of
from ecluse.passage.classify.recogniser import DOUBTFUL, LIKELY, PLAUSIBLE, STRONG, Candidate, Hit

_LINE = 120
_COMPANION = re.compile(
    one_of(
        r"non protege|special france|uniquement|diffusion restreinte|restreint ue|eu restricted|page|exemplaires?",
        r"copie|n[o.]?|sur|\d{1,4}|ue|eu|otan|nato|france|fr|dr|confidentiel|tres|secret|top|defense|industrie|personnel",
        r"mention|classification|de|protection|niveau|marquage|timbre|document|note|releasable|to",
    )
    + r"(?![a-z])"
)
"""Words that stand in one line with a marking and leave it one."""
_SIGNS = re.compile(r"[\s\-_*=#|/\\\[\](){}<>.:~\"'+,;\x7f]*")
_LABEL = re.compile(
    one_of(
        "classification|mention|niveau|protection|marquage|marking|sensibilite|sensitivity|habilitation|confidentialite"
    )
    + r"[^:\n]{0,40}[:=][ \t*_\"'\[(]{0,4}$"
)
_SAID_OF_THIS = re.compile(
    r"\b"
    + one_of(
        "ce|cet|cette|le present|la presente|this|ci-joint|voici (?:un|une|le|la)|document|note|piece|rapport|fiche",
        "annexe|compte[ -]rendu|fichier|courriel",
    )
    + r"\b[^.\n:]{0,40}\b"
    + one_of(
        "est|is|sous|en|porte|portant|marquee?|marked|classifiee?|classified|protegee?|couverte?",
        "de niveau|mention|timbre",
    )
    + r"[ \"'*_(\[]{1,4}$"
)
_TALK = re.compile(
    r"\b"
    + one_of("mentions?|timbres?|marquages?|expressions?|termes?|mots?|niveaux?|regime|notion|qu'est-ce que?")
    + r"[ \"']{1,3}(?:de )?$"
)
_EDGE = re.compile(r"[ \t]{0,2}[-|/:*\])>,][-|/:*\]) \t]{0,4}")
_SUBJECTS = frozenset({"", "objet :", "objet:", "subject:", "re:", "tr:", "fwd:", "titre :"})


def hit_if_marking(candidate: Candidate, *, name: str) -> Hit | None:
    """Believe a marking of several words by how it stands: it begins with a capital, or is said of this document."""
    before, after = _line_around(candidate)
    capitals, capital = candidate.value.isupper(), candidate.value[0].isupper()
    if capital and _labelled(before):
        return _hit(candidate, STRONG, f"{name}, after a label")
    if capital and _alone(before, after):
        return _hit(candidate, STRONG if capitals else LIKELY, f"{name}, alone in its line")
    if _SAID_OF_THIS.search(before):
        return _hit(candidate, LIKELY, f"{name}, said of this document")
    if not capitals:
        return None
    if _TALK.search(before):
        return _hit(candidate, DOUBTFUL, f"words about {name}")
    at_edge = not before.strip(" -*_#[(") and _EDGE.match(after)
    return _hit(candidate, LIKELY if at_edge else PLAUSIBLE, f"{name}, in capitals")


def hit_if_bare_marking(candidate: Candidate, *, name: str) -> Hit | None:
    """Believe a word that is mostly no marking ('SECRET', 'DR'): labelled, quite alone, in brackets before a title."""
    before, after = _line_around(candidate)
    if _labelled(before):
        return _hit(candidate, STRONG, f"{name}, after a label")
    if _SIGNS.fullmatch(before + after) and not (set(before) | set(after)) & set(":=;,"):
        return _hit(candidate, PLAUSIBLE, f"{name}, alone in its line")
    if before.endswith(("[", "(")) and after.startswith(("]", ")")) and before[:-1].strip(" *#>-") in _SUBJECTS:
        return _hit(candidate, PLAUSIBLE, f"{name}, in brackets before a title")
    return None


def _hit(candidate: Candidate, confidence: float, evidence: str) -> Hit:
    return Hit(candidate.start, candidate.end, confidence, evidence)


def _line_around(candidate: Candidate) -> tuple[str, str]:
    """Return what stands before and after in the same line, 120 characters at most, in lower case."""
    text, start, end, _ = candidate
    begin = max(text.rfind("\n", max(0, start - _LINE), start) + 1, start - _LINE, 0)
    stop = text.find("\n", end, end + _LINE)
    return text[begin:start].lower(), text[end : stop if stop != -1 else end + _LINE].lower()


def _labelled(before: str) -> bool:
    return before.rstrip(" \t*_\"'[(").endswith((":", "=")) and _LABEL.search(before) is not None


def _alone(before: str, after: str) -> bool:
    rest = f"{before} {after}"
    return len(rest) < _LINE and _SIGNS.fullmatch(_COMPANION.sub("", rest)) is not None
