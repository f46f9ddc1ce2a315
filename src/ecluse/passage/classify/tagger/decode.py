"""From scores of labels to mentions: runs of tokens that begin and go on as one kind.

Law: a label 'inside' stands only after 'begin' or 'inside' of its kind; among such readings the best wins.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from ecluse.passage.classify.tagger.weights import KINDS, LABELS, Floats, Kind


class Run(NamedTuple):
    """Tokens `start..end` of an island that make one mention; `raw` is a confidence not yet calibrated."""

    start: int
    end: int
    kind: Kind
    raw: float


def _before(label: int) -> tuple[int, ...]:
    """List the labels that may stand before one."""
    return tuple(range(LABELS)) if label == 0 or label % 2 else (label - 1, label)


_BEFORE = tuple(_before(label) for label in range(LABELS))


class Judged(NamedTuple):
    """Of tokens in a row: the likeliest label of each, the chance of that label's kind, the scores of all labels."""

    labels: list[int]
    own: list[float]
    scores: list[Floats]


def judged(scores: Floats) -> Judged:
    """Judge tokens, all at once: for few at a time the library's calls would cost more than the sums."""
    chances, labels = _chances(scores), scores.argmax(axis=1)
    places, begins = np.arange(len(labels)), labels - 1 + labels % 2
    # The sums of two chances each, in double precision as Python's are; of the label 'outside' nothing is asked.
    own = chances[places, begins].astype(np.float64) + chances[places, begins + 1]
    return Judged(labels.tolist(), own.tolist(), list(scores))


def _chances(scores: Floats) -> Floats:
    exp = np.exp(scores - scores.max(axis=1, keepdims=True))
    chances: Floats = exp / exp.sum(axis=1, keepdims=True)
    return chances


def runs(island: Judged) -> Iterator[Run]:
    """List the mentions in an island: consecutive tokens each of which is likeliest part of one."""
    labels, own, scores = island
    if not _is_legal(labels):
        rows = np.array(scores)
        labels = _best(rows.tolist())
        own = list(map(_of_kind, _chances(rows).tolist(), labels))
    start, size = 0, len(labels)
    while start < size:
        label = labels[start]
        end = start + 1
        if label:
            inside = label + label % 2
            while end < size and labels[end] == inside:
                end += 1
            sure = own[start] if end - start == 1 else sum(own[start:end]) / (end - start)
            yield Run(start, end, KINDS[(label - 1) // 2], min(1.0, sure))
        start = end


def _of_kind(chances: Sequence[float], label: int) -> float:
    begin = label - 1 + label % 2
    return chances[begin] + chances[begin + 1] if label else chances[0]


def _is_legal(labels: Sequence[int]) -> bool:
    before = 0
    for label in labels:
        if label and not label % 2 and before not in {label - 1, label}:
            return False
        before = label
    return True


def _best(scores: list[list[float]]) -> list[int]:
    """Return the best legal reading (Viterbi)."""
    first = scores[0]
    totals = [first[label] if 0 in _BEFORE[label] else -np.inf for label in range(LABELS)]
    back: list[list[int]] = []
    for row in scores[1:]:
        best = totals.index(max(totals))
        came = [best if label == 0 or label % 2 else _likelier(totals, label) for label in range(LABELS)]
        totals = [totals[came[label]] + row[label] for label in range(LABELS)]
        back.append(came)
    label = totals.index(max(totals))
    found = [label]
    for came in reversed(back):
        label = came[label]
        found.append(label)
    return found[::-1]


def _likelier(totals: Sequence[float], inside: int) -> int:
    return inside if totals[inside] > totals[inside - 1] else inside - 1
