"""Denmark: CPR number, a date of birth and four digits. It has no check that still holds, so it asks for its word.

Source: bekendtgørelse om det centrale personregister; since 2007 numbers without the modulo-11 check are given.
"""

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.national import is_day, number
from ecluse.passage.classify.recogniser import Recogniser


def _right(value: str) -> bool:
    return is_day(value[:2], value[2:4])


RECOGNISER = Recogniser(
    name="dk_cpr",
    kind="national_id",
    data_class=DataClass.NATIONAL_ID,
    patterns=(r"\b\d{6}[- ]?\d{4}\b",),
    verify=number(_right, "cpr(?:-?nr|-?nummer)?|personnummer", typed=False),
)
