"""A conversation that is kept: by its provider, and what it takes to go on from it, or in the gateway's vault.

Law: it is sealed wherever it lies; its `repr` shows no content. What lies at the provider counts for every turn after:
its data classes stand here, those that lie there as they are apart from those that a mask covers.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ecluse.domain.destination import DestinationId
from ecluse.domain.finding import DataClass
from ecluse.domain.slot import Json, Role
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """A conversation object of a caller: its items in OpenAI's form, with originals. Nothing prolongs it past `ends`.

    `created` is in seconds; each item has an `id`; `metadata` are the caller's own words on it. `stated` are the data
    classes that callers stated of what is in it, and those that tools may have brought: they count at every turn.
    """

    created: int
    ends: Instant
    stated: frozenset[DataClass] = frozenset()
    items: tuple[Mapping[str, Json], ...] = field(default=(), repr=False)
    metadata: Mapping[str, str] = field(default_factory=dict, repr=False)
