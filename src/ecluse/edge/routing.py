"""Settings to the owner's written rules of routing, checked against what is in use.

Law: a weight for a destination that is not in use, or a strategy for a name that nobody can ask for, is an error that
names it: a rule that applies to nothing is one that its owner believes in.
"""

from collections.abc import Mapping

from ecluse.domain.caller import OrganisationId
from ecluse.domain.destination import Destination, DestinationId
from ecluse.domain.routing import Routes, Routing
from ecluse.edge.config import RoutingSettings, Settings, SettingsError, StrategySettings

MICRO = 1_000_000


def routes(settings: Settings, destinations: Mapping[DestinationId, Destination]) -> Routes:
    """Return every strategy on record. Raises SettingsError."""
    stated = settings.routing
    names = {"auto", *settings.aliases, *(str(one.model) for one in destinations.values())}
    if unknown := [name for name in stated.aliases if name not in names]:
        raise SettingsError(f"routing.aliases.{unknown[0]}: nobody can ask for this name; write [aliases] {unknown[0]}")
    own = {one.id: one.routing for one in settings.organisations if one.routing is not None}
    return Routes(
        default=_routing("routing", stated, destinations),
        aliases={name: _routing(f"routing.aliases.{name}", one, destinations) for name, one in stated.aliases.items()},
        organisations={
            OrganisationId(id_): _routing(f"organisation {id_!r}: routing", one, destinations)
            for id_, one in own.items()
        },
        attempts=stated.attempts,
        longest_wait=stated.longest_wait_seconds,
        euros={currency: round(rate * MICRO) for currency, rate in stated.euro_rates.items()},
    )


def _routing(
    where: str, stated: StrategySettings | RoutingSettings, destinations: Mapping[DestinationId, Destination]
) -> Routing:
    if unknown := [name for name in stated.weights if name not in destinations]:
        raise SettingsError(f"{where}.weights: {unknown[0]!r} is not in use; these are: {', '.join(destinations)}")
    return Routing(
        strategy=stated.strategy, weights={DestinationId(name): weight for name, weight in stated.weights.items()}
    )
