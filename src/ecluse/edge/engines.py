"""Rules over the facts of a day, as what is shown of them asks for them: every destination on record, every place.

Law: a place is looked at in several countries and in none, because a gateway may stand anywhere.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import cedarpy

from ecluse.domain.destination import Destination, DestinationId, Place, PlaceId
from ecluse.packs.policies import PolicySources
from ecluse.packs.registry import Registry, place
from ecluse.packs.registry.facts import OfferKind
from ecluse.passage.decide import compile_rules
from ecluse.prove.confirm import Engine

NOWHERE = "unknown"
REGIONS = ("FR", "CH", "US", None)
"""Countries in which a place is looked at: of the Union, adequate, neither, and not said."""


def places_of(registry: Registry, today: date) -> Mapping[str, Place]:
    """Return every place in which a gateway could stand, in several countries, and one that nobody knows."""
    names = ["own_premises", *(i for i, offer in registry.offers.items() if offer.kind is OfferKind.IAAS), NOWHERE]
    found: dict[str, Place] = {}
    for name in names:
        for country in REGIONS:
            label = f"{name} ({country})" if country else name
            found[label] = replace(place(registry, name, "runs", today, country), id=PlaceId(label))
    return found


def engine_over(
    sources: PolicySources, destinations: Mapping[DestinationId, Destination], places: Mapping[str, Place], today: date
) -> Engine:
    """Compile rules over the facts of a day. Raises RuleRefused, or ValueError for facts that the schema lacks."""
    return Engine(
        rulebook=compile_rules(sources.schema, sources.policies, destinations=destinations, today=today),
        schema=cedarpy.Schema.from_str(sources.schema),
        destinations=destinations,
        places=places,
        today=today,
    )
