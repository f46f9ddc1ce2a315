"""Bulgaria: EGN, ten digits with a date, modulo eleven.

The check was held against the example of python-stdnum's documentation.
"""

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.national import number, weighed
from ecluse.passage.classify.recogniser import Recogniser

_WEIGHTS = (2, 4, 8, 5, 10, 9, 7, 3, 6)


def _right(value: str) -> bool:
    return weighed(value[:9], _WEIGHTS) % 11 % 10 == int(value[9])


RECOGNISER = Recogniser(
    name="bg_egn",
    kind="national_id",
    data_class=DataClass.NATIONAL_ID,
    patterns=(r"\b\d{6} ?\d{3} ?\d\b",),
    verify=number(_right, "egn|edinen grazhdanski nomer|uniform civil number"),
)
