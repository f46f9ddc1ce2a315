"""Energy and carbon of what the trail counted: each destination's output tokens times what one of them costs.

Law: a destination whose model has no published size is in no sum and is named as such; so is one whose country is
unknown, for carbon. A simulated passage cost nothing of this: its estimate is what it would have cost, and says so.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from ecluse.domain.destination import Destination, DestinationId, Scope
from ecluse.edge.usage import Line
from ecluse.packs.footprint import Interval, Method, PerToken, load, per_token
from ecluse.packs.registry import Registry
from ecluse.packs.registry.countries import EEA30, EU27
from ecluse.packs.registry.facts import OfferKind
from ecluse.packs.registry.model import good

METHOD = "EcoLogits, LLM inference (2026-03-12), between bounds; docs/explanation/energy-and-carbon.md"
"""How it is estimated, in one line."""


class Unknown(StrEnum):
    """Why something is not estimated."""

    DESTINATION = "destination_not_on_record"
    SIZE = "size_not_published"
    COUNTRY = "country_unknown"
    TOKENS = "tokens_not_counted"
    NO_OUTPUT = "no_output_tokens"


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """Wh and grams of CO2e of the output tokens of one destination. None is unknown, and `unknown` says why."""

    destination: str
    tokens_out: int
    simulated: bool
    energy_wh: Interval | None
    carbon_g: Interval | None
    unknown: tuple[Unknown, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Footprint:
    """All estimates, and the sums of those that are known: a sum of what is known, never of everything."""

    destinations: tuple[Estimate, ...]
    energy_wh: Interval | None
    carbon_g: Interval | None
    method: str = METHOD

    @property
    def whole(self) -> bool:
        """Whether every destination is in both sums."""
        return not any(one.unknown for one in self.destinations)


def footprint(
    registry: Registry, lines: Iterable[Line], *, own_country: str | None = None, method: Method | None = None
) -> Footprint:
    """Estimate lines of usage by destination. `own_country` is where one's own machines stand. Raises PackError."""
    figures = method or load()
    sums: dict[str, Line] = {}
    for line in lines:
        if line.name and line.sums.passages:
            known = sums.get(line.name)
            sums[line.name] = Line(name=line.name, currency="", sums=line.sums + known.sums if known else line.sums)
    found = tuple(_estimate(figures, registry, line, own_country) for line in sums.values())
    return Footprint(
        destinations=found,
        energy_wh=_sum(one.energy_wh for one in found),
        carbon_g=_sum(one.carbon_g for one in found),
    )


def _estimate(method: Method, registry: Registry, line: Line, own_country: str | None) -> Estimate:
    tokens, sums = line.sums.tokens_out, line.sums
    cost, why = _cost(method, registry, registry.destinations.get(DestinationId(line.name)), own_country)
    uncounted = (Unknown.TOKENS,) if sums.uncounted else () if tokens else (Unknown.NO_OUTPUT,)
    nothing = not tokens  # embeddings and the like cost electricity too: the method has no figure for it
    return Estimate(
        destination=line.name,
        tokens_out=tokens,
        simulated=bool(sums.simulated),
        energy_wh=cost.energy.times(tokens) if cost and not nothing else None,
        carbon_g=cost.carbon.times(tokens) if cost and cost.carbon and not nothing else None,
        unknown=why + uncounted,
    )


def _cost(
    method: Method, registry: Registry, destination: Destination | None, own_country: str | None
) -> tuple[PerToken | None, tuple[Unknown, ...]]:
    if destination is None:
        return None, (Unknown.DESTINATION,)
    model = registry.models.get(destination.model)
    if model is None or model.size is None or not good(model.size.source):
        return None, (Unknown.SIZE,)
    cost = per_token(method, model.size, _countries(registry, destination, method.grid.grams, own_country))
    return cost, () if cost.carbon else (Unknown.COUNTRY,)


def _countries(
    registry: Registry, destination: Destination, grid: Mapping[str, float], own_country: str | None
) -> Iterable[str] | None:
    """Return where a request may be processed; None when nobody says."""
    if registry.offers[destination.offer].kind is OfferKind.OWN_PREMISES:
        return (own_country,) if own_country else None
    scope = destination.scope
    if not good(scope.source):
        return None
    if scope.processing is Scope.EEA_ADEQUATE:  # the countries that it names come on top of the area
        return EEA30 | set(scope.countries)
    if scope.countries:
        return scope.countries
    return {Scope.EU: EU27, Scope.EEA: EEA30, Scope.WORLD: grid}.get(scope.processing)


def _sum(intervals: Iterable[Interval | None]) -> Interval | None:
    known = [one for one in intervals if one is not None]
    return sum(known[1:], known[0]) if known else None
