"""Tools of an OpenAI call: functions that the caller runs, and nothing that the provider would run.

Law: a hosted tool (web search, code interpreter, remote MCP server, connector, grounding) makes the provider send data
on. It is refused by a name from a closed list (decision 22), never by the caller's own words.
"""

from collections.abc import Mapping

from ecluse.domain.errors import CallerError
from ecluse.domain.request import Json, Tool
from ecluse.passage.admit.checks import array, boolean, mapping, one_of, only, some_text, text, wrong

HOSTED_TOOLS = (
    "web_search",
    "file_search",
    "code_interpreter",
    "code_execution",
    "computer_use",
    "computer",
    "mcp",
    "image_generation",
    "local_shell",
    "shell",
    "apply_patch",
    "tool_search",
    "web_fetch",
    "web_browser",
    "browser",
    "retrieval",
    "connector",
    "document_library",
    "google_search",
    "google_maps",
    "url_context",
    "grounding",
    "bash",
    "text_editor",
    "memory",
    "namespace",
    "x_search",
)
"""Types of tools that providers run, without the dates that some put behind. Sources: the types of the OpenAI,
Anthropic, Mistral and Google SDKs, November 2026."""
HOSTED_FIELDS = frozenset(
    {
        "web_search_options",
        "web_search",
        "enable_search",
        "search_parameters",
        "data_sources",
        "mcp_servers",
        "connectors",
        "plugins",
        "grounding",
        "tool_resources",
        "file_ids",
    }
)
"""Fields of a request that turn on a search or a connector at a provider (OpenAI, Qwen, xAI, Azure, OpenRouter)."""

_TOOL = frozenset({"type", "function"})
_FUNCTION = frozenset({"name", "description", "parameters", "strict"})
_MODES = ("none", "auto", "required")


def tools(value: Json) -> tuple[Tool, ...]:
    """Read `tools`; null is an empty list."""
    if value is None:
        return ()
    return tuple(_tool(tool, f"tools[{i}]") for i, tool in enumerate(array(value, "tools")))


def tool_choice(value: Json) -> Json:
    """Read `tool_choice`: a mode, one function, or an allowed list of functions."""
    if value == "any":
        return "required"  # Mistral's word for it
    if value is None or isinstance(value, str):
        return value if value is None else one_of(value, "tool_choice", _MODES)
    choice = mapping(value, "tool_choice")
    if choice.get("type") == "allowed_tools":
        only(choice, frozenset({"type", "allowed_tools"}), "tool_choice")
        return {"type": "allowed_tools", "allowed_tools": _allowed(choice.get("allowed_tools"))}
    return _named(choice, "tool_choice")


def refuse_hosted_fields(options: Mapping[str, Json]) -> None:
    """Refuse the fields that turn on something hosted."""
    for name in options:
        if name in HOSTED_FIELDS:
            raise CallerError("hosted_tool_refused", name)


def _tool(value: Json, path: str) -> Tool:
    tool = mapping(value, path)
    _function_type(tool, path)
    only(tool, _TOOL, path)
    path = f"{path}.function"
    function = mapping(tool.get("function"), path)
    only(function, _FUNCTION, path)
    description, parameters, strict = (function.get(key) for key in ("description", "parameters", "strict"))
    return Tool(
        name=some_text(function.get("name"), f"{path}.name"),
        description=None if description is None else text(description, f"{path}.description"),
        parameters=None if parameters is None else mapping(parameters, f"{path}.parameters"),
        strict=None if strict is None else boolean(strict, f"{path}.strict"),
    )


def _function_type(tool: Mapping[str, Json], path: str) -> None:
    kind = tool.get("type")
    if kind == "function":
        return
    if kind == "custom":
        raise CallerError("unsupported_field", f"{path}: custom; function")
    if not isinstance(kind, str):
        raise wrong(f"{path}.type", "function")
    raise CallerError("hosted_tool_refused", f"{path}: {hosted_name(kind)}")


def hosted_name(kind: str) -> str:
    """Return the listed name of a hosted tool (`web_search_20250305` is `web_search`), or say that it is not listed."""
    names = (name for name in HOSTED_TOOLS if kind == name or kind.startswith(f"{name}_"))
    return next(names, "not a function")


def _named(choice: Mapping[str, Json], path: str) -> Json:
    _function_type(choice, path)
    only(choice, _TOOL, path)
    function = mapping(choice.get("function"), f"{path}.function")
    only(function, frozenset({"name"}), f"{path}.function")
    return {"type": "function", "function": {"name": some_text(function.get("name"), f"{path}.function.name")}}


def _allowed(value: Json) -> Json:
    path = "tool_choice.allowed_tools"
    allowed = mapping(value, path)
    only(allowed, frozenset({"mode", "tools"}), path)
    named = [
        _named(mapping(tool, f"{path}.tools[{i}]"), f"{path}.tools[{i}]")
        for i, tool in enumerate(array(allowed.get("tools"), f"{path}.tools"))
    ]
    return {"mode": one_of(allowed.get("mode"), f"{path}.mode", _MODES[1:]), "tools": named}
