"""From tokens to a score of every label for each: one look-up a token, two small layers.

Law: what depends on a token alone is computed once per distinct token and kept, up to `TYPES` of them; what is kept
changes speed and never a score. Safe to call from several threads: a full memory is replaced, never overwritten.
"""

from collections.abc import Sequence
from itertools import count, islice, repeat

import numpy as np

from ecluse.passage.classify.tagger.features import COUNT, features, key_of
from ecluse.passage.classify.tagger.weights import REACH, Floats, Weights

TYPES = 1 << 14
"""Distinct tokens kept: 21 MB at a width of 64."""


BLOCK = 32
"""Tokens that are multiplied at once."""


class _Memory:
    """Distinct tokens seen, and for each its share of the first layer at each of the five places."""

    __slots__ = ("free", "ids", "rows")

    def __init__(self, width: int) -> None:
        self.ids: dict[str, int] = {}
        self.rows = tuple(np.zeros((TYPES, width), np.float32) for _ in range(2 * REACH + 1))
        self.free = count(1)  # row 0 stands for what lies outside the text


class Network:
    """Scores labels. `Weights` say how."""

    __slots__ = ("_buckets", "_first", "_memory", "_weights")

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self._buckets = weights.embedding.shape[0]
        places, depth, width = weights.w1.shape
        self._first = np.ascontiguousarray(weights.w1.transpose(1, 0, 2).reshape(depth, places * width))
        self._memory = _Memory(width)

    def scores(self, words: list[str]) -> Floats:
        """Return the scores (tokens, labels) of at most `TYPES` - 1 consecutive tokens."""
        memory, ids = self._ids(words)
        w, size = self._weights, len(words)
        whole = -(-size // BLOCK) * BLOCK
        places = np.zeros(whole + 2 * REACH, np.int64)
        places[REACH : REACH + size] = ids
        reach = max(w.dilation)
        padded = np.zeros((whole + 2 * reach, w.width), np.float32)
        h = padded[reach : reach + whole]
        h[:] = memory.rows[0].take(places[:whole], axis=0, mode="clip")
        share = np.empty((whole, w.width), np.float32)
        for place in range(1, 2 * REACH + 1):
            # To clip what is never out of bounds spares the library a buffer.
            h += memory.rows[place].take(places[place : place + whole], axis=0, out=share, mode="clip")
        h += w.b1
        np.maximum(h, 0, out=h)
        h[size:] = 0
        for matrices, bias, far in ((w.w2, w.b2, w.dilation[0]), (w.w3, w.b3, w.dilation[1])):
            z = _times(padded[reach - far : reach - far + whole], matrices[0])
            z += _times(h, matrices[1])
            z += _times(padded[reach + far : reach + far + whole], matrices[2])
            z += bias
            h += np.maximum(z, 0, out=z)
            h[size:] = 0
        scores: Floats = (_times(h, w.wo) + w.bo)[:size]
        return scores

    def _ids(self, words: list[str]) -> tuple[_Memory, list[int]]:
        memory = self._memory
        ids = list(map(memory.ids.get, words, repeat(0)))
        if 0 not in ids:
            return memory, ids
        if not self._learn(memory, [word for word in dict.fromkeys(words) if word not in memory.ids]):
            memory = self._memory = _Memory(self._weights.width)
            self._learn(memory, list(dict.fromkeys(words)))
        return memory, [memory.ids[word] for word in words]

    def _learn(self, memory: _Memory, new: list[str]) -> bool:
        """Keep tokens; say False when the memory is full."""
        w = self._weights
        hashed = np.array(features(new, self._flags, self._buckets), np.int64).T.reshape(-1)
        # Feature after feature, not token after token: rows as long as all tokens together are added at once.
        taken = w.embedding.take(hashed, axis=0).reshape(COUNT, -1)
        vectors = np.zeros((-(-len(new) // BLOCK) * BLOCK, w.embedding.shape[1]), np.float32)
        vectors[: len(new)] = np.add.reduce(taken, 0, dtype=np.int16).reshape(len(new), -1)
        vectors *= w.scale
        places = list(islice(memory.free, len(new)))
        if places[-1] >= TYPES:
            return False
        shares = _times(vectors, self._first)[: len(new)]
        for place, rows in enumerate(memory.rows):
            rows[places] = shares[:, place * w.width : (place + 1) * w.width]
        memory.ids.update(zip(new, places, strict=True))
        return True

    def _flags(self, words: Sequence[str]) -> list[int]:
        keys = self._weights.gazetteer_keys
        if not len(keys):
            return [0] * len(words)
        asked = np.array([key_of(word) for word in words], np.uint32)
        at = np.minimum(keys.searchsorted(asked), len(keys) - 1)
        flags: list[int] = np.where(keys[at] == asked, self._weights.gazetteer_flags[at], 0).tolist()
        return flags


def _times(rows: Floats, matrix: Floats) -> Floats:
    """Multiply block by block.

    Each product has the same shape, so that the last bits of a row never depend on the length of the text, and is too
    small for the library to start threads for it.
    """
    product: Floats = (rows.reshape(-1, BLOCK, rows.shape[1]) @ matrix).reshape(len(rows), -1)
    return product
