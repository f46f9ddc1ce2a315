"""Events to events, with the originals put back: text by channel, arguments by tool call.

Law: an event leaves as it came, the same object, unless a surrogate in it was exchanged or its end is held back. What
is held leaves before the choice speaks elsewhere, before its Finish, before an UpstreamError and at the end. An Opaque
waits for the text held before it, so that nothing changes places.
"""

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
from ecluse.domain.vault import Vault
from ecluse.passage.unmask.formats import Formats
from ecluse.passage.unmask.forms import JSON, TEXT
from ecluse.passage.unmask.lane import Lane, Tally

_Place: TypeAlias = Channel | int
"""Where a choice speaks: a channel, or the index of a tool call."""


class _Choice:
    """One of the answers: its lanes, and the one that spoke last. Only that one ever holds anything."""

    __slots__ = ("lane", "lanes", "place")

    def __init__(self) -> None:
        self.lanes: dict[_Place, Lane] = {}
        self.lane: Lane | None = None
        self.place: _Place = Channel.CONTENT


class Restorer:
    """Puts the originals of one vault back into one answer. Without surrogates every event passes as it came."""

    def __init__(self, vault: Vault) -> None:
        """Begin an answer."""
        self._vault = vault
        self._formats = Formats(vault)
        self._tally = Tally()
        self._choices: dict[int, _Choice] = {}
        self._waiting: list[Event] = []

    @property
    def restored(self) -> int:
        """How many surrogates were exchanged."""
        return self._tally.restored

    @property
    def unknown(self) -> int:
        """How many look like surrogates and are none; they stay as they are."""
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
            case Text(channel=Channel.SIGNED):  # never altered: it would no longer bear its signature
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
        return (*held, *self._release())

    def _mark(
        self, event: Begin | Finish | Usage | Vector | Item | Sound | UpstreamError | Opaque
    ) -> tuple[Event, ...]:
        match event:
            case Finish():
                return (*self._flush(event.choice), *self._release(), event)
            case UpstreamError():
                return (*self.end(), replace(event, message=self._whole(event.message)))
            case Opaque():
                return self._opaque(event)
            case Begin() | Usage() | Vector() | Item() | Sound():
                return (event,)
        assert_never(event)

    def _text(self, event: Text) -> tuple[Event, ...]:
        before, lane = self._enter(event.choice, event.channel)
        said = event.s
        shown = lane.push(said)
        if shown == said:
            now: tuple[Event, ...] = (event,)
        elif shown or event.raw:
            now = (Text(choice=event.choice, channel=event.channel, s=shown, raw=event.raw),)
        else:
            now = ()
        return before + now + self._release() if self._waiting and shown else before + now

    def _arguments(self, event: ToolArgs) -> tuple[Event, ...]:
        before: tuple[Event, ...] = ()
        if event.id is not None:
            before = self._close(event.choice, event.index)
        switched, lane = self._enter(event.choice, event.index)
        before += switched
        shown = lane.push(event.s)
        if shown == event.s:
            now: tuple[Event, ...] = (event,)
        elif shown or event.id is not None or event.name is not None:
            now = (replace(event, s=shown),)
        else:
            now = ()
        return before + now + self._release() if self._waiting and shown else before + now

    def _opaque(self, event: Opaque) -> tuple[Event, ...]:
        if any(choice.lane is not None and choice.lane.held for choice in self._choices.values()):
            self._waiting.append(event)
            return ()
        return (event,)

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
            form = TEXT if isinstance(place, Channel) else JSON
            lane = choice.lanes[place] = Lane(self._vault, self._tally, form, self._formats)
        choice.place, choice.lane = place, lane
        return before, lane

    def _close(self, index: int, call: int) -> tuple[Event, ...]:
        """End a tool call whose index is taken by another: its arguments are a string of their own."""
        choice = self._choices.get(index)
        if choice is None or call not in choice.lanes:
            return ()
        before = self._flush(index) if choice.place == call else ()
        lane = choice.lanes.pop(call)
        if lane is choice.lane:
            choice.lane = None
        return before

    def _flush(self, index: int) -> tuple[Event, ...]:
        """Return what a choice holds."""
        choice = self._choices.get(index)
        if choice is None or choice.lane is None or not choice.lane.held:
            return ()
        shown = choice.lane.flush()
        if isinstance(choice.place, Channel):
            return (Text(choice=index, channel=choice.place, s=shown),)
        return (ToolArgs(choice=index, index=choice.place, s=shown),)

    def _release(self) -> tuple[Event, ...]:
        waiting = tuple(self._waiting)
        self._waiting.clear()
        return waiting

    def _whole(self, message: str) -> str:
        lane = Lane(self._vault, self._tally, TEXT, self._formats)
        return lane.push(message) + lane.flush()
