"""In which forms a request may go: as it is, and masked where a mask would cover something."""

from collections.abc import Iterable
from functools import lru_cache

from ecluse.domain.destination import DestinationId
from ecluse.domain.finding import MASKED_FORM
from ecluse.domain.verdict import Action, Choice, Question


def maskable(question: Question) -> bool:
    """Say whether a masked form exists. Embeddings have none (decision 27)."""
    return question.action is not Action.EMBED and bool(question.covered & question.classes & MASKED_FORM.keys())


def forms(question: Question, candidates: Iterable[DestinationId]) -> list[Choice]:
    """List the choices to ask about: for each candidate as is, then masked."""
    masked = (False, True) if maskable(question) else (False,)
    return [_choice(id_, form) for id_ in candidates for form in masked]


@lru_cache(maxsize=16_384)
def _choice(id_: DestinationId, masked: bool) -> Choice:  # noqa: FBT001 - the two forms of a destination
    return Choice(destination=id_, masked=masked)
