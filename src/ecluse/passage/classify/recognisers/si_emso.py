"""Slovenia: EMSO, thirteen digits with a date, modulo eleven.

The check was held against the example of python-stdnum's documentation.
"""

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.national import is_day, number, weighed
from ecluse.passage.classify.recogniser import Recogniser

_WEIGHTS = (7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)


def _right(value: str) -> bool:
    return is_day(value[:2], value[2:4]) and -weighed(value[:12], _WEIGHTS) % 11 % 10 == int(value[12])


RECOGNISER = Recogniser(
    name="si_emso",
    kind="national_id",
    data_class=DataClass.NATIONAL_ID,
    patterns=(r"\b[0-3]\d[01]\d{10}\b",),
    verify=number(_right, "emso|maticna stevilka obcana"),
)
