"""Messages as Amazon Bedrock's Converse takes them: two speakers in turn, blocks with one member each.

Law: as for Anthropic (`anthropic_turns`), whose blocks these are under other names; an empty text is left out. A file
goes under a name of ours: Converse takes few characters, and a name may say who somebody is.
"""

from collections.abc import Iterable, Mapping

from ecluse.domain.request import BlobPart, Json, Message, Part, Role, TextPart
from ecluse.passage.send.anthropic_turns import blob, ids, input_of, speakers

FORMATS = {"image/jpeg": "jpeg", "image/png": "png", "image/gif": "gif", "image/webp": "webp", "application/pdf": "pdf"}
FILE_NAME = "document"


def system(messages: Iterable[Message]) -> list[Json]:
    """Return the system's words."""
    parts = [part for message in messages if message.role is Role.SYSTEM for part in message.parts]
    return [{"text": part.text} for part in parts if isinstance(part, TextPart) and part.text]


def turns(messages: tuple[Message, ...]) -> list[Json]:
    """Write the turns of user and assistant."""
    known = ids(messages)
    spoken = speakers(messages, lambda message: _blocks(message, known))
    return [{"role": speaker, "content": blocks} for speaker, blocks in spoken]


def _blocks(message: Message, known: Mapping[str, str]) -> list[Json]:
    if message.role is Role.TOOL:
        return [_result(message, known)]
    blocks = [*(_reasoning(block) for block in message.signed), *_parts(message.parts)]
    refusal = message.extra.get("refusal")
    if isinstance(refusal, str) and refusal:
        blocks.append({"text": refusal})
    blocks += [
        {"toolUse": {"toolUseId": known[call.id], "name": call.name, "input": input_of(call) or {}}}
        for call in message.tool_calls
    ]
    return blocks


def _reasoning(block: Mapping[str, Json]) -> Json:
    """Write signed reasoning as it came, under Converse's names."""
    if block.get("type") == "redacted_thinking":
        return {"reasoningContent": {"redactedContent": block.get("data")}}
    text: dict[str, Json] = {"text": block.get("thinking"), "signature": block.get("signature")}
    return {"reasoningContent": {"reasoningText": text}}


def _result(message: Message, known: Mapping[str, str]) -> Json:
    result: dict[str, Json] = {
        "toolUseId": known[message.tool_call_id or ""],
        "content": _parts(message.parts) or [{"text": " "}],
    }
    if message.extra.get("is_error") is True:
        result["status"] = "error"
    return {"toolResult": result}


def _parts(parts: tuple[Part, ...]) -> list[Json]:
    blocks: list[Json] = []
    for part in parts:
        if isinstance(part, BlobPart):
            blocks.append(_blob(part))
        elif isinstance(part, TextPart) and part.text:
            blocks.append({"text": part.text})
    return blocks


def _blob(part: BlobPart) -> Json:
    block = blob(part)
    source = block.get("source") if isinstance(block, Mapping) else None
    if not isinstance(source, Mapping):
        return {"text": ""}
    written: dict[str, Json] = {"format": FORMATS[str(source["media_type"])], "source": {"bytes": source["data"]}}
    if part.media == "image":
        return {"image": written}
    return {"document": {**written, "name": FILE_NAME}}
