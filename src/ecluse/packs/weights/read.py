"""The trained weights that ship, as plain arrays. MODEL_CARD.md says what they were made from and what they reach.

Law: a weights file that is missing or is none raises; arrays only, never code (no pickle).
"""

import io
import zipfile
from collections.abc import Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable

import numpy as np
from numpy.typing import NDArray

TAGGER = "tagger.npz"


class WeightsRefused(ValueError):
    """A weights file that is missing, or whose content is not arrays."""


def load(file: Traversable | None = None) -> Mapping[str, NDArray[np.generic]]:
    """Read the arrays of the tagger that ships, or of another file of that format.

    Raises:
        WeightsRefused: when there is no such file, or it holds something else than arrays.
    """
    file = file or files("ecluse.packs.weights") / TAGGER
    try:
        with np.load(io.BytesIO(file.read_bytes()), allow_pickle=False) as held:
            return {name: held[name] for name in held.files}
    except (OSError, ValueError, AttributeError, EOFError, zipfile.BadZipFile) as error:
        raise WeightsRefused(f"{file.name} holds no weights") from error
