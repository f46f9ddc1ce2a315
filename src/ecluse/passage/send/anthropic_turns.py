"""Messages as Anthropic takes them: two speakers in turn, blocks of content, the system's words apart.

Law: an empty text is left out, since Anthropic refuses one. A result of a tool is a block of the user's turn, before
what the user says. A picture or a PDF goes with its bytes. What has no block is named by `unsupported_in`.
"""

import re
from collections.abc import Callable, Iterable, Mapping

from ecluse.domain.dialect import PDF_ONLY
from ecluse.domain.request import BlobPart, HostedPart, Json, Message, Part, Role, TextPart, ToolCall
from ecluse.passage.send.anthropic_cache import wished
from ecluse.passage.send.openai_wire import arguments
from ecluse.passage.send.tool_ids import nine_letters

_EXTRAS = frozenset({"refusal", "reasoning_content", "prefix", "is_error"})
_MEDIA = {
    "image": ("image/jpeg", "image/png", "image/gif", "image/webp"),
    "file": ("application/pdf",),
}
_DATA_URL = re.compile(r"data:([a-zA-Z0-9.+/-]+);base64,", re.ASCII)
_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}", re.ASCII)
"""The ids of tool calls that Anthropic takes."""


def ids(messages: Iterable[Message]) -> Mapping[str, str]:
    """Map every tool call id of a conversation to one that Anthropic takes."""
    return nine_letters(messages, _ID)


def unsupported_in(message: Message) -> list[str]:
    """Name what a message has and Anthropic has no word for."""
    named = [f"messages.{name}" for name in message.extra if name not in _EXTRAS]
    if message.name is not None and message.role is not Role.TOOL:
        named.append("messages.name")
    wordless = (part.media for part in message.parts if isinstance(part, BlobPart) and blob(part) is None)
    named += [f"messages.{media}{PDF_ONLY if media == 'file' else ''}" for media in wordless]
    if any(input_of(call) is None for call in message.tool_calls):
        named.append("messages.tool_calls.arguments")
    return named


def system(messages: Iterable[Message]) -> Json:
    """Return the system's words: a string for one text, else a list of blocks; None when there are none."""
    texts = [
        part
        for message in messages
        if message.role is Role.SYSTEM
        for part in message.parts
        if isinstance(part, TextPart) and part.text
    ]
    return _content(_parts(texts)) if texts else None


def turns(messages: tuple[Message, ...]) -> Json:
    """Write the turns of user and assistant."""
    known = ids(messages)
    spoken = speakers(messages, lambda message: _blocks(message, known))
    return [{"role": speaker, "content": _content(blocks)} for speaker, blocks in spoken]


def speakers(messages: Iterable[Message], blocks_of: Callable[[Message], list[Json]]) -> list[tuple[str, list[Json]]]:
    """Return who speaks in turn, user and assistant, and in which blocks; several messages of one stand in one turn."""
    written: list[tuple[str, list[Json]]] = []
    for message in messages:
        if message.role is Role.SYSTEM:
            continue
        speaker = "assistant" if message.role is Role.ASSISTANT else "user"
        blocks = blocks_of(message)
        if written and written[-1][0] == speaker:
            written[-1][1].extend(blocks)
        else:
            written.append((speaker, blocks))
    return [(speaker, blocks) for speaker, blocks in written if blocks]


def _content(blocks: list[Json]) -> Json:
    only = blocks[0]
    if len(blocks) == 1 and isinstance(only, Mapping) and only["type"] == "text" and "cache_control" not in only:
        return only["text"]
    return blocks


def _blocks(message: Message, known: Mapping[str, str]) -> list[Json]:
    if message.role is Role.TOOL:
        return [_result(message, known)]
    blocks: list[Json] = [*message.signed, *_parts(message.parts)]
    refusal = message.extra.get("refusal")
    if isinstance(refusal, str) and refusal:
        blocks.append({"type": "text", "text": refusal})
    called: list[Json] = [
        {"type": "tool_use", "id": known[call.id], "name": call.name, "input": input_of(call) or {}}
        for call in message.tool_calls
    ]
    return blocks + called


def _result(message: Message, known: Mapping[str, str]) -> Json:
    result: dict[str, Json] = {"type": "tool_result", "tool_use_id": known[message.tool_call_id or ""]}
    if blocks := _parts(message.parts):
        result["content"] = _content(blocks)
    if message.extra.get("is_error") is True:
        result["is_error"] = True
    return result | wished(message.cache)


def _parts(parts: Iterable[Part]) -> list[Json]:
    blocks: list[Json] = []
    for part in parts:
        if isinstance(part, BlobPart):
            written = blob(part)
            blocks.append({**written, **wished(part.cache)} if isinstance(written, Mapping) else written)
        elif isinstance(part, HostedPart):
            blocks.append(part.wire)
        elif part.text:
            blocks.append({"type": "text", "text": part.text, **wished(part.cache)})
    return blocks


def blob(part: BlobPart) -> Json:
    """Write a part with its bytes, or return None for one that has no block."""
    kind, inner = ("image", "image_url") if part.media == "image" else ("document", "file")
    held = part.wire.get(inner)
    if part.media not in _MEDIA or not isinstance(held, Mapping):
        return None
    url = held.get("url" if part.media == "image" else "file_data")
    match = _DATA_URL.match(url) if isinstance(url, str) else None
    if match is None or match[1] not in _MEDIA[part.media] or not isinstance(url, str):
        return None
    block: dict[str, Json] = {
        "type": kind,
        "source": {"type": "base64", "media_type": match[1], "data": url[match.end() :]},
    }
    if isinstance(title := held.get("filename"), str):
        block["title"] = title
    return block


def input_of(call: ToolCall) -> Mapping[str, Json] | None:
    """Return a call's arguments as the object that Anthropic wants; none at all is an empty one."""
    if isinstance(call.arguments, Mapping):
        return call.arguments
    return {} if not arguments(call).strip() else None
