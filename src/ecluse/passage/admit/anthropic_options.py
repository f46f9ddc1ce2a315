"""Every other field of an Anthropic call, under its neutral name.

Law: the list of fields is closed: what is not on it is refused by name. What chooses a place, a container, a speed or a
tool of the provider is not the caller's to choose here (decision 22). `max_tokens` is mandatory, as Anthropic has it.
"""

from collections.abc import Callable, Collection, Mapping

from ecluse.domain.errors import CallerError
from ecluse.domain.hosted import HostedKind
from ecluse.domain.request import HostedTool, Json, Tool
from ecluse.passage.admit.anthropic_blocks import cache_control
from ecluse.passage.admit.checks import (
    array,
    boolean,
    integer,
    mapping,
    number,
    one_of,
    only,
    some_text,
    spoken,
    text,
    wrong,
)
from ecluse.passage.admit.hosted import of_anthropic, servers
from ecluse.passage.admit.openai_tools import HOSTED_FIELDS, hosted_name

READ = frozenset({"cache_control", "model", "messages", "system", "stream"})
_HOSTED = (HOSTED_FIELDS | {"container"}) - {"mcp_servers"}
_IDLE: Mapping[str, Json] = {"service_tier": "auto", "speed": "standard"}
"""Values that say what would happen anyway."""
_TOOL = frozenset({"name", "description", "input_schema", "strict", "type"})
_IGNORED = frozenset({"cache_control", "eager_input_streaming", "defer_loading", "allowed_callers"})
"""What changes no answer: checked, and left out."""
_CHOICES = {"auto": "auto", "any": "required", "none": "none"}
_EFFORTS = ("low", "medium", "high", "xhigh", "max")
_THINKING = ("enabled", "disabled", "adaptive", "between_tools")
_DISPLAYS = ("summarized", "omitted")
FORMAT_NAME = "answer"
"""The name that a JSON schema gets, since Anthropic's has none and others want one."""


def options(fields: Mapping[str, Json]) -> dict[str, Json]:
    """Return the options under their neutral names, checked."""
    made: dict[str, Json] = {}
    for name, value in fields.items():
        if name in READ or name in ("tools", "tool_choice", "mcp_servers") or value is None:
            continue
        if name in _HOSTED:
            raise CallerError("hosted_tool_refused", name)
        if name in _IDLE and value == _IDLE[name]:
            continue
        if name not in _OPTIONS:
            raise CallerError("unsupported_field", spoken(name))
        made |= _OPTIONS[name](value, name)
    if "max_tokens" not in made:
        raise wrong("max_tokens", "integer >= 1")
    return made


def tools(value: Json, remote: Json) -> tuple[tuple[Tool, ...], tuple[HostedTool, ...]]:
    """Read `tools` and `mcp_servers`: functions, and what the provider would run or reach."""
    functions: list[Tool] = []
    hosted = [*servers(remote)]
    named = {tool.wire["name"] for tool in hosted}
    for i, item in enumerate(array(value, "tools") if value is not None else ()):
        tool, path = mapping(item, f"tools[{i}]"), f"tools[{i}]"
        if tool.get("type") in (None, "custom"):
            functions.append(_tool(tool, path))
        elif tool.get("type") == "mcp_toolset":
            hosted.append(_toolset(tool, path, named))
        elif (found := of_anthropic(tool, path)) is not None:
            hosted.append(found)
        else:
            functions.append(_tool(tool, path))
    return tuple(functions), tuple(hosted)


def _toolset(tool: Mapping[str, Json], path: str, named: Collection[Json]) -> HostedTool:
    """Read which tools of a server are on; the server itself stands in `mcp_servers`."""
    only(tool, frozenset({"type", "mcp_server_name", "cache_control", "configs", "default_config"}), path)
    if some_text(tool.get("mcp_server_name"), f"{path}.mcp_server_name") not in named:
        raise wrong(f"{path}.mcp_server_name", "a name of mcp_servers")
    wire = {name: value for name, value in tool.items() if value is not None and name != "cache_control"}
    return HostedTool(kind=HostedKind.MCP, dialect="anthropic_messages", wire=wire, path=path, addresses=())


def tool_choice(value: Json) -> tuple[Json, dict[str, Json]]:
    """Return the choice in neutral form, and the option that stands in it."""
    if value is None:
        return None, {}
    choice = mapping(value, "tool_choice")
    only(choice, frozenset({"type", "name", "disable_parallel_tool_use"}), "tool_choice")
    kind = one_of(choice.get("type"), "tool_choice.type", (*_CHOICES, "tool"))
    alone: dict[str, Json] = {}
    if choice.get("disable_parallel_tool_use") is not None:
        one_at_a_time = boolean(choice["disable_parallel_tool_use"], "tool_choice.disable_parallel_tool_use")
        alone = {"parallel_tool_calls": False} if one_at_a_time else {}
    if kind == "tool":
        return {"type": "function", "function": {"name": some_text(choice.get("name"), "tool_choice.name")}}, alone
    return _CHOICES[kind], alone


def _tool(value: Json, path: str) -> Tool:
    tool = mapping(value, path)
    kind = tool.get("type")
    if kind not in (None, "custom"):
        raise CallerError("hosted_tool_refused", f"{path}: {hosted_name(text(kind, f'{path}.type'))}")
    only(tool, _TOOL | _IGNORED, path)
    _check_ignored(tool, path)
    description, strict = tool.get("description"), tool.get("strict")
    return Tool(
        name=some_text(tool.get("name"), f"{path}.name"),
        description=None if description is None else text(description, f"{path}.description"),
        parameters=mapping(tool.get("input_schema"), f"{path}.input_schema"),
        strict=None if strict is None else boolean(strict, f"{path}.strict"),
        cache=cache_control(tool.get("cache_control"), f"{path}.cache_control"),
    )


def _check_ignored(tool: Mapping[str, Json], path: str) -> None:
    if tool.get("defer_loading") not in (None, False):
        raise CallerError("hosted_tool_refused", f"{path}.defer_loading: tool_search")
    if tool.get("allowed_callers") not in (None, ["direct"]):
        raise CallerError("hosted_tool_refused", f"{path}.allowed_callers: code_execution")
    if tool.get("eager_input_streaming") is not None:
        boolean(tool["eager_input_streaming"], f"{path}.eager_input_streaming")


# ------------------------------------------------------------------ what each field takes
def _max_tokens(value: Json, path: str) -> dict[str, Json]:
    if integer(value, path) < 1:
        raise wrong(path, "integer >= 1")
    return {"max_tokens": value}


def _share(value: Json, path: str) -> dict[str, Json]:
    if not 0 <= number(value, path) <= 1:
        raise wrong(path, "0..1")
    return {path: value}


def _top_k(value: Json, path: str) -> dict[str, Json]:
    return {path: integer(value, path)}


def _stops(value: Json, path: str) -> dict[str, Json]:
    stops: Json = [text(item, f"{path}[{i}]") for i, item in enumerate(array(value, path))]
    return {"stop": stops} if stops else {}


def _metadata(value: Json, path: str) -> dict[str, Json]:
    """Read who the end user is, which has a neutral name of its own."""
    metadata = mapping(value, path)
    only(metadata, frozenset({"user_id"}), path)
    user = metadata.get("user_id")
    return {} if user is None else {"end_user": text(user, f"{path}.user_id")}


def _thinking(value: Json, path: str) -> dict[str, Json]:
    thinking = mapping(value, path)
    only(thinking, frozenset({"type", "budget_tokens", "display"}), path)
    made: dict[str, Json] = {"type": one_of(thinking.get("type"), f"{path}.type", _THINKING)}
    if made["type"] == "enabled":
        made["budget_tokens"] = integer(thinking.get("budget_tokens"), f"{path}.budget_tokens")
    if thinking.get("display") is not None:
        made["display"] = one_of(thinking["display"], f"{path}.display", _DISPLAYS)
    return {"thinking": made}


def _output(value: Json, path: str) -> dict[str, Json]:
    output = mapping(value, path)
    only(output, frozenset({"effort", "format"}), path)
    made: dict[str, Json] = {}
    if output.get("effort") is not None:
        made["reasoning_effort"] = one_of(output["effort"], f"{path}.effort", _EFFORTS)
    if output.get("format") is not None:
        path = f"{path}.format"
        form = mapping(output["format"], path)
        only(form, frozenset({"type", "schema"}), path)
        one_of(form.get("type"), f"{path}.type", ("json_schema",))
        schema = mapping(form.get("schema"), f"{path}.schema")
        made["response_format"] = {
            "type": "json_schema",
            "json_schema": {"name": FORMAT_NAME, "schema": schema, "strict": True},
        }
    return made


def _edited(value: Json, path: str) -> dict[str, Json]:
    """Leave out what Anthropic would clear of earlier turns by itself: without it the model sees them whole.

    Claude Code 2.1 writes it in every call. A compaction would have the provider keep a summary, and is refused.
    """
    management = mapping(value, path)
    only(management, frozenset({"edits"}), path)
    for i, edit in enumerate(array(management.get("edits", []), f"{path}.edits")):
        kind = text(mapping(edit, f"{path}.edits[{i}]").get("type"), f"{path}.edits[{i}].type")
        if not kind.startswith("clear_"):
            raise CallerError("retention_refused", f"{path}.edits[{i}]")
    return {}


_OPTIONS: Mapping[str, Callable[[Json, str], dict[str, Json]]] = {
    "context_management": _edited,
    "max_tokens": _max_tokens,
    "metadata": _metadata,
    "output_config": _output,
    "stop_sequences": _stops,
    "temperature": _share,
    "thinking": _thinking,
    "top_k": _top_k,
    "top_p": _share,
}
