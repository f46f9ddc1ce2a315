"""What a credential becomes: headers of one call.

Law: a credential is looked at before the intent (what is missing is said then), and presented after it is durable; what
is presented is never logged. A signer knows one cloud's way, and leaves plain secrets to the dialect.
"""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeAlias

from ecluse.domain.destination import Destination
from ecluse.domain.effects import Call
from ecluse.edge.keys import SecretResolver

Headers: TypeAlias = Sequence[tuple[str, str]]
Present: TypeAlias = Callable[[Call], Headers]
"""Gives the headers that carry a credential for one call."""


class Signer(Protocol):
    """One cloud's way to present a credential."""

    def ready(self, destination: Destination, secrets: SecretResolver) -> Present | None:
        """Look at the destination's credential; None when it is a plain secret. Raises SecretUnavailable."""
