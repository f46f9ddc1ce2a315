"""Writes an OpenAI Responses answer, streamed or whole.

Law: an item is announced, grows and is done; `sequence_number` counts every event. Nothing closes a stream but
`response.completed`, `response.incomplete` or `response.failed`: this format has no other mark. Reference: the event
types in the `openai` package 3.54, November 2026.
"""

from collections.abc import Mapping, Sequence

import msgspec

from ecluse.domain.dialect import Envelope
from ecluse.domain.errors import EcluseError, error_of
from ecluse.domain.event import Event, Finish, Opaque, Text, ToolArgs, UpstreamError, Usage
from ecluse.domain.request import Json, Request
from ecluse.passage.admit.openai_bodies import error_body
from ecluse.passage.admit.responses_answer import Answer, Item

_DELTAS = {
    "output_text": "response.output_text",
    "refusal": "response.refusal",
    "reasoning_text": "response.reasoning_text",
}


class WholeWriter:
    """Gathers one answer and writes it at its end."""

    content_type = "application/json"

    def __init__(self, request: Request, envelope: Envelope) -> None:
        self._answer = Answer(request, envelope)
        self._error: bytes | None = None

    def write(self, event: Event) -> bytes:
        """Keep one event; nothing is sent yet. What has no word in this format stays behind."""
        match event:
            case Text(choice=0, s=s, raw=raw):
                if s:
                    self._answer.text_item(event).texts.append(s)
                self._answer.cite(raw)
            case ToolArgs(choice=0):
                self._answer.call_item(event).texts.append(event.s)
            case Finish(choice=0):
                self._answer.cite(event.raw)
                self._answer.finish = event
            case Usage():
                self._answer.usage = event
            case Opaque(raw=raw):
                self._answer.cite(raw)
                self._answer.hosted_items(raw)
            case UpstreamError():
                self._error = error_body(error_of(event.code), "en")
            case _:
                pass
        return b""

    def output(self) -> Sequence[Mapping[str, Json]]:
        """Return the items of an answer that has ended well, as they are kept in its conversation."""
        return self._answer.ended()

    def close(self) -> bytes:
        """Return the whole body, which is the error if the provider gave one."""
        if self._error is not None:
            return self._error
        status, why = self._answer.status
        for item in self._answer.items:
            item.closed = status == "completed" or item is not self._answer.items[-1]
        return msgspec.json.encode(self._answer.response(status, why=why))

    def fail(self, error: EcluseError) -> bytes:
        """Return the error as the whole body."""
        return error_body(error, "en")


class StreamWriter:
    """Writes one answer as it comes."""

    content_type = "text/event-stream"

    def __init__(self, request: Request, envelope: Envelope) -> None:
        self._answer = Answer(request, envelope)
        self._sequence = 0
        self._begun = False
        self._broken = False
        self._announced = 0

    def write(self, event: Event) -> bytes:
        """Return what to send of one event. What has no word in this format stays behind."""
        if self._broken:
            return b""
        out = b""
        match event:
            case Text(choice=0, s=s, raw=raw):
                out = self._start() + self._grow(self._answer.text_item(event), s) if s else b""
                out += self._cite(raw)
            case ToolArgs(choice=0):
                out = self._start() + self._grow(self._answer.call_item(event), event.s)
            case Finish(choice=0, raw=raw):
                self._answer.finish = event
                out = self._cite(raw)
            case Usage():
                self._answer.usage = event
            case Opaque(raw=raw):
                out = self._cite(raw)
                out += b"".join(self._start() + self._hosted(item) for item in self._answer.hosted_items(raw))
            case UpstreamError():
                out = self.fail(error_of(event.code))
            case _:
                pass
        return out

    def output(self) -> Sequence[Mapping[str, Json]]:
        """Return the items of an answer that has ended well, as they are kept in its conversation."""
        return self._answer.ended()

    def close(self) -> bytes:
        """Return the end of every item and of the answer; nothing after an error."""
        if self._broken:
            return b""
        status, why = self._answer.status
        out, items = self._start(), self._answer.items
        for item in items:
            out += self._done(item, status if item is items[-1] else "completed")
        return out + self._event(f"response.{status}", response=self._answer.response(status, why=why))

    def fail(self, error: EcluseError) -> bytes:
        """Return the failed answer; nothing follows it."""
        self._broken = True
        return self._start() + self._event("response.failed", response=self._answer.response("failed", error=error))

    def _start(self) -> bytes:
        if self._begun:
            return b""
        self._begun = True
        begun = self._answer.response("in_progress")
        return self._event("response.created", response=begun) + self._event("response.in_progress", response=begun)

    def _grow(self, item: Item, piece: str) -> bytes:
        out = b"" if item.place < self._announced else self._announce(item)
        item.texts.append(piece)
        if item.call is not None:
            if not piece:
                return out
            return out + self._of(item, "response.function_call_arguments.delta", delta=piece)
        logprobs: dict[str, object] = {"logprobs": []} if item.part == "output_text" else {}
        return out + self._of(item, f"{_DELTAS[item.part]}.delta", content_index=0, delta=piece, **logprobs)

    def _cite(self, raw: Json) -> bytes:
        """Write the citations that came beside the text."""
        kind = "response.output_text.annotation.added"
        return b"".join(
            self._of(item, kind, content_index=0, annotation_index=place, annotation=item.annotations[place])
            for item, place in self._answer.cite(raw)
        )

    def _hosted(self, item: Item) -> bytes:
        """Write an item of a hosted tool, which comes whole."""
        out = self._close_before(item)
        self._announced += 1
        item.closed = True
        for kind in ("response.output_item.added", "response.output_item.done"):
            out += self._event(kind, output_index=item.place, item=item.written("completed"))
        return out

    def _close_before(self, item: Item) -> bytes:
        return b"".join(
            self._done(before, "completed") for before in self._answer.items[: item.place] if before.call is None
        )

    def _announce(self, item: Item) -> bytes:
        """End the text before, which goes on no more, and begin the item."""
        out = self._close_before(item)
        self._announced += 1
        out += self._event("response.output_item.added", output_index=item.place, item=item.written("in_progress"))
        if item.call is None:
            out += self._of(item, "response.content_part.added", content_index=0, part=item.part_object(""))
        return out

    def _done(self, item: Item, status: str) -> bytes:
        if item.closed:
            return b""
        item.closed = status == "completed"
        said = item.said
        if item.call is not None:
            out = self._of(item, "response.function_call_arguments.done", arguments=said, name=item.name)
        else:
            word: dict[str, object] = {"refusal": said} if item.part == "refusal" else {"text": said}
            if item.part == "output_text":
                word["logprobs"] = []
            out = self._of(item, f"{_DELTAS[item.part]}.done", content_index=0, **word)
            out += self._of(item, "response.content_part.done", content_index=0, part=item.part_object(said))
        return out + self._event("response.output_item.done", output_index=item.place, item=item.written(status))

    def _of(self, item: Item, kind: str, **fields: object) -> bytes:
        return self._event(kind, item_id=item.id, output_index=item.place, **fields)

    def _event(self, kind: str, **fields: object) -> bytes:
        body = {"type": kind, "sequence_number": self._sequence, **fields}
        self._sequence += 1
        return f"event: {kind}\ndata: ".encode() + msgspec.json.encode(body) + b"\n\n"
