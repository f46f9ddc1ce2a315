"""Reads an answer that is one JSON object: a list of vectors or ranks, a transcript.

Law: it is gathered whole and within its limit; an error inside a 200 is told as one, and anything but one object is
malformed.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

from ecluse.domain.errors import ProviderError
from ecluse.domain.event import Event
from ecluse.domain.request import Json
from ecluse.passage.send.answer import BODY, Answer, read_object
from ecluse.passage.send.faults import fault_inside


class ObjectReader(ABC):
    """Reads one object of at most `limit` bytes; what it means is told by `events`."""

    def __init__(self, *, limit: int = BODY) -> None:
        self._answer = Answer(gathered=True, limit=limit)

    def feed(self, chunk: bytes) -> Sequence[Event]:
        """Gather bytes; nothing is read before the end. Raises ProviderError beyond the limit."""
        self._answer.feed(chunk)
        return ()

    def end(self) -> Sequence[Event]:
        """Return the events of the whole object. Raises ProviderError."""
        frames = self._answer.end()
        if len(frames) != 1:
            raise ProviderError("upstream_malformed", "JSON")
        answer = read_object(frames[0].data)
        failure = fault_inside(answer)
        return self.events(answer) if failure is None else (failure,)

    @abstractmethod
    def events(self, answer: Mapping[str, Json]) -> Sequence[Event]:
        """Return what the object says. Raises ProviderError."""
