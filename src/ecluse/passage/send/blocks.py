"""Content as a list of blocks, as Mistral's thinking models write it, whole and in deltas.

Law: text is text, thinking is reasoning; a block of another kind travels as it came.
"""

from collections.abc import Sequence

from ecluse.domain.errors import ProviderError
from ecluse.domain.event import Channel, Event, Opaque, Text
from ecluse.domain.request import Json
from ecluse.passage.send.rest import bounded


def read_blocks(choice: int, blocks: Sequence[Json]) -> list[Event]:
    """Return the events of one list of blocks."""
    events: list[Event] = []
    for block in blocks:
        if not isinstance(block, dict):
            raise ProviderError("upstream_malformed", "content")
        match block.get("type"):
            case "text":
                events += _text(choice, Channel.CONTENT, block.get("text"))
            case "thinking":
                events += _thinking(choice, block.get("thinking"))
            case _:
                delta = {"content_blocks": [block]}
                events.append(Opaque(raw=bounded({"choices": [{"index": choice, "delta": delta}]})))
    return events


def _text(choice: int, channel: Channel, value: Json) -> list[Event]:
    if not isinstance(value, str):
        raise ProviderError("upstream_malformed", "content")
    return [Text(choice=choice, channel=channel, s=value)] if value else []


def _thinking(choice: int, value: Json) -> list[Event]:
    if isinstance(value, str):
        return _text(choice, Channel.REASONING, value)
    if not isinstance(value, list):
        raise ProviderError("upstream_malformed", "content")
    events: list[Event] = []
    for block in value:
        if isinstance(block, dict) and block.get("type") == "text":
            events += _text(choice, Channel.REASONING, block.get("text"))
    return events
