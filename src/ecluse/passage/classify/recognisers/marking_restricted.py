"""Protective mentions below classification: Diffusion Restreinte, Spécial France, RESTREINT UE, NATO RESTRICTED.

Diffusion Restreinte is a mention of protection, not a level of classification (IGI 1300; arrêté of 27 April 2022, B).
France handles RESTREINT UE/EU RESTRICTED no less strictly than the Union asks (decree 2016-16, annex, note 3); it is
put here because its national counterpart is. Spécial France restricts to nationals whatever the level.
"""

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.checks import one_of
from ecluse.passage.classify.markings import hit_if_bare_marking, hit_if_marking
from ecluse.passage.classify.recogniser import Candidate, Hit, Recogniser

_NAME = "a mention of restricted distribution"
_BARE = frozenset({"DR", "D.R."})


def _verify(candidate: Candidate) -> Hit | None:
    if candidate.value in _BARE:
        return hit_if_bare_marking(candidate, name=_NAME)
    return hit_if_marking(candidate, name=_NAME)


RECOGNISER = Recogniser(
    name="marking_restricted",
    kind="marking_restricted",
    data_class=DataClass.RESTRICTED,
    patterns=(
        r"(?i)\b"
        + one_of(
            "(?:otan )?diffusion[ -]{1,2}restreinte|special france|restreint ue|restreint otan",
            "(?:eu|nato|ue) restricted",
        )
        + r"\b",
        r"\bDR\b|\bD\.R\.",
    ),
    verify=_verify,
    of_document=True,
    of_lines=True,
)
