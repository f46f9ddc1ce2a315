"""Levels of classification: Secret and Très Secret, the legacy levels, and those of the Union and of NATO.

Sources: Code de la défense, R. 2311-2 and R. 2311-3 (two levels since 1 July 2021); Council Decision (EU) 2021/1075,
recital 3: what was marked TRÈS SECRET DÉFENSE, SECRET DÉFENSE or CONFIDENTIEL DÉFENSE keeps an equivalent level.
"""

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.checks import one_of
from ecluse.passage.classify.markings import hit_if_bare_marking, hit_if_marking
from ecluse.passage.classify.recogniser import Candidate, Hit, Recogniser

_NAME = "a level of classification"
_BARE = frozenset({"SECRET", "TOP SECRET"})


def _verify(candidate: Candidate) -> Hit | None:
    if candidate.value in _BARE:
        return hit_if_bare_marking(candidate, name=_NAME)
    return hit_if_marking(candidate, name=_NAME)


RECOGNISER = Recogniser(
    name="marking_classified",
    kind="marking_classified",
    data_class=DataClass.CLASSIFIED,
    patterns=(
        r"(?i)\b"
        + one_of(
            "tres[ -]secret(?:[ -]defense| ue| otan)?|(?:secret|confidentiel)[ -](?:defense|ue|otan)",
            "(?:eu|nato|ue|otan) (?:top secret|secret|confidential|confidentiel)|cosmic top secret|focal top secret",
        )
        + r"\b",
        r"\b(?:TOP )?SECRET\b",
    ),
    verify=_verify,
    of_document=True,
    of_lines=True,
)
