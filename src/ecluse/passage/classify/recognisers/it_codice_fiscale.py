"""Italy: the codice fiscale of a person, sixteen letters and digits with a control letter.

Source: decreto ministeriale of 23 December 1976 (Ministero delle Finanze), on how the code is made; digits may be
replaced by letters where two persons would have the same code.
"""

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.national import number
from ecluse.passage.classify.recogniser import Recogniser

_ODD = {
    sign: int(value)
    for signs, values in (
        ("0123456789", "1 0 5 7 9 13 15 17 19 21"),
        ("ABCDEFGHIJ", "1 0 5 7 9 13 15 17 19 21"),
        ("KLMNOPQRSTUVWXYZ", "2 4 18 20 11 3 6 8 12 14 16 10 22 25 24 23"),
    )
    for sign, value in zip(signs, values.split(), strict=True)
}


def _right(value: str) -> bool:
    odd = sum(_ODD[sign] for sign in value[:15:2])
    even = sum(int(sign) if sign.isdigit() else ord(sign) - ord("A") for sign in value[1:15:2])
    return chr(ord("A") + (odd + even) % 26) == value[15]


RECOGNISER = Recogniser(
    name="it_codice_fiscale",
    kind="national_id",
    data_class=DataClass.NATIONAL_ID,
    patterns=(r"(?i)\b[a-z]{6} ?[0-9lmnpqrstuv]{2} ?[a-ehlmprst][0-9lmnpqrstuv]{2} ?[a-z][0-9lmnpqrstuv]{3} ?[a-z]\b",),
    verify=number(_right, "codice fiscale|cod\\.? ?fisc|c\\.?f\\.?", rare=True),
)
