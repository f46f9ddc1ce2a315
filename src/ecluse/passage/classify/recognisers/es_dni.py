"""Spain: DNI and NIE, eight digits (or X, Y, Z and seven) and a letter that is their rest modulo 23.

Source: Real Decreto 1553/2005, art. 11; Orden INT/2058/2008. Ministerio del Interior, "Cálculo del dígito de control".
"""

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.national import number
from ecluse.passage.classify.recogniser import Recogniser

_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"
_LEAD = {"X": "0", "Y": "1", "Z": "2"}


def _right(value: str) -> bool:
    digits = _LEAD.get(value[0], value[0]) + value[1:-1]
    return _LETTERS[int(digits) % len(_LETTERS)] == value[-1]


RECOGNISER = Recogniser(
    name="es_dni",
    kind="national_id",
    data_class=DataClass.NATIONAL_ID,
    patterns=(r"(?i)\b(?:\d{8}|\d{2}\.\d{3}\.\d{3}|[xyz][ -]?\d{7})[ -]?[a-z]\b",),
    verify=number(_right, "dni|nie|nif|documento nacional|identidad|pasaporte", rare=True),
)
