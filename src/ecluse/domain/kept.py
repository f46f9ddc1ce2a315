"""A conversation that its provider keeps, and what the gateway needs to go on from it.

Law: it is sealed wherever it lies; its `repr` shows no content. What lies at the provider counts for every turn after:
its data classes stand here, those that lie there as they are apart from those that a mask covers.
"""

from dataclasses import dataclass, field

from ecluse.domain.destination import DestinationId
from ecluse.domain.finding import DataClass
from ecluse.domain.slot import Role
from ecluse.domain.snapshot import Instant
from ecluse.domain.vault import Vault


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One answer that a provider keeps. `upstream` is the provider's own name for it, empty while it has none yet.

    `clear` are the classes that lie there as they are, `covered` those of which only surrogates do. `key` makes the
    surrogates of the conversation, which `conversation` names if the caller named it. `ends` is when we forget it.
    `said` are the ends of the last texts that were sent, with who spoke: a value may be cut in two by a turn.
    """

    destination: DestinationId
    upstream: str
    model: str
    created: int
    ends: Instant
    clear: frozenset[DataClass]
    covered: frozenset[DataClass]
    key: bytes = field(repr=False)
    conversation: str | None = field(default=None, repr=False)
    vault: Vault = field(default_factory=Vault.empty)
    said: tuple[tuple[Role, str], ...] = field(default=(), repr=False)

    @property
    def classes(self) -> frozenset[DataClass]:
        """Every class of what lies at the provider."""
        return self.clear | self.covered
