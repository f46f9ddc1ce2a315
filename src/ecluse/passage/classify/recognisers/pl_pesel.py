"""Poland: PESEL, a date of birth, a serial number and a check digit.

Source: ustawa of 24 September 2010 o ewidencji ludności, art. 15 ff.; weights 1, 3, 7, 9; the century is
added to the month.
"""

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.national import is_day, number, weighed
from ecluse.passage.classify.recogniser import Recogniser


def _right(value: str) -> bool:
    month = int(value[2:4]) % 20
    return is_day(value[4:6], f"{month:02}") and weighed(value, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)) % 10 == 0


RECOGNISER = Recogniser(
    name="pl_pesel",
    kind="national_id",
    data_class=DataClass.NATIONAL_ID,
    patterns=(r"\b\d{11}\b",),
    verify=number(_right, "pesel|numer ewidencyjny"),
)
