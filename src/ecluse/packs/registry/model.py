"""The registry: every fact on record, checked and resolved to its source, nothing concluded yet.

Law: conclusions (`established`) depend on a date and are drawn in `establish.py`; here are facts only.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from ecluse.domain.destination import (
    Destination,
    DestinationId,
    Keeps,
    ModelId,
    Offer,
    OfferId,
    Options,
    Terms,
    Trilean,
)
from ecluse.domain.party import Confidence, Entity, EntityId, LegalRegime, ProviderId, Source, Stake
from ecluse.domain.recipient import Recipient
from ecluse.packs.registry.facts import OfferKind

GOOD = frozenset({Confidence.HIGH, Confidence.MEDIUM})
"""A fact below this opens nothing; it may still close."""


def good(source: Source) -> bool:
    """Say whether facts of this source may open something."""
    return source.confidence in GOOD


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """Who runs the services of one file. `entity` is None for what the caller runs itself."""

    id: ProviderId
    name: str
    entity: EntityId | None
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferRecord:
    """An offer with what the domain's word leaves out. `tool` is the source of its article 46 tool, if it has one."""

    offer: Offer
    kind: OfferKind
    region_chosen: bool
    terms: Terms | None
    keeps: Keeps | None
    options: Options | None
    tool: Source | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How many parameters a model has, in billions. `active` is None where nobody published what a token uses."""

    total: float
    active: float | None
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """Weights: who made them, under which licence."""

    id: ModelId
    name: str
    developer: str
    licence: str | None
    open_weights: Trilean
    context: int | None
    size: Size | None
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Adequacy:
    """A country under GDPR article 45, from a day until another; with a `condition`, for some recipients only."""

    country: str
    valid_from: date
    valid_until: date | None
    source: Source
    condition: str = ""

    def opens(self, today: date) -> bool:
        """Say whether the whole country counts on a day."""
        begun = self.valid_from <= today and (self.valid_until is None or today < self.valid_until)
        return begun and not self.condition and good(self.source)


@dataclass(frozen=True, slots=True, kw_only=True)
class Perimeter:
    """A set of countries, and which texts count it."""

    id: str
    name: str
    countries: frozenset[str]
    used_by: str
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestone:
    """A day from which a text applies or no longer does."""

    id: str
    law: str
    on: date
    en: str
    fr: str
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """Everything on record. `destinations` have nothing established yet; `unheld` are those whom nobody can hold."""

    providers: Mapping[ProviderId, Provider]
    entities: Mapping[EntityId, Entity]
    unheld: frozenset[EntityId]
    stakes: tuple[Stake, ...]
    offers: Mapping[OfferId, OfferRecord]
    models: Mapping[ModelId, Model]
    destinations: Mapping[DestinationId, Destination]
    adequacy: tuple[Adequacy, ...]
    regimes: tuple[LegalRegime, ...]
    perimeters: tuple[Perimeter, ...]
    milestones: tuple[Milestone, ...]
    confidences: tuple[Confidence, ...]
    recipients: tuple[Recipient, ...] = ()

    def receiver(self, name: str) -> Destination | None:
        """Return the destination, or the recipient of a hosted tool, of this id; None when there is none."""
        tools = (one.destination for one in self.recipients if one.id == name)
        return self.destinations.get(DestinationId(name)) or next(tools, None)
