"""Finland: henkilötunnus, a date of birth, a sign for the century, three digits, a control sign modulo 31.

Source: Digital and Population Data Services Agency, "The personal identity code"; signs of 2023 included.
"""

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.national import is_day, number
from ecluse.passage.classify.recogniser import Recogniser

_SIGNS = "0123456789ABCDEFHJKLMNPRSTUVWXY"


def _right(value: str) -> bool:
    digits = "".join(sign for sign in value[:-1] if sign.isdigit())
    return is_day(digits[:2], digits[2:4]) and _SIGNS[int(digits[:9]) % len(_SIGNS)] == value[-1]


RECOGNISER = Recogniser(
    name="fi_hetu",
    kind="national_id",
    data_class=DataClass.NATIONAL_ID,
    patterns=(r"\b\d{6}[-+A-FU-Y]\d{3}[0-9A-Y]\b",),
    verify=number(_right, "henkilotunnus|hetu|personbeteckning", rare=True),
)
