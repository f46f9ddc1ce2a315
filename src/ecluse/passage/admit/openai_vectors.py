"""Writes an OpenAI list of embeddings, as floats or as base64, whichever the caller asked for.

Law: the numbers are those that the provider gave, in 32-bit floats where base64 holds them (little-endian, as OpenAI's
SDKs read them).
"""

import base64 as b64
import struct

import msgspec

from ecluse.domain.dialect import Envelope
from ecluse.domain.errors import EcluseError
from ecluse.domain.event import Event, UpstreamError, Usage, Vector
from ecluse.passage.admit.openai_bodies import error_body, upstream_error_object

FLOAT = 4
"""Bytes of a 32-bit float."""


class VectorWriter:
    """Gathers embeddings and writes them at the end."""

    content_type = "application/json"

    def __init__(self, envelope: Envelope, *, base64: bool) -> None:
        self._envelope = envelope
        self._base64 = base64
        self._vectors: dict[int, tuple[float, ...] | str] = {}
        self._usage: Usage | None = None
        self._error: bytes | None = None

    def write(self, event: Event) -> bytes:
        """Keep one event; nothing is sent yet. What is no vector and no count has no place in a list of embeddings."""
        match event:
            case Vector():
                self._vectors[event.index] = _packed(event.values) if self._base64 else _floats(event.values)
            case Usage():
                self._usage = event
            case UpstreamError():
                self._error = msgspec.json.encode({"error": upstream_error_object(event)})
            case _:
                pass
        return b""

    def close(self) -> bytes:
        """Return the whole list, in the order of the inputs."""
        if self._error is not None:
            return self._error
        body: dict[str, object] = {
            "id": self._envelope.id,  # Mistral's client wants one, OpenAI's does not mind
            "object": "list",
            "data": [
                {"object": "embedding", "index": index, "embedding": self._vectors[index]}
                for index in sorted(self._vectors)
            ],
            "model": self._envelope.model,
        }
        if self._usage is not None and (tokens := self._usage.tokens_in) is not None:
            body["usage"] = {"prompt_tokens": tokens, "total_tokens": tokens}
        return msgspec.json.encode(body)

    def fail(self, error: EcluseError) -> bytes:
        """Return the error as the whole body."""
        return error_body(error, "en")


def _packed(values: tuple[float, ...] | str) -> str:
    if isinstance(values, str):
        return values
    return b64.b64encode(struct.pack(f"<{len(values)}f", *values)).decode()


def _floats(values: tuple[float, ...] | str) -> tuple[float, ...]:
    if not isinstance(values, str):
        return values
    packed = b64.b64decode(values)
    return struct.unpack(f"<{len(packed) // FLOAT}f", packed)
