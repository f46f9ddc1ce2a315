"""Writes a streamed Anthropic answer: message_start, blocks one after the other, message_delta, message_stop.

Law: one block is open at a time. What belongs to another while a tool call is open waits until the end, since nothing
says sooner that a call's arguments are complete. Tokens are counted in message_delta, when they are known;
message_start has what was known then, else 0, as in every stream of Anthropic's. `message_stop` closes a stream that
ended well and no other. Reference: Anthropic, "Streaming messages".
"""

from collections.abc import Mapping

import msgspec

from ecluse.domain.dialect import Envelope
from ecluse.domain.errors import EcluseError, error_of
from ecluse.domain.event import Begin, Channel, Event, Finish, Opaque, Text, ToolArgs, UpstreamError, Usage
from ecluse.domain.request import Json
from ecluse.passage.admit.anthropic_bodies import error_event, stop_of, usage_object
from ecluse.passage.admit.anthropic_whole import citations, hosted_blocks, kind_of, message_of, signed_with
from ecluse.passage.admit.openai_rest import call_id


class StreamWriter:
    """Writes one answer as it comes."""

    content_type = "text/event-stream"

    def __init__(self, envelope: Envelope, *, hosted: bool = False) -> None:
        self._envelope = envelope
        self._hosted = hosted
        self._begun = False
        self._broken = False
        self._open: str | int | None = None
        self._count = 0
        self._waiting: dict[str | int, list[Text | ToolArgs]] = {}
        self._called = False
        self._refused = False
        self._finish: Finish | None = None
        self._usage: Usage | None = None

    def write(self, event: Event) -> bytes:
        """Return what to send of one event. What has no word in this format stays behind."""
        if self._broken:
            return b""
        match event:
            case Usage():
                self._usage = event
            case Finish(choice=0):
                self._finish = event
            case Text(choice=0) | ToolArgs(choice=0):
                return self._start() + self._piece(event)
            case Opaque(raw=raw) if self._hosted:
                return b"".join(self._start() + self._block(one) for one in hosted_blocks(raw)) + self._cited(raw)
            case UpstreamError():
                return self.fail(error_of(event.code))
            case Begin() | _:
                pass
        return b""

    def close(self) -> bytes:
        """Return what waited, the reason and the tokens, and the closing mark; nothing after an error."""
        if self._broken:
            return b""
        out = self._start() + self._stop()
        for place, events in self._waiting.items():
            whole = b"".join(self._written(event, place) for event in events)
            out += whole + self._stop()
        delta = stop_of(self._finish, called=self._called, refused=self._refused)
        out += _frame({"type": "message_delta", "delta": delta, "usage": usage_object(self._usage)})
        return out + _frame({"type": "message_stop"})

    def fail(self, error: EcluseError) -> bytes:
        """Return the error; the stream stays without its closing mark."""
        self._broken = True
        return _frame(error_event(error, "en"))

    def _start(self) -> bytes:
        if self._begun:
            return b""
        self._begun = True
        usage = {name: count for name, count in usage_object(self._usage).items() if count is not None}
        message = {
            **message_of(self._envelope),
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": {"input_tokens": 0, "output_tokens": 0, **usage},
        }
        return _frame({"type": "message_start", "message": message}) + _frame({"type": "ping"})

    def _cited(self, raw: Json) -> bytes:
        """Write the citations of the text that is open."""
        if self._open != "text":
            return b""
        return b"".join(self._delta({"type": "citations_delta", "citation": one}) for one in citations(raw))

    def _block(self, block: Mapping[str, object]) -> bytes:
        """Write a block of a hosted tool, which comes whole; an input goes in a delta, as this format has it.

        A bare text says that the one before it ended.
        """
        if block.get("type") == "text":
            return self._stop() if self._open == "text" else b""
        given = block.get("input")
        out = self._stop()
        self._open = "hosted"
        begun = {**block, "input": {}} if isinstance(given, Mapping) else block
        out += _frame({"type": "content_block_start", "index": self._count, "content_block": begun})
        if isinstance(given, Mapping) and given:
            out += self._delta({"type": "input_json_delta", "partial_json": msgspec.json.encode(given).decode()})
        return out + self._stop()

    def _piece(self, event: Text | ToolArgs) -> bytes:
        place: str | int = event.index if isinstance(event, ToolArgs) else kind_of(event.channel)
        if isinstance(event, ToolArgs):
            self._called = True
        elif event.channel is Channel.REFUSAL:
            self._refused = True
        if isinstance(self._open, int) and place != self._open:
            self._waiting.setdefault(place, []).append(event)
            return b""
        return self._written(event, place)

    def _written(self, event: Text | ToolArgs, place: str | int) -> bytes:
        if isinstance(event, ToolArgs):
            delta = {"type": "input_json_delta", "partial_json": event.s}
            return self._into(place, self._call(event)) + (self._delta(delta) if event.s else b"")
        redacted, signature = signed_with(event.raw) if event.channel is Channel.SIGNED else (None, None)
        if redacted is not None:
            out = self._stop() + self._into(place, {"type": "redacted_thinking", "data": redacted})
            return out + self._stop()
        if place == "text":
            return self._into(place, {"type": "text", "text": ""}) + self._delta(
                {"type": "text_delta", "text": event.s}
            )
        out = self._into(place, {"type": "thinking", "thinking": "", "signature": ""})
        if event.s:
            out += self._delta({"type": "thinking_delta", "thinking": event.s})
        if signature is not None:
            out += self._delta({"type": "signature_delta", "signature": signature}) + self._stop()
        return out

    def _call(self, event: ToolArgs) -> dict[str, object]:
        id_ = event.id or call_id(self._envelope.id, 0, event.index)
        return {"type": "tool_use", "id": id_, "name": event.name or "", "input": {}}

    def _into(self, place: str | int, block: Mapping[str, object]) -> bytes:
        """Open a block if another one, or none, is open."""
        if place == self._open:
            return b""
        out = self._stop()
        self._open = place
        return out + _frame({"type": "content_block_start", "index": self._count, "content_block": block})

    def _delta(self, delta: Mapping[str, object]) -> bytes:
        return _frame({"type": "content_block_delta", "index": self._count, "delta": delta})

    def _stop(self) -> bytes:
        if self._open is None:
            return b""
        self._open = None
        self._count += 1
        return _frame({"type": "content_block_stop", "index": self._count - 1})


def _frame(body: Mapping[str, object]) -> bytes:
    return b"event: " + str(body["type"]).encode() + b"\ndata: " + msgspec.json.encode(body) + b"\n\n"
