"""Cyprus: the tax number of a person (AFM), eight digits from 0 and a letter that checks them.

Digits at even places count as they are, those at odd places by a table. Source: "TIN Algorithms - Public" of DG TAXUD
(European Commission), as validator.js (github.com/validatorjs/validator.js, MIT) documents it.
"""

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.national import number
from ecluse.passage.classify.recogniser import Recogniser

_ODD = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21)


def _right(value: str) -> bool:
    digits = [int(digit) for digit in value[:8]]
    total = sum(_ODD[digit] for digit in digits[::2]) + sum(digits[1::2])
    return chr(ord("A") + total % 26) == value[8]


RECOGNISER = Recogniser(
    name="cy_tin",
    kind="national_id",
    data_class=DataClass.NATIONAL_ID,
    patterns=(r"\b0\d{7} ?[A-Za-z]\b",),
    verify=number(_right, "tin|tic|afm|tax (?:identification )?(?:number|code)|arithmos forologikou mitroou"),
)
