"""Reads an answer of Converse, whole in JSON or as a binary event stream, into events.

Law: the first byte tells which it is. Reasoning goes on the `signed` channel with its signature, never altered. Cached
tokens are part of what was read in. An exception inside the stream is a failure, whatever the status was; its words
reach nobody but through unmask. An answer without its reason to stop was cut short, and says so.
"""

from collections.abc import Mapping, Sequence

from ecluse.domain.errors import ProviderError
from ecluse.domain.event import Begin, Channel, Event, Finish, Opaque, Text, UpstreamError, Usage
from ecluse.domain.request import Json
from ecluse.passage.send.answer import BODY, read_object
from ecluse.passage.send.blocks_read import BLOCKS, REASONS, BlockCalls, index_of, object_of, reason_of, text_of
from ecluse.passage.send.event_stream import Message, Messages
from ecluse.passage.send.faults import MESSAGE
from ecluse.passage.send.rest import bounded, count

_REASONS = REASONS | {"guardrail_intervened": "content_filter", "content_filtered": "content_filter"}
_BROKEN = frozenset({"malformed_model_output", "malformed_tool_use"})
_EXCEPTIONS = {
    "throttlingException": "upstream_rate_limited",
    "validationException": "upstream_rejected",
    "modelTimeoutException": "upstream_timeout",
}
_CACHED = {
    "cacheReadInputTokens": "cache_read_input_tokens",
    "cacheWriteInputTokens": "cache_creation_input_tokens",
}
"""Converse's names of what Anthropic counts in the same way."""


class BedrockReader:
    """Reads one answer. `back` gives tool call ids their originals."""

    def __init__(self, *, back: Mapping[str, str]) -> None:
        self._messages = Messages()
        self._body: bytearray | None = None
        self._calls = BlockCalls(back)
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
                self._start(index_of(said, "contentBlockIndex"), object_of(said, "start"), events)
            case "contentBlockDelta":
                self._delta(index_of(said, "contentBlockIndex"), object_of(said, "delta"), events)
            case "contentBlockStop":
                events += self._calls.end(index_of(said, "contentBlockIndex"))
            case "messageStop":
                self._end(said.get("stopReason"), events)
            case "metadata":
                _usage(said.get("usage"), events)
            case _:
                pass

    def _whole(self, said: Mapping[str, Json], events: list[Event]) -> None:
        events.append(Begin())
        message = object_of(object_of(said, "output"), "message")
        content = message.get("content")
        if not isinstance(content, list):
            raise ProviderError("upstream_malformed", "content")
        for index, block in enumerate(content):
            if not isinstance(block, Mapping):
                raise ProviderError("upstream_malformed", "content")
            if "toolUse" in block:
                self._start(index, block, events)
                events += self._calls.end(index)
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
        events.append(self._calls.begin(index, use.get("toolUseId"), use.get("name"), use.get("input")))

    def _delta(self, index: int, delta: Mapping[str, Json], events: list[Event]) -> None:
        self._see(index)
        use, reasoning = delta.get("toolUse"), delta.get("reasoningContent")
        if "text" in delta:
            if said := text_of(delta["text"]):
                events.append(Text(choice=0, channel=Channel.CONTENT, s=said))
        elif isinstance(use, Mapping):
            events += self._calls.grow(index, use.get("input"))
        elif isinstance(reasoning, Mapping):
            self._reasoning(reasoning, events)
        else:
            raw: dict[str, Json] = {"choices": [{"index": 0, "delta": {"content_block_deltas": [dict(delta)]}}]}
            events.append(Opaque(raw=bounded(raw)))

    def _reasoning(self, said: Json, events: list[Event]) -> None:
        if not isinstance(said, Mapping):
            raise ProviderError("upstream_malformed", "reasoningContent")
        if said.get("text"):
            events.append(Text(choice=0, channel=Channel.SIGNED, s=text_of(said["text"])))
        if said.get("signature"):
            raw: dict[str, Json] = {"signature": text_of(said["signature"])}
            events.append(Text(choice=0, channel=Channel.SIGNED, s="", raw=raw))
        if said.get("redactedContent"):
            raw = {"redacted_thinking": text_of(said["redactedContent"])}
            events.append(Text(choice=0, channel=Channel.SIGNED, s="", raw=raw))

    def _see(self, index: int) -> None:
        self._seen.add(index)
        if len(self._seen) > BLOCKS:
            raise ProviderError("upstream_malformed", f"blocks > {BLOCKS}")

    def _end(self, reason: Json, events: list[Event]) -> None:
        reason = reason_of(reason, "stopReason")
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
    cached: dict[str, Json] = {
        name: n for theirs, name in _CACHED.items() if (n := count(usage.get(theirs))) is not None
    }
    read = count(usage.get("inputTokens"))
    whole = None if read is None else read + sum(n for n in cached.values() if isinstance(n, int))
    events.append(Usage(tokens_in=whole, tokens_out=count(usage.get("outputTokens")), raw=cached))
