"""What stands behind a rule's answer: one fact, whether it holds, what is on record of it and where that was read.

Law: unknown is said as unknown, and does not hold.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from ecluse.domain.destination import Destination
from ecluse.domain.party import Source
from ecluse.domain.verdict import Question, RuleId


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """One fact that a rule asks of: `fact` as rules write it, whether it `holds`, what is on record in words."""

    fact: str
    holds: bool
    en: str
    fr: str
    sources: tuple[Source, ...] = ()


Evidence: TypeAlias = Callable[[Sequence[RuleId], Question, Destination], tuple[Behind, ...]]
"""Tells the facts that these rules ask of a destination and of the application's record, each once. Pure."""


def no_evidence(rules: Sequence[RuleId], question: Question, destination: Destination) -> tuple[Behind, ...]:
    """Tell no fact: of a snapshot made without a registry."""
    del rules, question, destination
    return ()
