"""Events to events, with the originals put back: text by channel, arguments by tool call.

Law: an event leaves as it came, the same object, unless a surrogate in it was exchanged or its end is held back. What
is held leaves before the choice speaks elsewhere, before its Finish, before an UpstreamError and at the end. An Opaque
waits for the text held before it, so that nothing changes places. What stands beside a text is restored too. An answer
that was asked for as JSON is read as JSON: a quote or a line break of an original does not break it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias, assert_never

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
from ecluse.domain.vault import Vault
from ecluse.passage.unmask.beside import begins_anew, has_offsets, restored
from ecluse.passage.unmask.damaged import Damaged
from ecluse.passage.unmask.formats import Formats
from ecluse.passage.unmask.forms import JSON, TEXT
from ecluse.passage.unmask.lane import Lane, Tally

_Place: TypeAlias = Channel | int
"""Where a choice speaks: a channel, or the index of a tool call."""


class _Choice:
    """One of the answers: its lanes, and the one that spoke last. Only that one ever holds anything."""

    __slots__ = ("beside", "lane", "lanes", "place")

    def __init__(self) -> None:
        self.lanes: dict[_Place, Lane] = {}
        self.lane: Lane | None = None
        self.beside: list[Mapping[str, Json]] = []
        self.place: _Place = Channel.CONTENT


class Restorer:
    """Puts the originals of one vault back into one answer. Without surrogates every event passes as it came."""

    def __init__(self, vault: Vault, *, structured: bool = False, signed: bool = True) -> None:
        """Begin an answer.

        `structured` is whether its content was asked for as JSON; `signed` is whether the caller is told the signature
        of a reasoning: without it, that is a text like others.
        """
        self._vault = vault
        self._signed = signed
        self._structured = structured
        self._formats = Formats(vault)
        self._damaged = Damaged(vault)
        self._tally = Tally()
        self._choices: dict[int, _Choice] = {}
        self._waiting: list[Opaque] = []

    @property
    def restored(self) -> int:
        """How many surrogates were exchanged."""
        return self._tally.restored

    @property
    def unknown(self) -> int:
        """How many look like surrogates and are none, damaged ones included; they stay as they are."""
        return self._tally.unknown

    @property
    def withheld(self) -> int:
        """How many stood in a link and stay there."""
        return self._tally.withheld

    def feed(self, event: Event) -> tuple[Event, ...]:
        """Return what may leave, often `event` itself."""
        if not self._vault.surrogates:
            return (event,)
        match event:
            case Text(channel=Channel.SIGNED) if self._signed:  # never altered: it would no longer bear its signature
                return (*self._flush(event.choice), *self._release(), event)
            case Text():
                return self._text(event)
            case ToolArgs():
                return self._arguments(event)
            case _:
                return self._mark(event)

    def end(self) -> tuple[Event, ...]:
        """Return all that is held: the answer is over. Idempotent."""
        held = [event for choice in sorted(self._choices) for event in self._flush(choice)]
        for choice in self._choices.values():
            for lane in choice.lanes.values():
                lane.close()
        return (*held, *self._release())

    def _mark(
        self, event: Begin | Finish | Usage | Vector | Item | Sound | UpstreamError | Opaque
    ) -> tuple[Event, ...]:
        match event:
            case Finish():
                flushed = (*self._flush(event.choice), *self._release())
                raw = self._beside(event.choice, event.raw)
                return (*flushed, event if raw is event.raw else replace(event, raw=raw))
            case UpstreamError():
                return (*self.end(), replace(event, message=self._whole(event.message)))
            case Opaque():
                return self._opaque(event)
            case Item():
                raw = self._beside(None, event.raw)
                return (event if raw is event.raw else replace(event, raw=raw),)
            case Begin() | Usage() | Vector() | Sound():
                return (event,)
        assert_never(event)

    def _text(self, event: Text) -> tuple[Event, ...]:
        before, lane = self._enter(event.choice, event.channel)
        said, raw = event.s, event.raw
        shown = lane.push(said)
        if raw and lane.held and has_offsets(raw):  # it may speak of what is held
            self._choices[event.choice].beside.append(raw)
            raw = {}
        elif raw:
            raw = self._beside(event.choice, raw)
        if shown == said and raw is event.raw:
            now: tuple[Event, ...] = (event,)
        elif shown or raw:
            now = (Text(choice=event.choice, channel=event.channel, s=shown, raw=raw),)
        else:
            now = ()
        return before + now + self._release() if self._waiting and shown else before + now

    def _arguments(self, event: ToolArgs) -> tuple[Event, ...]:
        before: tuple[Event, ...] = ()
        if event.id is not None:
            before = self._close(event.choice, event.index)
        if event.name:
            self._tally.unknown += self._damaged.count(event.name, len(event.name))[0]
        switched, lane = self._enter(event.choice, event.index)
        before += switched
        shown = lane.push(event.s)
        if shown == event.s:
            now: tuple[Event, ...] = (event,)
        elif shown or event.id is not None or event.name is not None:
            now = (ToolArgs(choice=event.choice, index=event.index, s=shown, id=event.id, name=event.name),)
        else:
            now = ()
        return before + now + self._release() if self._waiting and shown else before + now

    def _opaque(self, event: Opaque) -> tuple[Event, ...]:
        if begins_anew(event.raw):
            held = self.end()
            for choice in self._choices.values():
                for lane in choice.lanes.values():
                    lane.part()
            return (*held, self._read(event))
        if any(choice.lane is not None and choice.lane.held for choice in self._choices.values()):
            self._waiting.append(event)
            return ()
        return (self._read(event),)

    def _read(self, event: Opaque) -> Opaque:
        """Restore what has no word of its own; what it says of a choice speaks of that choice's text."""
        raw = event.raw
        if not isinstance(raw, Mapping):
            read: Json = self._beside(None, {"": raw})[""]
        else:
            choices = raw.get("choices")
            read = self._beside(None, {name: member for name, member in raw.items() if name != "choices"})
            if isinstance(choices, Sequence) and not isinstance(choices, str):
                read = {**read, "choices": [self._read_choice(choice) for choice in choices]}
        return event if read == raw else Opaque(raw=read)

    def _read_choice(self, choice: Json) -> Json:
        index = choice.get("index") if isinstance(choice, Mapping) else None
        return self._beside(index if isinstance(index, int) else None, {"": choice})[""]

    def _beside(self, index: int | None, raw: Mapping[str, Json]) -> Mapping[str, Json]:
        """Restore what stands beside a choice's text; the same object when nothing in it changes."""
        if not raw:
            return raw
        choice = self._choices.get(index) if index is not None else None
        lane = choice.lanes.get(Channel.CONTENT) if choice else None
        read = restored(raw, lane.shifts if lane else (), self._whole)
        return read if isinstance(read, Mapping) and read != raw else raw

    def _enter(self, index: int, place: _Place) -> tuple[tuple[Event, ...], Lane]:
        """Return what the choice held elsewhere, and the lane it speaks in now."""
        choice = self._choices.get(index)
        if choice is None:
            choice = self._choices[index] = _Choice()
        if choice.lane is not None and choice.place == place:
            return (), choice.lane
        before = self._flush(index)
        lane = choice.lanes.get(place)
        if lane is None:
            prose = isinstance(place, Channel) and not (self._structured and place is Channel.CONTENT)
            form = TEXT if prose else JSON
            lane = choice.lanes[place] = Lane(self._vault, self._tally, form, self._formats, self._damaged)
        choice.place, choice.lane = place, lane
        return before, lane

    def _close(self, index: int, call: int) -> tuple[Event, ...]:
        """End a tool call whose index is taken by another: its arguments are a string of their own."""
        choice = self._choices.get(index)
        if choice is None or call not in choice.lanes:
            return ()
        before = self._flush(index) if choice.place == call else ()
        lane = choice.lanes.pop(call)
        lane.close()
        if lane is choice.lane:
            choice.lane = None
        return before

    def _flush(self, index: int) -> tuple[Event, ...]:
        """Return what a choice holds."""
        choice = self._choices.get(index)
        if choice is None or choice.lane is None:
            return ()
        out: list[Event] = []
        if choice.lane.held:
            shown, place = choice.lane.flush(), choice.place
            out.append(
                Text(choice=index, channel=place, s=shown)
                if isinstance(place, Channel)
                else ToolArgs(choice=index, index=place, s=shown)
            )
        out.extend(
            Text(choice=index, channel=Channel.CONTENT, s="", raw=self._beside(index, raw)) for raw in choice.beside
        )
        choice.beside.clear()
        return tuple(out)

    def _release(self) -> tuple[Event, ...]:
        waiting = tuple(self._read(event) for event in self._waiting)
        self._waiting.clear()
        return waiting

    def _whole(self, message: str) -> str:
        lane = Lane(self._vault, self._tally, TEXT, self._formats, self._damaged)
        whole = lane.push(message) + lane.flush()
        lane.close()
        return whole
