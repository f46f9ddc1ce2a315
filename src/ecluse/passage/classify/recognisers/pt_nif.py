"""Portugal: the tax number of a person (NIF), nine digits from 1, 2, 3 or 45, with a check modulo eleven.

Source: Decreto-Lei 14/2013 of 28 January, on the número de identificação fiscal. Numbers from 5 on are companies.
"""

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.national import number, weighed
from ecluse.passage.classify.recogniser import Recogniser


def _right(value: str) -> bool:
    rest = 11 - weighed(value[:8], range(9, 1, -1)) % 11
    return int(value[8]) == (0 if rest > 9 else rest)  # noqa: PLR2004 - ten and eleven count as zero


RECOGNISER = Recogniser(
    name="pt_nif",
    kind="national_id",
    data_class=DataClass.NATIONAL_ID,
    patterns=(r"\b(?:[123]\d|45)\d ?\d{3} ?\d{3}\b",),
    verify=number(_right, "nif|contribuinte|identificacao fiscal"),
)
