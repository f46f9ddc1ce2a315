"""Lengths of time and ages: *five years and two months*, *17 jours*, *âgée de 45 ans*, *a 34-year-old*.

In a judgment or a file they tell people apart; alone they name nobody: `indirect`.
"""

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.checks import alone, one_of
from ecluse.passage.classify.recogniser import LIKELY, Candidate, Hit, Recogniser

_NUMBER = one_of(
    "\\d{1,3}|an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|eighteen",
    "twenty(?:-[a-z]{3,5})?|thirty(?:-[a-z]{3,5})?|forty(?:-[a-z]{3,5})?|fifty|sixty|ninety|several",
    "une?|deux|trois|quatre|cinq|sept|huit|neuf|dix|onze|douze|treize|quatorze|quinze|seize|vingt|trente|quarante|soixante",
)
_UNIT = one_of("days?|weeks?|months?|years?|jours?|semaines?|mois|ans?|annees?")
_NOT_LEADING = frozenset({"a", "an", "un", "une"})


def _verify(candidate: Candidate) -> Hit | None:
    text, start, end, _ = candidate
    if not alone(text, start, end) or text[max(0, start - 1) : start] in {".", ",", "-", "/"}:
        return None
    if candidate.value.split(maxsplit=1)[0].lower() in _NOT_LEADING:
        return None
    return Hit(start, end, LIKELY, "a number and a unit of time")


RECOGNISER = Recogniser(
    name="duration",
    kind="duration",
    data_class=DataClass.PERSONAL,
    patterns=(
        (
            rf"(?i)\b{_NUMBER}[ -](?:and a half )?{_UNIT}'?(?:[- ]old)?"
            rf"(?:(?:,| and| et) {_NUMBER} {_UNIT}'?){{0,2}}\b"
        ),
    ),
    verify=_verify,
    indirect=True,
)
