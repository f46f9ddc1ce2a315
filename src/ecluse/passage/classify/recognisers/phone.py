"""French telephone numbers: ten digits from 0, or nine after +33, however they are spaced.

Source of the form: the numbering plan of the Arcep. Pairs, points, hyphens, thin spaces and line breaks are read;
an irregular spacing asks for a word such as 'tél.' beside it.
"""

import re

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.checks import bare, beside, clear_of_digits, touches_a_digit
from ecluse.passage.classify.recogniser import LIKELY, PLAUSIBLE, STRONG, WEAK, Candidate, Hit, Recogniser

_NEAR = re.compile(
    r"\b(?:te?l(?:ephone)?|phone|mobile|portable|port|gsm|fax|appel\w*|joindre|joignable|numero|sms|call)\b"
)
_OTHER_NUMBER = re.compile(
    r"(?:siret|siren|rcs|facture|commande|ref(?:erence)?|dossier|rpps|finess|adeli|iban)(?:\W{0,3}n(?:o|um\w*)?)?\W{0,12}$"
)
_REGULAR = frozenset({(2, 2, 2, 2, 2), (10,), (4, 2, 2, 2), (4, 3, 3), (2, 4, 4), (3, 3, 4), (2, 8), (2, 2, 2, 4)})
_COUNTING = frozenset({"0123456789", "0987654321"})


def _verify(candidate: Candidate) -> Hit | None:
    text, start, end, _ = candidate
    value = candidate.value.replace("\n", "")
    if value[0] == "O":  # as scans and hasty hands have the first zero
        value = "0" + value[1:]
    if touches_a_digit(text, start, end) or (value.isdigit() and not clear_of_digits(text, start, end)):
        return None
    near = beside(_NEAR, text, start, end)
    if value[0] == "+" or value.startswith("00"):
        return Hit(start, end, STRONG, "a French number with its country code")
    digits = bare(value)
    if digits in _COUNTING or _OTHER_NUMBER.search(text[max(0, start - 32) : start].lower()):
        return None
    groups = tuple(len(group) for group in re.findall(r"\d+", value))
    if groups not in _REGULAR:
        return Hit(start, end, WEAK, "ten digits beside a word for telephone") if near else None
    if near or (groups != (10,) and len(set(re.sub(r"\d", "", value))) == 1) or value[1] in "67":
        return Hit(start, end, LIKELY, "a French telephone number")
    return Hit(start, end, PLAUSIBLE, "ten digits in the form of a French telephone number")


RECOGNISER = Recogniser(
    name="phone",
    kind="phone",
    data_class=DataClass.PERSONAL,
    patterns=(
        r"(?:\+|\b00) ?33[ .\n-]{0,2}(?:\(0\)[ .\n-]{0,2})?0?[1-9](?:[ ./\n-]{0,2}\d){8}",
        r"\b0[1-9](?:[ ./\n-]{0,2}\d){8}",
        r"\bO[1-9](?:[ .]\d\d){4}\b",
    ),
    verify=_verify,
    across=True,
    revision=2,
)
