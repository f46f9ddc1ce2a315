"""The only thing that one can send to: a model, at a provider's offer, in a processing scope.

Law: a qualification belongs to an offer, for a time; it is not inherited by what is built on the offer, except by
a model that the caller runs there itself (decision 21).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import NewType

from ecluse.domain.party import ProviderId, Source
from ecluse.domain.request import Capability

DestinationId = NewType("DestinationId", str)
OfferId = NewType("OfferId", str)
ModelId = NewType("ModelId", str)
PlaceId = NewType("PlaceId", str)


class OperatedBy(StrEnum):
    """Who runs the model. `managed` (a provider runs it for the caller) is legally undecided: it inherits nothing."""

    CALLER = "caller"
    PROVIDER = "provider"
    MANAGED = "managed"


class Scope(StrEnum):
    """Where processing may happen. `world` is an endpoint that promises no place; `unknown` is not `world`."""

    EU = "eu"
    EEA = "eea"
    EEA_ADEQUATE = "eea_adequate"
    WORLD = "world"
    UNKNOWN = "unknown"


class Trilean(StrEnum):
    """A fact that may be unknown. Unknown is never `no`."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Established(StrEnum):
    """What is proven of a destination or a place at the snapshot's date. Absence means unknown or untrue.

    These enter Cedar as a set of enumerated entities; no rule can tell unknown from no (decision 14).
    """

    OPERATED_BY_CALLER = "operated_by_caller"
    ON_OWN_PREMISES = "on_own_premises"
    STATE_CLOUD = "state_cloud"
    PROCESSING_IN_EU = "processing_in_eu"
    PROCESSING_IN_EEA = "processing_in_eea"
    PROCESSING_IN_ADEQUATE = "processing_in_adequate"
    SECNUMCLOUD = "secnumcloud"
    HDS = "hds"
    NO_TRAINING = "no_training"
    NO_RETENTION = "no_retention"
    EU_CONTROL = "eu_control"
    TRANSFER_TOOL = "transfer_tool"
    KEPT_STATED = "kept_stated"
    KEPT_IN_ADEQUATE = "kept_in_adequate"
    KEPT_UNDER_HDS = "kept_under_hds"
    SEAL_1 = "seal_1"
    SEAL_2 = "seal_2"
    SEAL_3 = "seal_3"
    SEAL_4 = "seal_4"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attestation:
    """A dated, sourced qualification or certification of an offer. It counts from `valid_from` until `valid_until`.

    A missing bound is unknown: without `valid_until` the attestation opens nothing.
    """

    scheme: str
    reference: str
    valid_from: date | None
    valid_until: date | None
    scope: tuple[str, ...] = ()
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessingScope:
    """Where requests are processed and stored."""

    processing: Scope
    storage: Scope
    countries: tuple[str, ...] = ()
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the provider may do with a request, for one service, model and endpoint.

    `retention_days` is None when unknown.
    """

    trains_on_input: Trilean
    retention_days: int | None
    human_review: Trilean
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeps:
    """What a service keeps of a conversation when it is asked to (`store`): where, and for how many days at most.

    `days` is None when no source bounds it: a place that keeps for ever is not one that says for how long.
    """

    days: int | None
    storage: Scope
    countries: tuple[str, ...] = ()
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Options of a chat that a service does not take, though its wire format has a word for them.

    `not_with_reasoning` are those that it takes only where no reasoning is asked for; of `not_together` it takes one.
    """

    not_taken: tuple[str, ...] = ()
    not_with_reasoning: tuple[str, ...] = ()
    not_together: tuple[str, ...] = ()
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Reuse:
    """Of the tokens read in: those that the provider remembered, and those that it wrote to remember them.

    `written` is for minutes, `written_hour` for an hour. None of them stands for another.
    """

    cached: int = 0
    written: int = 0
    written_hour: int = 0


NO_REUSE = Reuse()


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """List price in one currency per million tokens, dated.

    What was remembered is mostly cheaper than input, and what is written to be remembered mostly dearer: None is
    unknown.
    """

    currency: str
    per_million_in: float
    per_million_out: float
    per_million_cached: float | None = None
    per_million_written: float | None = None
    per_million_written_hour: float | None = None
    source: Source

    def cost(self, tokens_in: int | None, tokens_out: int | None, reuse: Reuse = NO_REUSE) -> int | None:
        """Return what that many tokens cost at list price, in millionths of the currency; unknown stays unknown."""
        if tokens_in is None or tokens_out is None:
            return None
        cached = self.per_million_in if self.per_million_cached is None else self.per_million_cached
        total = reuse.cached * cached + tokens_out * self.per_million_out
        for written, price in (
            (reuse.written, self.per_million_written),
            (reuse.written_hour, self.per_million_written_hour),
        ):
            if written and price is None:
                return None
            total += written * (price or 0.0)
        plain = max(0, tokens_in - reuse.cached - reuse.written - reuse.written_hour)
        return round(total + plain * self.per_million_in)

    def bounds(self, reuse: Reuse) -> bool:
        """Say whether the cost is an upper bound: what was remembered counts as input where its price is unknown."""
        return reuse.cached > 0 and self.per_million_cached is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """The named service that an attestation is granted to."""

    id: OfferId
    provider: ProviderId
    name: str
    scope: ProcessingScope
    attestations: tuple[Attestation, ...] = ()
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """A model at an offer, in a scope, under an ownership, with what is established of it at the snapshot's date.

    `base_url` comes from the registry or, for what the caller runs itself, from the settings: never from a request.
    `credential` names a secret (`env:NAME`, `file:PATH`), it never holds one; it goes in the header of the wire format,
    or as `Authorization: Bearer` where the server wants that. `non_eu_share_max` is the upper bound, in percent, of
    capital or votes held from outside the Union: 100 when unknown.
    """

    id: DestinationId
    model: ModelId
    provider: ProviderId
    offer: OfferId
    operated_by: OperatedBy
    runs_on: OfferId | None = None
    dialect: str
    base_url: str
    wire_model: str
    credential: str | None = None
    bearer: bool = False
    capabilities: frozenset[Capability]
    scope: ProcessingScope
    terms: Terms
    keeps: Keeps | None = None
    options: Options | None = None
    price: Price | None = None
    established: frozenset[Established] = frozenset()
    non_eu_share_max: int = 100
    simulated: bool = False


VAULT = "vault"
"""The role of the place where conversations are sealed: it keeps on demand, and `store` is asked of it too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the gateway itself runs, stores, backs up, seals or reports.

    `role`: `runs`, `stores`, `backs_up`, `vault`, `telemetry`.
    """

    id: PlaceId
    role: str
    established: frozenset[Established] = frozenset()
    non_eu_share_max: int = 100
    facts: Mapping[str, str] = field(default_factory=dict)
