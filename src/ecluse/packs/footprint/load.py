"""Reads the figures by which energy and carbon are estimated.

Law: a figure without a source and a date does not exist, and a file that cannot be read gives no estimate, never zero.
"""

from pathlib import Path
from typing import Annotated

import msgspec

from ecluse.packs.errors import PackError
from ecluse.packs.registry.facts import SourceFact

BUILT_IN = Path(__file__).parent / "method.toml"

Positive = Annotated[float, msgspec.Meta(gt=0)]


class _Cited(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    source: str


class Gpu(_Cited, frozen=True, kw_only=True):
    """Energy of one GPU for one output token, in Wh: slope * exp(decay * batch) * active billions + base."""

    slope: Positive
    decay: float
    base: Positive
    memory_gb: Positive
    memory_overhead: Positive


class Latency(_Cited, frozen=True, kw_only=True):
    """Seconds for one output token: slope * active billions + batch_slope * batch + base."""

    slope: Positive
    batch_slope: Positive
    base: Positive


class Server(_Cited, frozen=True, kw_only=True):
    """The machine around its GPUs: what it draws, and how many it holds."""

    watts: Positive
    gpus: Annotated[int, msgspec.Meta(gt=0)]


class Unsaid(_Cited, frozen=True, kw_only=True):
    """What a provider does not say, between bounds: requests at once on a machine, bits of a weight."""

    batch_few: Annotated[int, msgspec.Meta(gt=0)]
    batch_many: Annotated[int, msgspec.Meta(gt=0)]
    bits_few: Annotated[int, msgspec.Meta(gt=0)]
    bits_many: Annotated[int, msgspec.Meta(gt=0)]


class Ratio(_Cited, frozen=True, kw_only=True):
    """One bound of the electricity of a building for one unit of its machines' (PUE)."""

    value: Annotated[float, msgspec.Meta(ge=1)]


class LifeCycle(_Cited, frozen=True, kw_only=True):
    """A published analysis of a whole life: grams of CO2e for output tokens of a model of so many parameters."""

    grams: Positive
    tokens: Annotated[int, msgspec.Meta(gt=0)]
    billions: Positive


class Grid(_Cited, frozen=True, kw_only=True):
    """Grams of CO2e for one kWh of electricity, by ISO 3166-1 alpha-2 code."""

    grams: dict[str, Positive]


class Method(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All figures of the estimate, with the sources that they name."""

    sources: tuple[SourceFact, ...]
    gpu: Gpu
    latency: Latency
    server: Server
    unsaid: Unsaid
    pue_low: Ratio
    pue_high: Ratio
    life_cycle: LifeCycle
    grid: Grid


def load(path: Path = BUILT_IN) -> Method:
    """Read the figures. Raises PackError for a figure without its source and for bounds the wrong way round."""
    try:
        method = msgspec.toml.decode(path.read_bytes(), type=Method)
    except (OSError, UnicodeDecodeError, msgspec.DecodeError) as error:
        raise PackError(path.name, "", f"cannot be read: {error}") from error
    known = {source.id for source in method.sources}
    cited = {name: getattr(method, name).source for name in Method.__struct_fields__ if name != "sources"}
    for name, source in cited.items():
        if source not in known:
            raise PackError(path.name, name, f"cites {source!r}, which no row of [[sources]] has")
    unsaid = method.unsaid
    pairs = (
        (unsaid.batch_few, unsaid.batch_many),
        (unsaid.bits_few, unsaid.bits_many),
        (method.pue_low.value, method.pue_high.value),
    )
    if any(low > high for low, high in pairs):
        raise PackError(path.name, "", "a lower bound is above its upper bound")
    return method
