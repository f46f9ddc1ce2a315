"""Reads a list of embeddings in OpenAI's format.

Law: one finite vector for each input, or the answer is malformed: a missing or a repeated one would give a text the
meaning of another.
"""

import base64
import struct
from collections.abc import Mapping, Sequence
from math import isfinite

from ecluse.domain.errors import ProviderError
from ecluse.domain.event import Begin, Event, Usage, Vector
from ecluse.domain.request import Json
from ecluse.passage.send.object_read import ObjectReader
from ecluse.passage.send.rest import count

BODY = 64 * 1024 * 1024
"""Most bytes of a list: 2,048 embeddings of 3,072 numbers in base64 fit, or of 1,536 written out."""
_FLOAT = 4
_LARGEST = 3.4028234663852886e38
"""The largest 32-bit float."""


class VectorReader(ObjectReader):
    """Reads the embeddings of `inputs` texts."""

    def __init__(self, inputs: int) -> None:
        super().__init__(limit=BODY)
        self._inputs = inputs

    def events(self, answer: Mapping[str, Json]) -> Sequence[Event]:
        """Return the vectors of the list. Raises ProviderError."""
        data = answer.get("data")
        if not isinstance(data, list) or len(data) != self._inputs:
            raise ProviderError("upstream_malformed", "data")
        vectors = [_vector(item, position) for position, item in enumerate(data)]
        if {vector.index for vector in vectors} != set(range(self._inputs)):
            raise ProviderError("upstream_malformed", "index")
        model, usage = answer.get("model"), answer.get("usage")
        tokens = count(usage.get("prompt_tokens")) if isinstance(usage, dict) else None
        begin = Begin(model=model if isinstance(model, str) else "")
        return (begin, *vectors, Usage(tokens_in=tokens, tokens_out=0))


def _vector(item: Json, position: int) -> Vector:
    if not isinstance(item, dict):
        raise ProviderError("upstream_malformed", "data")
    index = item.get("index", position)
    if type(index) is not int:
        raise ProviderError("upstream_malformed", "index")
    return Vector(index=index, values=_values(item.get("embedding")))


def _values(value: Json) -> tuple[float, ...] | str:
    return _base64(value) if isinstance(value, str) else numbers(value)


def numbers(value: Json) -> tuple[float, ...]:
    """Return the numbers of one embedding. Raises ProviderError for anything but finite floats of 32 bits."""
    if isinstance(value, list) and value and all(type(number) in (float, int) for number in value):
        values = tuple(map(float, value))
        if max(map(abs, values)) <= _LARGEST:
            return values
    raise ProviderError("upstream_malformed", "embedding")


def _base64(value: str) -> str:
    try:
        packed = base64.b64decode(value, validate=True)
    except ValueError:
        raise ProviderError("upstream_malformed", "embedding") from None
    if not packed or len(packed) % _FLOAT or not isfinite(sum(struct.unpack(f"<{len(packed) // _FLOAT}f", packed))):
        raise ProviderError("upstream_malformed", "embedding")
    return value
