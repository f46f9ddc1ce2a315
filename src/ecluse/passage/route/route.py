"""The owner's written rule for one passage, with what its strategy reads.

Law: prices come from the registry with their dates; in another currency than the euro they count only at a rate that
the owner stated. Without one they are unknown, and an unknown price is never the least.
"""

from ecluse.domain.caller import OrganisationId
from ecluse.domain.destination import DestinationId, Price
from ecluse.domain.routing import Routes, Strategy
from ecluse.domain.snapshot import Snapshot
from ecluse.passage.route.rank import Route

EURO = "EUR"
MICRO = 1_000_000
_PARTS = (3, 1)
"""Tokens read and written that prices are compared at: three to one."""


def route_of(snapshot: Snapshot, model: str, organisation: OrganisationId, conversation: bytes = b"") -> Route:
    """Return the rule for a name that was asked for by an organisation."""
    routing = snapshot.routes.of(model, organisation)
    return Route(
        strategy=routing.strategy,
        weights=routing.weights,
        prices=_prices(snapshot) if routing.strategy is Strategy.CHEAPEST else {},
        conversation=conversation,
    )


def _prices(snapshot: Snapshot) -> dict[DestinationId, int]:
    stated = {id_: one.price for id_, one in snapshot.destinations.items() if one.price is not None}
    rated = {id_: comparable(price, snapshot.routes) for id_, price in stated.items()}
    return {id_: price for id_, price in rated.items() if price is not None}


def comparable(price: Price, routes: Routes) -> int | None:
    """Return millionths of a euro per million tokens, three read for one written; None without a rate."""
    rate = MICRO if price.currency == EURO else routes.euros.get(price.currency)
    if rate is None:
        return None
    read, written = _PARTS
    mixed = (price.per_million_in * read + price.per_million_out * written) / (read + written)
    return round(mixed * rate)
