"""Who runs which model where, under whom, attested by whom: facts with their sources, one file a provider."""

from ecluse.packs.errors import PackError
from ecluse.packs.registry.establish import establish, next_boundary, place
from ecluse.packs.registry.load import BUILT_IN, confidence_counts, load, load_texts
from ecluse.packs.registry.model import Registry
from ecluse.packs.registry.tools import recipients

__all__ = [
    "BUILT_IN",
    "PackError",
    "Registry",
    "confidence_counts",
    "establish",
    "load",
    "load_texts",
    "next_boundary",
    "place",
    "recipients",
]
