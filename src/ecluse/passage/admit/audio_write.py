"""Writes transcripts and sounds.

Law: each is written whole, at its end; a transcript is what the provider gave, under our public name of the model.
"""

from collections.abc import Mapping

import msgspec

from ecluse.domain.dialect import Envelope
from ecluse.domain.errors import EcluseError
from ecluse.domain.event import Event, Item, Sound, Text, UpstreamError
from ecluse.passage.admit.openai_bodies import error_body, upstream_error_object

FORMATS: Mapping[str, str] = {
    "mp3": "audio/mpeg",
    "opus": "audio/ogg",
    "aac": "audio/aac",
    "flac": "audio/flac",
    "wav": "audio/wav",
    "pcm": "audio/pcm",
}
"""Formats of a sound, and their media types."""
TEXTS: Mapping[str, str] = {"text": "text/plain", "srt": "application/x-subrip", "vtt": "text/vtt"}
"""Forms of a transcript that are no JSON."""


class TranscriptWriter:
    """Writes one transcript."""

    def __init__(self, envelope: Envelope, form: str) -> None:
        self._envelope = envelope
        self._form = form
        self._held = b""

    @property
    def content_type(self) -> str:
        """The media type of the form that was asked for."""
        return TEXTS.get(self._form, "application/json")

    def write(self, event: Event) -> bytes:
        """Keep one event; nothing is sent yet."""
        match event:
            case Item():
                named = {"model": self._envelope.model} if "model" in event.raw else {}
                self._held = msgspec.json.encode({**event.raw, **named})
            case Text():
                self._held += event.s.encode()
            case UpstreamError():
                self._held = msgspec.json.encode({"error": upstream_error_object(event)})
            case _:
                pass
        return b""

    def close(self) -> bytes:
        """Return the transcript."""
        return self._held

    def fail(self, error: EcluseError) -> bytes:
        """Return the error as the whole body."""
        return error_body(error, "en")


class SoundWriter:
    """Writes one sound."""

    def __init__(self, form: str) -> None:
        self.content_type = FORMATS[form]
        self._held: list[bytes] = []

    def write(self, event: Event) -> bytes:
        """Keep a piece; nothing is sent yet."""
        if isinstance(event, Sound):
            self._held.append(event.data)
        return b""

    def close(self) -> bytes:
        """Return the sound."""
        return b"".join(self._held)

    def fail(self, error: EcluseError) -> bytes:
        """Return the error as the whole body."""
        return error_body(error, "en")
