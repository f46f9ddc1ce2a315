"""A model's name to the destinations that serve it, before any rule is asked.

Law: an exact model, an alias, `auto`, else 404; a capability that is missing is 400, never a refusal (decision 20).
Vectors of two models cannot be compared, so embeddings have one model: the only one that embeds, or the one named.
"""

from ecluse.domain.destination import DestinationId, ModelId
from ecluse.domain.errors import CallerError
from ecluse.domain.request import Capability
from ecluse.domain.snapshot import Snapshot

AUTO = "auto"


def resolve(snapshot: Snapshot, model: str, needs: frozenset[Capability]) -> tuple[DestinationId, ...]:
    """Return the destinations of `model` that have all of `needs`, in the order to try. Raises CallerError."""
    models = _models(snapshot, model)
    if Capability.EMBEDDINGS in needs and len(models) != 1:
        models = _one(snapshot, models)
    able = tuple(
        destination.id
        for name in models
        for destination in snapshot.destinations.values()
        if destination.model == name and needs <= destination.capabilities
    )
    if not able:
        raise CallerError("no_capable_destination", ", ".join(sorted(_missing(snapshot, models, needs))))
    return able


def _missing(snapshot: Snapshot, models: tuple[ModelId, ...], needs: frozenset[Capability]) -> frozenset[Capability]:
    """Say what none of the models' destinations can; all that is asked when only no single one can do it all."""
    lacks = [needs - d.capabilities for d in snapshot.destinations.values() if d.model in models]
    return needs.intersection(*lacks) or needs


def _one(snapshot: Snapshot, models: tuple[ModelId, ...]) -> tuple[ModelId, ...]:
    """Return the one model that embeds. Raises CallerError when there are more, or none."""
    embeds = {d.model for d in snapshot.destinations.values() if Capability.EMBEDDINGS in d.capabilities}
    able = tuple(name for name in models if name in embeds)
    if not able:
        raise CallerError("no_capable_destination", Capability.EMBEDDINGS)
    if len(able) > 1:
        raise CallerError("model_not_found", f"vectors of two models cannot be compared; name one: {', '.join(able)}")
    return able


def _models(snapshot: Snapshot, model: str) -> tuple[ModelId, ...]:
    served = dict.fromkeys(destination.model for destination in snapshot.destinations.values())
    if model in served:
        return (ModelId(model),)
    if model in snapshot.aliases:
        return tuple(dict.fromkeys(snapshot.aliases[model].models))
    if model == AUTO:
        return tuple(served)
    raise CallerError("model_not_found")
