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
    number = 2 if maskable(question) else 1
    return [choice for id_ in candidates for choice in _both(id_)[:number]]


@lru_cache(maxsize=16_384)
def _both(id_: DestinationId) -> tuple[Choice, Choice]:
    return Choice(destination=id_, masked=False), Choice(destination=id_, masked=True)
