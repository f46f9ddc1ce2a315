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
    """Of one token: its likeliest label, the chance of each label, its scores."""

    label: int
    chances: list[float]
    scores: list[float]


def judged(scores: Floats) -> Iterator[Judged]:
    """Judge tokens, all at once: for few at a time the library's calls would cost more than the sums."""
    exp = np.exp(scores - scores.max(axis=1, keepdims=True))
    chances = exp / exp.sum(axis=1, keepdims=True)
    return map(Judged, scores.argmax(axis=1).tolist(), chances.tolist(), scores.tolist())


def runs(island: Sequence[Judged]) -> Iterator[Run]:
    """List the mentions in an island: consecutive tokens each of which is likeliest part of one."""
    labels = [token.label for token in island]
    if not _is_legal(labels):
        labels = _best([token.scores for token in island])
    start = 0
    while start < len(labels):
        if labels[start] == 0:
            start += 1
            continue
        kind = (labels[start] - 1) // 2
        end = start + 1
        while end < len(labels) and labels[end] == 2 * kind + 2:
            end += 1
        own = [row[2 * kind + 1] + row[2 * kind + 2] for _, row, _ in island[start:end]]
        yield Run(start, end, KINDS[kind], min(1.0, sum(own) / len(own)))
        start = end


def _is_legal(labels: Sequence[int]) -> bool:
    return all(before in _BEFORE[label] for before, label in zip((0, *labels), labels, strict=False))


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
