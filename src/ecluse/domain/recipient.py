"""Who receives what a model sends to a hosted tool or a remote MCP server: a destination of its own (decision 22).

Law: the model decides what it sends, so the recipient is judged for all that the request has; what it brings to the
model was read by nobody here, so it counts as in the request. Unknown is unreadable, never nothing.
"""

from dataclasses import dataclass, field

from ecluse.domain.destination import Destination, DestinationId
from ecluse.domain.finding import DataClass
from ecluse.domain.hosted import HostedKind, HostedRef
from ecluse.domain.party import Confidence, ProviderId, Source

OPENS = frozenset({Confidence.HIGH, Confidence.MEDIUM})
"""How sure a record must be to open something."""
UNREAD = frozenset({DataClass.UNREADABLE})
"""What a tool brings of which nobody said what it may bring."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Who receives what the model sends to a hosted tool, as a destination on record.

    `via` are the providers at which it can be called, none for a remote server that any can reach; `brings` are the
    data classes of what it may hand to the model.
    """

    destination: Destination
    kind: HostedKind
    via: frozenset[ProviderId] = frozenset()
    address: str = ""
    brings: frozenset[DataClass] = field(default=UNREAD)
    source: Source

    @property
    def id(self) -> DestinationId:
        """The name on record."""
        return self.destination.id

    @property
    def verified(self) -> bool:
        """Whether its source was opened: only then it opens anything."""
        return self.source.confidence in OPENS

    def answers(self, asked: HostedRef, provider: ProviderId) -> bool:
        """Say whether it is what `asked` means at a provider."""
        reached = provider in self.via if self.via else bool(self.address)
        return reached and self.kind is asked.kind and self.address == asked.address
