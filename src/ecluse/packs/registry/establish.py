"""What is proven of a destination or a place on a day, from the facts on record.

Law: absence means unknown or untrue, and the rules cannot tell which. An attestation counts from its first day until
its last, which is out; a qualification belongs to its offer, and passes only to what the caller runs on it itself.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date

from ecluse.domain.destination import (
    VAULT,
    Attestation,
    Destination,
    DestinationId,
    Established,
    OfferId,
    OperatedBy,
    Place,
    PlaceId,
    ProcessingScope,
    Scope,
    Terms,
    Trilean,
)
from ecluse.packs.errors import PackError
from ecluse.packs.registry.convert import max_scope
from ecluse.packs.registry.countries import COUNTRIES, EEA30, EU27
from ecluse.packs.registry.facts import OfferKind, Scheme
from ecluse.packs.registry.model import Adequacy, OfferRecord, Registry, good
from ecluse.packs.registry.ownership import TOGETHER, eu_controlled, non_eu_share_max

SEALS: Mapping[str, Established] = {
    Scheme.EC_SEAL_1: Established.SEAL_1,
    Scheme.EC_SEAL_2: Established.SEAL_2,
    Scheme.EC_SEAL_3: Established.SEAL_3,
    Scheme.EC_SEAL_4: Established.SEAL_4,
}
"""Levels of the Commission's framework, the least first. An evaluation is an attestation of an offer."""

OWN_PREMISES = "own_premises"
BACKS_UP = "backs_up"
IAAS = "IaaS"

MACHINES = frozenset({"1", "2", "3"})
"""Activities of HDS 2.0 that the host of a machine has: sites, hardware, virtual machines."""
OPERATED = MACHINES | {"4", "5"}
"""Those that whoever runs a model has too: the platform, and the operation of what has the data."""
BACKUP = frozenset({"6"})
"""That of whoever keeps copies: it counts for a backup, and where it is not known that nothing is kept."""

STATED = frozenset({Scope.EU, Scope.EEA, Scope.EEA_ADEQUATE})
"""Scopes that say where something is kept: the world is no place."""

_IN_EU = frozenset({Established.PROCESSING_IN_EU, Established.PROCESSING_IN_EEA, Established.PROCESSING_IN_ADEQUATE})
_IN_EEA = _IN_EU - {Established.PROCESSING_IN_EU}
_IN_ADEQUATE = frozenset({Established.PROCESSING_IN_ADEQUATE})


def establish(registry: Registry, today: date) -> Mapping[DestinationId, Destination]:
    """Return every destination with what is established of it on `today`."""
    return {id_: establish_one(registry, draft, today) for id_, draft in registry.destinations.items()}


def place(registry: Registry, name: str, role: str, today: date, country: str | None = None) -> Place:
    """Return a place: an offer of machines, or the caller's own premises. An unknown name has nothing established.

    `country` says where own premises are, or which region of an offer was chosen. A vault keeps on demand, until an end
    that the settings bound; where is known. Raises PackError for no country.
    """
    if country is not None and country not in COUNTRIES:
        raise PackError("settings", "country", f"no country `{country}` in ISO 3166; write two letters, e.g. FR")
    facts = {"name": name} | ({"country": country} if country else {})
    located = _by_country(registry, country, today)
    if name == OWN_PREMISES:
        mine = {Established.OPERATED_BY_CALLER, Established.ON_OWN_PREMISES}
        mine |= {Established.KEPT_STATED} if role == VAULT else set()
        return Place(id=PlaceId(name), role=role, established=located | mine, non_eu_share_max=0, facts=facts)
    record = registry.offers.get(OfferId(name))
    if record is None or record.kind is not OfferKind.IAAS:
        return Place(id=PlaceId(name), role=role, facts=facts)
    found = {Established.OPERATED_BY_CALLER}
    found |= located if record.region_chosen else _by_scope(registry, record.offer.scope, today, stored=True)
    found |= _attested(record, today, MACHINES | (BACKUP if role == BACKS_UP else frozenset()), runs_machines=True)
    if role == VAULT and Established.PROCESSING_IN_ADEQUATE in found:
        found |= {Established.KEPT_STATED, Established.KEPT_IN_ADEQUATE}
        if Established.HDS in _attested(record, today, MACHINES | BACKUP, runs_machines=True):
            found.add(Established.KEPT_UNDER_HDS)
    control, share = _control(registry, record, found)
    valid = {str(row.scheme): f"{row.reference}, until {row.valid_until}" for row in _valid(record, today)}
    facts |= {"offer": record.offer.name, "provider": record.offer.provider} | valid
    return Place(
        id=PlaceId(name), role=role, established=frozenset(found | control), non_eu_share_max=share, facts=facts
    )


def next_boundary(registry: Registry, today: date) -> date | None:
    """Return the first day after `today` on which a dated fact begins or ends, None when there is none."""
    days = [day for record in registry.offers.values() for row in record.offer.attestations for day in _ends(row)]
    days += [day for row in registry.adequacy for day in _ends(row)]
    return min((day for day in days if day is not None and day > today), default=None)


def _ends(row: Attestation | Adequacy) -> tuple[date | None, date | None]:
    return row.valid_from, row.valid_until


def establish_one(registry: Registry, draft: Destination, today: date) -> Destination:
    """Return a destination, or who receives what a tool is sent, with what is established of it on `today`."""
    offer = registry.offers[draft.offer]
    mine = draft.operated_by is OperatedBy.CALLER
    ground = registry.offers[draft.runs_on] if mine and draft.runs_on else None
    found = _operation(draft, offer)
    found |= _attested(offer, today, OPERATED | (frozenset() if _keeps_nothing(draft.terms) else BACKUP))
    if ground is not None:
        found |= _attested(ground, today, MACHINES, runs_machines=True)
    found |= _by_terms(draft.terms, mine=mine)
    found |= _by_scope(registry, draft.scope, today, stored=not _keeps_nothing(draft.terms))
    found |= _by_keeping(registry, draft, offer, ground, today)
    if offer.tool is not None and good(offer.tool):
        found.add(Established.TRANSFER_TOOL)
    control, share = _control(registry, ground or offer, found)
    return replace(draft, established=frozenset(found | control), non_eu_share_max=share)


def _operation(draft: Destination, offer: OfferRecord) -> set[Established]:
    found: set[Established] = set()
    if draft.operated_by is OperatedBy.CALLER:
        found.add(Established.OPERATED_BY_CALLER)
        if offer.kind is OfferKind.OWN_PREMISES:
            found.add(Established.ON_OWN_PREMISES)
    if offer.kind is OfferKind.STATE_CLOUD and good(offer.offer.source):
        found.add(Established.STATE_CLOUD)
    return found


def _valid(record: OfferRecord, today: date) -> list[Attestation]:
    """List the attestations that count on `today`. A missing bound or scope is unknown, and counts for nothing."""
    return [
        row
        for row in record.offer.attestations
        if good(row.source)
        and row.scope
        and row.valid_from is not None
        and row.valid_until is not None
        and row.valid_from <= today < row.valid_until
    ]


def _keeps_nothing(terms: Terms) -> bool:
    return good(terms.source) and terms.retention_days == 0


def _attested(
    record: OfferRecord, today: date, activities: frozenset[str], *, runs_machines: bool = False
) -> set[Established]:
    """Return what the offer's attestations prove; for a machine on the offer, a qualification of its IaaS.

    `activities` are those of hosting that the host has there: an HDS certificate counts when it names them all.
    """
    found: set[Established] = set()
    for row in _valid(record, today):
        if row.scheme == Scheme.HDS_V2 and activities <= set(row.scope):
            found.add(Established.HDS)
        if row.scheme == Scheme.SECNUMCLOUD and (not runs_machines or IAAS in row.scope):
            # 19.2: data stored and processed in the Union, and administered from it; 19.6: control.
            found |= {Established.SECNUMCLOUD, *_IN_EU}
        if row.scheme in SEALS:  # a level holds those below it
            found |= set(list(SEALS.values())[: list(SEALS).index(row.scheme) + 1])
    return found


def _by_terms(terms: Terms, *, mine: bool) -> set[Established]:
    if mine:  # nobody but the caller has the request: there is no provider's term that could allow anything
        return {Established.NO_TRAINING, Established.NO_RETENTION}
    if not good(terms.source):
        return set()
    found = {Established.NO_TRAINING} if terms.trains_on_input is Trilean.NO else set()
    return found | ({Established.NO_RETENTION} if terms.retention_days == 0 else set())


def _by_scope(registry: Registry, scope: ProcessingScope, today: date, *, stored: bool) -> set[Established]:
    """Return what the scope proves. What is stored counts too, unless it is known that nothing is kept."""
    if not good(scope.source):
        return set()
    widest = max_scope(scope.processing, scope.storage) if stored else scope.processing
    if widest is Scope.EEA_ADEQUATE:
        outside = [code for code in scope.countries if code not in EEA30]
        return set(_IN_ADEQUATE) if outside and all(_adequate(registry, c, today) for c in outside) else set()
    return set({Scope.EU: _IN_EU, Scope.EEA: _IN_EEA}.get(widest, frozenset()))


def _by_keeping(
    registry: Registry, draft: Destination, offer: OfferRecord, ground: OfferRecord | None, today: date
) -> set[Established]:
    """Return what is proven of what is kept on demand; nothing, unless a place and a bound in days are on record."""
    keeps = draft.keeps
    if keeps is None or keeps.days is None or not good(keeps.source) or keeps.storage not in STATED:
        return set()
    found = {Established.KEPT_STATED}
    place_ = ProcessingScope(
        processing=keeps.storage, storage=keeps.storage, countries=keeps.countries, source=keeps.source
    )
    if Established.PROCESSING_IN_ADEQUATE in _by_scope(registry, place_, today, stored=True):
        found.add(Established.KEPT_IN_ADEQUATE)
    hosts = [_attested(offer, today, OPERATED | BACKUP)]
    if ground is not None:
        hosts.append(_attested(ground, today, MACHINES | BACKUP))
    if any(Established.HDS in attested for attested in hosts):
        found.add(Established.KEPT_UNDER_HDS)
    return found


def _by_country(registry: Registry, country: str | None, today: date) -> frozenset[Established]:
    if country is None:
        return frozenset()
    if country in EU27:
        return _IN_EU
    if country in EEA30:
        return _IN_EEA
    return _IN_ADEQUATE if _adequate(registry, country, today) else frozenset()


def _adequate(registry: Registry, country: str, today: date) -> bool:
    return any(row.country == country and row.opens(today) for row in registry.adequacy)


def _control(
    registry: Registry, record: OfferRecord, found: Iterable[Established]
) -> tuple[frozenset[Established], int]:
    """Return whether control from the Union is proven, and the upper bound of what is held from outside."""
    if record.kind is OfferKind.OWN_PREMISES:
        return frozenset(), 0  # no provider stands between, so nobody holds one
    entity = registry.providers[record.offer.provider].entity
    share = non_eu_share_max(registry, entity)
    qualified = Established.SECNUMCLOUD in found
    proven = qualified or eu_controlled(registry, entity)
    return frozenset({Established.EU_CONTROL} if proven else set()), min(share, TOGETHER) if qualified else share
