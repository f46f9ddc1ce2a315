"""Reads an answer of OpenAI's Responses, streamed or whole, into events.

Law: a stream's texts come once, from their deltas, though the format repeats them in every closing event. An answer
without its last event was cut short; one that failed is a failure under status 200. What the provider would have run
itself (a search, an interpreter) travels as it came: none was asked for.
"""

from collections.abc import Mapping, Sequence

from ecluse.domain.citations import moved_by
from ecluse.domain.errors import ProviderError
from ecluse.domain.event import Begin, Channel, Event, Finish, Opaque, Text, ToolArgs, UpstreamError, Usage
from ecluse.domain.request import Json
from ecluse.passage.send.answer import Answer, read_object
from ecluse.passage.send.calls_read import CALLS, NAME
from ecluse.passage.send.faults import fault_inside
from ecluse.passage.send.rest import bounded, count
from ecluse.passage.send.sse import Frame

ITEMS = 1024
"""Most items in one answer."""
URL = "url_citation"
_TEXTS = {
    "response.output_text.delta": Channel.CONTENT,
    "response.refusal.delta": Channel.REFUSAL,
    "response.reasoning_text.delta": Channel.REASONING,
    "response.reasoning_summary_text.delta": Channel.REASONING,
}
_PARTS = {"output_text": ("text", Channel.CONTENT), "refusal": ("refusal", Channel.REFUSAL)}
_LAST = frozenset({"response.completed", "response.incomplete", "response.failed"})


class ResponsesReader:
    """Reads one answer, streamed or `gathered`."""

    def __init__(self, *, gathered: bool) -> None:
        self._answer = Answer(gathered=gathered)
        self._calls: dict[int, int] = {}
        self._filled: set[int] = set()
        self._over = False
        self._speaking: Json = None
        self._said = self._before = 0

    def feed(self, chunk: bytes) -> Sequence[Event]:
        """Return the events completed by `chunk`. Raises ProviderError."""
        return self._read(self._answer.feed(chunk))

    def end(self) -> Sequence[Event]:
        """Return what was left. Raises ProviderError if the answer is cut short."""
        events = self._read(self._answer.end())
        if not self._over:
            raise ProviderError("upstream_malformed", "cut short")
        return events

    def _read(self, frames: list[Frame]) -> list[Event]:
        events: list[Event] = []
        for frame in frames:
            if self._over:
                break
            if frame.data.strip():
                self._frame(read_object(frame.data), events)
        return events

    def _frame(self, said: Mapping[str, Json], events: list[Event]) -> None:
        kind = said.get("type")
        failure = fault_inside(said, is_error=kind == "error")
        if failure is not None:
            self._over = True
            events.append(failure)
        elif said.get("object") == "response":
            self._whole(said, events)
        elif isinstance(kind, str) and kind in _TEXTS:
            if text := _text(said.get("delta")):
                self._say(
                    [_place(said), said.get("content_index")], Text(choice=0, channel=_TEXTS[kind], s=text), events
                )
        elif kind == "response.created":
            events.append(_begin(_object(said, "response")))
        elif kind in _LAST:
            self._end(_object(said, "response"), events)
        else:
            self._of_item(said, events)

    def _of_item(self, said: Mapping[str, Json], events: list[Event]) -> None:
        match said.get("type"):
            case "response.output_item.added":
                self._added(_place(said), _object(said, "item"), events)
            case "response.function_call_arguments.delta":
                self._arguments(_place(said), _text(said.get("delta")), events)
            case "response.output_text.annotation.added":
                events.append(_cited([said.get("annotation")], self._before))
            case "response.output_item.done":
                self._done(_place(said), _object(said, "item"), events)
            case _:
                pass

    def _say(self, place: Json, text: Text, events: list[Event]) -> None:
        """Take a piece of a text; count what other items said before it, since its citations count from its own."""
        if text.channel is Channel.CONTENT:
            if place != self._speaking:
                self._speaking, self._before = place, self._said
            self._said += len(text.s)
        events.append(text)

    # -------------------------------------------------------------- items
    def _added(self, place: int, item: Mapping[str, Json], events: list[Event]) -> None:
        if item.get("type") != "function_call":
            return
        if len(self._calls) >= CALLS or place in self._calls:
            raise ProviderError("upstream_malformed", f"function_call > {CALLS}")
        id_, name = _text(item.get("call_id")), _text(item.get("name"))
        if len(id_) > NAME or len(name) > NAME:
            raise ProviderError("upstream_malformed", f"tool call's id or name > {NAME}")
        self._calls[place] = len(self._calls)
        said = _text(item.get("arguments") or "")
        if said:
            self._filled.add(place)
        events.append(ToolArgs(choice=0, index=self._calls[place], s=said, id=id_ or None, name=name))

    def _arguments(self, place: int, said: str, events: list[Event]) -> None:
        if place not in self._calls:
            raise ProviderError("upstream_malformed", "function_call")
        if said:
            self._filled.add(place)
            events.append(ToolArgs(choice=0, index=self._calls[place], s=said))

    def _done(self, place: int, item: Mapping[str, Json], events: list[Event]) -> None:
        """Take what only the closing event says: a call's arguments without a delta, an item that has no delta."""
        kind = item.get("type")
        if kind == "function_call":
            if place not in self._calls:
                self._added(place, item, events)
            elif place not in self._filled:
                self._arguments(place, _text(item.get("arguments") or ""), events)
        elif kind not in {"message", "reasoning"}:
            events.append(_beside(item))

    def _whole(self, response: Mapping[str, Json], events: list[Event]) -> None:
        events.append(_begin(response))
        output = response.get("output")
        if not isinstance(output, list) or len(output) > ITEMS:
            raise ProviderError("upstream_malformed", "output")
        for place, item in enumerate(output):
            if not isinstance(item, Mapping):
                raise ProviderError("upstream_malformed", "output")
            match item.get("type"):
                case "message":
                    self._parts(place, item.get("content"), events)
                case "reasoning":
                    thought = [*_list(item.get("summary")), *_list(item.get("content"))]
                    texts = [_text(_member(part, "text")) for part in thought]
                    events += [Text(choice=0, channel=Channel.REASONING, s=text) for text in texts if text]
                case "function_call":
                    self._added(place, item, events)
                case _:
                    events.append(_beside(item))
        self._end(response, events)

    def _parts(self, place: int, content: Json, events: list[Event]) -> None:
        for i, part in enumerate(_list(content)):
            name, channel = _PARTS.get(str(_member(part, "type")), ("", Channel.CONTENT))
            if name and (text := _text(_member(part, name))):
                self._say([place, i], Text(choice=0, channel=channel, s=text), events)
            if cited := _list(_member(part, "annotations")):
                events.append(_cited(cited, self._before))

    # -------------------------------------------------------------- the end
    def _end(self, response: Mapping[str, Json], events: list[Event]) -> None:
        self._over = True
        failure = fault_inside(response)
        if failure is not None or response.get("status") == "failed":
            events.append(failure or UpstreamError(code="upstream_error", message=""))
            return
        details = response.get("incomplete_details")
        why = details.get("reason") if isinstance(details, Mapping) else None
        reason = {"max_output_tokens": "length", "content_filter": "content_filter"}.get(str(why), "stop")
        events.append(Finish(choice=0, reason="tool_calls" if self._calls and reason == "stop" else reason))
        usage = response.get("usage")
        if isinstance(usage, Mapping):
            events.append(_usage(usage))


def _usage(usage: Mapping[str, Json]) -> Usage:
    """Return the usage with its details under the names that chat has for them."""
    details: dict[str, Json] = {
        name: held
        for name, theirs in (
            ("prompt_tokens_details", "input_tokens_details"),
            ("completion_tokens_details", "output_tokens_details"),
        )
        if isinstance(held := usage.get(theirs), Mapping) and held
    }
    return Usage(
        tokens_in=count(usage.get("input_tokens")), tokens_out=count(usage.get("output_tokens")), raw=bounded(details)
    )


def _begin(response: Mapping[str, Json]) -> Begin:
    id_, model = response.get("id"), response.get("model")
    return Begin(
        id=id_ if isinstance(id_, str) else "",
        model=model if isinstance(model, str) else "",
        created=count(response.get("created_at")) or 0,
    )


def _cited(annotations: Sequence[Json], before: int) -> Event:
    """Return citations in the shape that chat has for them: it counts from where the answer begins."""
    told: list[Json] = []
    for one in annotations:
        if not isinstance(one, Mapping):
            raise ProviderError("upstream_malformed", "annotations")
        moved = moved_by(one, before)
        inner = {name: value for name, value in moved.items() if name != "type"}
        told.append({"type": URL, URL: inner} if one.get("type") == URL else moved)
    return Opaque(raw=bounded({"choices": [{"index": 0, "delta": {"annotations": told}}]}))


def _beside(item: Mapping[str, Json]) -> Event:
    return Opaque(raw=bounded({"output": [dict(item)]}))


def _list(value: Json) -> Sequence[Json]:
    if not isinstance(value, list | None):
        raise ProviderError("upstream_malformed", "content")
    return value or ()


def _member(value: Json, name: str) -> Json:
    return value.get(name) if isinstance(value, Mapping) else None


def _object(said: Mapping[str, Json], name: str) -> Mapping[str, Json]:
    value = said.get(name)
    if not isinstance(value, Mapping):
        raise ProviderError("upstream_malformed", name)
    return value


def _place(said: Mapping[str, Json]) -> int:
    place = said.get("output_index")
    if type(place) is not int or not 0 <= place < ITEMS:
        raise ProviderError("upstream_malformed", "output_index")
    return place


def _text(value: Json) -> str:
    if not isinstance(value, str):
        raise ProviderError("upstream_malformed", "text")
    return value
