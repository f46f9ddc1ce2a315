"""What answers cost in electricity and carbon, estimated between bounds by a published method.

Law: an estimate, never a measure; what nobody published is unknown, never zero and never a typical value. Bounds are
the method's: the lower with everything in the provider's favour, the upper with everything against. Electricity counts
output tokens alone, as the method does. The upper bound of carbon is never below the one published analysis of a whole
life, scaled by the number of parameters (that it may be scaled so is our assumption).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil, exp, log2

from ecluse.packs.footprint.load import Method
from ecluse.packs.registry.model import Size

WATT_HOUR = 3600.0
"""Joules."""
KILO = 1000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """From `low` to `high`, both included."""

    low: float
    high: float

    def __add__(self, other: "Interval") -> "Interval":
        return Interval(low=self.low + other.low, high=self.high + other.high)

    def times(self, number: float) -> "Interval":
        """Return the interval of so many of them."""
        return Interval(low=self.low * number, high=self.high * number)


@dataclass(frozen=True, slots=True, kw_only=True)
class PerToken:
    """What one output token costs: Wh, and grams of CO2e where the countries of the electricity are known."""

    energy: Interval
    carbon: Interval | None


def per_token(method: Method, size: Size, countries: Iterable[str] | None) -> PerToken:
    """Return what one output token of a model of this size costs, processed in one of these countries.

    Countries without a figure are left out; when none has one, or they are None, carbon is unknown.
    """
    unsaid, total = method.unsaid, size.total
    best = _machine(method, total, size.active or 0.0, unsaid.batch_many, unsaid.bits_few)
    worst = _machine(method, total, size.active or total, unsaid.batch_few, unsaid.bits_many)
    energy = Interval(low=method.pue_low.value * best, high=method.pue_high.value * worst)
    grams = [method.grid.grams[one] for one in countries or () if one in method.grid.grams]
    if not grams:
        return PerToken(energy=energy, carbon=None)
    whole_life = method.life_cycle.grams / method.life_cycle.tokens * size.total / method.life_cycle.billions
    carbon = Interval(
        low=energy.low * min(grams) / KILO,
        high=max(energy.high * max(grams) / KILO, whole_life),
    )
    return PerToken(energy=energy, carbon=carbon)


def _machine(method: Method, total: float, active: float, batch: int, bits: int) -> float:
    """Return the Wh of the machine for one output token, before the building's share."""
    gpu, latency, server = method.gpu, method.latency, method.server
    gpus: int = 2 ** ceil(log2(ceil(gpu.memory_overhead * total * bits / 8 / gpu.memory_gb)))
    of_gpus = gpus * (gpu.slope * exp(gpu.decay * batch) * active + gpu.base)
    seconds = latency.slope * active + latency.batch_slope * batch + latency.base
    around = seconds * server.watts / WATT_HOUR * gpus / server.gpus / batch
    return of_gpus + around
