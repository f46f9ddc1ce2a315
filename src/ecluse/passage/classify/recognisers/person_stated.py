"""Persons named where a name is asked for: 'je soussigné', 'Nom :', 'Patient :', and signatures after a greeting."""

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.checks import one_of
from ecluse.passage.classify.names import DICTIONARIES, name_at
from ecluse.passage.classify.recogniser import LIKELY, PLAUSIBLE, Candidate, Hit, Recogniser

_FORMS = ("je ", "my name", "mein name", "me llamo", "mi chiamo", "ich hei")
_FIELDS = (
    "nom",
    "prenom",
    "patient",
    "signe",
    "beneficiaire",
    "salarie",
    "assure",
    "titulaire",
    "full name",
    "surname",
)


def _verify(candidate: Candidate) -> Hit | None:
    text, words = candidate.text, candidate.words
    name = name_at(text, candidate.end - 1, words)
    if name is None:
        return None
    start, end = name.words[0].start, name.words[-1].end
    trigger = candidate.value.lower()
    if trigger.startswith(_FORMS):
        return Hit(start, end, LIKELY, "a person says who it is")
    if trigger.startswith(_FIELDS):
        if not name.known and len(name.words) == 1 and not trigger.startswith(("nom", "prenom", "surname")):
            return None
        return Hit(start, end, LIKELY if name.known else PLAUSIBLE, "a name where a form asks for one")
    line_end = text.find("\n", end, end + 2)
    alone = len(text) - end <= 1 or line_end != -1
    return Hit(start, end, PLAUSIBLE, "a signature") if name.known and alone else None


RECOGNISER = Recogniser(
    name="person_stated",
    kind="person",
    data_class=DataClass.PERSONAL,
    patterns=(
        "(?i:"
        + one_of(
            r"\bje(?: soussigne(?:\(e\)|e)?,?| m'appelle)(?: monsieur| madame| m\.| mme)?",
            r"\bmy name is|\bmein name ist|\bich heisse|\bme llamo|\bmi chiamo",
        )
        + r")[ \n]{1,2}[A-Z]",
        r"(?i:\b"
        + one_of(
            r"nom(?: de famille| d'usage| de naissance)?|prenoms?|noms? et prenoms?|prenoms? et noms?|nom complet",
            r"patient(?:e|\(e\))?|beneficiaire|salariee?|assuree?|titulaire|signee?(?: par)?|full name|surname",
        )
        + r")[ ]?[:=][ \t]{0,4}[\"']?[A-Z]",
        r"(?i:\b"
        + one_of(
            r"cordialement|bien a (?:vous|toi)|salutations(?: distinguees)?|respectueusement|(?:kind |best )?regards",
            r"sincerely|bonne journee",
        )
        + r")[ ]?[,.!]?[ \t]?\n[\n \t]{0,4}[A-Z]",
    ),
    verify=_verify,
    dictionaries=DICTIONARIES,
)
