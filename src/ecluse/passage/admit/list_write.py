"""Writes an answer that is a list of results in one body: ranks, judgements, pages.

Law: the results are those that the provider gave, in its order; the names around them are ours.
"""

from collections.abc import Callable, Mapping
from typing import TypeAlias

import msgspec

from ecluse.domain.errors import EcluseError
from ecluse.domain.event import Event, Item, Opaque, UpstreamError, Usage
from ecluse.domain.request import Json
from ecluse.passage.admit.openai_bodies import error_body, upstream_error_object

Body: TypeAlias = Callable[[list[Item], Usage | None, Mapping[str, Json]], Mapping[str, object]]
"""The body, from the results, the usage, and what stood beside them."""


class ListWriter:
    """Gathers the results and writes them at the end."""

    content_type = "application/json"

    def __init__(self, body: Body) -> None:
        self._body = body
        self._items: list[Item] = []
        self._usage: Usage | None = None
        self._rest: dict[str, Json] = {}
        self._error: bytes | None = None

    def write(self, event: Event) -> bytes:
        """Keep one event; nothing is sent yet. What is no result has no place in a list."""
        match event:
            case Item():
                self._items.append(event)
            case Usage():
                self._usage = event
            case Opaque() if isinstance(event.raw, Mapping):
                self._rest |= event.raw
            case UpstreamError():
                self._error = msgspec.json.encode({"error": upstream_error_object(event)})
            case _:
                pass
        return b""

    def close(self) -> bytes:
        """Return the whole list, or the error if the provider gave one."""
        return self._error or msgspec.json.encode(self._body(self._items, self._usage, self._rest))

    def fail(self, error: EcluseError) -> bytes:
        """Return the error as the whole body."""
        return error_body(error, "en")
