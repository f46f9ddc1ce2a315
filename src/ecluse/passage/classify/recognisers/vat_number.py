"""VAT numbers of the 27 States of the Union: two letters and the form of the State, with its check where one is known.

A company's number is no personal data by itself: it is `indirect`. Forms: European Commission, VIES, "VAT
identification number structure", from general knowledge, as are the checks; these were held against the examples of
python-stdnum's documentation.
"""

import re
from collections.abc import Callable, Mapping

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.checks import alone, bare, beside, luhn
from ecluse.passage.classify.national import mod_11_10, weighed
from ecluse.passage.classify.recogniser import LIKELY, PROVEN, STRONG, WEAK, Candidate, Hit, Recogniser

_FORMS = {
    "AT": r"U\d{8}",
    "BE": r"[01]\d{9}",
    "BG": r"\d{9,10}",
    "CY": r"\d{8}[A-Z]",
    "CZ": r"\d{8,10}",
    "DE": r"[1-9]\d{8}",
    "DK": r"\d{8}",
    "EE": r"\d{9}",
    "EL": r"\d{9}",
    "ES": r"[A-Z0-9]\d{7}[A-Z0-9]",
    "FI": r"\d{8}",
    "FR": r"[0-9A-HJ-NP-Z]{2}\d{9}",
    "HR": r"\d{11}",
    "HU": r"\d{8}",
    "IE": r"\d[0-9A-Z+*]\d{5}[A-W][A-I]?",
    "IT": r"\d{11}",
    "LT": r"\d{9}(?:\d{3})?",
    "LU": r"\d{8}",
    "LV": r"\d{11}",
    "MT": r"\d{8}",
    "NL": r"\d{9}B\d{2}",
    "PL": r"\d{10}",
    "PT": r"\d{9}",
    "RO": r"\d{2,10}",
    "SE": r"\d{10}01",
    "SI": r"\d{8}",
    "SK": r"\d{10}",
}
_WHOLE = {state: re.compile(form) for state, form in _FORMS.items()}
_NEAR = re.compile(r"\b(?:n(?:o|um\w*)?\W{0,2}(?:de )?tva|tva|vat|ust\W?id\w*|mwst|iva|btw|moms|intracom\w*|nip|dph)\b")


def _french(value: str) -> bool:
    """Check the key: 12 and three times the rest of the SIREN modulo 97; a key with letters has another sum."""
    return luhn(value[2:]) and (not value[:2].isdigit() or int(value[:2]) == (12 + 3 * (int(value[2:]) % 97)) % 97)


def _modulo(value: str, weights: tuple[int, ...], modulus: int = 11) -> int:
    return weighed(value, weights) % modulus


_CHECKS: Mapping[str, Callable[[str], bool]] = {
    "BE": lambda v: 97 - int(v[:8]) % 97 == int(v[8:]),
    "DE": mod_11_10,
    "DK": lambda v: _modulo(v, (2, 7, 6, 5, 4, 3, 2, 1)) == 0,
    "EL": lambda v: _modulo(v, (256, 128, 64, 32, 16, 8, 4, 2)) % 10 == int(v[8]),
    "FI": lambda v: _modulo(v, (7, 9, 10, 5, 8, 4, 2, 1)) == 0,
    "FR": _french,
    "HR": mod_11_10,
    "HU": lambda v: _modulo(v, (9, 7, 3, 1, 9, 7, 3, 1), 10) == 0,
    "IT": luhn,
    "LU": lambda v: int(v[:6]) % 89 == int(v[6:]),
    "PL": lambda v: _modulo(v, (6, 5, 7, 2, 3, 4, 5, 6, 7, -1)) == 0,
    "PT": lambda v: int(v[8]) == (11 - _modulo(v, tuple(range(9, 1, -1)))) % 11 % 10,
    "SE": lambda v: luhn(v[:10]),
    "SI": lambda v: (11 - _modulo(v, tuple(range(8, 1, -1)))) % 10 == int(v[7]),
    "SK": lambda v: int(v) % 11 == 0,
}


def _verify(candidate: Candidate) -> Hit | None:
    text, start, end, _ = candidate
    value = bare(candidate.value).upper()
    state, digits = value[:2], value[2:]
    if state not in _WHOLE or not _WHOLE[state].fullmatch(digits) or not alone(text, start, end):
        return None
    near = beside(_NEAR, text, start, end)
    check = _CHECKS.get(state)
    if check is None:
        return Hit(start, end, LIKELY, "the form of a State's VAT numbers, beside a word for one") if near else None
    if check(digits):
        return Hit(start, end, PROVEN if near else STRONG, "the check of a VAT number is right")
    return Hit(start, end, WEAK, "the check is wrong, but a word says that it is a VAT number") if near else None


RECOGNISER = Recogniser(
    name="vat_number",
    kind="vat_number",
    data_class=DataClass.PERSONAL,
    patterns=(
        (
            r"\b(?:AT|BE|BG|CY|CZ|D[EK]|E[ELS]|F[IR]|H[RU]|I[ET]|L[TUV]|MT|NL|P[LT]|RO|S[EIK])[ -]?[A-Z0-9+*]{2}"
            r"(?:[ .-]?[0-9A-Z]){4,10}\b"
        ),
    ),
    verify=_verify,
    indirect=True,
)
