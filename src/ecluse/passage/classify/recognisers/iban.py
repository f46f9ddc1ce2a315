"""International bank account numbers (ISO 13616): country, length by country, remainder 1 modulo 97.

A failed checksum lowers confidence and asks for a word such as 'IBAN' beside it; it does not delete.
Lengths: SWIFT, IBAN registry (general knowledge of the published list, the States of the SEPA area and neighbours).
"""

import re

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.checks import beside, mod_97
from ecluse.passage.classify.recogniser import PROVEN, STRONG, WEAK, Candidate, Hit, Recogniser

_LENGTHS = {
    country: int(length)
    for length, countries in (
        row.split(":")
        for row in [
            "15:NO",
            "16:BE",
            "18:DK,FI,FO,GL,NL",
            "19:MK,SI",
            "20:AT,BA,EE,KZ,LT,LU,XK",
            "21:CH,HR,LI,LV",
            "22:BG,BH,CR,DE,GB,GE,IE,ME,RS,VA",
            "23:AE,GI,IL,TL",
            "24:AD,CZ,ES,MD,PK,RO,SA,SE,SK,TN,VG",
            "25:PT,ST",
            "26:IS,TR",
            "27:FR,GR,IT,MC,SM",
            "28:AL,AZ,CY,DO,GT,HU,LB,PL",
            "29:BR,EG,PS,QA,UA",
            "30:JO,KW,MU",
            "31:MT,SC",
        ]
    )
    for country in countries.split(",")
}
_NEAR = re.compile(r"\b(?:iban|rib|bic|virement|compte|konto|account|prelevement|bancaire|sepa)\b")
_DIGITS_WITHOUT_CHECKSUM = 0.6


def _verify(candidate: Candidate) -> Hit | None:
    text, start, _, _ = candidate
    length = _LENGTHS.get(candidate.value[:2].upper())
    if length is None:
        return None
    value, end = _take(candidate, length)
    if len(value) < length or (end < len(text) and text[end].isalnum()):
        return None
    near = beside(_NEAR, text, start, end)
    if mod_97(value[4:] + value[:4]) == 1:
        return Hit(start, end, PROVEN if near else STRONG, "length and remainder modulo 97 are right")
    if near and value[:2].isupper() and sum(c.isdigit() for c in value) > _DIGITS_WITHOUT_CHECKSUM * length:
        return Hit(start, end, WEAK, "the checksum is wrong, but a word says that it is an account")
    return None


def _take(candidate: Candidate, length: int) -> tuple[str, int]:
    """Take the first `length` letters and digits, and where they end."""
    taken: list[str] = []
    for at, letter in enumerate(candidate.value, candidate.start):
        if letter.isalnum():
            taken.append(letter)
            if len(taken) == length:
                return "".join(taken), at + 1
    return "".join(taken), candidate.end


RECOGNISER = Recogniser(
    name="iban",
    kind="iban",
    data_class=DataClass.PAYMENT,
    patterns=(r"(?i)\b[a-z]{2} ?\d{2}(?:[ .\n-]{0,2}[a-z0-9]){11,30}",),
    verify=_verify,
    across=True,
)
