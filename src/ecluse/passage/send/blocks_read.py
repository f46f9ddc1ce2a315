"""Reads what answers told in blocks have in common, Anthropic's and Converse's: a block begins, grows and ends.

Law: what is not of the shape that is published is `upstream_malformed`. A tool call that ends without arguments had the
empty object that it means.
"""

from collections.abc import Mapping

import msgspec

from ecluse.domain.errors import ProviderError
from ecluse.domain.event import ToolArgs
from ecluse.domain.request import Json
from ecluse.passage.send.calls_read import CALLS, NAME
from ecluse.passage.send.rest import bounded

BLOCKS = 1024
"""Most blocks in one answer."""
_REASON = 64
REASONS = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tool_calls",
}
"""Reasons to stop that both name alike, in the neutral words."""


class BlockCalls:
    """The tool calls of one answer by their blocks. `back` gives their ids the originals."""

    def __init__(self, back: Mapping[str, str]) -> None:
        self._back = back
        self._positions: dict[int, int] = {}
        self._silent: set[int] = set()

    def __contains__(self, index: int) -> bool:
        return index in self._positions

    def begin(self, index: int, id_: Json, name: Json, given: Json) -> ToolArgs:
        """Begin the call of a block; `given` is its arguments, where they are known at once. Raises ProviderError."""
        if len(self._positions) >= CALLS or index in self._positions:
            raise ProviderError("upstream_malformed", f"tool calls > {CALLS}")
        id_, name = text_of(id_), text_of(name)
        if len(id_) > NAME or len(name) > NAME:
            raise ProviderError("upstream_malformed", f"tool call's id or name > {NAME}")
        position = self._positions[index] = len(self._positions)
        said = msgspec.json.encode(bounded(dict(given))).decode() if isinstance(given, Mapping) and given else ""
        if not said:
            self._silent.add(index)
        return ToolArgs(choice=0, index=position, s=said, id=self._back.get(id_, id_), name=name)

    def grow(self, index: int, piece: Json) -> list[ToolArgs]:
        """Return the next piece of a call's arguments, if there is any. Raises ProviderError."""
        if index not in self._positions:
            raise ProviderError("upstream_malformed", "tool call")
        if not (said := text_of(piece)):
            return []
        self._silent.discard(index)
        return [ToolArgs(choice=0, index=self._positions[index], s=said)]

    def end(self, index: int) -> list[ToolArgs]:
        """Return the empty object for a call that had no arguments."""
        if index not in self._silent:
            return []
        self._silent.discard(index)
        return [ToolArgs(choice=0, index=self._positions[index], s="{}")]


def object_of(said: Mapping[str, Json], name: str) -> Mapping[str, Json]:
    """Return the object under a name. Raises ProviderError."""
    value = said.get(name)
    if not isinstance(value, Mapping):
        raise ProviderError("upstream_malformed", name)
    return value


def index_of(said: Mapping[str, Json], name: str) -> int:
    """Return the number of a block. Raises ProviderError."""
    index = said.get(name)
    if type(index) is not int or not 0 <= index < BLOCKS:
        raise ProviderError("upstream_malformed", name)
    return index


def text_of(value: Json) -> str:
    """Return a text. Raises ProviderError."""
    if not isinstance(value, str):
        raise ProviderError("upstream_malformed", "text")
    return value


def reason_of(value: Json, name: str) -> str:
    """Return a reason to stop, of a length that can be told on. Raises ProviderError."""
    if not isinstance(value, str) or len(value) > _REASON:
        raise ProviderError("upstream_malformed", name)
    return value
