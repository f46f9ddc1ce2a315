"""Messages of an OpenAI chat call, every role and every part.

Law: a part that is not text is never fetched and never skipped: it becomes a BlobPart with its bytes in the request.
A link or a file id would make the provider fetch data from somewhere that no rule has seen, so it is refused. A field
that the neutral form has no word for is kept in `extra`, where it is scanned, and goes only where a dialect takes it.
"""

import re
from collections.abc import Mapping

from ecluse.domain.errors import CallerError
from ecluse.domain.request import BlobPart, Json, Message, Part, Role, TextPart, ToolCall
from ecluse.passage.admit.checks import (
    MISSING,
    array,
    mapping,
    one_of,
    only,
    some_text,
    text,
    text_or_none,
    wrong,
)
from ecluse.passage.admit.strict_json import decode_text

ROLES: Mapping[str, Role] = {
    "system": Role.SYSTEM,
    "developer": Role.SYSTEM,
    "user": Role.USER,
    "assistant": Role.ASSISTANT,
    "tool": Role.TOOL,
}
_ROLE_NAMES = tuple(ROLES)
_PLAIN = frozenset({"role", "content"})
_KNOWN = frozenset({"role", "content", "name", "tool_calls", "tool_call_id", "function_call", "audio", "annotations"})
_INLINE = re.compile(r"data:[a-z]{1,20}/[a-zA-Z0-9.+-]{1,80};base64,", re.ASCII)
_SOUNDS = {"UklGR": "wav", "SUQz": "mp3", "T2dnU": "ogg", "ZkxhQ": "flac"}
"""How base64 of a sound begins, and its format."""
DETAILS = ("auto", "low", "high", "original")


def messages(value: Json) -> tuple[Message, ...]:
    """Read `messages`: at least one."""
    turns = array(value, "messages")
    if not turns:
        raise wrong("messages", "non-empty array")
    return tuple(_message(turn, f"messages[{i}]") for i, turn in enumerate(turns))


def _message(value: Json, path: str) -> Message:
    turn = mapping(value, path)
    role = ROLES[one_of(turn.get("role"), f"{path}.role", _ROLE_NAMES)]
    parts, beside = _content(turn.get("content", MISSING), role, path)
    if not beside and role is not Role.TOOL and _PLAIN.issuperset(turn):
        return Message(role=role, parts=parts)
    extra = {key: member for key, member in turn.items() if key not in _KNOWN and member is not None}
    if extra.get("prefix") is False:  # what Mistral's client writes back of every answer
        del extra["prefix"]
    _refuse_legacy(turn, path)
    if "reasoning_content" in beside and "reasoning_content" in extra:
        raise wrong(f"{path}.reasoning_content", "one of it and a part `thinking`")
    extra |= beside
    for name in ("refusal", "reasoning_content"):
        if name in extra:
            text(extra[name], f"{path}.{name}")
    return Message(
        role=role,
        parts=parts,
        name=text_or_none(turn.get("name"), f"{path}.name"),
        tool_calls=_tool_calls(turn.get("tool_calls"), role, f"{path}.tool_calls"),
        tool_call_id=_tool_call_id(turn.get("tool_call_id"), role, f"{path}.tool_call_id"),
        extra=extra,
    )


def _refuse_legacy(turn: Mapping[str, Json], path: str) -> None:
    if turn.get("function_call") is not None:
        raise CallerError("unsupported_field", f"{path}.function_call; tool_calls")
    if turn.get("audio"):  # what an SDK writes back of an answer without any is null
        raise CallerError("unsupported_field", f"{path}.audio")
    if turn.get("annotations") is not None:  # the provider's words on an earlier answer: they stay behind
        array(turn["annotations"], f"{path}.annotations")


# ------------------------------------------------------------------ content
def _content(value: object, role: Role, path: str) -> tuple[tuple[Part, ...], dict[str, str]]:
    """Read a message's content, a string or a list of parts; an assistant's refusal and reasoning stand apart."""
    if isinstance(value, str):
        return (TextPart(text=value),), {}
    path = f"{path}.content"
    if (value is None or value is MISSING) and role is Role.ASSISTANT:
        return (), {}
    if not isinstance(value, list):
        raise wrong(path, "string | array")
    if role is Role.ASSISTANT and len(value) == 1 and isinstance(value[0], dict) and value[0].get("type") == "refusal":
        only(value[0], frozenset({"type", "refusal"}), f"{path}[0]")
        return (), {"refusal": text(value[0].get("refusal"), f"{path}[0].refusal")}
    thoughts = 0
    while role is Role.ASSISTANT and thoughts < len(value) and _is_thought(value[thoughts]):
        thoughts += 1
    said = "".join(_thought(value[i], f"{path}[{i}]") for i in range(thoughts))
    parts = tuple(_part(part, role, f"{path}[{i}]") for i, part in enumerate(value) if i >= thoughts)
    return parts, {"reasoning_content": said} if thoughts else {}


def _part(value: Json, role: Role, path: str) -> Part:
    part = mapping(value, path)
    readers = _PARTS if role is Role.USER else _TEXT_ONLY
    kind = one_of(part.get("type"), f"{path}.type", tuple(readers))
    if kind == "document_url":
        return _document(part, path)
    only(part, frozenset({"type", kind}), path)
    return readers[kind](part.get(kind), f"{path}.{kind}")


# ------------------------------------------------------------------ parts as Mistral's client has them
def _is_thought(value: Json) -> bool:
    return isinstance(value, Mapping) and value.get("type") == "thinking"


def _thought(value: Json, path: str) -> str:
    """Read reasoning of an earlier turn: the texts of a part `thinking`, which comes before what was said."""
    part = mapping(value, path)
    if part.get("closed") is False:
        raise CallerError("unsupported_field", f"{path}.closed")
    only(part, frozenset({"type", "thinking", "closed"}), path)
    said = []
    for i, one in enumerate(array(part.get("thinking"), f"{path}.thinking")):
        held = mapping(one, f"{path}.thinking[{i}]")
        one_of(held.get("type"), f"{path}.thinking[{i}].type", ("text",))
        only(held, frozenset({"type", "text"}), f"{path}.thinking[{i}]")
        said.append(text(held.get("text"), f"{path}.thinking[{i}].text"))
    return "".join(said)


def _document(part: Mapping[str, Json], path: str) -> Part:
    """Read a document as the file that it is."""
    only(part, frozenset({"type", "document_url", "document_name"}), path)
    inner: dict[str, Json] = {"file_data": inline(part.get("document_url"), f"{path}.document_url")}
    if part.get("document_name") is not None:
        inner["filename"] = text(part["document_name"], f"{path}.document_name")
    return BlobPart(media="file", wire={"type": "file", "file": inner})


def _sound_of(data: str, path: str) -> Mapping[str, Json]:
    """Return a sound with its format, which Mistral's client leaves to the first bytes."""
    found = next((name for begin, name in _SOUNDS.items() if data.startswith(begin)), None)
    if found is None and ":" not in data:
        raise wrong(path, f"an object with `data` and `format`, or base64 of {', '.join(_SOUNDS.values())}")
    return {"data": data, "format": found or ""}


def _text_part(value: Json, path: str) -> Part:
    return TextPart(text=text(value, path))


def _image(value: Json, path: str) -> Part:
    if isinstance(value, str):  # as Mistral has it too
        return BlobPart(media="image", wire={"type": "image_url", "image_url": {"url": inline(value, path)}})
    image = mapping(value, path)
    only(image, frozenset({"url", "detail"}), path)
    inner: dict[str, Json] = {"url": inline(image.get("url"), f"{path}.url")}
    if image.get("detail") is not None:
        inner["detail"] = one_of(image["detail"], f"{path}.detail", DETAILS)
    return BlobPart(media="image", wire={"type": "image_url", "image_url": inner})


def _audio(value: Json, path: str) -> Part:
    audio = _sound_of(value, path) if isinstance(value, str) else mapping(value, path)
    only(audio, frozenset({"data", "format"}), path)
    data = some_text(audio.get("data"), f"{path}.data")
    if ":" in data:  # no base64 has one, every address has
        raise CallerError("remote_content_refused", f"{path}.data")
    inner: dict[str, Json] = {"data": data, "format": some_text(audio.get("format"), f"{path}.format")}
    return BlobPart(media="audio", wire={"type": "input_audio", "input_audio": inner})


def _file(value: Json, path: str) -> Part:
    file = mapping(value, path)
    if file.get("file_id") is not None:
        raise CallerError("remote_content_refused", f"{path}.file_id")
    only(file, frozenset({"file_id", "file_data", "filename"}), path)
    inner: dict[str, Json] = {"file_data": inline(file.get("file_data"), f"{path}.file_data")}
    if file.get("filename") is not None:
        inner["filename"] = text(file["filename"], f"{path}.filename")
    return BlobPart(media="file", wire={"type": "file", "file": inner})


def inline(value: Json, path: str) -> str:
    """Return a data URL, or refuse a link."""
    url = some_text(value, path)
    if _INLINE.match(url) is None or url.count(":") != 1:
        raise CallerError("remote_content_refused", path)
    return url


_TEXT_ONLY = {"text": _text_part}
_PARTS = {"text": _text_part, "image_url": _image, "input_audio": _audio, "file": _file, "document_url": _file}


# ------------------------------------------------------------------ tool calls
def _tool_calls(value: Json, role: Role, path: str) -> tuple[ToolCall, ...]:
    if value is None:
        return ()
    if role is not Role.ASSISTANT:
        raise CallerError("unsupported_field", path)
    return tuple(_tool_call(call, f"{path}[{i}]") for i, call in enumerate(array(value, path)))


def _tool_call(value: Json, path: str) -> ToolCall:
    """Read one call. `index` is what is left of a stream in a client's history; it means nothing here."""
    call = mapping(value, path)
    kind = call.get("type", "function")
    if kind == "custom":
        raise CallerError("unsupported_field", f"{path}: custom; function")
    one_of(kind, f"{path}.type", ("function",))
    only(call, frozenset({"id", "type", "function", "index"}), path)
    function = mapping(call.get("function"), f"{path}.function")
    only(function, frozenset({"name", "arguments"}), f"{path}.function")
    arguments, decoded = _arguments(function.get("arguments"), f"{path}.function.arguments")
    return ToolCall(
        id=some_text(call.get("id"), f"{path}.id"),
        name=some_text(function.get("name"), f"{path}.function.name"),
        arguments=arguments,
        decoded=decoded,
    )


def _arguments(value: Json, path: str) -> tuple[Json, bool]:
    written = text(value, path)
    try:
        return decode_text(written)
    except CallerError as error:
        raise CallerError(error.code, path) from None


def _tool_call_id(value: Json, role: Role, path: str) -> str | None:
    if role is Role.TOOL:
        return some_text(value, path)
    if value is not None:
        raise CallerError("unsupported_field", path)
    return None
