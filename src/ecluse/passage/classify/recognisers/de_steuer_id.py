"""Germany: the tax number of a person (Steuer-Identifikationsnummer), eleven digits, ISO 7064 MOD 11,10.

The first ten digits have one digit twice or three times and leave at least one out. Source: Abgabenordnung,
§ 139b; Bundeszentralamt für Steuern, "Informationen zur steuerlichen Identifikationsnummer".
"""

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.national import mod_11_10, number
from ecluse.passage.classify.recogniser import Recogniser


def _right(value: str) -> bool:
    most = max(value[:10].count(digit) for digit in "0123456789")
    return value[0] != "0" and most in {2, 3} and mod_11_10(value)


RECOGNISER = Recogniser(
    name="de_steuer_id",
    kind="national_id",
    data_class=DataClass.NATIONAL_ID,
    patterns=(r"\b[1-9]\d(?: ?\d{3}){3}\b",),
    verify=number(
        _right,
        "steuer-?id(?:entifikationsnummer)?|steueridentifikationsnummer|steuerliche identifikationsnummer|idnr|tin",
    ),
)
