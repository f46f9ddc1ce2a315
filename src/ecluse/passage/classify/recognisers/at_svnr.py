"""Austria: social insurance number, a serial number, a check digit, a date of birth.

Source: ASVG, § 31; weights 3, 7, 9 before and 5, 8, 4, 2, 1, 6 after the check digit, modulo eleven.
"""

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.national import number, weighed
from ecluse.passage.classify.recogniser import Recogniser


def _right(value: str) -> bool:
    return int(value[3]) == weighed(value[:3] + value[4:], (3, 7, 9, 5, 8, 4, 2, 1, 6)) % 11


RECOGNISER = Recogniser(
    name="at_svnr",
    kind="national_id",
    data_class=DataClass.NATIONAL_ID,
    patterns=(r"\b[1-9]\d{3}[ -]?\d{6}\b",),
    verify=number(_right, "svnr|sv-?nummer|sozialversicherungsnummer|versicherungsnummer"),
)
