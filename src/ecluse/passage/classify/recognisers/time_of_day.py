"""Times of the day: *9.30 a.m.*, *à 8 h 12*, *14h30*, *17:45*. Alone they name nobody: `indirect`."""

import re

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.checks import before
from ecluse.passage.classify.recogniser import LIKELY, Candidate, Hit, Recogniser

_LED = re.compile(r"\A[a-zA-Z]+ ")
_HOURS, _MINUTES = 24, 60


def _verify(candidate: Candidate) -> Hit | None:
    text, start, end, _ = candidate
    if before(text, start, 1).isalnum() or text[max(0, start - 1) : start] in {".", ",", ":", "/", "-"}:
        return None
    if text[end : end + 1].isalnum() or text[end : end + 2].startswith((":", ".0", ".1")):
        return None
    figures = [int(n) for n in "".join(c if c.isdigit() else " " for c in candidate.value).split()]
    if figures[0] > _HOURS or (len(figures) > 1 and figures[1] >= _MINUTES):
        return None
    return Hit(end - len(_LED.sub("", candidate.value)), end, LIKELY, "a time of the day")


RECOGNISER = Recogniser(
    name="time_of_day",
    kind="time_of_day",
    data_class=DataClass.PERSONAL,
    patterns=(
        r"(?i)\b\d{1,2}(?:[.:]\d{2})? ?(?:a\.m\.?|p\.m\.?|am\b|pm\b)",
        r"\b\d{1,2} ?h(?:eures?)? ?(?:[0-5]\d)?\b",
        r"(?i:\b(?:at|a|vers|de|from|to|until|about) )\d{1,2}:\d{2}\b",
    ),
    verify=_verify,
    indirect=True,
)
