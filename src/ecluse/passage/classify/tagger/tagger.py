"""The statistical tagger: persons, places, organisations and addresses that no pattern shows.

Law: pure and deterministic; exact spans of the original text; linear time, bounded memory beside the text. It adds
findings and takes none away; what it misses is not thereby absent.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from ecluse.passage.classify.tagger.decode import Judged, judged, runs
from ecluse.passage.classify.tagger.network import Network
from ecluse.passage.classify.tagger.tokens import windows
from ecluse.passage.classify.tagger.weights import KINDS, Kind, Weights

REVISION = 6
"""Rises when cutting, features or decoding change what is found."""
WINDOW = 1024
_LONGEST_ISLAND = 256
_ELIDED, _SHORT = frozenset("'\u2019"), 2
"""What ends an elided word: no part of a name at its end, as in *Susan's*."""


def _nothing() -> None:
    return None


class Mention(NamedTuple):
    """`text[start:end]` names something; `confidence` is calibrated: of a hundred at 0.8, eighty are right."""

    start: int
    end: int
    kind: Kind
    confidence: float


class Tagger:
    """Finds mentions with trained weights."""

    __slots__ = ("_knots", "_network", "_weights")

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self._network = Network(weights)
        self._knots = dict(zip(KINDS, weights.calibration.tolist(), strict=True))

    @property
    def version(self) -> str:
        """A name for everything that the mentions depend on."""
        return f"tagger {REVISION} {self._weights.digest}"

    def mentions(self, text: str, between: Callable[[], None] = _nothing) -> Iterator[Mention]:
        """List the mentions of a text, in reading order, never overlapping; `between` is called between windows."""
        for held, island in self._islands(text, between):
            for run in runs(island):
                start, end = _trimmed(held, run.start, run.end)
                if start < end:
                    sure = _calibrated(run.raw, *self._knots[run.kind])
                    last, stop = held[end - 1][0], held[end - 1].end()
                    stop -= last[-1] in _ELIDED and len(last) > _SHORT
                    yield Mention(held[start].start(), stop, run.kind, round(sure, 3))

    def _islands(self, text: str, between: Callable[[], None]) -> Iterator[tuple[list[re.Match[str]], Judged]]:
        """List the runs of consecutive tokens whose likeliest label is not 'outside'."""
        held: list[re.Match[str]] = []
        island = Judged([], [], [])
        for window in windows(text, WINDOW, self._weights.margin):
            between()
            scores = self._network.scores(window.words)[window.low : window.high]
            inside = np.flatnonzero(scores.argmax(axis=1))
            last = -1
            for at, label, own, row in zip(inside.tolist(), *judged(scores[inside]), strict=True):
                if held and (at != last + 1 or len(held) == _LONGEST_ISLAND):
                    yield held, island
                    held, island = [], Judged([], [], [])
                held.append(window.found[window.low + at])
                island.labels.append(label)
                island.own.append(own)
                island.scores.append(row)
                last = at
            if held and last != window.high - window.low - 1:
                yield held, island
                held, island = [], Judged([], [], [])
        if held:
            yield held, island


def _calibrated(raw: float, x: list[float], y: list[float]) -> float:
    """Read a rising line through knots."""
    at = bisect_right(x, raw)
    if at in {0, len(x)}:
        return y[0] if at == 0 else y[-1]
    share = (raw - x[at - 1]) / (x[at] - x[at - 1])
    return y[at - 1] + share * (y[at] - y[at - 1])


def _trimmed(held: list[re.Match[str]], start: int, end: int) -> tuple[int, int]:
    """Leave out line breaks and signs at the ends."""
    while start < end and not _names(held[start]):
        start += 1
    while start < end and not _names(held[end - 1]):
        end -= 1
    return start, end


def _names(token: re.Match[str]) -> bool:
    said = token[0]
    return said[0].isalnum() or said == "."
