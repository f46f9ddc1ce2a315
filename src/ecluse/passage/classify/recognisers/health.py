"""Health data: a diagnosis, a drug or an act, said of somebody (GDPR article 4(15), article 9).

Talk about a disease without a person is no health data. The person may be a patient, somebody named or numbered, a
relative, or whoever writes; the text looked at is 600 characters before the term and 200 after.
"""

import re

import re2

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.checks import one_of
from ecluse.passage.classify.recogniser import LIKELY, PLAUSIBLE, VOCABULARY, Candidate, Hit, Recogniser, Words

_BEFORE, _AFTER, _NEAR = 600, 200, 48
_RELATIVES = one_of(
    "mari|femme|epou(?:x|se)|fils|fille|mere|pere|frere|soeur|enfant|bebe|conjointe?|compagn(?:on|e)|grand-mere",
    "grand-pere|collegue|salariee?|eleve|husband|wife|son|daughter|mother|father|brother|sister|child|employee",
    "colleague|voisine?|locataire|candidate?|etudiante?|stagiaire|apprentie?|cousine?|oncle|tante|neveu|niece|amie?",
    "chef|cheffe|patronn?e?|neighbou?r|tenant|candidate|student|cousin|uncle|aunt|nephew|friend|boss",
)
_SOMEBODY = re2.compile(
    one_of(
        r"\b(?:M\.|Mr\.?|Mrs\.?|Ms\.?|Mme|Mlle|MME|Monsieur|Madame|Mademoiselle) [A-Z]|\bM [A-Z][a-z]",
        r"(?i:\b(?:mon|ma|notre|votre|cette|ce) patiente?\b)",
        r"(?i:\bpatiente? (?:de \d|agee?|ne|nee)\b|\bpatiente? ?(?::|n[o.]))",
        r"(?i:\b(?:le|la) patiente? (?:a|est|souffre|presente|prend|suit|se plaint|vit|sera|decrit|refuse|consulte)\b)",
        r"(?i:\b(?:my|our|the|this) patient(?: is| has| was| presents| takes| suffers)?\b|\bpatient (?:is|has) an? )",
        r"(?i:\bnee? le \d|\bdate de naissance|\bagee? de \d{1,3} ans|\b\d{1,3} ?(?:year[- ]old|yo\b))",
        r"(?i:\bhospitalisee? (?:le|depuis|pour|au|en|a|du)\b|\badmise? (?:le|en|au|pour)\b)",
        rf"(?i:\b(?:mon|ma|notre|son|sa|my|his|her) {_RELATIVES}\b)",
        r"(?i:(?:\A|[\n.:;(-])[ \t]*(?:patiente?|pt|pte)\.? [a-z]{3})",
        r"(?:\b[HF]|(?i:\b(?:homme|femme|garcon|fille))),? (?:de )?\d{1,3} ?(?:ans|a\b|mois)",
        r"(?i:(?:\A|\n)[ \t*-]*(?:atcd|antecedents?|mh|hdm|motif(?: d'hospitalisation| de consultation)?|conclusion"
        r"|ttt|traitements?(?: en cours| habituel)?|allergies?)\b[^:\n]{0,20}:)",
        r"(?i:\b(?:nir|ipp|nip|numero de securite sociale|dossier (?:medical|patient) (?:de|n))\b)",
    )
)
_MYSELF = re.compile(
    r"\b"
    + one_of(
        r"j'ai(?: eu| fait)?(?: un| une| le| la| du| de la| de l'| des| mon| ma)?|je (?:suis|souffre|prends|fais)",
        r"on m'a|m'a (?:ete )?(?:diagnostique|prescrit|trouve|annonce)\w*|mon|ma|mes|my|i have|i had|i take",
        r"i suffer from|i was diagnosed with",
    )
    + r"(?: [\w'-]+){0,3} ?$"
)
_SAID_OF = re.compile(
    r"(?:\b(?P<pronoun>[Ii]l|[Ee]lle|[Ss]?[Hh]e)|(?P<name>[A-Z][a-z]{2,20}))"
    r" (?:est|etait|a|avait|souffre|prend|is|was|has|had|takes|suffers)"
    r"(?: (?:un|une|le|la|les|du|des|de|de la|tres|aussi|sous|atteinte? d[eu]|malade d[eu]|from|an?|the|l'|d')){0,2}"
    r" ?(?:[ld]')?\Z"
)
"""A pronoun or a given name right before the term: 'il est', 'Karim a le', with nothing between that means another."""
_HEADLINE = re.compile(
    r"\b(?:patiente?|pt) [\w' -]{0,40}: ?(?:conduite|prise en charge|recommandations|que faire|protocole)"
)
"""A protocol for patients of a kind, not a patient."""
_TALK = re.compile(
    r"\b(?:questions?|exposes?|cours|articles?|projets?|etudes?|memoire|these|livre|campagne|loi|cas|chapitre|specialiste"
    r"|medecin|question|about|paper|study)\b"
)
_GENERAL = re.compile(r"\b(?:chez (?:le|la|les|un|une)|les|des|tout|tous les|chaque) patiente?s?\b[^.\n]{0,40}$")
_CODE = re.compile(r"\b(?:cim|icd|diagnostic|diagnosis|dp|das|code)[ -]?(?:10|11)?\b[^\n]{0,24}$", re.IGNORECASE)
_NAMED = re.compile(r"\b([A-Z][a-z]{2,20})(?:-[A-Z][a-z]+)? [A-Z][A-Za-z]{2,}")


def _verify(candidate: Candidate) -> Hit | None:
    text, start, end, words = candidate
    near = text[max(0, start - _NEAR) : start].lower()
    if candidate.value[1:2].isdigit() and not _CODE.search(near):
        return None
    if _GENERAL.search(near) or _HEADLINE.search(text[max(0, start - _NEAR) : end + _NEAR].lower()):
        return None
    around = text[max(0, start - _BEFORE) : end + _AFTER]
    if _SOMEBODY.search(around):
        return Hit(start, end, LIKELY, "a medical term, and somebody it is said of")
    if _MYSELF.search(near) and not _TALK.search(near):
        return Hit(start, end, LIKELY, "a medical term, said by whoever it concerns")
    if _is_said_of_one(text[max(0, start - _NEAR) : start], words):
        return Hit(start, end, PLAUSIBLE, "a medical term, right after whom it is said of")
    named = any(named.group(1).lower() in words["given_names"] for named in _NAMED.finditer(around))
    return Hit(start, end, PLAUSIBLE, "a medical term near a person's name") if named else None


def _is_said_of_one(before: str, words: Words) -> bool:
    said = _SAID_OF.search(before)
    if said is None:
        return False
    name = (said["name"] or "").lower()
    return said["pronoun"] is not None or (name in words["given_names"] and name not in words["not_names"])


RECOGNISER = Recogniser(
    name="health",
    kind="health",
    data_class=DataClass.HEALTH,
    patterns=(
        rf"(?i)\b{VOCABULARY}(?:s|x|es)?\b",
        r"\b[A-TV-Z]\d{2}(?:\.\d{1,2})?\b",
    ),
    verify=_verify,
    dictionaries=("given_names", "not_names"),
    vocabulary="health_terms",
    of_document=True,
    of_lines=True,
    revision=3,
)
