"""Criminal convictions and offences said of somebody (GDPR article 10; loi Informatique et Libertés, article 46).

A company that is fined, a law that provides a penalty and convicts in general are nobody.
"""

import re

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.checks import before, one_of
from ecluse.passage.classify.recogniser import LIKELY, Candidate, Hit, Recogniser
from ecluse.passage.classify.subjects import said_of_somebody, sentence_before

_BODY = re.compile(
    r"\b(?:societe|entreprise|sarl|sas|groupe|banque|etat|commune|association|company|firm|bank|multinationale|filiale)\b",
    re.IGNORECASE,
)
_OWN = re.compile(r"(?:son|mon|his|her|my) ", re.IGNORECASE)
_PLURAL = re.compile(r"\b(?:les|des|aux|ces|personnes?|people|those|toute personne)\b[^,]{0,30}$")


def _verify(candidate: Candidate) -> Hit | None:
    text, start, end, words = candidate
    said = sentence_before(text, start)
    if _BODY.search(said) or _PLURAL.search(before(text, start)):
        return None
    if not (_OWN.match(candidate.value) or said_of_somebody(text, start, words)):
        return None
    return Hit(start, end, LIKELY, "an offence or a conviction, said of somebody")


_ACCUSED = one_of(
    "condamnee?|mise? en examen|incarceree?|ecrouee?|detenue?|emprisonnee?|inculpee?|poursuivie?|interpellee?|arretee?",
    "placee? en garde a vue|jugee?|reconnue? coupable",
)
_WHAT = r"(?: [a-z']{1,20}){0,4}"

RECOGNISER = Recogniser(
    name="criminal_record",
    kind="criminal_record",
    data_class=DataClass.SPECIAL,
    patterns=(
        rf"(?i)\b{_ACCUSED} (?:a|pour|depuis|par le tribunal|de|le|en|au)\b{_WHAT}",
        r"(?i)\b(?:son|mon|his|her|my) (?:casier judiciaire|criminal record|passe penal)\b",
        "(?i)\\b"
        + one_of(
            "sous bracelet electronique|en liberte conditionnelle|sous controle judiciaire|fichee? s|sortie? de prison",
            "en detention provisoire|sort de prison|en prison pour",
        )
        + "\\b",
        "(?i)\\b"
        + one_of(
            "convicted of|sentenced to|arrested for|charged with|jailed for|on parole|on probation|pleaded guilty to"
        )
        + rf"\b{_WHAT}",
    ),
    verify=_verify,
    dictionaries=("given_names", "not_names"),
    of_document=True,
    of_lines=True,
)
