"""Among readings only legal ones are considered, and of these the best."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecluse.passage.classify.tagger.decode import _best, _is_legal, judged, runs
from ecluse.passage.classify.tagger.weights import LABELS, Kind


def _scores(*labels: int, strength: float = 9.0) -> "np.ndarray[tuple[int, int], np.dtype[np.float32]]":
    scores = np.zeros((len(labels), LABELS), np.float32)
    scores[range(len(labels)), labels] = strength
    return scores


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ((1, 2), [(0, 2, Kind.PERSON)]),
        ((1, 1), [(0, 1, Kind.PERSON), (1, 2, Kind.PERSON)]),
        ((1, 3, 4), [(0, 1, Kind.PERSON), (1, 3, Kind.PLACE)]),
    ],
)
def test_a_run_begins_and_goes_on_as_one_kind(labels: tuple[int, ...], expected: list[tuple[int, int, Kind]]) -> None:
    assert [(run.start, run.end, run.kind) for run in runs(judged(_scores(*labels)))] == expected


def test_what_nothing_began_does_not_go_on() -> None:
    found = list(runs(judged(_scores(2, 2))))
    assert [(run.start, run.end) for run in found] in ([(0, 2)], [(1, 2)])


@given(st.lists(st.lists(st.floats(-5, 5, width=16), min_size=LABELS, max_size=LABELS), min_size=1, max_size=3))
def test_the_best_legal_reading_is_found(rows: list[list[float]]) -> None:
    def worth(labels: tuple[int, ...]) -> float:
        return sum(row[label] for row, label in zip(rows, labels, strict=True))

    found = _best(rows)
    assert _is_legal(found)
    best = max(worth(labels) for labels in product(range(LABELS), repeat=len(rows)) if _is_legal(labels))
    assert worth(tuple(found)) == pytest.approx(best)
