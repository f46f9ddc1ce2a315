"""The shape of a registry file: what a fact is, in TOML.

Law: every fact has a source, and a source has a date; an unknown field is an error. A fact may lower the confidence of
its source, never raise it.
"""

from datetime import date
from enum import StrEnum
from typing import Annotated

import msgspec

from ecluse.domain.destination import OperatedBy, Scope, Trilean
from ecluse.domain.finding import DataClass
from ecluse.domain.hosted import HostedKind
from ecluse.domain.party import Confidence, StakeKind
from ecluse.domain.request import Capability

Text = Annotated[str, msgspec.Meta(min_length=1)]
Name = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9_.-]*$")]
Country = Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{2}$")]
Percent = Annotated[float, msgspec.Meta(ge=0, le=100)]
PerMillion = Annotated[float, msgspec.Meta(ge=0)]


class SourceKind(StrEnum):
    """What was read. `general_knowledge` means that nothing was: such a fact opens nothing."""

    PRIMARY = "primary"
    COPY = "copy"
    SECONDARY = "secondary"
    GENERAL_KNOWLEDGE = "general_knowledge"


class Scheme(StrEnum):
    """What an offer can be attested for. `hds_v2` is the only HDS referential that counts since 2026-05-16."""

    SECNUMCLOUD = "secnumcloud"
    HDS = "hds"
    HDS_V2 = "hds_v2"
    ISO_27001 = "iso_27001"
    C5 = "c5"
    EC_SEAL_1 = "ec_seal_1"
    EC_SEAL_2 = "ec_seal_2"
    EC_SEAL_3 = "ec_seal_3"
    EC_SEAL_4 = "ec_seal_4"


class EntityKind(StrEnum):
    """Whether a legal person can be held by others. A public body and a person cannot."""

    COMPANY = "company"
    PUBLIC_BODY = "public_body"
    PERSON = "person"


class OfferKind(StrEnum):
    """What is sold. Only on `iaas` can a gateway or a model of one's own run."""

    MODEL_API = "model_api"
    IAAS = "iaas"
    OWN_PREMISES = "own_premises"
    OWN_MACHINE = "own_machine"
    STATE_CLOUD = "state_cloud"


class _Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Fact(_Table, frozen=True, kw_only=True):
    """What every fact has: a source, and at most a lower confidence than its source's."""

    source: Text
    confidence: Confidence | None = None
    note: str = ""


class SourceFact(_Table, frozen=True, kw_only=True):
    """Where facts were read. `as_of` is the source's own date, or the day it was read when it has none."""

    id: Name
    title: Text
    url: str
    as_of: date
    confidence: Confidence
    kind: SourceKind
    via: str = ""
    note: str = ""


class ProviderFact(Fact, frozen=True, kw_only=True):
    """The company that runs the services of this file. `entity` is absent for what the caller runs itself."""

    id: Name
    name: Text
    entity: Name | None = None


class EntityFact(Fact, frozen=True, kw_only=True):
    """A legal person."""

    id: Name
    name: Text
    kind: EntityKind = EntityKind.COMPANY
    seat: Country | None = None


class StakeFact(Fact, frozen=True, kw_only=True):
    """Who holds whom. A bound that is not stated is the worst one."""

    holder: Name
    held: Name
    kind: StakeKind
    low: Percent = 0.0
    high: Percent = 100.0


class ScopeFact(Fact, frozen=True, kw_only=True):
    """Where requests are processed and stored. `countries` are those that the source names."""

    processing: Scope
    storage: Scope
    countries: tuple[Country, ...] = ()


class TermsFact(Fact, frozen=True, kw_only=True):
    """What the provider may do with a request. Absent means unknown."""

    trains_on_input: Trilean = Trilean.UNKNOWN
    retention_days: Annotated[int, msgspec.Meta(ge=0)] | None = None
    human_review: Trilean = Trilean.UNKNOWN


class KeepsFact(Fact, frozen=True, kw_only=True):
    """What a service keeps of a conversation when it is asked to (`store`). `days` absent: no source bounds it."""

    days: Annotated[int, msgspec.Meta(ge=1)] | None = None
    storage: Scope = Scope.UNKNOWN
    countries: tuple[Country, ...] = ()


class OptionsFact(Fact, frozen=True, kw_only=True):
    """Options of a chat that a service does not take, in OpenAI's words: never, or not beside another."""

    not_taken: tuple[Name, ...] = ()
    not_with_reasoning: tuple[Name, ...] = ()
    not_together: tuple[Name, ...] = ()


class AttestationFact(Fact, frozen=True, kw_only=True):
    """A qualification or certification. Without `valid_until`, or without `scope`, it opens nothing."""

    scheme: Scheme
    reference: Text
    valid_from: date | None = None
    valid_until: date | None = None
    scope: tuple[Text, ...] = ()


class OfferAttestationFact(AttestationFact, frozen=True, kw_only=True):
    """An attestation of an offer that another file describes. It replaces those of the same scheme that lie below."""

    offer: Name


class TransferToolFact(Fact, frozen=True, kw_only=True):
    """An article 46 tool that the provider's standard contract contains."""

    tool: Text


class OfferFact(Fact, frozen=True, kw_only=True):
    """A named service."""

    id: Name
    name: Text
    kind: OfferKind
    region_chosen: bool = False
    scope: ScopeFact | None = None
    terms: TermsFact | None = None
    keeps: KeepsFact | None = None
    options: OptionsFact | None = None
    transfer_tool: TransferToolFact | None = None
    attestations: tuple[AttestationFact, ...] = ()


class SizeFact(Fact, frozen=True, kw_only=True):
    """How many parameters, in billions: all, and those that one token passes through, where that is published."""

    total: Annotated[float, msgspec.Meta(gt=0)]
    active: Annotated[float, msgspec.Meta(gt=0)] | None = None


class ModelFact(Fact, frozen=True, kw_only=True):
    """Weights, whoever serves them. `developer` made them, which says nothing of who operates them."""

    id: Name
    name: Text
    developer: Text
    licence: Text | None = None
    open_weights: Trilean = Trilean.UNKNOWN
    context: int | None = None
    size: SizeFact | None = None


class PriceFact(Fact, frozen=True, kw_only=True):
    """List price per million tokens; of those that a provider remembered or wrote to remember them, where known."""

    currency: Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{3}$")]
    per_million_in: PerMillion
    per_million_out: PerMillion
    per_million_cached: PerMillion | None = None
    per_million_written: PerMillion | None = None
    per_million_written_hour: PerMillion | None = None


class DestinationFact(Fact, frozen=True, kw_only=True):
    """A model at an offer. `source` is where the endpoint was read.

    `bearer` is whether its secret goes as `Authorization: Bearer`, where the wire format has another header for it.
    """

    id: Text
    model: Name
    offer: Name
    operated_by: OperatedBy
    runs_on: Name | None = None
    dialect: Name
    base_url: str | None = None
    wire_model: Text
    bearer: bool = False
    capabilities: tuple[Capability, ...]
    scope: ScopeFact | None = None
    terms: TermsFact | None = None
    keeps: KeepsFact | None = None
    options: OptionsFact | None = None
    price: PriceFact | None = None


class ToolFact(Fact, frozen=True, kw_only=True):
    """Who receives what a hosted tool or a remote MCP server is sent. `source` is where that was read.

    `via` are the providers at which it can be called; a remote server has an `address` instead, as the request writes
    it. Without `brings`, nobody knows what it hands to the model: it counts as unreadable.
    """

    id: Text
    kind: HostedKind
    offer: Name
    operated_by: OperatedBy = OperatedBy.PROVIDER
    runs_on: Name | None = None
    via: tuple[Name, ...] = ()
    address: str = ""
    brings: tuple[DataClass, ...] | None = None
    scope: ScopeFact | None = None
    terms: TermsFact | None = None


class AdequacyFact(Fact, frozen=True, kw_only=True):
    """A decision under GDPR article 45. Without an end it lasts until it is repealed.

    One with a `condition` is of some recipients only, so it opens no country.
    """

    country: Country
    valid_from: date
    valid_until: date | None = None
    condition: str = ""


class PerimeterFact(Fact, frozen=True, kw_only=True):
    """A set of countries that a text counts, and which texts do."""

    id: Name
    name: Text
    countries: tuple[Country, ...]
    used_by: Text


class MilestoneFact(Fact, frozen=True, kw_only=True):
    """A day from which a text applies or no longer does."""

    id: Name
    law: Text
    on: date
    en: Text
    fr: Text


class RegimeFact(Fact, frozen=True, kw_only=True):
    """A text by which a country compels. Past `review_by` it counts as in force."""

    id: Name
    country: Country
    text: Text
    review_by: date | None = None


class RegistryFile(_Table, frozen=True, kw_only=True):
    """One file: a provider's, or a shared one that has no provider."""

    provider: ProviderFact | None = None
    sources: tuple[SourceFact, ...] = ()
    entities: tuple[EntityFact, ...] = ()
    stakes: tuple[StakeFact, ...] = ()
    offers: tuple[OfferFact, ...] = ()
    attestations: tuple[OfferAttestationFact, ...] = ()
    models: tuple[ModelFact, ...] = ()
    destinations: tuple[DestinationFact, ...] = ()
    tools: tuple[ToolFact, ...] = ()
    adequacy: tuple[AdequacyFact, ...] = ()
    perimeters: tuple[PerimeterFact, ...] = ()
    milestones: tuple[MilestoneFact, ...] = ()
    regimes: tuple[RegimeFact, ...] = ()
