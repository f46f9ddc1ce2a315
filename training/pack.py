"""From a trained network to the weights file: eight-bit embeddings, the gazetteer, the calibration.

Law: the same numbers give the same bytes (a zip of fixed dates, no compression level left to chance).
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from ecluse.passage.classify.tagger.tagger import Tagger
from ecluse.passage.classify.tagger.weights import FORMAT, KINDS, Kind, Weights
from training.document import Document
from training.network import Net

KNOTS = 17
_FEWEST = 40
"""Mentions below which a kind's confidence is not calibrated, but taken with reserve."""
Arrays = dict[str, NDArray[np.generic]]


def arrays_of(net: Net, flags: Mapping[int, int]) -> Arrays:
    """Take the numbers out of a network; the calibration is the identity until `calibrated`."""
    embedding = _numbers(net.embedding.weight)[:-1]
    scale = np.maximum(np.abs(embedding).max(axis=0), 1e-8) / 127
    keys = np.array(sorted(flags), np.uint32)
    line = np.linspace(0, 1, KNOTS, dtype=np.float32)
    return {
        "format": np.array(FORMAT, np.int64),
        "embedding": np.rint(embedding / scale).astype(np.int8),
        "scale": scale.astype(np.float32),
        "w1": _numbers(net.first.weight).transpose(2, 1, 0).copy(),
        "b1": _numbers(net.first.bias),
        "w2": _numbers(net.more[0].weight).transpose(2, 1, 0).copy(),
        "b2": _numbers(net.more[0].bias),
        "w3": _numbers(net.more[1].weight).transpose(2, 1, 0).copy(),
        "b3": _numbers(net.more[1].bias),
        "wo": _numbers(net.out.weight).T.copy(),
        "bo": _numbers(net.out.bias),
        "dilation": np.array(net.dilation, np.int64),
        "gazetteer_keys": keys,
        "gazetteer_flags": np.array([flags[int(key)] for key in keys], np.uint8),
        "calibration": np.stack([np.stack([line, line])] * len(KINDS)),
    }


def _numbers(tensor: Tensor) -> NDArray[np.float32]:
    return np.asarray(tensor.detach().numpy(), np.float32)


def calibrated(arrays: Arrays, held_out: Iterable[Document]) -> Arrays:
    """Set the calibration from texts that were not trained on: how often was a mention of that confidence right?"""
    tagger = Tagger(Weights.of(arrays))
    seen: dict[Kind, list[tuple[float, bool]]] = {kind: [] for kind in KINDS}
    for document in held_out:
        for mention in tagger.mentions(document.text):
            right = any(
                s.kind is mention.kind and s.start < mention.end and mention.start < s.end for s in document.spans
            )
            seen[mention.kind].append((mention.confidence, right))
    return {**arrays, "calibration": np.stack([_rising(seen[kind]) for kind in KINDS])}


def _rising(seen: Sequence[tuple[float, bool]]) -> NDArray[np.float32]:
    """Fit a rising map by pooling neighbours that fall (isotonic regression), read at evenly spread knots."""
    knots = np.linspace(0, 1, KNOTS)
    if len(seen) < _FEWEST:
        return np.stack([knots, knots * 0.9]).astype(np.float32)
    pools: list[list[float]] = []  # sum of confidences, sum of right ones, count
    for confidence, right in sorted(seen):
        pools.append([confidence, float(right), 1.0])
        while len(pools) > 1 and pools[-2][1] / pools[-2][2] >= pools[-1][1] / pools[-1][2]:
            last = pools.pop()
            pools[-1] = [a + b for a, b in zip(pools[-1], last, strict=True)]
    x = np.array([p[0] / p[2] for p in pools])
    y = np.array([(p[1] + 1) / (p[2] + 2) for p in pools])  # nobody is certain
    return np.stack([knots, np.maximum.accumulate(np.interp(knots, x, y))]).astype(np.float32)


def write(arrays: Arrays, path: Path) -> None:
    """Write the weights file."""
    np.savez_compressed(path, allow_pickle=False, **arrays)
