"""One remark on a set-up.

Law: a remark that is not `good` says what to do next; none ever shows a secret.
"""

from dataclasses import dataclass
from enum import StrEnum


class Grade(StrEnum):
    """How a remark weighs: `mend` keeps the gateway from serving or from being safe, `weigh` is yours to judge."""

    GOOD = "good"
    WEIGH = "weigh"
    MEND = "mend"


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """What was looked at, how it stands, and what to do. `next_step` is empty only when all is good."""

    about: str
    grade: Grade
    says: str
    next_step: str = ""

    def __post_init__(self) -> None:
        """Refuse a complaint without a next step."""
        if (self.grade is Grade.GOOD) == bool(self.next_step):
            raise ValueError(f"{self.about}: a remark has a next step exactly when something is to be done")
