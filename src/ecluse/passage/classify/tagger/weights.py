"""The numbers that a trained tagger is made of, and their shapes.

Law: illegal shapes raise here, before a text is read. Values are those of the file; nothing is read or drawn here.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

FORMAT = 1
Floats: TypeAlias = NDArray[np.float32]


class Kind(StrEnum):
    """What a mention names. `other` (works, events, products) is learnt so that it is not taken for the rest."""

    PERSON = "person"
    PLACE = "place"
    ORGANISATION = "organisation"
    ADDRESS = "address"
    OTHER = "other"


KINDS = tuple(Kind)
LABELS = 1 + 2 * len(KINDS)
"""Outside, then begin and inside of each kind: 0, then 2k+1 and 2k+2."""
REACH = 2
"""The first layer sees this many tokens on either side."""
_FLOATS = ("scale", "w1", "b1", "w2", "b2", "w3", "b3", "wo", "bo", "calibration")
_ARRAYS = frozenset({"format", "embedding", "dilation", "gazetteer_keys", "gazetteer_flags", *_FLOATS})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Weights:
    """A trained tagger. Widths: D of an embedding, H of a layer.

    `embedding` (buckets, D) int8 times `scale` (D); `w1` (5, D, H); `w2`, `w3` (3, H, H) with their dilation;
    `wo` (H, labels); `gazetteer_keys` sorted; `calibration` (kinds, 2, knots): from raw to calibrated confidence.
    """

    embedding: NDArray[np.int8]
    scale: Floats
    w1: Floats
    b1: Floats
    w2: Floats
    b2: Floats
    w3: Floats
    b3: Floats
    wo: Floats
    bo: Floats
    dilation: tuple[int, int]
    gazetteer_keys: NDArray[np.uint32]
    gazetteer_flags: NDArray[np.uint8]
    calibration: Floats
    digest: str

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray[np.generic]]) -> Self:
        """Take the arrays of a weights file. Raises ValueError for one that is missing or has another shape."""
        if missing := sorted(_ARRAYS - set(arrays)):
            raise ValueError(f"the weights lack {missing[0]}")
        if int(arrays["format"].item()) != FORMAT:
            raise ValueError(f"the weights are not of format {FORMAT}")
        digest = hashlib.sha256()
        for name in sorted(_ARRAYS):
            digest.update(f"{name} {arrays[name].dtype.str} {arrays[name].shape}".encode())
            digest.update(np.ascontiguousarray(arrays[name]).tobytes())
        floats = {name: np.ascontiguousarray(arrays[name], np.float32) for name in _FLOATS}
        first, second = np.asarray(arrays["dilation"], np.int64).tolist()
        found = cls(
            embedding=np.asarray(arrays["embedding"], np.int8),
            dilation=(first, second),
            gazetteer_keys=np.asarray(arrays["gazetteer_keys"], np.uint32),
            gazetteer_flags=np.asarray(arrays["gazetteer_flags"], np.uint8),
            digest=digest.hexdigest()[:16],
            **floats,
        )
        _check(found)
        return found

    @property
    def width(self) -> int:
        """H: the width of a layer."""
        return int(self.b1.shape[0])

    @property
    def margin(self) -> int:
        """How many tokens on either side a judgement depends on."""
        return REACH + sum(self.dilation)


def _check(w: Weights) -> None:
    buckets, depth = w.embedding.shape
    h = w.width
    shapes = {
        "scale": (w.scale.shape, (depth,)),
        "w1": (w.w1.shape, (2 * REACH + 1, depth, h)),
        "w2": (w.w2.shape, (3, h, h)),
        "w3": (w.w3.shape, (3, h, h)),
        "b2": (w.b2.shape, (h,)),
        "b3": (w.b3.shape, (h,)),
        "wo": (w.wo.shape, (h, LABELS)),
        "bo": (w.bo.shape, (LABELS,)),
        "gazetteer_flags": (w.gazetteer_flags.shape, w.gazetteer_keys.shape),
        "calibration": (w.calibration.shape[:2], (len(KINDS), 2)),
    }
    if wrong := [name for name, (shape, expected) in shapes.items() if shape != expected]:
        raise ValueError(f"the weights have a {wrong[0]} of another shape")
    if buckets & (buckets - 1) or min(w.dilation) < 1:
        raise ValueError("the weights have buckets that are no power of two, or no dilation")
    if not all(np.isfinite(a).all() for a in (w.scale, w.w1, w.b1, w.w2, w.b2, w.w3, w.b3, w.wo, w.bo)):
        raise ValueError("the weights have a number that is none")
    if np.any(w.gazetteer_keys[1:] <= w.gazetteer_keys[:-1]):
        raise ValueError("the keys of the gazetteer are not in order")
    if np.any(np.diff(w.calibration, axis=2) < 0) or w.calibration.min() < 0 or w.calibration.max() > 1:
        raise ValueError("the calibration is not a rising map of [0, 1]")
