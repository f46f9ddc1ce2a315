"""Who holds whom, and who can compel them.

Law: an unknown share is the whole interval, never zero; a fact without source and date does not exist.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NewType

EntityId = NewType("EntityId", str)
ProviderId = NewType("ProviderId", str)


class Confidence(StrEnum):
    """How a fact is known. `unverified` means that no source was opened: such a fact opens nothing."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    UNVERIFIED = "unverified"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a fact was read, and when. `as_of` is the date of the source itself."""

    title: str
    url: str
    as_of: date
    confidence: Confidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Jurisdiction:
    """A legal order that can compel, by ISO 3166 code (`FR`, `US`)."""

    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalRegime:
    """A text by which a jurisdiction compels, with its dated status. Past `review_by` it counts as in force."""

    id: str
    jurisdiction: Jurisdiction
    text: str
    review_by: date | None
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """A legal person. `seat` is an ISO 3166 code, or None when it is unknown."""

    id: EntityId
    name: str
    seat: str | None
    source: Source


class StakeKind(StrEnum):
    """By what one entity holds another. `board` is a right to appoint to its board, or a veto, whatever its share."""

    EQUITY = "equity"
    VOTES = "votes"
    CONVERTIBLE = "convertible"
    TECHNOLOGY_LICENCE = "technology_licence"
    SUB_PROCESSOR = "sub_processor"
    BOARD = "board"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stake:
    """Who holds whom, in percent, between what bounds, as of when."""

    holder: EntityId
    held: EntityId
    kind: StakeKind
    low: float
    high: float
    source: Source

    def __post_init__(self) -> None:
        """Refuse bounds outside 0..100 or reversed."""
        if not 0 <= self.low <= self.high <= 100:  # noqa: PLR2004 - percent
            raise ValueError(f"not an interval of percent: {self.low}..{self.high}")
