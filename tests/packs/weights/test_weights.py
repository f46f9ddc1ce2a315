"""The weights that ship are small and complete; what is no weights file is refused."""

import time
from pathlib import Path

import numpy as np
import pytest

from ecluse.packs import weights
from ecluse.packs.weights import WeightsRefused
from ecluse.passage.classify.tagger import Tagger, Weights

HERE = Path(weights.__file__).parent


def test_the_shipped_weights_weigh_less_than_ten_megabytes_and_load_within_a_second() -> None:
    assert (HERE / weights.TAGGER).stat().st_size < 10_000_000
    start = time.process_time()
    tagger = Tagger(Weights.of(weights.load()))
    list(tagger.mentions("Bonjour Marie Dubois"))
    assert time.process_time() - start < 1


def test_the_model_card_names_these_weights() -> None:
    assert Weights.of(weights.load()).digest in (HERE / "MODEL_CARD.md").read_text(encoding="utf-8")


def test_refuses_a_file_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(WeightsRefused):
        weights.load(tmp_path / "none.npz")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"not weights", b"\x93NUMPY\x01\x00"])
def test_refuses_a_file_that_holds_something_else(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "odd.npz"
    file.write_bytes(content)
    with pytest.raises(WeightsRefused):
        weights.load(file)


def test_refuses_a_file_with_objects_in_it(tmp_path: Path) -> None:
    file = tmp_path / "code.npz"
    np.savez(file, allow_pickle=True, embedding=np.array([{"a": 1}], dtype=object))
    with pytest.raises(WeightsRefused):
        weights.load(file)
