"""Hosted tools and remote MCP servers as a request writes them, of which the rules can say where they may go.

Law: closed lists of kinds and of fields; what is not on them is refused by name. A tool goes back to the wire format it
came in. Nothing that stands at a provider, was never read here or would carry a caller's secret goes with it.
"""

from collections.abc import Callable, Mapping, Sequence

from ecluse.domain.errors import CallerError
from ecluse.domain.hosted import HostedKind
from ecluse.domain.request import HostedTool, Json
from ecluse.passage.admit.checks import array, mapping, only, some_text, text, wrong

_OF_OPENAI: Mapping[HostedKind, frozenset[str]] = {
    HostedKind.WEB_SEARCH: frozenset({"external_web_access", "filters", "search_context_size", "user_location"}),
    HostedKind.FILE_SEARCH: frozenset({"filters", "max_num_results", "ranking_options", "vector_store_ids"}),
    HostedKind.CODE_INTERPRETER: frozenset({"container"}),
    HostedKind.MCP: frozenset(
        {"allowed_tools", "require_approval", "server_description", "server_label", "server_url"}
    ),
}
_OF_ANTHROPIC: Mapping[HostedKind, frozenset[str]] = {
    HostedKind.WEB_SEARCH: frozenset(
        {"allowed_domains", "blocked_domains", "max_uses", "name", "response_inclusion", "strict", "user_location"}
    ),
    HostedKind.WEB_FETCH: frozenset(
        {
            "allowed_domains",
            "blocked_domains",
            "max_content_tokens",
            "max_uses",
            "name",
            "response_inclusion",
            "strict",
            "use_cache",
        }
    ),
    HostedKind.CODE_EXECUTION: frozenset({"name", "strict"}),
}
"""The fields that each takes. Sources: the types of the `openai` 3.54 and `anthropic` 2.12 packages, November 2026."""
_SECRETS = ("authorization", "authorization_token", "headers")
_KEPT = ("connector_id", "tunnel_id")
_OPENAI, _ANTHROPIC = "openai_responses", "anthropic_messages"


def of_openai(tool: Mapping[str, Json], path: str) -> HostedTool | None:
    """Read a hosted tool of a Responses call, None for what is on no list. Raises CallerError."""
    kind = _kind(text(tool.get("type"), f"{path}.type"), _OF_OPENAI)
    if kind is None:
        return None
    wire = _checked(tool, path, _OF_OPENAI[kind] | {"type", "allowed_callers", "defer_loading"}, kind)
    addresses = _ADDRESSES[kind](wire, path) if kind in _ADDRESSES else ("",)
    return HostedTool(kind=kind, dialect=_OPENAI, wire=wire, path=path, addresses=addresses)


def of_anthropic(tool: Mapping[str, Json], path: str) -> HostedTool | None:
    """Read a hosted tool of an Anthropic call, None for what is on no list. Raises CallerError."""
    kind = _kind(text(tool.get("type"), f"{path}.type"), _OF_ANTHROPIC)
    if kind is None:
        return None
    taken = _OF_ANTHROPIC[kind] | {"type", "allowed_callers", "cache_control", "defer_loading"}
    wire = {name: value for name, value in _checked(tool, path, taken, kind).items() if name != "cache_control"}
    return HostedTool(kind=kind, dialect=_ANTHROPIC, wire=wire, path=path)


def servers(value: Json) -> tuple[HostedTool, ...]:
    """Read `mcp_servers` of an Anthropic call. Raises CallerError."""
    found: list[HostedTool] = []
    for i, item in enumerate(array(value, "mcp_servers") if value is not None else ()):
        path = f"mcp_servers[{i}]"
        taken = frozenset({"name", "tool_configuration", "type", "url"})
        wire = _checked(mapping(item, path), path, taken, HostedKind.MCP)
        some_text(wire.get("name"), f"{path}.name")
        found.append(
            HostedTool(
                kind=HostedKind.MCP,
                dialect=_ANTHROPIC,
                wire=wire,
                place="mcp_servers",
                path=path,
                addresses=(some_text(wire.get("url"), f"{path}.url"),),
            )
        )
    return tuple(found)


def search_of_chat(value: Json) -> HostedTool:
    """Read `web_search_options` of a chat completion. Raises CallerError."""
    name = "web_search_options"
    wire = dict(mapping(value, name))
    only(wire, frozenset({"search_context_size", "user_location"}), name)
    return HostedTool(kind=HostedKind.WEB_SEARCH, dialect="openai_chat", wire=wire, place=name, path=name)


def chosen(choice: Mapping[str, Json], tools: Sequence[HostedTool]) -> bool:
    """Say whether a choice of a Responses call names one of its hosted tools, whatever version of it."""
    kind = choice.get("type")
    return isinstance(kind, str) and _kind(kind, _OF_OPENAI) in {tool.kind for tool in tools}


def _kind(written: str, known: Mapping[HostedKind, frozenset[str]]) -> HostedKind | None:
    """Return the kind of a type, with a version or not (`web_search_20250305`, `web_search_preview_2025_03_11`)."""
    for kind in known:
        version = written.removeprefix(kind).removeprefix("_preview") if written.startswith(kind) else written
        if not version or (version.startswith("_") and version.replace("_", "").isdigit()):
            return kind
    return None


def _checked(tool: Mapping[str, Json], path: str, taken: frozenset[str], kind: HostedKind) -> dict[str, Json]:
    for name in _SECRETS:
        if tool.get(name) is not None:
            why = "a secret of the caller's goes to no provider"
            raise CallerError("hosted_tool_refused", f"{path}.{name}: {kind}; {why}")
    for name in _KEPT:
        if tool.get(name) is not None:
            raise CallerError("hosted_tool_refused", f"{path}.{name}: {kind}; it holds an access that stands elsewhere")
    if tool.get("allowed_callers") not in (None, ["direct"]):
        raise CallerError("hosted_tool_refused", f"{path}.allowed_callers: code_execution")
    if tool.get("defer_loading") not in (None, False):
        raise CallerError("hosted_tool_refused", f"{path}.defer_loading: tool_search")
    only(tool, taken, path)
    dropped = ("defer_loading",)
    return {name: value for name, value in tool.items() if value is not None and name not in dropped}


def _stores(wire: Mapping[str, Json], path: str) -> tuple[str, ...]:
    where = f"{path}.vector_store_ids"
    ids = tuple(some_text(one, f"{where}[{i}]") for i, one in enumerate(array(wire.get("vector_store_ids"), where)))
    if not ids:
        raise wrong(where, "non-empty array")
    return ids


def _server(wire: Mapping[str, Json], path: str) -> tuple[str, ...]:
    some_text(wire.get("server_label"), f"{path}.server_label")
    return (some_text(wire.get("server_url"), f"{path}.server_url"),)


def _container(wire: Mapping[str, Json], path: str) -> tuple[str, ...]:
    """Take a container made for this call alone: one that stands, files in it or a way out of it were never read."""
    where = f"{path}.container"
    container = wire.get("container")
    if not isinstance(container, Mapping):
        raise CallerError("retention_refused", where)
    if container.get("file_ids"):
        raise CallerError("remote_content_refused", f"{where}.file_ids")
    network = container.get("network_policy")
    if network is not None and mapping(network, f"{where}.network_policy").get("type") != "disabled":
        raise CallerError("hosted_tool_refused", f"{where}.network_policy: code_interpreter; a way out of it")
    only(container, frozenset({"file_ids", "memory_limit", "network_policy", "type"}), where)
    return ("",)


_ADDRESSES: Mapping[HostedKind, Callable[[Mapping[str, Json], str], tuple[str, ...]]] = {
    HostedKind.FILE_SEARCH: _stores,
    HostedKind.MCP: _server,
    HostedKind.CODE_INTERPRETER: _container,
}
