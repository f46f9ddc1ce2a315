"""Which answers may be given again from memory: the owner's rule, off until the owner writes one.

Law: what data a request has decides whether its answer is kept; the rules decide each time whether it is given.
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from ecluse.domain.finding import DataClass


@dataclass(frozen=True, slots=True, kw_only=True)
class Caching:
    """For how many seconds an answer is kept (0: never), of how many bytes at most, and of what beside public data."""

    seconds: int = 0
    answer_bytes: int = 256 * 1024
    classes: frozenset[DataClass] = frozenset()

    def takes(self, classes: AbstractSet[DataClass]) -> bool:
        """Say whether the answer to a request that leaves with these data classes may be kept."""
        return self.seconds > 0 and classes <= self.classes
