"""`input` of a Responses call: every item, to messages in neutral form.

Law: as in openai_messages.py, nothing is fetched and nothing is skipped. An item that stands for something the provider
keeps is refused; what a tool of the provider's wrote goes back with that tool (hosted_turns.py). Calls follow what
their turn said; reasoning, which is ours to read or nobody's, goes with the turn after it.
"""

from collections.abc import Callable, Mapping, Sequence

from ecluse.domain.errors import CallerError
from ecluse.domain.request import BlobPart, HostedTool, Json, Message, Part, Role, TextPart, ToolCall
from ecluse.passage.admit import hosted_turns
from ecluse.passage.admit.checks import array, mapping, one_of, only, some_text, spoken, text, wrong
from ecluse.passage.admit.hosted_turns import Offered
from ecluse.passage.admit.openai_messages import DETAILS, ROLES, inline
from ecluse.passage.admit.openai_tools import HOSTED_TOOLS, hosted_name
from ecluse.passage.admit.strict_json import decode_text

_ROLES = ("user", "assistant", "system", "developer")
_CALL = frozenset({"type", "id", "call_id", "name", "arguments", "status", "caller", "async"})
_OUTPUT = frozenset({"type", "id", "call_id", "output", "status", "caller"})
_MESSAGE = frozenset({"type", "id", "role", "content", "status", "phase"})
_REASONING = frozenset({"type", "id", "summary", "content", "status", "encrypted_content"})


def messages(
    value: Json, instructions: Json, tools: Sequence[HostedTool] = (), *, at: str = "input"
) -> tuple[Message, ...]:
    """Read `instructions`, and a text or items of the field `at`. `tools` are the hosted tools of the call."""
    turns: list[Message] = []
    if instructions is not None and text(instructions, "instructions"):
        turns.append(Message(role=Role.SYSTEM, parts=(TextPart(text=text(instructions, "instructions")),)))
    if isinstance(value, str):
        return (*turns, Message(role=Role.USER, parts=(TextPart(text=value),)))
    items = array(value, at)
    if not items:
        raise wrong(at, "string | non-empty array")
    reading = _Reading(turns, Offered.of(tools))
    for i, item in enumerate(items):
        reading.item(mapping(item, f"{at}[{i}]"), f"{at}[{i}]")
    return reading.done()


class _Reading:
    """The turns so far, and reasoning that waits for its turn."""

    def __init__(self, turns: list[Message], offered: Offered) -> None:
        self._turns = turns
        self._offered = offered
        self._thought: list[str] = []

    def item(self, item: Mapping[str, Json], path: str) -> None:
        """Read one item."""
        kind = item.get("type", "message")
        match kind:
            case "message":
                self._message(item, path)
            case "function_call":
                self._call(item, path)
            case "function_call_output":
                self._turns.append(_output(item, path))
            case "reasoning":
                self._thought += _reasoning(item, path)
            case "item_reference" | "compaction":
                raise CallerError("retention_refused", f"{path}: {kind}")
            case str():
                self._hosted(item, path, kind)
            case _:
                raise wrong(f"{path}.type", "string")

    def done(self) -> tuple[Message, ...]:
        """Return the turns; reasoning that nothing follows says nothing to a model."""
        return tuple(self._turns)

    def _message(self, item: Mapping[str, Json], path: str) -> None:
        only(item, _MESSAGE, path)
        role = ROLES[one_of(item.get("role"), f"{path}.role", _ROLES)]
        content, readers = item.get("content"), _SAID if role is Role.ASSISTANT else _ASKED
        extra = self._extra() if role is Role.ASSISTANT else {}
        if isinstance(content, str):
            self._turns.append(Message(role=role, parts=(TextPart(text=content),), extra=extra))
            return
        parts = tuple(
            _part(part, f"{path}.content[{i}]", readers) for i, part in enumerate(array(content, f"{path}.content"))
        )
        self._turns.append(Message(role=role, parts=parts, extra=extra))

    def _call(self, item: Mapping[str, Json], path: str) -> None:
        call, last = _call(item, path), self._turns[-1] if self._turns else None
        if last is None or last.role is not Role.ASSISTANT or self._thought:
            self._turns.append(Message(role=Role.ASSISTANT, tool_calls=(call,), extra=self._extra()))
            return
        self._turns[-1] = Message(
            role=last.role, parts=last.parts, tool_calls=(*last.tool_calls, call), extra=last.extra
        )

    def _hosted(self, item: Mapping[str, Json], path: str, kind: str) -> None:
        """Read what a tool of the provider's did, or the caller's word on what it may do."""
        part = hosted_turns.item(item, path, self._offered)
        if part is None:
            raise _refused(kind, path)
        if kind == "mcp_approval_response":
            self._turns.append(Message(role=Role.USER, parts=(part,)))
        else:
            self._turns.append(Message(role=Role.ASSISTANT, parts=(part,), extra=self._extra()))

    def _extra(self) -> dict[str, Json]:
        thought, self._thought = "\n".join(self._thought), []
        return {"reasoning_content": thought} if thought else {}


def _call(item: Mapping[str, Json], path: str) -> ToolCall:
    only(item, _CALL, path)
    _direct(item, path)
    try:
        arguments, decoded = decode_text(text(item.get("arguments"), f"{path}.arguments"))
    except CallerError as error:
        raise CallerError(error.code, f"{path}.arguments") from None
    return ToolCall(
        id=some_text(item.get("call_id"), f"{path}.call_id"),
        name=some_text(item.get("name"), f"{path}.name"),
        arguments=arguments,
        decoded=decoded,
    )


def _output(item: Mapping[str, Json], path: str) -> Message:
    only(item, _OUTPUT, path)
    _direct(item, path)
    output, path_ = item.get("output"), f"{path}.output"
    parts: Sequence[Part]
    if isinstance(output, str):
        parts = (TextPart(text=output),)
    else:
        parts = [_part(part, f"{path_}[{i}]", _ASKED) for i, part in enumerate(array(output, path_))]
    return Message(
        role=Role.TOOL,
        parts=tuple(parts) or (TextPart(text=""),),
        tool_call_id=some_text(item.get("call_id"), f"{path}.call_id"),
    )


def _direct(item: Mapping[str, Json], path: str) -> None:
    """Refuse a call that a program at the provider made."""
    caller = item.get("caller")
    if caller is not None and mapping(caller, f"{path}.caller").get("type") != "direct":
        raise CallerError("hosted_tool_refused", f"{path}.caller: code_interpreter")
    if item.get("async") not in (None, False):
        raise CallerError("unsupported_field", f"{path}.async")


def _reasoning(item: Mapping[str, Json], path: str) -> list[str]:
    """Read reasoning in clear; what is encrypted could be read by nobody here."""
    only(item, _REASONING, path)
    if item.get("encrypted_content") is not None:
        raise CallerError("unsupported_field", f"{path}.encrypted_content")
    said: list[str] = []
    for name in ("content", "summary"):
        where = f"{path}.{name}"
        pieces = array(item[name], where) if item.get(name) is not None else ()
        for i, piece in enumerate(pieces):
            part = mapping(piece, f"{where}[{i}]")
            only(part, frozenset({"type", "text"}), f"{where}[{i}]")
            said.append(text(part.get("text"), f"{where}[{i}].text"))
    return said


# ------------------------------------------------------------------ parts
def _part(value: Json, path: str, readers: Mapping[str, Callable[[Mapping[str, Json], str], Part]]) -> Part:
    part = mapping(value, path)
    return readers[one_of(part.get("type"), f"{path}.type", tuple(readers))](part, path)


def _input_text(part: Mapping[str, Json], path: str) -> Part:
    only(part, frozenset({"type", "text"}), path)
    return TextPart(text=text(part.get("text"), f"{path}.text"))


def _output_text(part: Mapping[str, Json], path: str) -> Part:
    """Read what an assistant said; annotations on it, and its tokens, are no words of it and stay behind."""
    only(part, frozenset({"type", "text", "annotations", "logprobs"}), path)
    for name in ("annotations", "logprobs"):
        if part.get(name) is not None:
            array(part[name], f"{path}.{name}")
    return TextPart(text=text(part.get("text"), f"{path}.text"))


def _refusal(part: Mapping[str, Json], path: str) -> Part:
    only(part, frozenset({"type", "refusal"}), path)
    return TextPart(text=text(part.get("refusal"), f"{path}.refusal"))


def _image(part: Mapping[str, Json], path: str) -> Part:
    if part.get("file_id") is not None:
        raise CallerError("remote_content_refused", f"{path}.file_id")
    only(part, frozenset({"type", "image_url", "detail", "file_id"}), path)
    image: dict[str, Json] = {"url": inline(part.get("image_url"), f"{path}.image_url")}
    if part.get("detail") is not None:
        image["detail"] = one_of(part["detail"], f"{path}.detail", DETAILS)
    return BlobPart(media="image", wire={"type": "image_url", "image_url": image})


def _file(part: Mapping[str, Json], path: str) -> Part:
    for name in ("file_id", "file_url"):
        if part.get(name) is not None:
            raise CallerError("remote_content_refused", f"{path}.{name}")
    only(part, frozenset({"type", "file_data", "filename"}), path)
    file: dict[str, Json] = {"file_data": inline(part.get("file_data"), f"{path}.file_data")}
    if part.get("filename") is not None:
        file["filename"] = text(part["filename"], f"{path}.filename")
    return BlobPart(media="file", wire={"type": "file", "file": file})


_ASKED = {"input_text": _input_text, "input_image": _image, "input_file": _file}
_SAID = {"output_text": _output_text, "input_text": _input_text, "refusal": _refusal}


def _refused(kind: str, path: str) -> CallerError:
    if any(kind.startswith(name) for name in HOSTED_TOOLS):
        return CallerError("hosted_tool_refused", f"{path}: {hosted_name(kind)}")
    return CallerError("unsupported_field", f"{path}: {spoken(kind)}")
