"""Weights of another shape are refused before a text is read."""

from typing import Any

import numpy as np
import pytest

from ecluse.passage.classify.tagger import Weights
from tests.passage.classify.tagger.made import arrays, tagger


@pytest.mark.parametrize("name", sorted(arrays()))
def test_refuses_weights_that_lack_an_array(name: str) -> None:
    left = {key: value for key, value in arrays().items() if key != name}
    with pytest.raises(ValueError, match=f"lack {name}"):
        Weights.of(left)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("format", np.array(99), "format"),
        ("w2", np.zeros((3, 2, 2), np.float32), "w2"),
        ("wo", np.zeros((12, 3), np.float32), "wo"),
        ("b3", np.full(12, np.nan, np.float32), "number"),
        ("embedding", np.zeros((255, 8), np.int8), "power of two"),
        ("gazetteer_keys", np.array([5, 3], np.uint32), "order"),
        ("calibration", np.full((5, 2, 4), 2.0, np.float32), "calibration"),
    ],
)
def test_refuses_weights_that_could_not_be_used(name: str, value: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Weights.of({**arrays(), name: value})


def test_the_version_changes_with_the_weights() -> None:
    assert tagger().version == tagger().version
    assert tagger().version != tagger({"bo": np.zeros(11, np.float32)}).version
