"""Hungary: the social security number (TAJ), nine digits, the last of them a sum modulo ten.

Digits at odd places count three times, at even places seven times. Source: the collection of check digits at
https://matek.fazekas.hu/solo/hraskoandras_kodok/ellenorzojegy.html, found in November 2026.
"""

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.national import number, weighed
from ecluse.passage.classify.recogniser import Recogniser


def _right(value: str) -> bool:
    return weighed(value[:8], (3, 7) * 4) % 10 == int(value[8])


RECOGNISER = Recogniser(
    name="hu_taj",
    kind="national_id",
    data_class=DataClass.NATIONAL_ID,
    patterns=(r"\b\d{3}[ -]?\d{3}[ -]?\d{3}\b",),
    verify=number(_right, "taj(?:[ -]?szam\\w{0,4})?|tarsadalombiztositasi azonosito"),
)
