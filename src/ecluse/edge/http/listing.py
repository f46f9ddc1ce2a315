"""The models that callers may ask for: `auto`, the owner's names, and every model of a destination on record.

Law: what is listed comes from the snapshot alone. A name for several can do what one of its models can.
"""

from collections.abc import Iterable, Sequence

from ecluse.domain.destination import Destination
from ecluse.domain.dialect import Listed
from ecluse.domain.snapshot import Snapshot


def listed_models(snapshot: Snapshot) -> Sequence[Listed]:
    """List them, the gateway's own names first."""
    destinations = snapshot.destinations.values()
    owners = {str(one.model): str(one.provider) for one in destinations}
    names = {name: frozenset(map(str, alias.models)) for name, alias in snapshot.aliases.items() if name != "auto"}
    several = {"auto": frozenset(owners), **names}
    return [
        *(_listed(name, "ecluse", (d for d in destinations if d.model in models)) for name, models in several.items()),
        *(_listed(name, owner, (d for d in destinations if d.model == name)) for name, owner in owners.items()),
    ]


def _listed(name: str, owner: str, destinations: Iterable[Destination]) -> Listed:
    capabilities = frozenset(can for one in destinations for can in one.capabilities)
    return Listed(name=name, owner=owner, capabilities=capabilities)
