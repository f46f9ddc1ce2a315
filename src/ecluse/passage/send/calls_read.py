"""Which tool call a fragment belongs to: providers do not agree on how they say it.

Law: a new id is a new call, even on an old index; a fragment without id belongs to the last call of its index; without
index, to the last call, unless it names a function, which begins one. Ids and names are given once, and two calls never
under one id: the second has none, and gets one of ours. Seen: Gemini sends no index, Ollama the index 0 for every call,
others repeat id and name in every fragment.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from ecluse.domain.errors import ProviderError
from ecluse.domain.event import ToolArgs
from ecluse.domain.request import Json

CALLS = 128
"""Most tool calls in one answer."""
NAME = 1024
"""Most characters of a call's id or name."""
_NO_ID = ("", "null")
"""What stands for an id that is not there; `null` is the default in Mistral's schema."""


@dataclass(slots=True, kw_only=True)
class _Known:
    """What has been said of one call."""

    id: str | None = None
    name: str = ""


@dataclass(slots=True, kw_only=True)
class Calls:
    """The tool calls of one choice, in the order in which they began. `back` gives an id its original."""

    choice: int
    back: Mapping[str, str]
    known: list[_Known] = field(default_factory=list)
    by_index: dict[int, int] = field(default_factory=dict)

    def read(self, fragments: Json, *, whole: bool) -> list[ToolArgs]:
        """Return the events of one list of fragments; in a whole message each is a call of its own."""
        if fragments is None:
            return []
        if not isinstance(fragments, list):
            raise ProviderError("upstream_malformed", "tool_calls")
        return [self._fragment(fragment, whole=whole) for fragment in fragments]

    def _fragment(self, fragment: Json, *, whole: bool) -> ToolArgs:
        if not isinstance(fragment, dict):
            raise ProviderError("upstream_malformed", "tool_calls")
        id_, index = fragment.get("id"), fragment.get("index")
        function = fragment.get("function") or {}
        if not isinstance(id_, str | None) or not isinstance(function, dict):
            raise ProviderError("upstream_malformed", "tool_calls")
        id_ = None if id_ in _NO_ID else id_
        name = function.get("name") or ""
        if not isinstance(name, str):
            raise ProviderError("upstream_malformed", "tool_calls")
        place = index if type(index) is int else None
        position = self._begin() if whole else self._place(place, id_, name)
        return self._event(position, id_, name, _arguments(function.get("arguments")))

    def _place(self, index: int | None, id_: str | None, name: str) -> int:
        """Return the position of the call that a fragment belongs to, a new one if it begins one."""
        if index is not None:
            position = self.by_index.get(index)
            if position is None or self._other(position, id_):
                position = self.by_index[index] = self._begin()
            return position
        if id_ is not None:
            same = [i for i, call in enumerate(self.known) if call.id == id_]
            return same[-1] if same else self._begin()
        return self._begin() if name or not self.known else len(self.known) - 1

    def _other(self, position: int, id_: str | None) -> bool:
        return id_ is not None and self.known[position].id not in (None, id_)

    def _begin(self) -> int:
        if len(self.known) >= CALLS:
            raise ProviderError("upstream_malformed", f"tool_calls > {CALLS}")
        self.known.append(_Known())
        return len(self.known) - 1

    def _event(self, position: int, id_: str | None, name: str, arguments: str) -> ToolArgs:
        call = self.known[position]
        spent = any(other.id == id_ for other in self.known if other is not call)
        new_id = id_ if call.id is None and not spent else None
        call.id = call.id or id_
        new_name = name if name and name != call.name else None
        call.name += new_name or ""
        if len(call.name) > NAME or len(call.id or "") > NAME:
            raise ProviderError("upstream_malformed", f"tool call's id or name > {NAME}")
        return ToolArgs(
            choice=self.choice,
            index=position,
            s=arguments,
            id=None if new_id is None else self.back.get(new_id, new_id),
            name=new_name,
        )


def _arguments(value: Json) -> str:
    """Return arguments as a string of JSON; Mistral's schema lets them be an object too."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        try:
            return msgspec.json.encode(value).decode()
        except RecursionError:
            pass
    raise ProviderError("upstream_malformed", "arguments")
