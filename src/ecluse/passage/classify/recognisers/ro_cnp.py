"""Romania: cod numeric personal, sex and century, date of birth, county, serial number, check modulo eleven.

Source: Legea 105/1996 and its norms; the key of the check is 279146358279.
"""

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.national import is_day, number, weighed
from ecluse.passage.classify.recogniser import Recogniser


def _right(value: str) -> bool:
    rest = weighed(value[:12], (2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9)) % 11
    return is_day(value[5:7], value[3:5]) and int(value[12]) == (1 if rest == 10 else rest)  # noqa: PLR2004 - ten counts as one


RECOGNISER = Recogniser(
    name="ro_cnp",
    kind="national_id",
    data_class=DataClass.NATIONAL_ID,
    patterns=(r"\b[1-9]\d{12}\b",),
    verify=number(_right, "cnp|cod(?:ul)? numeric personal"),
)
