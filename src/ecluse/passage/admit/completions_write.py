"""Writes OpenAI's text completions, whole and streamed.

Law: as in openai_whole.py and openai_stream.py: nothing is invented, usage comes to a caller who asked, and the closing
mark closes a stream that ended well and no other.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from ecluse.domain.dialect import Envelope
from ecluse.domain.errors import EcluseError
from ecluse.domain.event import Begin, Event, Finish, Opaque, Text, UpstreamError, Usage
from ecluse.domain.request import Json
from ecluse.passage.admit.openai_bodies import error_body, error_object, upstream_error_object, usage_object
from ecluse.passage.admit.openai_rest import choice_rest, top_rest
from ecluse.passage.admit.openai_stream import DONE


@dataclass(slots=True, kw_only=True)
class _Choice:
    texts: list[str] = field(default_factory=list)
    finish: str | None = None
    rest: dict[str, Json] = field(default_factory=dict)


class WholeWriter:
    """Gathers one answer and writes it at its end. What a completion has no place for is left out."""

    content_type = "application/json"

    def __init__(self, envelope: Envelope) -> None:
        self._envelope = envelope
        self._choices: dict[int, _Choice] = {}
        self._rest: dict[str, Json] = {}
        self._usage: Usage | None = None
        self._error: bytes | None = None

    def write(self, event: Event) -> bytes:
        """Keep one event; nothing is sent yet."""
        match event:
            case Text():
                choice = self._choice(event.choice, event.raw)
                choice.texts.append(event.s)
            case Finish():
                self._choice(event.choice, event.raw).finish = event.reason
            case Usage():
                self._usage = event
            case Begin():
                self._rest |= top_rest(event.raw)
            case Opaque() if isinstance(event.raw, Mapping):
                self._rest |= top_rest(event.raw)
            case UpstreamError():
                self._error = msgspec.json.encode({"error": upstream_error_object(event)})
            case _:
                pass
        return b""

    def close(self) -> bytes:
        """Return the whole body, which is the error if the provider gave one."""
        if self._error is not None:
            return self._error
        usage = usage_object(self._usage)
        return msgspec.json.encode(
            {
                **self._rest,
                "id": self._envelope.id,
                "object": "text_completion",
                "created": self._envelope.created,
                "model": self._envelope.model,
                "choices": [
                    {
                        "logprobs": None,
                        **choice.rest,
                        "index": index,
                        "text": "".join(choice.texts),
                        "finish_reason": choice.finish,
                    }
                    for index, choice in sorted(self._choices.items())
                ],
                **({"usage": usage} if usage is not None else {}),
            }
        )

    def fail(self, error: EcluseError) -> bytes:
        """Return the error as the whole body."""
        return error_body(error, "en")

    def _choice(self, index: int, raw: Mapping[str, Json]) -> _Choice:
        choice = self._choices.setdefault(index, _Choice())
        choice.rest |= choice_rest(raw)
        return choice


class StreamWriter:
    """Writes one answer as it comes."""

    content_type = "text/event-stream"

    def __init__(self, envelope: Envelope, *, include_usage: bool) -> None:
        self._base: dict[str, object] = {
            "id": envelope.id,
            "object": "text_completion",
            "created": envelope.created,
            "model": envelope.model,
        }
        self._include_usage = include_usage
        self._usage: Usage | None = None
        self._broken = False

    def write(self, event: Event) -> bytes:
        """Return the chunk of one event."""
        if self._broken:
            return b""
        match event:
            case Text():
                return self._chunk(event.choice, event.s, None, event.raw)
            case Finish():
                return self._chunk(event.choice, "", event.reason, event.raw)
            case Usage():
                self._usage = event
            case Begin():
                self._base |= top_rest(event.raw)
            case UpstreamError():
                return self._error(upstream_error_object(event))
            case _:
                pass
        return b""

    def close(self) -> bytes:
        """Return the usage chunk if it was asked for, and the closing mark; nothing after an error."""
        if self._broken:
            return b""
        usage = usage_object(self._usage) if self._include_usage else None
        return DONE if usage is None else _frame({**self._base, "choices": [], "usage": usage}) + DONE

    def fail(self, error: EcluseError) -> bytes:
        """Return the error; the stream stays without its closing mark."""
        return self._error(error_object(error, "en"))

    def _error(self, body: Mapping[str, object]) -> bytes:
        self._broken = True
        return _frame({"error": body})

    def _chunk(self, index: int, text: str, finish: str | None, raw: Mapping[str, Json]) -> bytes:
        choice = {"logprobs": None, **choice_rest(raw), "index": index, "text": text, "finish_reason": finish}
        return _frame({**self._base, "choices": [choice]})


def _frame(body: Mapping[str, object]) -> bytes:
    return b"data: " + msgspec.json.encode(body) + b"\n\n"
