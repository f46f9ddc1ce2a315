"""The Commission's Cloud Sovereignty Framework: the level of a service, and its score under a named set of weights.

Law: the level is the least over every answer, and an answer that is missing is the lowest; a score never lifts a level.
Two sets of weights were published, so a score says under which it was made.
Source: Cloud Sovereignty Framework v1.2.1 (October 2025); the Commission's calculator of 1 June 2026.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

TOP = 4
QUESTIONS = 48


class Objective(StrEnum):
    """The eight objectives."""

    STRATEGIC = "sov_1"
    LEGAL = "sov_2"
    DATA_AND_AI = "sov_3"
    OPERATIONAL = "sov_4"
    SUPPLY_CHAIN = "sov_5"
    TECHNOLOGY = "sov_6"
    SECURITY = "sov_7"
    ENVIRONMENT = "sov_8"


WEIGHTS: Mapping[str, Mapping[Objective, int]] = {
    "framework_2025_10": dict(zip(Objective, (15, 10, 10, 15, 20, 15, 10, 5), strict=True)),
    "calculator_2026_06": dict(zip(Objective, (20, 10, 10, 15, 10, 15, 15, 5), strict=True)),
}
"""Percent by objective, by the name of the set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """Levels of the answers to each objective's questions, 0 to 4. None is an answer that is missing."""

    answers: Mapping[Objective, Sequence[int | None]]

    def __post_init__(self) -> None:
        """Refuse a level that is none."""
        if any(not 0 <= (level or 0) <= TOP for levels in self.answers.values() for level in levels):
            raise ValueError(f"a level is 0 to {TOP}")

    @property
    def complete(self) -> bool:
        """Whether there are as many answers as the framework has questions."""
        return sum(level is not None for levels in self.answers.values() for level in levels) >= QUESTIONS

    def level(self, objective: Objective) -> int:
        """Return the level of one objective: its least answer, 0 when one is missing."""
        return min((level or 0 for level in self.answers.get(objective, ())), default=0)

    @property
    def seal(self) -> int:
        """The level of the service: the least over every objective, 0 while an answer is missing."""
        return min(self.level(objective) for objective in Objective) if self.complete else 0


def score(evaluation: Evaluation, weights: str) -> float:
    """Return percent under a named set of weights: it only orders services. Raises KeyError for no such set."""
    return sum(share * evaluation.level(objective) / TOP for objective, share in WEIGHTS[weights].items())
