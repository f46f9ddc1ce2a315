"""A call in neutral form, whichever dialect brought it.

Law: every string that would leave is reachable as a slot, and a request is rewritten only through its slots.
`slots` and `rewrite` share one traversal, so what was scanned is exactly what is sent (INVARIANT 1, decision 6).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import NewType, TypeAlias

from ecluse.domain.fetching import is_address
from ecluse.domain.hosted import HostedKind, HostedRef

Json: TypeAlias = "None | bool | int | float | str | Sequence[Json] | Mapping[str, Json]"
SlotPath = NewType("SlotPath", str)
"""Where a string stands in a request, e.g. `messages/0/parts/1`. Stable between `slots` and `rewrite`."""


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


class Role(StrEnum):
    """Who speaks in a message. `developer` is read as `system`."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"
    TOOL = "tool"


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


@dataclass(frozen=True, slots=True, kw_only=True)
class TextPart:
    """Text of a message."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BlobPart:
    """A part that is not text (image, audio, file): classified `unreadable`, never skipped.

    `wire` is the part as its dialect wrote it; every string in it but inline base64 is a slot.
    """

    media: str
    wire: Mapping[str, Json]


Part: TypeAlias = TextPart | BlobPart


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

    `signed` is reasoning of an earlier turn with its provider's signature: scanned, and never altered.
    """

    role: Role
    parts: tuple[Part, ...] = ()
    name: str | None = None
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str | None = None
    signed: tuple[Mapping[str, Json], ...] = ()
    extra: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A function that the caller offers to the model and runs itself. A hosted tool never becomes one."""

    name: str
    description: str | None = None
    parameters: Json = None
    strict: bool | None = None


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
class Request:
    """A call in neutral form.

    `options` has every other field under its OpenAI name (`temperature`, `max_tokens`, `stop`, `user`, unknown
    ones too); `inputs` are texts that are no turns: to embed, to complete, to judge, to speak, or a query and then the
    documents to rank by it; `needs` is what a destination must be capable of; `include_usage` is whether the caller
    asked to see usage in a stream.
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
            if isinstance(part, BlobPart)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One string that would leave.

    `maskable` is false where a surrogate would break the call (names of tools, keys of objects, identifiers):
    a finding there cannot be covered. A short number is no identifier by itself; it may repeat a value found elsewhere.
    `address` is whether its field is named one: nothing is restored in it but a whole link.
    """

    path: SlotPath
    text: str
    role: Role | None = None
    maskable: bool = True
    short_number: bool = False
    address: bool = False


Visit: TypeAlias = Callable[[Slot], str]


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
        hosted=tuple(
            replace(t, wire=_visit_object(t.wire, f"hosted/{i}", None, visit, maskable=False))
            for i, t in enumerate(request.hosted)
        ),
        tool_choice=_visit_json(request.tool_choice, "tool_choice", None, visit, maskable=False),
        inputs=tuple(visit(Slot(path=SlotPath(f"inputs/{i}"), text=text)) for i, text in enumerate(request.inputs)),
        options=_visit_object(request.options, "options", None, visit, maskable=True),
    )


def _visit_message(message: Message, path: str, visit: Visit) -> Message:
    role = message.role
    fixed = _fixed(role, visit)
    return replace(
        message,
        name=_visit_name(message, f"{path}/name", visit),
        signed=tuple(
            _visit_object(block, f"{path}/signed/{i}", role, visit, maskable=False)
            for i, block in enumerate(message.signed)
        ),
        parts=tuple(_visit_part(part, f"{path}/parts/{i}", role, visit) for i, part in enumerate(message.parts)),
        tool_calls=tuple(
            replace(
                call,
                id=fixed(f"{path}/tool_calls/{i}/id", call.id) or "",
                name=fixed(f"{path}/tool_calls/{i}/name", call.name) or "",
                arguments=_visit_json(call.arguments, f"{path}/tool_calls/{i}/arguments", role, visit, maskable=True),
            )
            for i, call in enumerate(message.tool_calls)
        ),
        tool_call_id=fixed(f"{path}/tool_call_id", message.tool_call_id),
        extra=_visit_object(message.extra, f"{path}/extra", role, visit, maskable=True),
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
        return TextPart(text=visit(Slot(path=SlotPath(path), text=part.text, role=role)))
    return replace(part, wire=_visit_object(part.wire, path, role, visit, maskable=False))


def _visit_tool(tool: Tool, path: str, visit: Visit) -> Tool:
    fixed = _fixed(None, visit)
    description = tool.description
    if description is not None:
        description = visit(Slot(path=SlotPath(f"{path}/description"), text=description))
    return replace(
        tool,
        name=fixed(f"{path}/name", tool.name) or "",
        description=description,
        parameters=_visit_schema(tool.parameters, f"{path}/parameters", visit),
    )


_SAID_IN_SCHEMA = frozenset({"title", "description", "$comment", "default", "const", "enum", "example", "examples"})
"""Words of JSON Schema whose values are data or prose. A model copies the surrogate of a choice as it would the choice,
and it comes back in the arguments; a surrogate in a pattern, a reference or a list of keys would break the schema."""
_NAMES_IN_SCHEMA = frozenset({"properties", "patternProperties", "dependentSchemas", "$defs", "definitions"})
"""Words of JSON Schema whose members bear names of the caller's: a property may be called `title`."""


def _visit_schema(value: Json, path: str, visit: Visit, *, names: bool = False) -> Json:
    if not isinstance(value, Mapping):
        if isinstance(value, Sequence) and not isinstance(value, str):
            return [_visit_schema(item, f"{path}/{i}", visit) for i, item in enumerate(value)]
        return _visit_json(value, path, None, visit, maskable=False)
    out: dict[str, Json] = {}
    for i, (key, member) in enumerate(value.items()):
        visit(Slot(path=SlotPath(f"{path}/{i}#key"), text=key, maskable=False))
        if key in _SAID_IN_SCHEMA and not names:
            out[key] = _visit_json(member, f"{path}/{i}", None, visit, maskable=True)
        else:
            out[key] = _visit_schema(member, f"{path}/{i}", visit, names=key in _NAMES_IN_SCHEMA and not names)
    return out


def _visit_object(
    value: Mapping[str, Json], path: str, role: Role | None, visit: Visit, *, maskable: bool
) -> Mapping[str, Json]:
    if not value:
        return value
    out: dict[str, Json] = {}
    for i, (key, member) in enumerate(value.items()):
        visit(Slot(path=SlotPath(f"{path}/{i}#key"), text=key, role=role, maskable=False))
        address = is_address(key)
        out[key] = _visit_json(member, f"{path}/{i}", role, visit, maskable=maskable, address=address)
    return out


def _visit_json(
    value: Json, path: str, role: Role | None, visit: Visit, *, maskable: bool, address: bool = False
) -> Json:
    if isinstance(value, str):
        return visit(Slot(path=SlotPath(path), text=value, role=role, maskable=maskable, address=address))
    if isinstance(value, Mapping):
        return _visit_object(value, path, role, visit, maskable=maskable)
    if isinstance(value, int | float) and not isinstance(value, bool):
        _visit_number(value, path, role, visit)
        return value
    if isinstance(value, Sequence):
        return [
            _visit_json(item, f"{path}/{i}", role, visit, maskable=maskable, address=address)
            for i, item in enumerate(value)
        ]
    return value


NUMBER_WORTH_READING = 100_000
"""A number of six digits or more may be an identifier (a phone, a NIR): it is read as text, and cannot be masked."""


def _visit_number(value: float, path: str, role: Role | None, visit: Visit) -> None:
    short = abs(value) < NUMBER_WORTH_READING
    whole = isinstance(value, int) or value.is_integer()  # a card may be written 4539578763621486.0
    text = str(int(value)) if whole else str(value)
    visit(Slot(path=SlotPath(path), text=text, role=role, maskable=False, short_number=short))
