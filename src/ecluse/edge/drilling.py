"""What is gone when a provider, a jurisdiction or an attestation is: destinations, and places of the gateway.

Law: what is lost for certain and what may be lost are told apart; what the registry does not say may be lost.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from ecluse.domain.destination import Destination, DestinationId, OfferId
from ecluse.domain.party import EntityId
from ecluse.domain.snapshot import Snapshot
from ecluse.edge.exposing import graph_of, parties_of
from ecluse.edge.snapshots import Grounds
from ecluse.packs.misread import near
from ecluse.packs.registry import Registry
from ecluse.packs.registry.countries import COUNTRIES
from ecluse.packs.registry.facts import Scheme
from ecluse.prove.exposure import Party, Reach, Role, Status, expose

FORMS = "PROVIDER, JURISDICTION:US or ATTESTATION:secnumcloud"
JURISDICTION, ATTESTATION = "JURISDICTION:", "ATTESTATION:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """What is gone: destinations, those that may be gone as well, and places of the gateway; or attestations.

    The recipients of hosted tools that open something are among the destinations.
    """

    gone: frozenset[DestinationId] = frozenset()
    doubtful: frozenset[DestinationId] = frozenset()
    places: frozenset[str] = frozenset()
    registry: Registry


def loss_of(base: Grounds, before: Snapshot, text: str) -> Loss:
    """Return what a loss takes away: of a provider, `JURISDICTION:XX` or `ATTESTATION:scheme`. Raises ValueError."""
    registry = base.registry
    if text.startswith(ATTESTATION):
        return Loss(registry=_unattested(registry, text.removeprefix(ATTESTATION)))
    stands = {place.facts.get("name", "") for place in before.places}
    if text.startswith(JURISDICTION):
        return _under(registry, before, text.removeprefix(JURISDICTION), stands)
    known = next((provider for provider in registry.providers if provider == text), None)
    if known is None:
        asked = near(text, registry.providers) or f"it has: {', '.join(sorted(registry.providers))}; "
        raise ValueError(f"no provider {text!r} in the registry; {asked}write {FORMS}")
    gone = (id_ for id_, one in _receivers(before).items() if known in _providers(registry, one))
    mine = (name for name in stands if name in registry.offers and _host(registry, name) == known)
    return Loss(gone=frozenset(gone), places=frozenset(mine), registry=registry)


def _receivers(before: Snapshot) -> Mapping[DestinationId, Destination]:
    """Return the destinations in use, and the recipients of hosted tools that open something."""
    tools = {one.id: one.destination for one in before.recipients if one.verified}
    return {**before.destinations, **tools}


def _providers(registry: Registry, one: Destination) -> set[str]:
    hosts = {registry.offers[one.runs_on].offer.provider} if one.runs_on else set()
    return {one.provider, *hosts}


def _host(registry: Registry, offer: str) -> str:
    return registry.offers[OfferId(offer)].offer.provider


def _unattested(registry: Registry, scheme: str) -> Registry:
    if scheme not in {known.value for known in Scheme}:
        raise ValueError(f"no scheme {scheme!r}; they are: {', '.join(known.value for known in Scheme)}")
    offers = {}
    for id_, record in registry.offers.items():
        kept = tuple(row for row in record.offer.attestations if row.scheme != scheme)
        offers[id_] = replace(record, offer=replace(record.offer, attestations=kept))
    return replace(registry, offers=offers)


def _under(registry: Registry, before: Snapshot, country: str, stands: set[str]) -> Loss:
    """Return what the law of a country reaches: for certain, or as far as the record leaves open."""
    if country not in COUNTRIES:
        raise ValueError(f"no country {country!r} in ISO 3166; write two capital letters, e.g. {JURISDICTION}US")
    today = date.fromisoformat(before.today)
    graph = graph_of(registry)

    def reach(parties: tuple[Party, ...]) -> bool | None:
        exposed = expose(graph, parties, today)
        seen = [c for c in exposed.compelled_by if c.country == country]
        open_ = country not in graph.union and exposed.status(Reach.CONTROL) is Status.POSSIBLE
        return True if any(c.certain for c in seen) else None if seen or open_ else False

    def reached_by(one: Destination) -> bool | None:
        try:
            return reach(parties_of(registry, one, today))
        except LookupError:  # the registry does not say who runs it: it may be lost
            return None

    reached = {id_: reached_by(one) for id_, one in _receivers(before).items()}
    hosts = {name: _party_of(registry, name) for name in stands if name in registry.offers}
    return Loss(
        gone=frozenset(id_ for id_, sure in reached.items() if sure),
        doubtful=frozenset(id_ for id_, sure in reached.items() if sure is None),
        places=frozenset(name for name, party in hosts.items() if party and reach((party,))),
        registry=registry,
    )


def _party_of(registry: Registry, offer: str) -> Party | None:
    provider = _host(registry, offer)
    entity: EntityId | None = next(p.entity for p in registry.providers.values() if p.id == provider)
    return Party(entity=entity, role=Role.HOSTS) if entity else None
