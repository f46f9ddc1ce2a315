"""Reads an answer of Anthropic's, streamed or whole, into events.

Law: a whole message is read by the same pieces as a stream: a block begins, grows and ends. Reasoning goes on the
`signed` channel with its signature, never altered. Cached tokens are part of what was read in, so they are counted
there. An answer without its end was cut short, and says so; an event that is not known is skipped, as Anthropic asks of
clients.
"""

from collections.abc import Mapping, Sequence

from ecluse.domain.errors import ProviderError
from ecluse.domain.event import Begin, Channel, Event, Finish, Opaque, Text, Usage
from ecluse.domain.request import Json
from ecluse.passage.send.answer import Answer, read_object
from ecluse.passage.send.blocks_read import BLOCKS, REASONS, BlockCalls, index_of, object_of, reason_of, text_of
from ecluse.passage.send.faults import fault_inside
from ecluse.passage.send.rest import bounded, count
from ecluse.passage.send.sse import Frame

_REASONS = REASONS | {"refusal": "content_filter"}
_PLAIN = frozenset({"end_turn", "max_tokens", "tool_use", "refusal"})
"""Reasons that the neutral word says whole."""
_CACHED = ("cache_creation_input_tokens", "cache_read_input_tokens")
_SPANS = ("ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens")
"""For how long it was written: each has a price of its own."""


class AnthropicReader:
    """Reads one answer, streamed or `gathered`. `back` gives tool call ids their originals.

    `blocks` is whether where one text ends and the next begins matters: each has its own citations.
    """

    def __init__(self, *, gathered: bool, back: Mapping[str, str], blocks: bool = False) -> None:
        self._apart = blocks
        self._answer = Answer(gathered=gathered)
        self._blocks: dict[int, str] = {}
        self._calls = BlockCalls(back)
        self._hosted: dict[int, tuple[Mapping[str, Json], list[str]]] = {}
        self._tokens: dict[str, int] = {}
        self._spans: dict[str, Json] = {}
        self._finished = False
        self._done = False

    def feed(self, chunk: bytes) -> Sequence[Event]:
        """Return the events completed by `chunk`. Raises ProviderError."""
        return self._read(self._answer.feed(chunk))

    def end(self) -> Sequence[Event]:
        """Return what was left. Raises ProviderError if the answer is cut short."""
        events = self._read(self._answer.end())
        if not self._done:
            raise ProviderError("upstream_malformed", "cut short")
        return events

    def _read(self, frames: list[Frame]) -> list[Event]:
        events: list[Event] = []
        for frame in frames:
            if self._done:
                break
            if frame.data.strip():
                self._frame(read_object(frame.data), events, is_error=frame.event == b"error")
        return events

    def _frame(self, said: Mapping[str, Json], events: list[Event], *, is_error: bool) -> None:
        failure = fault_inside(said, is_error=is_error)
        if failure is not None:
            self._done = True
            events.append(failure)
            return
        match said.get("type"):
            case "message":
                self._whole(said, events)
            case "message_start":
                self._begin(object_of(said, "message"), events)
            case "content_block_start":
                self._start(index_of(said, "index"), object_of(said, "content_block"), events)
            case "content_block_delta":
                self._delta(index_of(said, "index"), object_of(said, "delta"), events)
            case "content_block_stop":
                self._stop(index_of(said, "index"), events)
            case "message_delta":
                self._end(object_of(said, "delta"), said.get("usage"), events)
            case "message_stop":
                self._stopped()
            case _:
                pass

    def _whole(self, message: Mapping[str, Json], events: list[Event]) -> None:
        self._begin(message, events)
        content = message.get("content")
        if not isinstance(content, list):
            raise ProviderError("upstream_malformed", "content")
        for index, block in enumerate(content):
            if not isinstance(block, Mapping):
                raise ProviderError("upstream_malformed", "content")
            self._start(index, block, events)
            self._stop(index, events)
        self._end(message, None, events)
        self._stopped()

    def _begin(self, message: Mapping[str, Json], events: list[Event]) -> None:
        id_, model = message.get("id"), message.get("model")
        events.append(
            Begin(id=id_ if isinstance(id_, str) else "", model=model if isinstance(model, str) else "", created=0)
        )
        self._usage(message.get("usage"), events)

    def _stopped(self) -> None:
        if not self._finished:
            raise ProviderError("upstream_malformed", "stop_reason")
        self._done = True

    # -------------------------------------------------------------- blocks
    def _start(self, index: int, block: Mapping[str, Json], events: list[Event]) -> None:
        kind = block.get("type")
        if not isinstance(kind, str) or len(self._blocks) >= BLOCKS or index in self._blocks:
            raise ProviderError("upstream_malformed", "content_block")
        self._blocks[index] = kind
        match kind:
            case "text":
                if self._apart and self._blocks.get(index - 1) == "text":
                    events.append(_beside({"content_blocks": [{"type": "text"}]}))
                self._say(block.get("text"), Channel.CONTENT, events)
                cited = block.get("citations")
                if isinstance(cited, list) and cited:
                    told: list[Json] = [{"type": "citations_delta", "citation": one} for one in cited]
                    events.append(_beside({"content_block_deltas": told}))
            case "tool_use":
                events.append(self._calls.begin(index, block.get("id"), block.get("name"), block.get("input")))
            case "thinking":
                self._say(block.get("thinking"), Channel.SIGNED, events)
                self._sign(block.get("signature"), events)
            case "redacted_thinking":
                raw = {"redacted_thinking": text_of(block.get("data"))}
                events.append(Text(choice=0, channel=Channel.SIGNED, s="", raw=raw))
            case _ if isinstance(block.get("input"), Mapping):  # a hosted tool's call: its input comes in pieces
                self._hosted[index] = (block, [])
            case _:
                events.append(_beside({"content_blocks": [dict(block)]}))

    def _delta(self, index: int, delta: Mapping[str, Json], events: list[Event]) -> None:
        if index not in self._blocks:
            raise ProviderError("upstream_malformed", "content_block")
        match delta.get("type"):
            case "text_delta":
                self._say(delta.get("text"), Channel.CONTENT, events)
            case "input_json_delta" if index in self._calls:
                events += self._calls.grow(index, delta.get("partial_json"))
            case "input_json_delta" if index in self._hosted:
                self._hosted[index][1].append(text_of(delta.get("partial_json")))
            case "thinking_delta":
                self._say(delta.get("thinking"), Channel.SIGNED, events)
            case "signature_delta":
                self._sign(delta.get("signature"), events)
            case _:
                events.append(_beside({"content_block_deltas": [dict(delta)]}))

    def _stop(self, index: int, events: list[Event]) -> None:
        """Give a call that had no arguments the empty object that it means, and a hosted tool's call its input."""
        if index in self._hosted:
            block, pieces = self._hosted.pop(index)
            given = read_object("".join(pieces).encode()) if any(pieces) else block.get("input")
            events.append(_beside({"content_blocks": [{**block, "input": given}]}))
        events += self._calls.end(index)

    def _say(self, said: Json, channel: Channel, events: list[Event]) -> None:
        if text := text_of(said):
            events.append(Text(choice=0, channel=channel, s=text))

    def _sign(self, signature: Json, events: list[Event]) -> None:
        if signature:
            events.append(Text(choice=0, channel=Channel.SIGNED, s="", raw={"signature": text_of(signature)}))

    # -------------------------------------------------------------- the end
    def _end(self, delta: Mapping[str, Json], usage: Json, events: list[Event]) -> None:
        reason = delta.get("stop_reason")
        if reason is not None and not self._finished:
            reason = reason_of(reason, "stop_reason")
            raw: dict[str, Json] = {}
            if reason not in _PLAIN:
                raw = {"stop_reason": reason}
                if isinstance(sequence := delta.get("stop_sequence"), str):
                    raw["stop_sequence"] = sequence
            events.append(Finish(choice=0, reason=_REASONS.get(reason, reason), raw=raw))
            self._finished = True
        self._usage(usage, events)

    def _usage(self, usage: Json, events: list[Event]) -> None:
        """Take what is counted so far: every count is of the whole answer, so the last of each counts."""
        if not isinstance(usage, Mapping):
            return
        for name in ("input_tokens", "output_tokens", *_CACHED):
            if (counted := count(usage.get(name))) is not None:
                self._tokens[name] = counted
        if isinstance(spans := usage.get("cache_creation"), Mapping):
            self._spans = {name: counted for name in _SPANS if (counted := count(spans.get(name))) is not None}
        tokens_in = None
        if "input_tokens" in self._tokens:
            tokens_in = sum(self._tokens.get(name, 0) for name in ("input_tokens", *_CACHED))
        cached: dict[str, Json] = {name: self._tokens[name] for name in _CACHED if name in self._tokens}
        raw = cached | ({"cache_creation": self._spans} if self._spans else {})
        events.append(Usage(tokens_in=tokens_in, tokens_out=self._tokens.get("output_tokens"), raw=raw))


def _beside(delta: dict[str, Json]) -> Event:
    return Opaque(raw=bounded({"choices": [{"index": 0, "delta": delta}]}))
