"""Writes a whole OpenAI answer: one `chat.completion`, made when the last event is in.

Law: nothing is invented: no usage that the provider did not count, no text where there was none.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import assert_never

import msgspec

from ecluse.domain.dialect import Envelope
from ecluse.domain.errors import EcluseError
from ecluse.domain.event import (
    Begin,
    Channel,
    Event,
    Finish,
    Item,
    Opaque,
    Sound,
    Text,
    ToolArgs,
    UpstreamError,
    Usage,
    Vector,
)
from ecluse.domain.request import Json
from ecluse.passage.admit.openai_bodies import FIELD, error_body, upstream_error_object, usage_object
from ecluse.passage.admit.openai_rest import call_id, choice_rest, delta_rest, top_rest


@dataclass(slots=True, kw_only=True)
class _Called:
    """A tool call in the making."""

    id: str = ""
    name: str = ""
    arguments: list[str] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class _Choice:
    """One answer in the making."""

    texts: dict[Channel, list[str]] = field(default_factory=dict)
    calls: dict[int, _Called] = field(default_factory=dict)
    finish: str | None = None
    rest: dict[str, Json] = field(default_factory=dict)
    delta: dict[str, Json] = field(default_factory=dict)

    def keep(self, raw: Mapping[str, Json]) -> None:
        """Keep what has no word."""
        if raw:
            self.rest |= choice_rest(raw)
            self.delta |= delta_rest(raw)


class WholeWriter:
    """Gathers one answer and writes it at its end."""

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
            case Text(channel=Channel.SIGNED, s=""):
                pass  # a signature, which this format has no word for
            case Text():
                choice = self._choice(event.choice)
                choice.texts.setdefault(event.channel, []).append(event.s)
                choice.keep(event.raw)
            case ToolArgs():
                self._tool(event)
            case Finish():
                choice = self._choice(event.choice)
                choice.finish = event.reason
                choice.keep(event.raw)
            case Usage():
                self._usage = event
            case Begin():
                self._rest |= top_rest(event.raw)
            case Opaque():
                self._opaque(event.raw)
            case UpstreamError():
                self._error = msgspec.json.encode({"error": upstream_error_object(event)})
            case Vector() | Item() | Sound():
                pass  # no chat has one
            case _:
                assert_never(event)
        return b""

    def close(self) -> bytes:
        """Return the whole body, which is the error if the provider gave one."""
        if self._error is not None:
            return self._error
        body: dict[str, object] = {
            **self._rest,
            "id": self._envelope.id,
            "object": "chat.completion",
            "created": self._envelope.created,
            "model": self._envelope.model,
            "choices": [self._written(index) for index in sorted(self._choices)],
        }
        if (usage := usage_object(self._usage)) is not None:
            body["usage"] = usage
        return msgspec.json.encode(body)

    def fail(self, error: EcluseError) -> bytes:
        """Return the error as the whole body."""
        return error_body(error, "en")

    def _choice(self, index: int) -> _Choice:
        return self._choices.setdefault(index, _Choice())

    def _tool(self, event: ToolArgs) -> None:
        call = self._choice(event.choice).calls.setdefault(event.index, _Called())
        call.id = call.id or event.id or ""
        call.name += event.name or ""
        call.arguments.append(event.s)

    def _opaque(self, raw: Json) -> None:
        if not isinstance(raw, Mapping):
            return
        self._rest |= top_rest(raw)
        choices = raw.get("choices")
        for choice in choices if isinstance(choices, list) else []:
            if isinstance(choice, Mapping) and isinstance(index := choice.get("index"), int):
                self._choice(index).keep(choice)

    def _written(self, index: int) -> dict[str, object]:
        choice = self._choices[index]
        message: dict[str, object] = {"role": "assistant", "content": None, "refusal": None, **choice.delta}
        message |= {FIELD[channel]: "".join(texts) for channel, texts in choice.texts.items()}
        if choice.calls:
            message["tool_calls"] = [
                {
                    "id": call.id or call_id(self._envelope.id, index, i),
                    "type": "function",
                    "function": {"name": call.name, "arguments": "".join(call.arguments)},
                }
                for i, call in sorted(choice.calls.items())
            ]
        elif not choice.texts:
            message["content"] = ""
        return {**choice.rest, "index": index, "message": message, "finish_reason": choice.finish}
