"""The trained weights that ship, as plain arrays. MODEL_CARD.md says what they were made from and what they reach.

Law: a weights file that is missing or is none raises; arrays only, never code (no pickle).
"""

import zipfile
from collections.abc import Mapping
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

TAGGER = "tagger.npz"


class WeightsRefused(ValueError):
    """A weights file that is missing, or whose content is not arrays."""


def load(path: Path | None = None) -> Mapping[str, NDArray[np.generic]]:
    """Read the arrays of the tagger, or of another file of that format.

    Raises:
        WeightsRefused: when there is no such file, or it holds something else than arrays.
    """
    if path is not None:
        return _read(path)
    with as_file(files(__name__) / TAGGER) as shipped:
        return _read(shipped)


def _read(path: Path) -> Mapping[str, NDArray[np.generic]]:
    try:
        with np.load(path, allow_pickle=False) as held:
            return {name: held[name] for name in held.files}
    except (OSError, ValueError, AttributeError, zipfile.BadZipFile) as error:
        raise WeightsRefused(f"{path.name} holds no weights") from error
