"""What the readers of OpenAI's chat and text completions share: chunks until `[DONE]`, choices that open and finish.

Law: an answer that ends before each of its choices finished was cut short, and says so; after a failure or the end,
nothing more is read.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

from ecluse.domain.errors import ProviderError
from ecluse.domain.event import Event, Finish
from ecluse.domain.request import Json
from ecluse.passage.send.answer import Answer, read_object
from ecluse.passage.send.faults import fault_inside
from ecluse.passage.send.sse import Frame

_DONE = b"[DONE]"
_REASON = 32
"""Most characters of a finish reason."""


class ChoicesReader(ABC):
    """Reads one answer made of choices, streamed or `gathered`; what a chunk holds is read by `_within`."""

    def __init__(self, *, gathered: bool) -> None:
        self._answer = Answer(gathered=gathered)
        self._open: set[int] = set()
        self._finished: set[int] = set()
        self._begun = False
        self._done = False
        self._failed = False

    def feed(self, chunk: bytes) -> Sequence[Event]:
        """Return the events completed by `chunk`. Raises ProviderError."""
        return self._read(self._answer.feed(chunk))

    def end(self) -> Sequence[Event]:
        """Return what was left. Raises ProviderError if the answer is cut short."""
        events = self._read(self._answer.end())
        seen = self._open | self._finished
        if not self._failed and (not seen or (self._open and not self._done)):
            raise ProviderError("upstream_malformed", "cut short")
        return events

    def _read(self, frames: list[Frame]) -> list[Event]:
        events: list[Event] = []
        for frame in frames:
            if self._done or self._failed:
                break
            data = frame.data.strip()
            if data == _DONE:
                self._done = True
            elif data:
                chunk = read_object(data)
                failure = fault_inside(chunk, is_error=frame.event == b"error")
                if failure is None:
                    self._within(chunk, events)
                else:
                    self._failed = True
                    events.append(failure)
        return events

    def _opened(self, index: int) -> None:
        if index not in self._finished:
            self._open.add(index)

    def _ended(self, index: int, reason: Json) -> Finish:
        """Return the finish of a choice. Raises ProviderError when the reason is no short word."""
        if not isinstance(reason, str) or len(reason) > _REASON:
            raise ProviderError("upstream_malformed", "finish_reason")
        self._finished.add(index)
        self._open.discard(index)
        return Finish(choice=index, reason=reason)

    @abstractmethod
    def _within(self, chunk: Mapping[str, Json], events: list[Event]) -> None:
        """Add the events of a chunk that tells of no failure. Raises ProviderError."""
