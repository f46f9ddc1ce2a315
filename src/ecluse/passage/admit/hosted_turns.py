"""What a hosted tool did in an earlier turn, as a caller sends it back: calls, results, and wishes to approve a call.

Law: it goes back only with the tool itself in the same request, so that the rules know who receives it and what it may
have brought; every string in it is searched. Closed lists of types and of fields. What would make the provider fetch,
or use a container or a file that stands there under a key that callers share, is refused by name.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from ecluse.domain.errors import CallerError
from ecluse.domain.hosted import HostedKind
from ecluse.domain.request import HostedPart, HostedTool, Json
from ecluse.passage.admit.checks import boolean, mapping, only, some_text, spoken, text
from ecluse.passage.admit.strict_json import decode_text

_CALLS: Mapping[str, HostedKind] = {
    "web_search": HostedKind.WEB_SEARCH,
    "web_fetch": HostedKind.WEB_FETCH,
    "code_execution": HostedKind.CODE_EXECUTION,
    "bash_code_execution": HostedKind.CODE_EXECUTION,
    "text_editor_code_execution": HostedKind.CODE_EXECUTION,
}
"""Names of a `server_tool_use`; each has a result whose type ends in `_tool_result`."""
_BLOCKS: Mapping[str, tuple[HostedKind | None, frozenset[str]]] = {
    "server_tool_use": (None, frozenset({"type", "id", "name", "input"})),
    "mcp_tool_listing": (HostedKind.MCP, frozenset({"type", "mcp_server_name", "tools"})),
    "mcp_tool_use": (HostedKind.MCP, frozenset({"type", "id", "name", "input", "server_name"})),
    "mcp_tool_result": (HostedKind.MCP, frozenset({"type", "tool_use_id", "content", "is_error"})),
    **{f"{name}_tool_result": (kind, frozenset({"type", "tool_use_id", "content"})) for name, kind in _CALLS.items()},
}
_INSIDE = frozenset(
    {
        "base64",
        "document",
        "text",
        "web_fetch_result",
        "web_search_result",
        *(f"{name}_result" for name in ("code_execution", "bash_code_execution", "encrypted_code_execution")),
        *(f"text_editor_code_execution_{verb}_result" for verb in ("create", "str_replace", "view")),
        *(f"{name}_tool_result_error" for name in _CALLS),
    }
)
"""Types inside a result of Anthropic's. A file of a container (`code_execution_output`) and a link to be fetched are
not among them. Source: the types of the `anthropic` package 2.12, November 2026."""
_ITEMS: Mapping[str, tuple[HostedKind, frozenset[str]]] = {
    "web_search_call": (HostedKind.WEB_SEARCH, frozenset({"type", "id", "status", "action"})),
    "file_search_call": (HostedKind.FILE_SEARCH, frozenset({"type", "id", "status", "queries", "results"})),
    "mcp_list_tools": (HostedKind.MCP, frozenset({"type", "id", "server_label", "tools", "error"})),
    "mcp_call": (
        HostedKind.MCP,
        frozenset(
            {"type", "id", "server_label", "name", "arguments", "approval_request_id", "error", "output", "status"}
        ),
    ),
    "mcp_approval_request": (HostedKind.MCP, frozenset({"type", "id", "server_label", "name", "arguments"})),
    "mcp_approval_response": (
        HostedKind.MCP,
        frozenset({"type", "id", "approval_request_id", "approve", "reason"}),
    ),
}
"""Source: the types of the `openai` package 3.54, November 2026."""


@dataclass(slots=True)
class Offered:
    """The hosted tools of a request, and the calls that it has asked to be approved so far."""

    kinds: Collection[HostedKind]
    labels: Collection[Json]
    waiting: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, tools: Sequence[HostedTool]) -> "Offered":
        """Gather what earlier turns may speak of."""
        names = [tool.wire.get("server_label") or tool.wire.get("name") for tool in tools if any(tool.addresses)]
        return cls({tool.kind for tool in tools}, [name for name in names if name is not None])


def block(value: Mapping[str, Json], path: str, offered: Offered) -> HostedPart | None:
    """Read a block of an assistant's turn in Anthropic's format, None for what no hosted tool wrote.

    Raises CallerError.
    """
    kind, fields = _BLOCKS.get(str(value.get("type")), (None, None))
    if fields is None:
        return None
    if value["type"] == "server_tool_use":
        kind = _CALLS.get(some_text(value.get("name"), f"{path}.name"))
    if kind is None:
        raise CallerError("hosted_tool_refused", f"{path}: tool_search")
    caller = value.get("caller")
    if caller is not None and mapping(caller, f"{path}.caller").get("type") != "direct":
        raise CallerError("hosted_tool_refused", f"{path}.caller: code_execution")
    only(value, fields | {"cache_control", "caller"}, path)
    if "input" in fields:
        mapping(value.get("input"), f"{path}.input")
    _types_of(value.get("content"), f"{path}.content")
    wire = {name: member for name, member in value.items() if name in fields and member is not None}
    return _part(kind, "anthropic_messages", wire, path, offered)


def item(value: Mapping[str, Json], path: str, offered: Offered) -> HostedPart | None:
    """Read an item of a Responses call, None for what no hosted tool wrote. Raises CallerError."""
    kind, fields = _ITEMS.get(str(value.get("type")), (None, None))
    if kind is None or fields is None:
        return None
    only(value, fields, path)
    wire: dict[str, Json] = {name: member for name, member in value.items() if member is not None}
    if value["type"] == "mcp_approval_request":
        offered.waiting.add(some_text(value.get("id"), f"{path}.id"))
    elif value["type"] == "mcp_approval_response":
        boolean(value.get("approve"), f"{path}.approve")
        if some_text(value.get("approval_request_id"), f"{path}.approval_request_id") not in offered.waiting:
            why = "send the mcp_approval_request that it answers before it"
            raise CallerError("retention_refused", f"{path}.approval_request_id: {why}")
    if "arguments" in wire:
        wire["arguments"] = _arguments(wire["arguments"], f"{path}.arguments")
    return _part(kind, "openai_responses", wire, path, offered)


def _arguments(value: Json, path: str) -> Json:
    """Decode a string of JSON, since a value may hide behind escapes in it; what is no JSON stays as it is."""
    stated = text(value, path)
    try:
        decoded, known = decode_text(stated)
    except CallerError as error:
        raise CallerError(error.code, path) from None
    return decoded if known and decoded is not None else stated


def _part(kind: HostedKind, dialect: str, wire: Mapping[str, Json], path: str, offered: Offered) -> HostedPart:
    if kind not in offered.kinds:
        why = "what it did goes back only with the tool itself in `tools`"
        raise CallerError("hosted_tool_refused", f"{path}: {kind}; {why}")
    for name in ("server_label", "server_name", "mcp_server_name"):
        if name in wire and wire[name] not in offered.labels:
            raise CallerError("hosted_tool_refused", f"{path}.{name}: {kind}; no server of that name is in the request")
    return HostedPart(kind=kind, dialect=dialect, wire=wire)


def _types_of(value: Json, path: str) -> None:
    """Refuse what stands inside a result and is on no list, a file and a link to be fetched among it."""
    if isinstance(value, Mapping):
        if value.get("file_id") is not None or value.get("type") in ("url", "file"):
            raise CallerError("remote_content_refused", path)
        if (kind := value.get("type")) is not None and kind not in _INSIDE:
            raise CallerError("unsupported_field", f"{path}: {spoken(str(kind))}")
        for name, member in value.items():
            _types_of(member, f"{path}.{spoken(name)}")
    elif isinstance(value, list):
        for i, one in enumerate(value):
            _types_of(one, f"{path}[{i}]")
