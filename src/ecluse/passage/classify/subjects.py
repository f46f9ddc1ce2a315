"""Whether something is said of somebody: a person as the subject of the sentence before it, near enough.

Law: looks back over one sentence, 160 characters at most. People in general, bodies and things are nobody.
"""

import re

from ecluse.passage.classify.checks import one_of
from ecluse.passage.classify.recogniser import Words

_BEFORE = 160
_SENTENCE = re.compile(r"[.!?;](?=[\s\"'])|\n[ \t]*(?=\n|[-*])")
_TITLE_POINT = re.compile(r"\b(?:M|Mr|Mrs|Ms|Dr|Pr|Me|St)\.")
_ROLE = one_of(
    "salariee?|employee?|agent|agente|fonctionnaire|candidate?|collegue|voisine?|locataire|clientee?|cliente?|eleve",
    "etudiante?|patiente?|stagiaire|apprentie?|assistante?|chauffeur|collaborateur|collaboratrice|responsable|chef",
    "cheffe|directeur|directrice|compagnon|compagne|conjointe?|mari|femme|epou(?:x|se)|fils|fille|mere|pere|frere",
    "soeur|cousine?|amie?|enfant|usagere?|usager|interesse|interessee|victime|plaignante?|prevenue?|detenue?|suspecte?",
    "employee|colleague|candidate|applicant|neighbou?r|tenant|client|customer|student|patient|trainee|manager|husband",
    "wife|son|daughter|mother|father|brother|sister|friend|boss|partner",
)
_SOMEBODY = re.compile(
    one_of(
        r"\b(?:M\.|Mr\.?|Mrs\.?|Ms\.?|Mme|Mlle|MME|Monsieur|Madame|Dr\.?|Me) [A-Z]|\bM [A-Z][a-z]",
        rf"(?i:\b(?:mon|ma|notre|votre|son|sa|leur|cette?|cet|l'|my|our|your|his|her|their|this|that) ?{_ROLE}\b)",
        rf"(?i:\b(?:le|la|the|un|une|a) {_ROLE}\b(?= (?:est|etait|a|s'est|se|serait|is|was|has|,|qui|who)))",
        r"(?i:\b(?:je suis|j'ai|je m'|il est|elle est|il a|elle a|i am|i was|i have|s?he (?:is|was|has))\b)",
        r"(?i:\b(?:nee? le \d|agee? de \d{1,3} ans|\d{1,3} ans\b|date of birth))",
    )
)
_NAMED = re.compile(
    r"\b([A-Z][a-z]{2,20})(?:-[A-Z][a-z]+)?\b(?= (?:[A-Z][A-Za-z]{2,}|est|a|etait|s'est|se|is|was|has)\b)"
)


def sentence_before(text: str, start: int) -> str:
    """Return what of its sentence stands before `start`."""
    said = text[max(0, start - _BEFORE) : start]
    held = _TITLE_POINT.sub(lambda m: m.group()[:-1] + "\x00", said)
    cuts = [m.end() for m in _SENTENCE.finditer(held)]
    return said[cuts[-1] :] if cuts else said


def said_of_somebody(text: str, start: int, words: Words) -> bool:
    """Say whether the sentence before `start` has a person for its subject. Needs the dictionary `given_names`."""
    said = sentence_before(text, start)
    if _SOMEBODY.search(said):
        return True
    return any(
        name.group(1).lower() in words["given_names"] and name.group(1).lower() not in words["not_names"]
        for name in _NAMED.finditer(said + text[start : start + 8])
    )
