"""Writes a whole Anthropic answer: one `message`, made when the last event is in.

Law: blocks stand in the order in which they began, a tool call in one of its own; nothing is invented. Only the first
of several answers has a place: Anthropic's callers cannot ask for more.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from ecluse.domain.dialect import Envelope
from ecluse.domain.errors import EcluseError, error_of
from ecluse.domain.event import Channel, Event, Finish, Opaque, Text, ToolArgs, UpstreamError, Usage
from ecluse.domain.request import Json
from ecluse.passage.admit.anthropic_bodies import error_body, stop_of, usage_object
from ecluse.passage.admit.openai_rest import call_id
from ecluse.passage.admit.strict_json import decode_text


@dataclass(slots=True, kw_only=True)
class _Block:
    """One block in the making; `tool` is the call's index. What is closed takes no more text."""

    kind: str
    tool: int | None = None
    texts: list[str] = field(default_factory=list)
    fields: dict[str, object] = field(default_factory=dict)
    closed: bool = False


class WholeWriter:
    """Gathers one answer and writes it at its end."""

    content_type = "application/json"

    def __init__(self, envelope: Envelope, *, hosted: bool = False) -> None:
        self._envelope = envelope
        self._hosted = hosted
        self._blocks: list[_Block] = []
        self._finish: Finish | None = None
        self._usage: Usage | None = None
        self._refused = False
        self._error: bytes | None = None

    def write(self, event: Event) -> bytes:
        """Keep one event; nothing is sent yet. What has no word in this format stays behind."""
        match event:
            case Text(choice=0):
                self._text(event)
            case ToolArgs(choice=0):
                self._tool(event)
            case Finish(choice=0):
                self._finish = event
            case Usage():
                self._usage = event
            case Opaque(raw=raw) if self._hosted:
                self._beside(raw)
            case UpstreamError():
                self._error = error_body(error_of(event.code), "en")
            case _:
                pass
        return b""

    def close(self) -> bytes:
        """Return the whole body, which is the error if the provider gave one."""
        if self._error is not None:
            return self._error
        called = any(block.tool is not None for block in self._blocks)
        body: dict[str, object] = {
            **message_of(self._envelope),
            "content": [self._written(block) for block in self._blocks],
            **stop_of(self._finish, called=called, refused=self._refused),
            "usage": usage_object(self._usage),
        }
        return msgspec.json.encode(body)

    def fail(self, error: EcluseError) -> bytes:
        """Return the error as the whole body."""
        return error_body(error, "en")

    def _text(self, event: Text) -> None:
        if event.channel is Channel.REFUSAL:
            self._refused = True
        redacted, signature = signed_with(event.raw) if event.channel is Channel.SIGNED else (None, None)
        if redacted is not None:
            self._blocks.append(_Block(kind="redacted_thinking", fields={"data": redacted}, closed=True))
            return
        block = self._open(kind_of(event.channel))
        block.texts.append(event.s)
        if signature is not None:
            block.fields["signature"] = signature
            block.closed = True

    def _beside(self, raw: Json) -> None:
        """Keep what a hosted tool wrote, the citations of a text, and where one text ends and the next begins."""
        for one in hosted_blocks(raw):
            if one.get("type") != "text":
                self._blocks.append(_Block(kind="hosted", fields=dict(one), closed=True))
            elif self._blocks:
                self._blocks[-1].closed = True
        if self._blocks and self._blocks[-1].kind == "text" and (found := citations(raw)):
            held = self._blocks[-1].fields
            before = held.get("citations")
            held["citations"] = [*(before if isinstance(before, list) else ()), *found]

    def _open(self, kind: str) -> _Block:
        if not self._blocks or self._blocks[-1].kind != kind or self._blocks[-1].closed:
            self._blocks.append(_Block(kind=kind))
        return self._blocks[-1]

    def _tool(self, event: ToolArgs) -> None:
        block = next((block for block in self._blocks if block.tool == event.index), None)
        if block is None:
            id_ = event.id or call_id(self._envelope.id, 0, event.index)
            block = _Block(kind="tool_use", tool=event.index, fields={"id": id_, "name": ""})
            self._blocks.append(block)
        block.fields["name"] = f"{block.fields['name']}{event.name or ''}"
        block.texts.append(event.s)

    def _written(self, block: _Block) -> dict[str, object]:
        said = "".join(block.texts)
        match block.kind:
            case "tool_use":
                return {"type": "tool_use", **block.fields, "input": arguments_of(said)}
            case "thinking":
                return {"type": "thinking", "thinking": said, "signature": block.fields.get("signature", "")}
            case "hosted":
                return block.fields
            case "redacted_thinking":
                return {"type": "redacted_thinking", **block.fields}
            case _:
                return {"type": "text", "text": said, "citations": block.fields.get("citations")}


def hosted_blocks(raw: Json) -> list[Mapping[str, Json]]:
    """Return the blocks that a hosted tool wrote, as its provider wrote them; a bare text begins a new one."""
    return _told(raw, "content_blocks")


def citations(raw: Json) -> list[Json]:
    """Return the citations of the text that came before."""
    return [one.get("citation") for one in _told(raw, "content_block_deltas") if one.get("type") == "citations_delta"]


def _told(raw: Json, name: str) -> list[Mapping[str, Json]]:
    choices = raw.get("choices") if isinstance(raw, Mapping) else None
    found: list[Mapping[str, Json]] = []
    for choice in choices if isinstance(choices, list) else ():
        delta = choice.get("delta") if isinstance(choice, Mapping) else None
        blocks = delta.get(name) if isinstance(delta, Mapping) else None
        found += [one for one in (blocks if isinstance(blocks, list) else ()) if isinstance(one, Mapping)]
    return found


def message_of(envelope: Envelope) -> dict[str, object]:
    """Return what an answer says of itself."""
    return {"id": f"msg_{envelope.id}", "type": "message", "role": "assistant", "model": envelope.model}


def kind_of(channel: Channel) -> str:
    """Return the kind of block that a channel's text stands in; a refusal is read like any text."""
    return "thinking" if channel in (Channel.REASONING, Channel.SIGNED) else "text"


def signed_with(raw: Mapping[str, Json]) -> tuple[str | None, str | None]:
    """Return what stands in the place of reasoning that is kept secret, and the signature of reasoning that is not."""
    redacted, signature = raw.get("redacted_thinking"), raw.get("signature")
    return redacted if isinstance(redacted, str) else None, signature if isinstance(signature, str) else None


def arguments_of(said: str) -> Json:
    """Return a call's arguments as the object that this format wants; what a model wrote otherwise stands in `raw`."""
    if not said.strip():
        return {}
    try:
        value, _ = decode_text(said)
    except EcluseError:
        value = said
    return value if isinstance(value, Mapping) else {"raw": said}
