"""A wish that Anthropic remember a prompt for the next turn, as far as the verdict stands with it.

Law: it goes where the destination may keep the prompt anyway as far as is on record: the verdict was reached knowing
that, and minutes or an hour add nothing. Where it is established that nothing is kept, a rule may rest on just that,
and the wish is left out: the answer is the same, and dearer.
"""

from dataclasses import replace

from ecluse.domain.destination import Destination, Established
from ecluse.domain.request import BlobPart, CacheSpan, Json, Message, Part, Request, TextPart


def wished(span: CacheSpan | None) -> dict[str, Json]:
    """Return the field of a block that asks for it, nothing for no wish. Five minutes are what no span means."""
    if span is None:
        return {}
    return {"cache_control": {"type": "ephemeral"} | ({"ttl": span.value} if span is CacheSpan.HOUR else {})}


def as_permitted(request: Request, destination: Destination) -> Request:
    """Return the request without its wishes where the destination keeps nothing."""
    if Established.NO_RETENTION not in destination.established:
        return request
    return replace(
        request,
        messages=tuple(_message(message) for message in request.messages),
        tools=tuple(replace(tool, cache=None) for tool in request.tools),
        cache=None,
    )


def _message(message: Message) -> Message:
    return replace(message, parts=tuple(_part(part) for part in message.parts), cache=None)


def _part(part: Part) -> Part:
    return replace(part, cache=None) if isinstance(part, TextPart | BlobPart) and part.cache is not None else part
