"""Writes a streamed OpenAI answer: one `chat.completion.chunk` an event, as server-sent events.

Law: nothing is invented. The role stands in the first delta of each choice; the usage chunk (`choices: []`) comes only
to a caller who asked, and only when the provider counted; `data: [DONE]` closes a stream that ended well and no other.
"""

from collections.abc import Mapping
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
from ecluse.passage.admit.openai_bodies import FIELD, error_object, upstream_error_object, usage_object
from ecluse.passage.admit.openai_rest import call_id, choice_rest, delta_rest, top_rest

DONE = b"data: [DONE]\n\n"


class StreamWriter:
    """Writes one answer as it comes."""

    content_type = "text/event-stream"

    def __init__(self, envelope: Envelope, *, include_usage: bool) -> None:
        self._id = envelope.id
        self._base: dict[str, object] = {
            "id": envelope.id,
            "object": "chat.completion.chunk",
            "created": envelope.created,
            "model": envelope.model,
        }
        self._tail: dict[str, object] = {"usage": None} if include_usage else {}
        self._include_usage = include_usage
        self._usage: Usage | None = None
        self._once: dict[str, Json] = {}
        self._begun: set[int] = set()
        self._called: set[tuple[int, int]] = set()
        self._broken = False

    def write(self, event: Event) -> bytes:  # noqa: PLR0911 - one line for each word of the alphabet
        """Return the chunk of one event."""
        if self._broken:
            return b""
        match event:
            case Text():
                return self._text(event)
            case ToolArgs():
                return self._tool(event)
            case Finish():
                return self._chunk(event.choice, {}, finish=event.reason, raw=event.raw)
            case Usage():
                self._usage = event
                return b""
            case Begin():
                self._base |= top_rest(event.raw)
                return b""
            case Opaque():
                return self._opaque(event.raw)
            case UpstreamError():
                return self._error(upstream_error_object(event))
            case Vector() | Item() | Sound():
                return b""  # no chat has one
            case _:
                assert_never(event)

    def close(self) -> bytes:
        """Return the usage chunk if it was asked for, and the closing mark; nothing after an error."""
        if self._broken:
            return b""
        usage = usage_object(self._usage) if self._include_usage else None
        if usage is None:
            return DONE
        return _frame({**self._base, "choices": [], "usage": usage}) + DONE

    def fail(self, error: EcluseError) -> bytes:
        """Return the error; the stream stays without its closing mark."""
        return self._error(error_object(error, "en"))

    def _error(self, body: Mapping[str, object]) -> bytes:
        self._broken = True
        return _frame({"error": body})

    def _text(self, event: Text) -> bytes:
        if event.channel is Channel.SIGNED and not event.s:
            return b""  # a signature, which this format has no word for
        return self._chunk(event.choice, {FIELD[event.channel]: event.s}, raw=event.raw)

    def _tool(self, event: ToolArgs) -> bytes:
        call: dict[str, object] = {"index": event.index}
        function: dict[str, object] = {"arguments": event.s}
        if event.name is not None:
            function["name"] = event.name
        if (event.choice, event.index) not in self._called:
            self._called.add((event.choice, event.index))
            call |= {"id": event.id or call_id(self._id, event.choice, event.index), "type": "function"}
        return self._chunk(event.choice, {"tool_calls": [{**call, "function": function}]})

    def _chunk(
        self, index: int, delta: dict[str, object], *, raw: Mapping[str, Json] | None = None, finish: str | None = None
    ) -> bytes:
        if index not in self._begun:
            self._begun.add(index)
            delta = {"role": "assistant", "content": None if "tool_calls" in delta else "", **delta}
        choice: dict[str, object] = {"index": index, "delta": delta, "finish_reason": finish}
        if raw:
            choice = {**choice_rest(raw), **choice, "delta": {**delta_rest(raw), **delta}}
        chunk = {**self._base, **self._once, "choices": [choice], **self._tail}
        self._once = {}
        return _frame(chunk)

    def _opaque(self, raw: Json) -> bytes:
        """Write what has no word: the rest of a choice at once, the rest of an answer with the next chunk."""
        if not isinstance(raw, Mapping):
            return b""
        self._once |= top_rest(raw)
        choices = raw.get("choices")
        out = b""
        for choice in choices if isinstance(choices, list) else []:
            if isinstance(choice, Mapping) and isinstance(index := choice.get("index"), int):
                out += self._chunk(index, {}, raw=choice)
        return out


def _frame(body: Mapping[str, object]) -> bytes:
    return b"data: " + msgspec.json.encode(body) + b"\n\n"
