"""Czechia and Slovakia: rodné číslo, a date of birth (50 is added to a woman's month), a number, modulo eleven.

Source: zákon 133/2000 Sb., § 13; numbers of ten digits are multiples of eleven.
"""

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.national import is_day, number
from ecluse.passage.classify.recogniser import Recogniser


def _right(value: str) -> bool:
    month = int(value[2:4]) % 50 % 20
    return is_day(value[4:6], f"{month:02}") and int(value) % 11 == 0


RECOGNISER = Recogniser(
    name="cz_rodne_cislo",
    kind="national_id",
    data_class=DataClass.NATIONAL_ID,
    patterns=(r"\b\d{6}/?\d{4}\b",),
    verify=number(_right, "rodne cislo|rodneho cisla|r\\.? ?c\\.?|rc"),
)
