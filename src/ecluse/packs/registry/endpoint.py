"""A destination as written to the domain's word, with what makes it impossible refused.

Law: the address of what a provider runs comes from the registry, over TLS; of what the caller runs, from the settings.
"""

import re
from collections.abc import Mapping

from ecluse.domain.destination import (
    Destination,
    DestinationId,
    ModelId,
    OfferId,
    OperatedBy,
    ProcessingScope,
    Terms,
    Trilean,
)
from ecluse.domain.party import ProviderId
from ecluse.packs.errors import PackError
from ecluse.packs.misread import near
from ecluse.packs.registry.convert import Citations, known_offer, to_keeps, to_options, to_price, to_scope, to_terms
from ecluse.packs.registry.facts import DestinationFact, OfferKind
from ecluse.packs.registry.model import Model, OfferRecord

_ID = re.compile(r"^(?P<provider>[a-z0-9_]+)/[a-z0-9_.-]+/[a-z0-9_.-]+$")
_URL = re.compile(r"^https://(?:\{resource\}\.)?[a-z0-9.-]+(?:/(?:[A-Za-z0-9._-]+|\{resource\}))*$")
"""`{resource}` stands for what the provider gives to its customer, a label of the host or a step of the path; the
settings fill it."""

_PINNED = re.compile(r"^[A-Za-z0-9](?:[A-Za-z0-9_:-]|[./](?![./]))*(?:@\d+)?$")
"""A name that means one model. OVHcloud reads a query in it (`mistral@latest?context_size > 100000`), whose answer
changes by itself; in a path, a question mark or two dots would change where a call goes."""


def to_destination(
    cite: Citations,
    fact: DestinationFact,
    provider: ProviderId,
    offers: Mapping[OfferId, OfferRecord],
    models: Mapping[ModelId, Model],
) -> Destination:
    """Convert a destination. Raises PackError for an unknown reference or an impossible address."""
    path = f"destinations ({fact.id})"
    matched = _ID.match(fact.id)
    if matched is None or matched["provider"] != provider:
        raise PackError(cite.file, path, f"write the id as `{provider}/<offer or region>/<model>`, in small letters")
    if ModelId(fact.model) not in models:
        raise PackError(
            cite.file, f"{path}.model", f"no model `{fact.model}`; {near(fact.model, models)}add a row to [[models]]"
        )
    if not _PINNED.match(fact.wire_model):
        raise PackError(cite.file, f"{path}.wire_model", "write the one model's own name, without a query or `@latest`")
    offer = known_offer(cite, f"{path}.offer", fact.offer, offers)
    ground = known_offer(cite, f"{path}.runs_on", fact.runs_on, offers) if fact.runs_on else None
    _check_operation(cite, path, fact, offer, ground)
    source = cite.of(fact, path)
    lender = ground if ground and fact.operated_by is OperatedBy.CALLER else offer
    unknown = Terms(trains_on_input=Trilean.UNKNOWN, retention_days=None, human_review=Trilean.UNKNOWN, source=source)
    return Destination(
        id=DestinationId(fact.id),
        model=ModelId(fact.model),
        provider=provider,
        offer=OfferId(fact.offer),
        operated_by=fact.operated_by,
        runs_on=OfferId(fact.runs_on) if fact.runs_on else None,
        dialect=fact.dialect,
        base_url=fact.base_url or "",
        wire_model=fact.wire_model,
        bearer=fact.bearer,
        capabilities=frozenset(fact.capabilities),
        scope=_scope(cite, fact, lender, path),
        terms=to_terms(cite, fact.terms, f"{path}.terms") if fact.terms else offer.terms or unknown,
        keeps=to_keeps(cite, fact.keeps, f"{path}.keeps") if fact.keeps else offer.keeps,
        options=to_options(cite, fact.options, f"{path}.options") if fact.options else offer.options,
        price=to_price(cite, fact.price, f"{path}.price") if fact.price else None,
    )


def _scope(cite: Citations, fact: DestinationFact, lender: OfferRecord, path: str) -> ProcessingScope:
    return to_scope(cite, fact.scope, f"{path}.scope") if fact.scope else lender.offer.scope


def _check_operation(
    cite: Citations, path: str, fact: DestinationFact, offer: OfferRecord, ground: OfferRecord | None
) -> None:
    """Check who runs it, on what, and where its address comes from."""
    if ground is not None and ground.kind is not OfferKind.IAAS:
        raise PackError(cite.file, f"{path}.runs_on", "a model runs on an offer of kind `iaas`")
    if fact.operated_by is OperatedBy.CALLER:
        if fact.base_url is not None:
            raise PackError(
                cite.file, f"{path}.base_url", "remove it: the settings say where the caller's own model is"
            )
        if ground is None and offer.kind is not OfferKind.OWN_PREMISES:
            raise PackError(cite.file, f"{path}.runs_on", "write `runs_on`, the offer of kind `iaas` that it runs on")
        return
    if offer.kind in {OfferKind.OWN_PREMISES, OfferKind.OWN_MACHINE}:
        raise PackError(cite.file, f"{path}.operated_by", 'write `operated_by = "caller"` for what the caller runs')
    if fact.base_url is None or not _URL.match(fact.base_url):
        raise PackError(cite.file, f"{path}.base_url", 'write `base_url = "https://..."`, without a closing slash')
