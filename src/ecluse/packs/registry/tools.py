"""A hosted tool or a remote MCP server as written to the domain's word, with what makes it impossible refused.

Law: a tool has one way to be found: at the providers that run it, or under its own address over TLS. What it brings to
a model and nobody stated is unreadable.
"""

import re
from collections.abc import Mapping
from datetime import date

from ecluse.domain.destination import (
    Destination,
    DestinationId,
    ModelId,
    OfferId,
    OperatedBy,
    Terms,
    Trilean,
)
from ecluse.domain.finding import MASKED_CLASSES
from ecluse.domain.hosted import HostedKind
from ecluse.domain.party import ProviderId
from ecluse.domain.recipient import UNREAD, Recipient
from ecluse.packs.errors import PackError
from ecluse.packs.misread import near
from ecluse.packs.registry.convert import Citations, known_offer, to_scope, to_terms
from ecluse.packs.registry.establish import establish_one
from ecluse.packs.registry.facts import OfferKind, ToolFact
from ecluse.packs.registry.model import OfferRecord, Provider, Registry

_ID = re.compile(r"^(?P<provider>[a-z0-9_]+)/[a-z0-9_.-]+$")
_ADDRESS = re.compile(r"^https://[a-z0-9.-]+(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~/-]*)?$")
_STORE = re.compile(r"^[A-Za-z0-9_-]{1,128}$")


def to_recipient(
    cite: Citations,
    fact: ToolFact,
    provider: ProviderId,
    offers: Mapping[OfferId, OfferRecord],
    providers: Mapping[ProviderId, Provider],
) -> Recipient:
    """Convert a tool. Raises PackError for an unknown reference or an impossible address."""
    path = f"tools ({fact.id})"
    matched = _ID.match(fact.id)
    if matched is None or matched["provider"] != provider:
        raise PackError(cite.file, path, f"write the id as `{provider}/<tool>`, in small letters")
    for name in fact.via:
        if ProviderId(name) not in providers:
            asked = near(name, providers)
            raise PackError(cite.file, f"{path}.via", f"no provider `{name}`; {asked}write the id of one on record")
    _check_reach(cite, path, fact)
    if masked := MASKED_CLASSES & set(fact.brings or ()):
        raise PackError(cite.file, f"{path}.brings", f"{min(masked)}: what a tool brings is masked by nobody")
    offer = known_offer(cite, f"{path}.offer", fact.offer, offers)
    ground = known_offer(cite, f"{path}.runs_on", fact.runs_on, offers) if fact.runs_on else None
    _check_operation(cite, path, fact, offer, ground)
    source = cite.of(fact, path)
    lender = ground if ground and fact.operated_by is OperatedBy.CALLER else offer
    unknown = Terms(trains_on_input=Trilean.UNKNOWN, retention_days=None, human_review=Trilean.UNKNOWN, source=source)
    return Recipient(
        destination=Destination(
            id=DestinationId(fact.id),
            model=ModelId(fact.kind.value),
            provider=provider,
            offer=OfferId(fact.offer),
            operated_by=fact.operated_by,
            runs_on=OfferId(fact.runs_on) if fact.runs_on else None,
            dialect="",
            base_url="",
            wire_model="",
            capabilities=frozenset(),
            scope=to_scope(cite, fact.scope, f"{path}.scope") if fact.scope else lender.offer.scope,
            terms=to_terms(cite, fact.terms, f"{path}.terms") if fact.terms else offer.terms or unknown,
        ),
        kind=fact.kind,
        via=frozenset(map(ProviderId, fact.via)),
        address=fact.address,
        brings=UNREAD if fact.brings is None else frozenset(fact.brings),
        source=source,
    )


def recipients(registry: Registry, today: date) -> tuple[Recipient, ...]:
    """Return every recipient with what is established of it on `today`."""
    return tuple(
        Recipient(
            destination=establish_one(registry, one.destination, today),
            kind=one.kind,
            via=one.via,
            address=one.address,
            brings=one.brings,
            source=one.source,
        )
        for one in registry.recipients
    )


def _check_reach(cite: Citations, path: str, fact: ToolFact) -> None:
    if fact.kind is HostedKind.MCP:
        if not _ADDRESS.match(fact.address):
            raise PackError(cite.file, f"{path}.address", 'write `address = "https://..."`, as a request names it')
        return
    if not fact.via:
        raise PackError(cite.file, f"{path}.via", "write `via`, the providers at which it can be called")
    stores = fact.kind is HostedKind.FILE_SEARCH
    if bool(fact.address) is not stores or (stores and not _STORE.match(fact.address)):
        raise PackError(cite.file, f"{path}.address", "write the store's id for `file_search`, and none for the others")


def _check_operation(
    cite: Citations, path: str, fact: ToolFact, offer: OfferRecord, ground: OfferRecord | None
) -> None:
    """Check who runs it and on what: a machine is lent by an offer of machines, as for a model."""
    if ground is not None and ground.kind is not OfferKind.IAAS:
        raise PackError(cite.file, f"{path}.runs_on", "a server of one's own runs on an offer of kind `iaas`")
    mine, premises = (
        fact.operated_by is OperatedBy.CALLER,
        offer.kind
        in {
            OfferKind.OWN_PREMISES,
            OfferKind.OWN_MACHINE,
        },
    )
    if mine and ground is None and not premises:
        raise PackError(cite.file, f"{path}.runs_on", "write `runs_on`, the offer of kind `iaas` that it runs on")
    if premises and not mine:
        raise PackError(cite.file, f"{path}.operated_by", 'write `operated_by = "caller"` for what the caller runs')
