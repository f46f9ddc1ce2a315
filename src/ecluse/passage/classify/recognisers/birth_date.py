"""Dates of birth of persons: a date after 'né(e) le', 'date de naissance', 'born on' and their like."""

import re

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.checks import one_of
from ecluse.passage.classify.recogniser import DOUBTFUL, STRONG, Candidate, Hit, Recogniser

_MONTHS = one_of(
    "janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre|decembre",
    "january|february|march|april|may|june|july|august|september|october|november|december",
)
_DATE = one_of(
    r"\d{1,2}[ ]?[./-][ ]?\d{1,2}[ ]?[./-][ ]?(?:\d{4}|\d{2})",
    r"\d{4}-\d{2}-\d{2}",
    r"\d{1,2} \d{1,2} \d{4}",
    rf"(?i:\d{{1,2}}(?:er|st|nd|rd|th)?[ .](?:of )?{_MONTHS}[ ,.]{{1,2}}(?:\d{{4}}|'?\d{{2}}\b))",
    rf"(?i:{_MONTHS} \d{{1,2}},? \d{{4}})",
)
_AT_END = re.compile(_DATE + r"$")
_THING = re.compile(
    r"\b(?:societe|entreprise|association|projet|idee|mouvement|parti|groupe|union|republique|loi|marque|logiciel"
    r"|startup|start-up|institution|organisation|company)\b[^.\n]{0,40}$"
)
_LETTERS = re.compile(r"[A-Za-z]{3}")
_LARGEST_DAY, _LARGEST_MONTH = 31, 12


def _verify(candidate: Candidate) -> Hit | None:
    date = _AT_END.search(candidate.value)
    if date is None or not _is_possible(date.group()):
        return None
    start = candidate.start + date.start()
    if candidate.text[candidate.end : candidate.end + 1].isdigit():
        return None
    if _THING.search(candidate.text[max(0, candidate.start - 60) : candidate.start].lower()):
        return Hit(start, candidate.end, DOUBTFUL, "the birth of a thing")
    return Hit(start, candidate.end, STRONG, "a date after words for birth")


def _is_possible(date: str) -> bool:
    """Check day and month, in either order; the year may be anything."""
    small = sorted(int(n) for n in re.findall(r"(?<!\d)\d{1,2}(?!\d)", date)[: 1 if _LETTERS.search(date) else 2])
    return all(1 <= n <= _LARGEST_DAY for n in small) and (len(small) == 1 or small[0] <= _LARGEST_MONTH)


RECOGNISER = Recogniser(
    name="birth_date",
    kind="birth_date",
    data_class=DataClass.PERSONAL,
    patterns=(
        "(?i:"
        + one_of(
            r"\bne(?:es?|s|\(e\)|\.e)?(?: a [a-z' -]{2,32})?,?(?: le)?|date (?:de )?naissance|\bnaissance|\bddn|\bdob",
            r"\bd\.o\.b\.?|date of birth|birth ?date|\bborn(?: on)?",
            r"\bgeboren(?: am)?|\bnacid[oa](?: el)?|\bnat[oa](?: il)?",
        )
        + r")[ \t:=\n\"']{0,4}(?:(?i:the|le) )?"
        + _DATE,
    ),
    verify=_verify,
    revision=2,
)
