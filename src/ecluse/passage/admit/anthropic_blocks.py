"""Content of an Anthropic call: every block of every turn, to messages in neutral form.

Law: as in openai_messages.py, nothing is fetched and nothing is skipped: an image or a document comes with its bytes, a
link or a file id is refused. What a provider's own tool wrote goes back with that tool (hosted_turns.py).
`cache_control` is a wish that goes where the verdict stands with it (send/anthropic_cache.py); on a call of a tool in
an earlier turn, and on a hosted tool, it is checked and left out.
Reasoning that bears a signature is kept as it came. The order of blocks stays where the neutral form has it: reasoning,
text, calls; a turn that thinks again after it spoke becomes two.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ecluse.domain.errors import CallerError
from ecluse.domain.request import BlobPart, CacheSpan, HostedTool, Json, Message, Part, Role, TextPart, ToolCall
from ecluse.passage.admit import hosted_turns
from ecluse.passage.admit.checks import array, boolean, mapping, one_of, only, some_text, spoken, text, wrong
from ecluse.passage.admit.hosted_turns import Offered
from ecluse.passage.admit.openai_tools import HOSTED_TOOLS, hosted_name

IMAGES = ("image/jpeg", "image/png", "image/gif", "image/webp")
_ROLES = ("user", "assistant", "system")
_BY_SERVER = ("server_tool_use", "mcp_tool_use", "mcp_tool_result", "tool_reference")


def system(value: Json) -> tuple[Message, ...]:
    """Read the top-level `system`: one message, or none when it says nothing."""
    if value is None:
        return ()
    parts = _parts(value, "system", _TEXT)
    return (Message(role=Role.SYSTEM, parts=parts),) if any(parts) else ()


def messages(value: Json, tools: Sequence[HostedTool] = ()) -> tuple[Message, ...]:
    """Read `messages`: at least one. A last turn of the assistant is the beginning of the answer.

    `tools` are the hosted tools of the call: earlier turns may hold what these did.
    """
    turns = array(value, "messages")
    if not turns:
        raise wrong("messages", "non-empty array")
    offered = Offered.of(tools)
    read = [message for i, turn in enumerate(turns) for message in _turn(turn, f"messages[{i}]", offered)]
    last = read[-1]
    if last.role is Role.ASSISTANT and not last.tool_calls:
        read[-1] = Message(role=last.role, parts=last.parts, signed=last.signed, extra={**last.extra, "prefix": True})
    return tuple(read)


def cache_control(value: Json, path: str) -> CacheSpan | None:
    """Read a wish to cache; what is said beside its span is left out."""
    if value is None:
        return None
    wish = mapping(value, path)
    only(wish, frozenset({"type", "ttl", "scope"}), path)
    one_of(wish.get("type"), f"{path}.type", ("ephemeral",))
    if wish.get("ttl") is None:
        return CacheSpan.MINUTES
    return CacheSpan(one_of(wish["ttl"], f"{path}.ttl", tuple(CacheSpan)))


def _turn(value: Json, path: str, offered: Offered) -> list[Message]:
    turn = mapping(value, path)
    only(turn, frozenset({"role", "content"}), path)
    role = one_of(turn.get("role"), f"{path}.role", _ROLES)
    content, path = turn.get("content"), f"{path}.content"
    if role == "assistant":
        return _assistant(content, path, offered)
    if role == "system":
        return [Message(role=Role.SYSTEM, parts=_parts(content, path, _TEXT))]
    return _user(content, path)


def _user(content: Json, path: str) -> list[Message]:
    """Read a user's turn: results of tools come first, then what the user says."""
    if isinstance(content, str):
        return [Message(role=Role.USER, parts=(TextPart(text=content),))]
    results: list[Message] = []
    parts: list[Part] = []
    for i, item in enumerate(array(content, path)):
        block, where = mapping(item, f"{path}[{i}]"), f"{path}[{i}]"
        if block.get("type") == "tool_result":
            results.append(_result(block, where))
        else:
            parts += _part(block, where, _SAID)
    if not (results or parts):
        raise wrong(path, "non-empty array")
    return [*results, Message(role=Role.USER, parts=tuple(parts))] if parts else results


def _result(block: Mapping[str, Json], path: str) -> Message:
    only(block, frozenset({"type", "tool_use_id", "content", "is_error", "cache_control"}), path)
    failed = block.get("is_error") is not None and boolean(block["is_error"], f"{path}.is_error")
    content = block.get("content")
    parts = () if content is None else _parts(content, f"{path}.content", _SAID)
    return Message(
        role=Role.TOOL,
        parts=parts or (TextPart(text=""),),
        tool_call_id=some_text(block.get("tool_use_id"), f"{path}.tool_use_id"),
        extra={"is_error": True} if failed else {},
        cache=cache_control(block.get("cache_control"), f"{path}.cache_control"),
    )


# ------------------------------------------------------------------ what an assistant said
@dataclass(slots=True, kw_only=True)
class _Said:
    """One message of an assistant in the making."""

    parts: list[Part] = field(default_factory=list)
    calls: list[ToolCall] = field(default_factory=list)
    signed: list[Mapping[str, Json]] = field(default_factory=list)
    thought: list[str] = field(default_factory=list)

    @property
    def spoke(self) -> bool:
        """Whether something stands after which no reasoning can be put in front."""
        return bool(self.parts or self.calls)

    def message(self) -> Message:
        """Return it."""
        return Message(
            role=Role.ASSISTANT,
            parts=tuple(self.parts),
            tool_calls=tuple(self.calls),
            signed=tuple(self.signed),
            extra={"reasoning_content": "".join(self.thought)} if self.thought else {},
        )


def _assistant(content: Json, path: str, offered: Offered) -> list[Message]:
    if isinstance(content, str):
        return [Message(role=Role.ASSISTANT, parts=(TextPart(text=content),))]
    said = [_Said()]
    for i, item in enumerate(array(content, path)):
        block, where = mapping(item, f"{path}[{i}]"), f"{path}[{i}]"
        match block.get("type"):
            case "thinking" | "redacted_thinking":
                if said[-1].spoke:
                    said.append(_Said())
                _thinking(block, where, said[-1])
            case "tool_use":
                said[-1].calls.append(_call(block, where))
            case _ if (done := hosted_turns.block(block, where, offered)) is not None:
                if said[-1].calls:
                    said.append(_Said())
                said[-1].parts.append(done)
            case _:
                said[-1].parts += _part(block, where, _TEXT)
    return [one.message() for one in said]


def _thinking(block: Mapping[str, Json], path: str, said: _Said) -> None:
    """Keep reasoning as it came when it is signed; without a signature it is text like another."""
    if block["type"] == "redacted_thinking":
        only(block, frozenset({"type", "data"}), path)
        said.signed.append({"type": "redacted_thinking", "data": some_text(block.get("data"), f"{path}.data")})
        return
    only(block, frozenset({"type", "thinking", "signature"}), path)
    thought, signature = text(block.get("thinking"), f"{path}.thinking"), block.get("signature")
    if signature is None or text(signature, f"{path}.signature") == "":
        said.thought.append(thought)
    else:
        said.signed.append({"type": "thinking", "thinking": thought, "signature": signature})


def _call(block: Mapping[str, Json], path: str) -> ToolCall:
    only(block, frozenset({"type", "id", "name", "input", "caller", "cache_control"}), path)
    cache_control(block.get("cache_control"), f"{path}.cache_control")
    caller = block.get("caller")
    if caller is not None and mapping(caller, f"{path}.caller").get("type") != "direct":
        raise CallerError("hosted_tool_refused", f"{path}.caller: code_execution")
    return ToolCall(
        id=some_text(block.get("id"), f"{path}.id"),
        name=some_text(block.get("name"), f"{path}.name"),
        arguments=mapping(block.get("input"), f"{path}.input"),
        decoded=True,
    )


# ------------------------------------------------------------------ parts
_Read = Callable[[Mapping[str, Json], str], "list[Part]"]


def _parts(value: Json, path: str, readers: Mapping[str, _Read]) -> tuple[Part, ...]:
    if isinstance(value, str):
        return (TextPart(text=value),) if value else ()
    if not isinstance(value, list):
        raise wrong(path, "string | array")
    return tuple(
        part for i, item in enumerate(value) for part in _part(mapping(item, f"{path}[{i}]"), f"{path}[{i}]", readers)
    )


def _part(block: Mapping[str, Json], path: str, readers: Mapping[str, _Read]) -> list[Part]:
    kind = some_text(block.get("type"), f"{path}.type")
    if kind in readers:
        parts = readers[kind](block, path)
        span = cache_control(block.get("cache_control"), f"{path}.cache_control")
        if span is not None and parts and isinstance(parts[-1], TextPart | BlobPart):
            parts[-1] = replace(parts[-1], cache=span)
        return parts
    if kind == "container_upload":
        raise CallerError("remote_content_refused", path)
    if kind in _BY_SERVER or any(kind.startswith(name) for name in HOSTED_TOOLS):
        raise CallerError("hosted_tool_refused", f"{path}: {kind if kind in _BY_SERVER else hosted_name(kind)}")
    raise CallerError("unsupported_field", f"{path}: {spoken(kind)}; {', '.join(readers)}")


def _text_part(block: Mapping[str, Json], path: str) -> list[Part]:
    """Read a text; citations of an earlier answer are the provider's words on it, and stay behind."""
    only(block, frozenset({"type", "text", "cache_control", "citations"}), path)
    if block.get("citations") is not None:
        array(block["citations"], f"{path}.citations")
    return [TextPart(text=text(block.get("text"), f"{path}.text"))]


def _image(block: Mapping[str, Json], path: str) -> list[Part]:
    only(block, frozenset({"type", "source", "cache_control"}), path)
    source = mapping(block.get("source"), f"{path}.source")
    url = _inline(source, f"{path}.source", IMAGES)
    return [BlobPart(media="image", wire={"type": "image_url", "image_url": {"url": url}})]


def _document(block: Mapping[str, Json], path: str) -> list[Part]:
    """Read a document: a PDF with its bytes, or texts, with its title before them."""
    only(block, frozenset({"type", "source", "cache_control", "title", "citations"}), path)
    cited = mapping(block["citations"], f"{path}.citations") if block.get("citations") is not None else {}
    if cited.get("enabled") not in (None, False):
        raise CallerError("unsupported_field", f"{path}.citations")
    title = None if block.get("title") is None else text(block["title"], f"{path}.title")
    path = f"{path}.source"
    source = mapping(block.get("source"), path)
    if source.get("type") in ("text", "content"):
        heading: list[Part] = [TextPart(text=title)] if title else []
        return [*heading, *_written(source, path)]
    file: dict[str, Json] = {
        "file_data": _inline(source, path, ("application/pdf",)),
        "filename": title or "document.pdf",
    }
    return [BlobPart(media="file", wire={"type": "file", "file": file})]


def _written(source: Mapping[str, Json], path: str) -> tuple[Part, ...]:
    if source["type"] == "content":
        only(source, frozenset({"type", "content"}), path)
        return _parts(source.get("content"), f"{path}.content", {"text": _text_part, "image": _image})
    only(source, frozenset({"type", "media_type", "data"}), path)
    one_of(source.get("media_type"), f"{path}.media_type", ("text/plain",))
    return (TextPart(text=text(source.get("data"), f"{path}.data")),)


def _inline(source: Mapping[str, Json], path: str, media: tuple[str, ...]) -> str:
    kind = one_of(source.get("type"), f"{path}.type", ("base64", "url", "file"))
    if kind != "base64":
        raise CallerError("remote_content_refused", path)
    only(source, frozenset({"type", "media_type", "data"}), path)
    data = some_text(source.get("data"), f"{path}.data")
    if ":" in data:  # no base64 has one, every address has
        raise CallerError("remote_content_refused", f"{path}.data")
    return f"data:{one_of(source.get('media_type'), f'{path}.media_type', media)};base64,{data}"


_TEXT: Mapping[str, _Read] = {"text": _text_part}
_SAID: Mapping[str, _Read] = {"text": _text_part, "image": _image, "document": _document}
