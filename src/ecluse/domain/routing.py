"""In which order the permitted choices are tried: the owner's written rule, and nothing that is not in it.

Law: a strategy orders and never adds (INVARIANTS 1 and 8); what it reads is on record or measured here, and unknown is
unknown: a destination without a price is not a cheap one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ecluse.domain.caller import OrganisationId
from ecluse.domain.destination import DestinationId


class Strategy(StrEnum):
    """How permitted choices are put in order. The owner's written order breaks every tie."""

    WRITTEN = "written"
    WEIGHTED = "weighted"
    CHEAPEST = "cheapest"
    FASTEST = "fastest"
    LEAST_BUSY = "least_busy"
    STICKY = "sticky"


@dataclass(frozen=True, slots=True, kw_only=True)
class Routing:
    """One strategy. `weights` are those of `weighted`: 1 where none is stated, and 0 is for fallback only."""

    strategy: Strategy = Strategy.WRITTEN
    weights: Mapping[DestinationId, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Routes:
    """Every strategy on record, and what holds for all of them.

    `attempts` is how many calls one request may lead to; `longest_wait` in seconds is how long it may wait for a
    provider that asks to wait; `euros` are millionths of a euro per unit of a currency, as the owner stated them.
    """

    default: Routing = field(default_factory=Routing)
    aliases: Mapping[str, Routing] = field(default_factory=dict)
    organisations: Mapping[OrganisationId, Routing] = field(default_factory=dict)
    attempts: int = 2
    longest_wait: float = 2.0
    euros: Mapping[str, int] = field(default_factory=dict)

    def of(self, model: str, organisation: OrganisationId) -> Routing:
        """Return the strategy of the name asked for, else of the organisation, else of everybody."""
        return self.aliases.get(model) or self.organisations.get(organisation) or self.default
