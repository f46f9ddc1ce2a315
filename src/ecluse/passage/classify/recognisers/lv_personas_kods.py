"""Latvia: personas kods in the form with a date, eleven digits, modulo eleven.

That of 2017, without a date, has no check.
The check was held against the example of python-stdnum's documentation.
"""

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.national import is_day, number, weighed
from ecluse.passage.classify.recogniser import Recogniser

_WEIGHTS = (10, 5, 8, 4, 2, 1, 6, 3, 7, 9)


def _right(value: str) -> bool:
    return is_day(value[:2], value[2:4]) and (1 + weighed(value[:10], _WEIGHTS)) % 11 % 10 == int(value[10])


RECOGNISER = Recogniser(
    name="lv_personas_kods",
    kind="national_id",
    data_class=DataClass.NATIONAL_ID,
    patterns=(r"\b[0-3]\d[01]\d{3}-?\d{5}\b",),
    verify=number(_right, r"personas kod\w*"),
)
