"""Belgium: the number of the national register, a date of birth, a serial number, 97 minus the rest modulo 97.

Source: arrêté royal of 3 April 1984 on the composition of the identification number; births from 2000 on are counted
with a 2 in front.
"""

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.national import number
from ecluse.passage.classify.recogniser import Recogniser

_UNKNOWN = 20


def _right(value: str) -> bool:
    month = int(value[2:4]) % _UNKNOWN  # 20 or 40 is added for the bis number
    dated = month <= 12 and int(value[4:6]) <= 31  # noqa: PLR2004 - months and days; 0 is unknown
    return dated and any(97 - int(lead + value[:9]) % 97 == int(value[9:]) for lead in ("", "2"))


RECOGNISER = Recogniser(
    name="be_national_number",
    kind="national_id",
    data_class=DataClass.NATIONAL_ID,
    patterns=(r"\b\d{2}[ .]?\d{2}[ .]?\d{2}[ -]?\d{3}[ .-]?\d{2}\b",),
    verify=number(
        _right, "registre national|rijksregister(?:nummer)?|numero national|nationaal nummer|niss|insz|nrn|rrn|bis"
    ),
)
