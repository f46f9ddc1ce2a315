"""Weights drawn from a fixed seed: they find nonsense, but they obey every law."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ecluse.passage.classify.tagger import Tagger, Weights
from ecluse.passage.classify.tagger.weights import FORMAT, KINDS, LABELS


def arrays(buckets: int = 256, depth: int = 8, width: int = 12) -> dict[str, NDArray[np.generic]]:
    """Draw the arrays of a weights file."""
    draw = np.random.default_rng(7)

    def floats(*shape: int) -> NDArray[np.generic]:
        return draw.normal(0, 0.5, shape).astype(np.float32)

    line = np.linspace(0, 1, 5, dtype=np.float32)
    return {
        "format": np.array(FORMAT),
        "embedding": draw.integers(-127, 128, (buckets, depth)).astype(np.int8),
        "scale": np.full(depth, 0.01, np.float32),
        "w1": floats(5, depth, width),
        "b1": floats(width),
        "w2": floats(3, width, width),
        "b2": floats(width),
        "w3": floats(3, width, width),
        "b3": floats(width),
        "wo": floats(width, LABELS),
        "bo": floats(LABELS),
        "dilation": np.array([1, 2]),
        "gazetteer_keys": np.array([3, 5], np.uint32),
        "gazetteer_flags": np.array([1, 2], np.uint8),
        "calibration": np.stack([np.stack([line, line])] * len(KINDS)),
    }


def tagger(changed: Mapping[str, NDArray[np.generic]] | None = None) -> Tagger:
    """Make a tagger of drawn weights."""
    return Tagger(Weights.of({**arrays(), **(changed or {})}))
