"""The dialect `openai_audio` on the caller's side: sounds to text, and text to sounds, as OpenAI writes them.

Law: a sound cannot be searched, so it is a part that is classified unreadable, and the rules decide; the name of its
file stays behind. A text to speak is searched like any other. Streams of either are not offered: a sound cut short
would pass for a whole one. The edge has made one JSON object of the form.
Reference: the types in the `openai` package 3.54, November 2026.
"""

import re
from collections.abc import Mapping

from ecluse.domain.dialect import Envelope, Writer
from ecluse.domain.errors import CallerError
from ecluse.domain.request import BlobPart, Capability, Json, Message, Request, Role, Surface
from ecluse.passage.admit.audio_write import FORMATS, TEXTS, SoundWriter, TranscriptWriter
from ecluse.passage.admit.checks import array, mapping, model_name, number, one_of, only, some_text, text, wrong
from ecluse.passage.admit.openai_replies import OpenAIReplies
from ecluse.passage.admit.strict_json import decode

_TRANSCRIPTION = frozenset(
    {"file", "model", "language", "prompt", "response_format", "temperature", "timestamp_granularities"}
)
_SPEECH = frozenset({"model", "input", "voice", "instructions", "response_format", "speed", "stream_format"})
_OFF = frozenset({"stream", "diarize"})
"""What is not offered, and said to be off by Mistral's client in every call."""
_SHAPES = ("json", "verbose_json", *TEXTS)
_ENDING = re.compile(r"[a-z0-9]{1,5}")
_BASE64 = re.compile(r"[A-Za-z0-9+/]*={0,2}")
INPUT = 4096
"""Most characters of a text to speak, as OpenAI has it."""


class OpenAIAudio(OpenAIReplies):
    """Reads calls to transcribe and to speak, and writes transcripts and sounds."""

    name = "openai_audio"
    routes: Mapping[str, Surface] = {
        "/v1/audio/transcriptions": Surface.TRANSCRIPTION,
        "/v1/audio/speech": Surface.SPEECH,
    }

    def admit(self, surface: Surface, body: bytes) -> Request:
        """Read a request. Raises CallerError."""
        fields = mapping(decode(body), "body")
        return _speech(fields) if surface is Surface.SPEECH else _transcription(fields)

    def writer(self, request: Request, envelope: Envelope) -> Writer:
        """Return the writer of one answer."""
        if request.surface is Surface.SPEECH:
            return SoundWriter(str(request.options.get("response_format", "mp3")))
        return TranscriptWriter(envelope, str(request.options.get("response_format", "json")))


def _transcription(fields: Mapping[str, Json]) -> Request:
    for name in _OFF:
        if fields.get(name) not in (None, False, "false"):
            raise CallerError("unsupported_field", name)
    for name in ("file_id", "file_url"):  # as Mistral's API has them
        if fields.get(name) is not None:
            raise CallerError("remote_content_refused", name)
    only(fields, _TRANSCRIPTION | _OFF | {"file_id", "file_url"}, "body")
    options: dict[str, Json] = {}
    for name in ("language", "prompt"):
        if fields.get(name) is not None:
            options[name] = text(fields[name], name)
    if fields.get("response_format") is not None:
        options["response_format"] = one_of(fields["response_format"], "response_format", _SHAPES)
    if fields.get("temperature") is not None:
        options["temperature"] = _written(fields["temperature"], "temperature")
    if fields.get("timestamp_granularities") is not None:
        wanted = array(fields["timestamp_granularities"], "timestamp_granularities")
        options["timestamp_granularities"] = [
            one_of(one, f"timestamp_granularities[{i}]", ("word", "segment")) for i, one in enumerate(wanted)
        ]
    return Request(
        surface=Surface.TRANSCRIPTION,
        model=model_name(fields.get("model")),
        messages=(Message(role=Role.USER, parts=(_sound(mapping(fields.get("file"), "file")),)),),
        options=options,
        needs=frozenset({Capability.TRANSCRIPTION}),
    )


def _sound(file: Mapping[str, Json]) -> BlobPart:
    only(file, frozenset({"filename", "content_type", "data"}), "file")
    data = some_text(file.get("data"), "file.data")
    if len(data) % 4 or not _BASE64.fullmatch(data):
        raise wrong("file.data", "base64")
    ending = text(file.get("filename", ""), "file.filename").rpartition(".")[2].lower()
    wire: dict[str, Json] = {
        "filename": f"sound.{ending}" if _ENDING.fullmatch(ending) else "sound",
        "data": f"data:application/octet-stream;base64,{data}",
    }
    return BlobPart(media="audio", wire=wire)


def _speech(fields: Mapping[str, Json]) -> Request:
    if fields.get("stream_format") not in (None, "audio"):
        raise CallerError("unsupported_field", "stream_format")
    if fields.get("stream") not in (None, False):
        raise CallerError("unsupported_field", "stream")
    only(fields, _SPEECH | {"stream"}, "body")
    said = some_text(fields.get("input"), "input")
    if len(said) > INPUT:
        raise wrong("input", f"<= {INPUT} characters")
    options: dict[str, Json] = {"voice": some_text(fields.get("voice"), "voice")}
    if fields.get("instructions") is not None:
        options["instructions"] = text(fields["instructions"], "instructions")
    if fields.get("response_format") is not None:
        options["response_format"] = one_of(fields["response_format"], "response_format", tuple(FORMATS))
    if fields.get("speed") is not None:
        options["speed"] = number(fields["speed"], "speed")
    return Request(
        surface=Surface.SPEECH,
        model=model_name(fields.get("model")),
        inputs=(said,),
        options=options,
        needs=frozenset({Capability.SPEECH}),
    )


def _written(value: Json, path: str) -> Json:
    """Return a number, which a form writes as a text."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            raise wrong(path, "number") from None
    if not 0 <= number(value, path) <= 1:
        raise wrong(path, "0..1")
    return value


DIALECT = OpenAIAudio()
