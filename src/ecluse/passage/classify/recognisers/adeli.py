"""France: ADELI, the older number of a health professional: a département and seven digits. No public check.

Source: ANS, "Annuaire santé, identifiants": nine signs, replaced by RPPS profession by profession.
"""

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.national import number
from ecluse.passage.classify.recogniser import Recogniser

_LAST = 988


def _right(value: str) -> bool:
    return value[:2] in {"2A", "2B"} or 0 < int(value[:2]) <= _LAST // 10


RECOGNISER = Recogniser(
    name="adeli",
    kind="adeli",
    data_class=DataClass.PERSONAL,
    patterns=(r"\b(?:\d{2}|2[AB])[ .]?\d[ .]?\d{5}[ .]?\d\b",),
    verify=number(_right, "adeli", typed=False),
)
