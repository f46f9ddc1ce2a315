"""Ireland: Personal Public Service number, seven digits, a control letter modulo 23, at times one letter more.

Source: Social Welfare Consolidation Act 2005, s. 262; the second letter counts nine times.
"""

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.national import number, weighed
from ecluse.passage.classify.recogniser import Recogniser

_LETTERS = "WABCDEFGHIJKLMNOPQRSTUV"


def _right(value: str) -> bool:
    more = _LETTERS.find(value[8:9] or "W") * 9
    return _LETTERS[(weighed(value[:7], range(8, 1, -1)) + more) % len(_LETTERS)] == value[7]


RECOGNISER = Recogniser(
    name="ie_pps",
    kind="national_id",
    data_class=DataClass.NATIONAL_ID,
    patterns=(r"\b\d{7}[A-W][A-IW]?\b",),
    verify=number(_right, "pps(?:n|-?number| no)?|personal public service"),
)
