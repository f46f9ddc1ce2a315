"""Greece: AMKA, eleven digits with a date and the Luhn sum.

The check was held against the example of python-stdnum's documentation.
"""

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.checks import luhn
from ecluse.passage.classify.national import is_day, number
from ecluse.passage.classify.recogniser import Recogniser


def _right(value: str) -> bool:
    return is_day(value[:2], value[2:4]) and luhn(value)


RECOGNISER = Recogniser(
    name="gr_amka",
    kind="national_id",
    data_class=DataClass.NATIONAL_ID,
    patterns=(r"\b[0-3]\d[01]\d{8}\b",),
    verify=number(_right, "amka"),
)
