"""Estonia: isikukood, eleven digits with a date, modulo eleven in two rounds.

The check was held against the example of python-stdnum's documentation.
"""

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.national import is_day, number, two_rounds
from ecluse.passage.classify.recogniser import Recogniser


def _right(value: str) -> bool:
    return is_day(value[5:7], value[3:5]) and two_rounds(value)


RECOGNISER = Recogniser(
    name="ee_isikukood",
    kind="national_id",
    data_class=DataClass.NATIONAL_ID,
    patterns=(r"\b[1-8]\d{10}\b",),
    verify=number(_right, "isikukood|personal (?:identification )?code|id-?kood"),
)
