"""Sounds to text and text to sounds on the provider's side, as OpenAI, vLLM and Azure have them.

Law: a form is written anew from the request alone: a neutral file name, the fields that were scanned, a boundary that
is the attempt's own id. What comes back is read whole: a transcript without text, a sound without bytes: malformed.
Source: the types of the `openai` package; RFC 7578.
"""

import base64
from collections.abc import Callable, Mapping, Sequence

from ecluse.domain.destination import Destination
from ecluse.domain.dialect import Reader
from ecluse.domain.effects import Call
from ecluse.domain.errors import ProviderError
from ecluse.domain.event import Begin, Channel, Event, Finish, Item, Sound, Text, Usage
from ecluse.domain.request import BlobPart, Json, Request
from ecluse.passage.send.answer import BODY
from ecluse.passage.send.object_read import ObjectReader
from ecluse.passage.send.openai_wire import post, taken, unknown_options
from ecluse.passage.send.rest import bounded, count

_TRANSCRIPTION = frozenset({"language", "prompt", "response_format", "temperature", "timestamp_granularities"})
_SPEECH = frozenset({"voice", "instructions", "response_format", "speed"})
_JSON = ("json", "verbose_json")


class Transcription:
    """`/audio/transcriptions`."""

    def unsupported(self, request: Request) -> tuple[str, ...]:
        """Name the request's fields that this wire format does not take."""
        return unknown_options(request, _TRANSCRIPTION)

    def call(self, request: Request, destination: Destination, attempt: str, path: Callable[[str], str]) -> Call:
        """Write the request."""
        (sound,) = (part.wire for part in request.messages[0].parts if isinstance(part, BlobPart))
        boundary = f"ecluse-{attempt}"
        fields = [("model", destination.wire_model), *_fields(taken(request, _TRANSCRIPTION))]
        headers: Sequence[tuple[str, str]] = (
            ("content-type", f"multipart/form-data; boundary={boundary}"),
            ("accept", "application/json, text/plain"),
            ("x-request-id", attempt),
        )
        return Call(
            destination=destination.id,
            path=path("/audio/transcriptions"),
            headers=headers,
            body=_form(boundary, fields, str(sound["filename"]), str(sound["data"]).partition(",")[2]),
            stream=False,
        )

    def reader(self, request: Request) -> Reader:
        """Return the reader of one answer."""
        if request.options.get("response_format", "json") in _JSON:
            return TranscriptReader()
        return PlainReader()


class Speech:
    """`/audio/speech`."""

    def unsupported(self, request: Request) -> tuple[str, ...]:
        """Name the request's fields that this wire format does not take."""
        return unknown_options(request, _SPEECH)

    def call(self, request: Request, destination: Destination, attempt: str, path: Callable[[str], str]) -> Call:
        """Write the request."""
        body: dict[str, Json] = {"model": destination.wire_model, "input": request.inputs[0]}
        return post(request, destination, attempt, path("/audio/speech"), body | taken(request, _SPEECH))

    def reader(self, request: Request) -> Reader:  # noqa: ARG002 - bytes are bytes, whatever was asked
        """Return the reader of one answer."""
        return SoundReader()


class TranscriptReader(ObjectReader):
    """Reads a transcript in JSON."""

    def events(self, answer: Mapping[str, Json]) -> Sequence[Event]:
        """Return the events of the transcript. Raises ProviderError."""
        if not isinstance(answer.get("text"), str):
            raise ProviderError("upstream_malformed", "text")
        used = answer.get("usage")
        counted = used if isinstance(used, dict) else {}
        tokens_in = count(counted.get("input_tokens", counted.get("prompt_tokens")))
        tokens_out = count(counted.get("output_tokens", counted.get("completion_tokens")))
        return (
            Begin(),
            Item(index=0, raw=bounded(dict(answer))),
            Usage(tokens_in=tokens_in, tokens_out=tokens_out),
            Finish(choice=0, reason="stop"),
        )


class PlainReader:
    """Reads a transcript that is text."""

    def __init__(self) -> None:
        self._held = bytearray()

    def feed(self, chunk: bytes) -> Sequence[Event]:
        """Gather bytes. Raises ProviderError beyond the caps."""
        self._held += chunk
        if len(self._held) > BODY:
            raise ProviderError("upstream_malformed", f"body > {BODY}")
        return ()

    def end(self) -> Sequence[Event]:
        """Return the events of the transcript. Raises ProviderError."""
        try:
            said = self._held.decode()
        except UnicodeDecodeError:
            raise ProviderError("upstream_malformed", "UTF-8") from None
        return (Begin(), Text(choice=0, channel=Channel.CONTENT, s=said), Finish(choice=0, reason="stop"))


class SoundReader:
    """Reads a sound."""

    def __init__(self) -> None:
        self._size = 0

    def feed(self, chunk: bytes) -> Sequence[Event]:
        """Return the piece."""
        self._size += len(chunk)
        return (Sound(data=chunk),) if chunk else ()

    def end(self) -> Sequence[Event]:
        """Return the end. Raises ProviderError when nothing came."""
        if not self._size:
            raise ProviderError("upstream_malformed", "no sound")
        return (Finish(choice=0, reason="stop"),)


def _fields(options: Mapping[str, Json]) -> list[tuple[str, str]]:
    fields: list[tuple[str, str]] = []
    for name, value in options.items():
        if isinstance(value, list):
            fields += [(f"{name}[]", str(one)) for one in value]
        else:
            fields.append((name, str(value)))
    return fields


def _form(boundary: str, fields: Sequence[tuple[str, str]], filename: str, data: str) -> bytes:
    pieces = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields
    ]
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{filename}"\r\n'
    kind = "Content-Type: application/octet-stream\r\n\r\n"
    return b"".join([*pieces, (head + kind).encode(), base64.b64decode(data), f"\r\n--{boundary}--\r\n".encode()])
