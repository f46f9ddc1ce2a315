"""The trained weights that ship, as plain arrays."""

from ecluse.packs.weights.read import TAGGER, WeightsRefused, load

__all__ = ["TAGGER", "WeightsRefused", "load"]
