"""A call in neutral form, whichever dialect brought it.

Law: every string that would leave is reachable as a slot, and a request is rewritten only through its slots.
`slots` and `rewrite` share one traversal, so what was scanned is exactly what is sent (INVARIANT 1, decision 6).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TypeAlias

from ecluse.domain.hosted import HostedKind, HostedRef
from ecluse.domain.slot import (
    HELD,
    Json,
    Role,
    Slot,
    SlotPath,
    Visit,
    has_bytes,
    visit_json,
    visit_object,
    visit_schema,
)

__all__ = [
    "AS_IS_ONLY",
    "BlobPart",
    "Capability",
    "HostedPart",
    "HostedTool",
    "Json",
    "Message",
    "Part",
    "Request",
    "Role",
    "Slot",
    "SlotPath",
    "Surface",
    "TextPart",
    "Tool",
    "ToolCall",
    "rewrite",
    "slots",
]


class Surface(StrEnum):
    """Which kind of work a call asks for."""

    CHAT = "chat"
    EMBEDDINGS = "embeddings"
    COMPLETIONS = "completions"
    RERANK = "rerank"
    MODERATIONS = "moderations"
    OCR = "ocr"
    TRANSCRIPTION = "transcription"
    SPEECH = "speech"


AS_IS_ONLY = frozenset({Surface.EMBEDDINGS, Surface.OCR, Surface.TRANSCRIPTION, Surface.SPEECH})
"""Where a surrogate would be of no use: it would change a vector, be spoken, or stand in what cannot be read."""


class Capability(StrEnum):
    """What a destination must be able to do for a call."""

    CHAT = "chat"
    STREAM = "stream"
    TOOLS = "tools"
    JSON_OUTPUT = "json_output"
    VISION = "vision"
    AUDIO = "audio"
    FILES = "files"
    EMBEDDINGS = "embeddings"
    COMPLETIONS = "completions"
    FIM = "fim"
    RERANK = "rerank"
    MODERATIONS = "moderations"
    OCR = "ocr"
    TRANSCRIPTION = "transcription"
    SPEECH = "speech"


class CacheSpan(StrEnum):
    """How long a provider is asked to remember a prompt, up to the part that says so."""

    MINUTES = "5m"
    HOUR = "1h"


@dataclass(frozen=True, slots=True, kw_only=True)
class TextPart:
    """Text of a message."""

    text: str
    cache: CacheSpan | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BlobPart:
    """A part that is not text (image, audio, file): classified `unreadable` as far as it is not read, never skipped.

    `wire` is the part as its dialect wrote it; every string in it but inline base64 is a slot.
    """

    media: str
    wire: Mapping[str, Json]
    cache: CacheSpan | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HostedPart:
    """What a tool of the provider's did in an earlier turn: its call, its result, a wish to approve it, or the answer.

    `wire` goes back, as its provider wrote it, to the same wire format and with the same tool, or nowhere; arguments
    that came as a string of JSON are decoded in it. What stands in HELD is never altered: the provider reads it back.
    """

    kind: HostedKind
    dialect: str
    wire: Mapping[str, Json]


Part: TypeAlias = TextPart | BlobPart | HostedPart


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    r"""A call that the model asked for in an earlier turn.

    `arguments` is the decoded JSON when `decoded`, else the string as it came. Decoding matters: a value may
    hide behind `\\u` escapes inside the string.
    """

    id: str
    name: str
    arguments: Json
    decoded: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One turn. `extra` holds fields that the neutral form has no word for; they are scanned like the rest.

    `signed` is reasoning of an earlier turn with its provider's signature: scanned, and never altered. `cache` is of
    the result of a tool.
    """

    role: Role
    parts: tuple[Part, ...] = ()
    name: str | None = None
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str | None = None
    signed: tuple[Mapping[str, Json], ...] = ()
    extra: Mapping[str, Json] = field(default_factory=dict)
    cache: CacheSpan | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A function that the caller offers to the model and runs itself. A hosted tool never becomes one."""

    name: str
    description: str | None = None
    parameters: Json = None
    strict: bool | None = None
    cache: CacheSpan | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HostedTool:
    """A tool that the provider would run. `wire` goes back, as the caller wrote it, to the same wire format or nowhere.

    `place` is the field that it belongs into, `path` where it stood; `addresses` are those of remote servers or stores.
    """

    kind: HostedKind
    dialect: str
    wire: Mapping[str, Json]
    place: str = "tools"
    path: str = "tools"
    addresses: tuple[str, ...] = ("",)

    @property
    def refs(self) -> frozenset[HostedRef]:
        """What it means, one for each address."""
        return frozenset(HostedRef(kind=self.kind, dialect=self.dialect, address=a) for a in self.addresses)


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """What a call asks its provider to keep, or to go on from: the rules decide (`store` beside `infer`).

    `store` is whether the answer is to be kept, `previous` the answer to go on from, by our name for it and upstream
    by the provider's; `instructed` is whether the first message holds for this turn alone. `fetch` asks for `previous`
    itself again, and nothing else.
    """

    store: bool = False
    previous: str = ""
    instructed: bool = False
    fetch: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A call in neutral form.

    `options` has every other field under its OpenAI name (`temperature`, `max_tokens`, `stop`, `user`, unknown
    ones too); `inputs` are texts that are no turns: to embed, to complete, to judge, to speak, or a query and then the
    documents to rank by it; `needs` is what a destination must be capable of; `include_usage` is whether the caller
    asked to see usage in a stream; `retention` is None when nothing is kept and nothing gone on from; `conversation` is
    our name for the conversation object that it is of, whose turns are in `messages`; `cache` is a wish to have the
    whole prompt remembered, wherever it ends.
    """

    surface: Surface
    model: str
    messages: tuple[Message, ...] = ()
    tools: tuple[Tool, ...] = ()
    hosted: tuple[HostedTool, ...] = ()
    tool_choice: Json = None
    inputs: tuple[str, ...] = ()
    options: Mapping[str, Json] = field(default_factory=dict)
    stream: bool = False
    include_usage: bool = False
    needs: frozenset[Capability] = frozenset()
    retention: Retention | None = None
    conversation: str = ""
    cache: CacheSpan | None = None

    @property
    def structured(self) -> bool:
        """Whether the answer is asked for as JSON."""
        form = self.options.get("response_format")
        return isinstance(form, Mapping) and form.get("type") in {"json_object", "json_schema"}

    @property
    def unreadable(self) -> tuple[SlotPath, ...]:
        """Where parts stand that cannot be read as text."""
        return tuple(
            SlotPath(f"messages/{i}/parts/{j}")
            for i, message in enumerate(self.messages)
            for j, part in enumerate(message.parts)
            if isinstance(part, BlobPart) or (isinstance(part, HostedPart) and has_bytes(part.wire))
        )


def slots(request: Request, *, short_numbers: bool = False) -> tuple[Slot, ...]:
    """List every string that would leave, in reading order; short numbers too when they are asked for."""
    found: list[Slot] = []

    def keep(slot: Slot) -> str:
        if short_numbers or not slot.short_number:
            found.append(slot)
        return slot.text

    _visit_request(request, keep)
    return tuple(found)


def rewrite(request: Request, texts: Mapping[SlotPath, str]) -> Request:
    """Return the request with the given slots replaced. Raises KeyError for a path that is no maskable slot."""
    used: set[SlotPath] = set()

    def swap(slot: Slot) -> str:
        if slot.path not in texts:
            return slot.text
        if not slot.maskable:
            raise KeyError(slot.path)
        used.add(slot.path)
        return texts[slot.path]

    rewritten = _visit_request(request, swap)
    if missing := set(texts) - used:
        raise KeyError(min(missing))
    return rewritten


def _visit_request(request: Request, visit: Visit) -> Request:
    return replace(
        request,
        messages=tuple(_visit_message(m, f"messages/{i}", visit) for i, m in enumerate(request.messages)),
        tools=tuple(_visit_tool(t, f"tools/{i}", visit) for i, t in enumerate(request.tools)),
        hosted=tuple(_visit_hosted(t, f"hosted/{i}", visit) for i, t in enumerate(request.hosted)),
        tool_choice=visit_json(request.tool_choice, "tool_choice", None, visit, maskable=False),
        inputs=tuple(visit(Slot(path=SlotPath(f"inputs/{i}"), text=text)) for i, text in enumerate(request.inputs)),
        options=visit_object(request.options, "options", None, visit, maskable=True),
    )


_TYPES = frozenset({*HostedKind, "mcp_toolset", "url"})
"""Words that say which hosted tool is meant: ours, not the caller's. With a version behind, they are searched."""


def _visit_hosted(tool: HostedTool, path: str, visit: Visit) -> HostedTool:
    """Visit all that a caller can have written in a hosted tool."""
    told = {name: value for name, value in tool.wire.items() if name != "type" or value not in _TYPES}
    seen = visit_object(told, path, None, visit, maskable=False)
    return replace(tool, wire={name: seen.get(name, value) for name, value in tool.wire.items()})


def _visit_message(message: Message, path: str, visit: Visit) -> Message:
    role = message.role
    fixed = _fixed(role, visit)
    return replace(
        message,
        name=_visit_name(message, f"{path}/name", visit),
        signed=tuple(
            visit_object(block, f"{path}/signed/{i}", role, visit, maskable=False)
            for i, block in enumerate(message.signed)
        ),
        parts=tuple(_visit_part(part, f"{path}/parts/{i}", role, visit) for i, part in enumerate(message.parts)),
        tool_calls=tuple(
            replace(
                call,
                id=fixed(f"{path}/tool_calls/{i}/id", call.id) or "",
                name=fixed(f"{path}/tool_calls/{i}/name", call.name) or "",
                arguments=visit_json(call.arguments, f"{path}/tool_calls/{i}/arguments", role, visit, maskable=True),
            )
            for i, call in enumerate(message.tool_calls)
        ),
        tool_call_id=fixed(f"{path}/tool_call_id", message.tool_call_id),
        extra=visit_object(message.extra, f"{path}/extra", role, visit, maskable=True),
    )


def _visit_name(message: Message, path: str, visit: Visit) -> str | None:
    """Visit who speaks: a person, but for the result of a tool, which bears the tool's name."""
    if message.name is None:
        return None
    maskable = message.role is not Role.TOOL
    return visit(Slot(path=SlotPath(path), text=message.name, role=message.role, maskable=maskable))


def _fixed(role: Role | None, visit: Visit) -> Callable[[str, str | None], str | None]:
    def scan(path: str, text: str | None) -> str | None:
        if text is None:
            return None
        return visit(Slot(path=SlotPath(path), text=text, role=role, maskable=False))

    return scan


def _visit_part(part: Part, path: str, role: Role, visit: Visit) -> Part:
    if isinstance(part, TextPart):
        return replace(part, text=visit(Slot(path=SlotPath(path), text=part.text, role=role)))
    if isinstance(part, HostedPart):
        return replace(part, wire=visit_object(part.wire, path, role, visit, maskable=True, held=HELD))
    return replace(part, wire=visit_object(part.wire, path, role, visit, maskable=False))


def _visit_tool(tool: Tool, path: str, visit: Visit) -> Tool:
    fixed = _fixed(None, visit)
    description = tool.description
    if description is not None:
        description = visit(Slot(path=SlotPath(f"{path}/description"), text=description))
    return replace(
        tool,
        name=fixed(f"{path}/name", tool.name) or "",
        description=description,
        parameters=visit_schema(tool.parameters, f"{path}/parameters", visit),
    )
