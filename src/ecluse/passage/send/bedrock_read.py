"""Reads an answer of Converse, whole in JSON or as a binary event stream, into events.

Law: the first byte tells which it is. Reasoning goes on the `signed` channel with its signature, never altered. Cached
tokens are part of what was read in. An exception inside the stream is a failure, whatever the status was; its words
reach nobody but through unmask. An answer without its reason to stop was cut short, and says so.
"""

from collections.abc import Mapping, Sequence

import msgspec

from ecluse.domain.errors import ProviderError
from ecluse.domain.event import Begin, Channel, Event, Finish, Opaque, Text, ToolArgs, UpstreamError, Usage
from ecluse.domain.request import Json
from ecluse.passage.send.answer import BODY, read_object
from ecluse.passage.send.calls_read import CALLS, NAME
from ecluse.passage.send.event_stream import Message, Messages
from ecluse.passage.send.faults import MESSAGE
from ecluse.passage.send.rest import bounded, count

BLOCKS = 1024
"""Most blocks in one answer."""
_REASON = 64
_REASONS = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tool_calls",
    "guardrail_intervened": "content_filter",
    "content_filtered": "content_filter",
}
_BROKEN = frozenset({"malformed_model_output", "malformed_tool_use"})
_EXCEPTIONS = {
    "throttlingException": "upstream_rate_limited",
    "validationException": "upstream_rejected",
    "modelTimeoutException": "upstream_timeout",
}
_CACHED = ("cacheReadInputTokens", "cacheWriteInputTokens")


class BedrockReader:
    """Reads one answer. `back` gives tool call ids their originals."""

    def __init__(self, *, back: Mapping[str, str]) -> None:
        self._back = back
        self._messages = Messages()
        self._body: bytearray | None = None
        self._calls: dict[int, int] = {}
        self._silent: set[int] = set()
        self._seen: set[int] = set()
        self._began = False
        self._finished = False
        self._failed = False

    def feed(self, chunk: bytes) -> Sequence[Event]:
        """Return the events completed by `chunk`. Raises ProviderError."""
        if not self._began and chunk:
            self._began = True
            self._body = bytearray() if chunk[:1] in (b"{", b" ", b"\n", b"\r") else None
        if self._body is not None:
            self._body += chunk
            if len(self._body) > BODY:
                raise ProviderError("upstream_malformed", f"body > {BODY}")
            return ()
        events: list[Event] = []
        for message in self._messages.feed(chunk):
            if not self._failed:
                self._message(message, events)
        return events

    def end(self) -> Sequence[Event]:
        """Return what was left. Raises ProviderError if the answer is cut short."""
        events: list[Event] = []
        if self._body is not None:
            self._whole(read_object(bytes(self._body)), events)
        elif not self._failed:
            self._messages.end()
        if not (self._finished or self._failed):
            raise ProviderError("upstream_malformed", "cut short")
        return events

    def _message(self, message: Message, events: list[Event]) -> None:
        kind = message.headers.get(":message-type")
        if kind in {"exception", "error"}:
            self._failed = True
            name = message.headers.get(":exception-type") or message.headers.get(":error-code") or ""
            events.append(_exception(name, message.payload))
            return
        said = read_object(message.payload) if message.payload else {}
        match message.headers.get(":event-type"):
            case "messageStart":
                events.append(Begin())
            case "contentBlockStart":
                self._start(_index(said), _object(said, "start"), events)
            case "contentBlockDelta":
                self._delta(_index(said), _object(said, "delta"), events)
            case "contentBlockStop":
                self._stop(_index(said), events)
            case "messageStop":
                self._end(said.get("stopReason"), events)
            case "metadata":
                _usage(said.get("usage"), events)
            case _:
                pass

    def _whole(self, said: Mapping[str, Json], events: list[Event]) -> None:
        events.append(Begin())
        message = _object(_object(said, "output"), "message")
        content = message.get("content")
        if not isinstance(content, list):
            raise ProviderError("upstream_malformed", "content")
        for index, block in enumerate(content):
            if not isinstance(block, Mapping):
                raise ProviderError("upstream_malformed", "content")
            if "toolUse" in block:
                self._start(index, block, events)
                self._stop(index, events)
            elif isinstance(inner := block.get("reasoningContent"), Mapping):
                self._reasoning(inner.get("reasoningText") or inner, events)
            else:
                self._delta(index, block, events)
        self._end(said.get("stopReason"), events)
        _usage(said.get("usage"), events)

    # -------------------------------------------------------------- blocks
    def _start(self, index: int, start: Mapping[str, Json], events: list[Event]) -> None:
        self._see(index)
        use = start.get("toolUse")
        if not isinstance(use, Mapping):
            return
        if len(self._calls) >= CALLS or index in self._calls:
            raise ProviderError("upstream_malformed", f"toolUse > {CALLS}")
        id_, name = _text(use.get("toolUseId")), _text(use.get("name"))
        if len(id_) > NAME or len(name) > NAME:
            raise ProviderError("upstream_malformed", f"tool call's id or name > {NAME}")
        self._calls[index] = len(self._calls)
        given = use.get("input")
        said = msgspec.json.encode(bounded(dict(given))).decode() if isinstance(given, Mapping) and given else ""
        if not said:
            self._silent.add(index)
        events.append(ToolArgs(choice=0, index=self._calls[index], s=said, id=self._back.get(id_, id_), name=name))

    def _delta(self, index: int, delta: Mapping[str, Json], events: list[Event]) -> None:
        self._see(index)
        use, reasoning = delta.get("toolUse"), delta.get("reasoningContent")
        if "text" in delta:
            if said := _text(delta["text"]):
                events.append(Text(choice=0, channel=Channel.CONTENT, s=said))
        elif isinstance(use, Mapping):
            if index not in self._calls:
                raise ProviderError("upstream_malformed", "toolUse")
            if said := _text(use.get("input")):
                self._silent.discard(index)
                events.append(ToolArgs(choice=0, index=self._calls[index], s=said))
        elif isinstance(reasoning, Mapping):
            self._reasoning(reasoning, events)
        else:
            raw: dict[str, Json] = {"choices": [{"index": 0, "delta": {"content_block_deltas": [dict(delta)]}}]}
            events.append(Opaque(raw=bounded(raw)))

    def _reasoning(self, said: Json, events: list[Event]) -> None:
        if not isinstance(said, Mapping):
            raise ProviderError("upstream_malformed", "reasoningContent")
        if said.get("text"):
            events.append(Text(choice=0, channel=Channel.SIGNED, s=_text(said["text"])))
        if said.get("signature"):
            raw: dict[str, Json] = {"signature": _text(said["signature"])}
            events.append(Text(choice=0, channel=Channel.SIGNED, s="", raw=raw))
        if said.get("redactedContent"):
            raw = {"redacted_thinking": _text(said["redactedContent"])}
            events.append(Text(choice=0, channel=Channel.SIGNED, s="", raw=raw))

    def _stop(self, index: int, events: list[Event]) -> None:
        """Give a call that had no arguments the empty object that it means."""
        if index in self._silent:
            self._silent.discard(index)
            events.append(ToolArgs(choice=0, index=self._calls[index], s="{}"))

    def _see(self, index: int) -> None:
        self._seen.add(index)
        if len(self._seen) > BLOCKS:
            raise ProviderError("upstream_malformed", f"blocks > {BLOCKS}")

    def _end(self, reason: Json, events: list[Event]) -> None:
        if not isinstance(reason, str) or len(reason) > _REASON:
            raise ProviderError("upstream_malformed", "stopReason")
        if reason in _BROKEN:
            self._failed = True
            events.append(UpstreamError(code="upstream_malformed", message=""))
            return
        self._finished = True
        events.append(Finish(choice=0, reason=_REASONS.get(reason, reason)))


def _exception(name: str, payload: bytes) -> UpstreamError:
    name = name[:1].lower() + name[1:]
    try:
        message = read_object(payload).get("message")
    except ProviderError:
        message = ""
    return UpstreamError(
        code=_EXCEPTIONS.get(name, "upstream_error"), message=message[:MESSAGE] if isinstance(message, str) else ""
    )


def _usage(usage: Json, events: list[Event]) -> None:
    if not isinstance(usage, Mapping):
        return
    cached: dict[str, Json] = {name: n for name in _CACHED if (n := count(usage.get(name))) is not None}
    read = count(usage.get("inputTokens"))
    whole = None if read is None else read + sum(n for n in cached.values() if isinstance(n, int))
    events.append(Usage(tokens_in=whole, tokens_out=count(usage.get("outputTokens")), raw=cached))


def _object(said: Mapping[str, Json], name: str) -> Mapping[str, Json]:
    value = said.get(name)
    if not isinstance(value, Mapping):
        raise ProviderError("upstream_malformed", name)
    return value


def _index(said: Mapping[str, Json]) -> int:
    index = said.get("contentBlockIndex")
    if type(index) is not int or not 0 <= index < BLOCKS:
        raise ProviderError("upstream_malformed", "contentBlockIndex")
    return index


def _text(value: Json) -> str:
    if not isinstance(value, str):
        raise ProviderError("upstream_malformed", "text")
    return value
