"""Who can compel a destination, from the registry of facts: in the words of `prove`, and in one word for a drawing.

Law: what the registry does not have is unknown, and is said to be; possible is never counted as none.
"""

from dataclasses import dataclass
from datetime import date

from ecluse.domain.destination import Destination, OperatedBy
from ecluse.domain.party import EntityId
from ecluse.packs.registry import Registry
from ecluse.packs.registry.countries import EU27
from ecluse.packs.registry.facts import OfferKind
from ecluse.prove.exposure import Exposure, Party, Reach, Role, Status, expose
from ecluse.prove.grounds import Record, qualified
from ecluse.prove.holding import Graph

OWN, UNION, POSSIBLE, UNKNOWN = "own", "union", "possible", "unknown"


def graph_of(registry: Registry) -> Graph:
    """Return who holds whom."""
    return Graph(
        entities=registry.entities,
        stakes=registry.stakes,
        unheld=registry.unheld,
        union=EU27,
        regimes=registry.regimes,
    )


def record_of(registry: Registry, destination: Destination) -> Record:
    """Return what is on record of one destination."""
    offer = registry.offers[destination.offer]
    ground = registry.offers[destination.runs_on] if destination.runs_on else None
    mine = destination.operated_by is OperatedBy.CALLER
    lender = ground if mine and ground else offer
    return Record(
        offer=offer.offer,
        ground=ground.offer if ground else None,
        entity=registry.providers[lender.offer.provider].entity,
        premises=offer.kind is OfferKind.OWN_PREMISES,
        state=offer.kind is OfferKind.STATE_CLOUD,
        tool=offer.tool,
    )


def parties_of(registry: Registry, destination: Destination, today: date) -> tuple[Party, ...]:
    """Return who has the request in its hands: who runs the model, and who runs the machines under it.

    Raises LookupError when the registry does not say who the provider is.
    """
    record = record_of(registry, destination)
    if record.premises:
        return ()
    proof = qualified(destination, record, today)
    said = f"SecNumCloud: {proof.reference}, {proof.valid_from} - {proof.valid_until}" if proof else None
    mine = destination.operated_by is OperatedBy.CALLER
    found = [] if mine else [Party(entity=_entity(registry, destination.provider), role=Role.OPERATES, proof=said)]
    if destination.runs_on is not None:
        host = registry.offers[destination.runs_on].offer.provider
        found.append(Party(entity=_entity(registry, host), role=Role.HOSTS, proof=said if mine else None))
    return tuple(found)


def _entity(registry: Registry, provider: str) -> EntityId:
    entity = next((known.entity for known in registry.providers.values() if known.id == provider), None)
    if entity is None:
        raise LookupError(f"the registry does not say which legal person {provider} is: its exposure is unknown")
    return entity


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposed:
    """Where a destination stands. `word` is a country's code, or `own`, `union`, `possible`, `unknown`."""

    word: str
    exposure: Exposure | None

    @property
    def outside(self) -> bool:
        """Whether the law of a third country is established to reach it."""
        return self.word not in {OWN, UNION, POSSIBLE, UNKNOWN}


def exposed(registry: Registry, name: str, today: date) -> Exposed:
    """Return where a destination, or the recipient of a hosted tool, stands on a day."""
    destination = registry.receiver(name)
    if destination is None:
        return Exposed(word=UNKNOWN, exposure=None)
    try:
        parties = parties_of(registry, destination, today)
    except LookupError:
        return Exposed(word=UNKNOWN, exposure=None)
    return _exposed(registry, parties, today)


def exposed_entity(registry: Registry, entity: EntityId, today: date) -> Exposed:
    """Return where a company stands on a day."""
    return _exposed(registry, (Party(entity=entity, role=Role.SUBJECT),), today)


def _exposed(registry: Registry, parties: tuple[Party, ...], today: date) -> Exposed:
    if not parties:
        return Exposed(word=OWN, exposure=None)
    exposure = expose(graph_of(registry), parties, today)
    third = [one.country for one in exposure.compelled_by if not one.inside and one.certain]
    if third:
        return Exposed(word="US" if "US" in third else third[0], exposure=exposure)
    doubt = exposure.status(Reach.CONTROL) is Status.POSSIBLE
    return Exposed(word=POSSIBLE if doubt else UNION, exposure=exposure)
