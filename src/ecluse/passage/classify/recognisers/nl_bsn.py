"""The Netherlands: burgerservicenummer, nine digits whose weighed sum is a multiple of eleven (elfproef).

Source: Wet algemene bepalingen burgerservicenummer; Logisch Ontwerp BSN, the 11-proef with -1 for the last digit.
"""

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.national import number, weighed
from ecluse.passage.classify.recogniser import Recogniser


def _right(value: str) -> bool:
    return weighed(value, (9, 8, 7, 6, 5, 4, 3, 2, -1)) % 11 == 0


RECOGNISER = Recogniser(
    name="nl_bsn",
    kind="national_id",
    data_class=DataClass.NATIONAL_ID,
    patterns=(r"\b\d{3}[ .-]?\d{3}[ .-]?\d{3}\b",),
    verify=number(_right, "bsn|burgerservicenummer|sofi-?nummer|citizen service number"),
)
