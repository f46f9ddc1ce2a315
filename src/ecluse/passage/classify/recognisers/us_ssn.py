"""United States: social security number, three, two and four digits. It has no check.

Source: Social Security Administration, "The SSN numbering scheme": no area 000 or 666, no group 00, no
serial 0000. Its hyphens or a word beside it tell it.
"""

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.national import number
from ecluse.passage.classify.recogniser import Recogniser

_NO_AREA = frozenset({"000", "666"})


def _right(value: str) -> bool:
    return value[:3] not in _NO_AREA and value[3:5] != "00" and value[5:] != "0000"


RECOGNISER = Recogniser(
    name="us_ssn",
    kind="national_id",
    data_class=DataClass.NATIONAL_ID,
    patterns=(r"\b\d{3}-\d{2}-\d{4}\b",),
    verify=number(_right, "ssn|social security", rare=True),
)
