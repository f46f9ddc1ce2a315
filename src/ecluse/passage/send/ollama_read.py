"""Reads an answer of Ollama's: lines of JSON, one of them when it is whole.

Law: any split of the same bytes gives the same events. A call of a function comes whole, mostly without an id; the
tokens stand in the last line. An answer without a line that says `done` was cut short.
"""

from collections.abc import Mapping, Sequence

import msgspec

from ecluse.domain.errors import ProviderError
from ecluse.domain.event import Begin, Channel, Event, Finish, Text, ToolArgs, UpstreamError, Usage, Vector
from ecluse.domain.request import Json
from ecluse.passage.send.answer import BODY, read_object
from ecluse.passage.send.calls_read import CALLS, NAME
from ecluse.passage.send.faults import MESSAGE
from ecluse.passage.send.rest import bounded, count
from ecluse.passage.send.vectors_read import BODY as VECTORS
from ecluse.passage.send.vectors_read import numbers

LINE = 1024 * 1024
"""Most bytes of one line of a stream."""
_REASON = 32


class Lines:
    """Cuts an answer into lines; an empty one is none."""

    def __init__(self, limit: int) -> None:
        self._held = bytearray()
        self._limit = limit

    def feed(self, chunk: bytes) -> list[bytes]:
        """Return the lines that `chunk` completes. Raises ProviderError beyond the limit."""
        *lines, rest = (bytes(self._held) + chunk).split(b"\n")
        self._held = bytearray(rest)
        if max(map(len, (*lines, rest))) > self._limit:
            raise ProviderError("upstream_malformed", f"line > {self._limit}")
        return [line for line in lines if line.strip()]

    def end(self) -> list[bytes]:
        """Return the line that was left open."""
        held = bytes(self._held).strip()
        return [held] if held else []


class OllamaReader:
    """Reads one answer, streamed or `gathered`."""

    def __init__(self, *, gathered: bool) -> None:
        self._lines = Lines(BODY if gathered else LINE)
        self._begun = False
        self._calls = 0
        self._over = False

    def feed(self, chunk: bytes) -> Sequence[Event]:
        """Return the events completed by `chunk`. Raises ProviderError."""
        return self._read(self._lines.feed(chunk))

    def end(self) -> Sequence[Event]:
        """Return what was left. Raises ProviderError if the answer is cut short."""
        events = self._read(self._lines.end())
        if not self._over:
            raise ProviderError("upstream_malformed", "cut short")
        return events

    def _read(self, lines: list[bytes]) -> list[Event]:
        events: list[Event] = []
        for line in lines:
            if self._over:
                break
            self._line(read_object(line), events)
        return events

    def _line(self, said: Mapping[str, Json], events: list[Event]) -> None:
        if said.get("error") is not None:
            self._over = True
            events.append(_failure(said))
            return
        if not self._begun:
            self._begun = True
            model = said.get("model")
            events.append(Begin(model=model if isinstance(model, str) else ""))
        message = said.get("message")
        if isinstance(message, Mapping):
            self._message(message, events)
        if said.get("done") is True:
            self._over = True
            self._done(said, events)

    def _message(self, message: Mapping[str, Json], events: list[Event]) -> None:
        for name, channel in (("thinking", Channel.REASONING), ("content", Channel.CONTENT)):
            text = message.get(name)
            if not isinstance(text, str | None):
                raise ProviderError("upstream_malformed", name)
            if text:
                events.append(Text(choice=0, channel=channel, s=text))
        calls = message.get("tool_calls")
        if not isinstance(calls, list | None):
            raise ProviderError("upstream_malformed", "tool_calls")
        events += [self._call(call) for call in calls or []]

    def _call(self, call: Json) -> Event:
        function = call.get("function") if isinstance(call, Mapping) else None
        name = function.get("name") if isinstance(function, Mapping) else None
        given = function.get("arguments") if isinstance(function, Mapping) else None
        id_ = call.get("id") if isinstance(call, Mapping) else None
        if not isinstance(name, str) or not isinstance(given, Mapping | None) or not isinstance(id_, str | None):
            raise ProviderError("upstream_malformed", "tool_calls")
        if self._calls >= CALLS or len(name) > NAME or len(id_ or "") > NAME:
            raise ProviderError("upstream_malformed", f"tool_calls > {CALLS}")
        arguments = msgspec.json.encode(bounded(dict(given or {}))).decode()
        self._calls += 1
        return ToolArgs(choice=0, index=self._calls - 1, s=arguments, id=id_ or None, name=name)

    def _done(self, said: Mapping[str, Json], events: list[Event]) -> None:
        reason = said.get("done_reason") or "stop"
        if not isinstance(reason, str) or len(reason) > _REASON:
            raise ProviderError("upstream_malformed", "done_reason")
        events.append(Finish(choice=0, reason="tool_calls" if self._calls and reason == "stop" else reason))
        events.append(Usage(tokens_in=count(said.get("prompt_eval_count")), tokens_out=count(said.get("eval_count"))))


def _failure(said: Mapping[str, Json]) -> UpstreamError:
    error = said["error"]
    return UpstreamError(code="upstream_error", message=error[:MESSAGE] if isinstance(error, str) else "")


class OllamaVectors:
    """Reads the embeddings of `inputs` texts."""

    def __init__(self, inputs: int) -> None:
        self._lines = Lines(VECTORS)
        self._whole: list[bytes] = []
        self._inputs = inputs

    def feed(self, chunk: bytes) -> Sequence[Event]:
        """Gather bytes; a list of embeddings is read whole. Raises ProviderError beyond the caps."""
        self._whole += self._lines.feed(chunk)
        return ()

    def end(self) -> Sequence[Event]:
        """Return the events of the whole list. Raises ProviderError."""
        said = read_object(b"".join([*self._whole, *self._lines.end()]))
        if said.get("error") is not None:
            return (_failure(said),)
        found, model = said.get("embeddings"), said.get("model")
        if not isinstance(found, list) or len(found) != self._inputs:
            raise ProviderError("upstream_malformed", "embeddings")
        vectors = [Vector(index=index, values=numbers(values)) for index, values in enumerate(found)]
        begin = Begin(model=model if isinstance(model, str) else "")
        return (begin, *vectors, Usage(tokens_in=count(said.get("prompt_eval_count")), tokens_out=0))
