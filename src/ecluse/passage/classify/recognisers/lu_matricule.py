"""Luxembourg: the national number of a person (matricule), a date, three digits, and two that check both.

The first eleven digits and the twelfth have the Luhn sum; the same eleven and the thirteenth have Verhoeff's. Source:
the OECD's sheet on tax numbers of Luxembourg, as public implementations quote it; the test's example is right by both.
"""

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.checks import luhn
from ecluse.passage.classify.national import is_day, number
from ecluse.passage.classify.recogniser import Recogniser

_FIVE = 5
_SWAPPED = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)


def _times(one: int, other: int) -> int:
    """Combine two turns or flips of a pentagon (the dihedral group of ten)."""
    if one < _FIVE:
        return (one + other) % _FIVE if other < _FIVE else _FIVE + (one + other) % _FIVE
    return _FIVE + (one - other) % _FIVE if other < _FIVE else (one - other) % _FIVE


def _verhoeff(digits: str) -> bool:
    sum_of_all = 0
    for place, digit in enumerate(reversed(digits)):
        swapped = int(digit)
        for _ in range(place % 8):
            swapped = _SWAPPED[swapped]
        sum_of_all = _times(sum_of_all, swapped)
    return sum_of_all == 0


def _right(value: str) -> bool:
    return is_day(value[6:8], value[4:6]) and luhn(value[:12]) and _verhoeff(value[:11] + value[12])


RECOGNISER = Recogniser(
    name="lu_matricule",
    kind="national_id",
    data_class=DataClass.NATIONAL_ID,
    patterns=(r"\b(?:18|19|20)\d{2} ?[01]\d ?[0-3]\d ?\d{3} ?\d{2}\b",),
    verify=number(
        _right,
        "matricule|numero d'identification(?: national)?|numero national|securite sociale|luxembourg\\w*|cns|ccss|cnpf",
        rare=True,
    ),
)
