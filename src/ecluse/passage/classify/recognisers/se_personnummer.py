"""Sweden: personnummer and samordningsnummer, a date of birth, a serial number, the Luhn sum.

Source: folkbokföringslag (1991:481), 18 §; Skatteverket, SKV 704. A coordination number adds 60 to the day.
"""

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.checks import luhn
from ecluse.passage.classify.national import is_day, number
from ecluse.passage.classify.recogniser import Recogniser

_CENTURY = 12
_COORDINATED = 60


def _right(value: str) -> bool:
    value = value[2:] if len(value) == _CENTURY else value
    return is_day(f"{int(value[4:6]) % _COORDINATED:02}", value[2:4]) and luhn(value)


RECOGNISER = Recogniser(
    name="se_personnummer",
    kind="national_id",
    data_class=DataClass.NATIONAL_ID,
    patterns=(r"\b(?:19|20)?\d{6}[-+]?\d{4}\b",),
    verify=number(_right, "personnummer|personnr|samordningsnummer|pnr"),
)
