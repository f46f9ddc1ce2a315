"""What a hospital numbers its patients and their stays by: *IPP : 8001234567*, *NDA*, *dossier patient n° ...*, *MRN*.

No checksum and no fixed form: a number is believed for the words before it.
"""

import re

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.checks import alone, one_of
from ecluse.passage.classify.recogniser import LIKELY, Candidate, Hit, Recogniser

_SAID = one_of(
    r"\b(?:IPP|NDA|IEP|MRN)\)?",
    r"(?i:\b(?:patient|medical record|hospital)[ -](?:id|identifier|number|no)\b\.?)",
    r"(?i:\b(?:numero|n[o\x{00b0}]|identifiant)[ ]?(?:(?:d')?identification |permanent )?(?:du |de |d')?"
    r"(?:patient|hospitalisation|sejour|dossier (?:patient|medical|administratif|hospitalier))\b)",
    r"(?i:\bdossier (?:patient|medical|administratif|hospitalier)\b)",
)
_LINK = r"(?i:(?: (?:est|etant|is|sous))?(?: le)?(?: n[o\x{00b0}]| numero)?)[ \t:=#.]{0,4}"
_VALUE = r"(?:[A-Z]{0,2}\d{6,12}|\d{4}[A-Z]{1,3}\d{3,6}|\d(?: \d){6,11})"
_AT_END = re.compile(rf"{_VALUE}\Z")


def _verify(candidate: Candidate) -> Hit | None:
    found = _AT_END.search(candidate.value)
    if found is None:
        return None
    start = candidate.start + found.start()
    if not alone(candidate.text, start, candidate.end):
        return None
    return Hit(start, candidate.end, LIKELY, "a number after words for a patient's number or file")


RECOGNISER = Recogniser(
    name="patient_number",
    kind="patient_number",
    data_class=DataClass.PERSONAL,
    patterns=(rf"{_SAID}{_LINK}{_VALUE}\b",),
    verify=_verify,
)
