"""The tagger as a torch module, and how it is trained. What it computes is what `classify.tagger.network` computes."""

import random
from collections.abc import Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from ecluse.passage.classify.tagger.features import COUNT, WORD_FEATURES, features, key_of
from ecluse.passage.classify.tagger.weights import LABELS
from training.document import Labelled

HIDE_WORD, HIDE_ENDS = 0.3, 0.1
_ENDS = (5, 8)
"""The longest beginning and end of a word: hidden at times too."""


class Net(nn.Module):
    """Embeddings summed over a token's features, one window of five, two of three with gaps, labels."""

    def __init__(self, buckets: int, depth: int, width: int, dilation: tuple[int, int], dropout: float) -> None:
        super().__init__()
        self.embedding = nn.Embedding(buckets + 1, depth, padding_idx=buckets)
        nn.init.normal_(self.embedding.weight, 0, 0.1)
        with torch.no_grad():
            self.embedding.weight[buckets] = 0
        self.first = nn.Conv1d(depth, width, 5, padding=2)
        self.more = nn.ModuleList(nn.Conv1d(width, width, 3, padding=d, dilation=d) for d in dilation)
        self.out = nn.Linear(width, LABELS)
        self.dropout = nn.Dropout(dropout)
        self.dilation = dilation

    def forward(self, types: Tensor, places: Tensor, mask: Tensor) -> Tensor:
        """Score: `types` (distinct tokens, features), `places` (batch, length) into it, `mask` (batch, 1, length)."""
        summed = self.embedding(types).sum(1)
        x = summed[places].transpose(1, 2) * mask
        h = functional.relu(self.first(self.dropout(x))) * mask
        for layer in self.more:
            h = (h + functional.relu(layer(self.dropout(h)))) * mask
        return self.out(self.dropout(h).transpose(1, 2))


class Vocabulary:
    """Distinct tokens and their features."""

    def __init__(self, flags: dict[int, int], buckets: int) -> None:
        from_key = flags.get
        self._features = lambda word: features([word], lambda ws: [from_key(key_of(w), 0) for w in ws], buckets)[0]
        self._ids: dict[str, int] = {}
        self._rows: list[list[int]] = []

    def id_of(self, word: str) -> int:
        """Return the number of a token."""
        found = self._ids.get(word)
        if found is None:
            found = self._ids[word] = len(self._rows)
            self._rows.append(self._features(word))
        return found

    def rows(self, ids: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the features (tokens, features) of tokens by number."""
        return np.array([self._rows[i] for i in ids.tolist()], np.int64).reshape(-1, COUNT)


class Batch:
    """Sequences side by side."""

    def __init__(self, chosen: Sequence[Labelled], vocabulary: Vocabulary) -> None:
        longest = max(len(s.words) for s in chosen)
        ids = np.full((len(chosen), longest), -1, np.int64)
        self.labels = torch.full((len(chosen), longest), -100, dtype=torch.int64)
        for i, sequence in enumerate(chosen):
            ids[i, : len(sequence.words)] = [vocabulary.id_of(word) for word in sequence.words]
            self.labels[i, : len(sequence.words)] = torch.tensor(sequence.labels)
        self.mask = torch.from_numpy((ids >= 0).astype(np.float32))[:, None, :]
        distinct, places = np.unique(np.maximum(ids, 0), return_inverse=True)
        self.types = vocabulary.rows(distinct)
        self.places = torch.from_numpy(places.reshape(ids.shape).astype(np.int64))


def batches(data: list[Labelled], vocabulary: Vocabulary, size: int, draw: random.Random) -> Iterator[Batch]:
    """Group sequences of like length into batches of about `size` tokens, in a drawn order."""
    ordered = sorted(data, key=lambda s: len(s.words) + draw.random() * 8)
    groups: list[list[Labelled]] = [[]]
    held = 0
    for sequence in ordered:
        if held >= size:
            groups.append([])
            held = 0
        groups[-1].append(sequence)
        held += len(sequence.words)
    draw.shuffle(groups)
    for group in groups:
        yield Batch(group, vocabulary)


def hidden(types: NDArray[np.int64], pad: int, chance: np.random.Generator) -> Tensor:
    """Hide whole words and long ends now and then, so that context and shape are learnt."""
    shown = types.copy()
    whole = chance.random(len(shown)) < HIDE_WORD
    for feature in WORD_FEATURES:
        shown[whole, feature] = pad
    ends = chance.random(len(shown)) < HIDE_ENDS
    for feature in _ENDS:
        shown[ends, feature] = pad
    return torch.from_numpy(shown)
