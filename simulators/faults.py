"""What can be asked to go wrong in a simulator.

Law: a fault is asked for by name, shows in the journal, and lasts until it is lifted or its `times` are used up.
"""

from dataclasses import dataclass
from enum import StrEnum


class FaultKind(StrEnum):
    """The ways to fail."""

    SLOW = "slow"
    """Wait `seconds` before the answer's head."""
    STATUS = "status"
    """Answer `status` in the provider's own shape; 429 and 503 carry `Retry-After: 1`."""
    REDIRECT = "redirect"
    """Answer 307 to `location`."""
    CUT = "cut"
    """Break the connection after `after` pieces of a stream, or in the middle of a whole answer."""
    HOLD = "hold"
    """Stop after `after` pieces and leave the stream open, until the caller leaves."""
    INSIDE = "inside"
    """Write an error event inside the stream after `after` pieces, then close it without its closing mark."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One way to fail. Only the words of its kind count."""

    kind: FaultKind
    after: int = 0
    seconds: float = 0.0
    status: int = 500
    location: str = ""
    times: int | None = None


class Faults:
    """The fault in force in one simulator, if any."""

    def __init__(self) -> None:
        self._fault: Fault | None = None
        self._left: int | None = None

    def ask(self, fault: Fault | None) -> None:
        """Put a fault in force, or lift the one that is."""
        self._fault = fault
        self._left = fault.times if fault else None

    def next(self) -> Fault | None:
        """Return the fault that the next request meets."""
        if self._fault is None or self._left == 0:
            return None
        if self._left is not None:
            self._left -= 1
        return self._fault
