"""Every other field of a Responses call, under its neutral name.

Law: the list of fields is closed. Whether a provider may keep a conversation is a decision of the rules: `store` and
`previous_response_id` are read for them, and what else would be kept is refused with its own code. `store` absent
means that nothing is kept, and the answer says so.
"""

from collections.abc import Callable, Mapping, Sequence

from ecluse.domain.errors import CallerError
from ecluse.domain.request import HostedTool, Json, Retention, Tool
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
from ecluse.passage.admit.hosted import chosen, of_openai
from ecluse.passage.admit.openai_tools import HOSTED_FIELDS, hosted_name

READ = frozenset(
    {"model", "input", "instructions", "stream", "stream_options", "tools", "tool_choice", "include", "conversation"}
)
KEPT = {"background": False, "prompt": None}
"""Fields by which a provider would keep or recall something that is not served, and the value that does not."""
INSTEAD = {
    "background": "call without it, with `stream` for a long answer, or in a batch (docs/how-to/run-batches.md)",
    "prompt": "send its text in `instructions` and `input`",
}
"""What to do in their place."""
RETENTION = frozenset({"store", "previous_response_id"})
"""Those on which the rules decide."""
PREFIX = "resp_"
_IDLE: Mapping[str, Json] = {"truncation": "disabled", "service_tier": "auto", "top_logprobs": 0}
"""Values that say what would happen anyway."""
_TOOL = frozenset({"type", "name", "description", "parameters", "strict"})
_MODES = ("none", "auto", "required")
_FORMATS = ("text", "json_object", "json_schema")


def options(fields: Mapping[str, Json]) -> dict[str, Json]:
    """Return the options under their neutral names, checked."""
    made: dict[str, Json] = {}
    for name, value in fields.items():
        if name in READ or name in RETENTION or value is None:
            continue
        if name in KEPT:
            if value is not KEPT[name]:
                raise CallerError("retention_refused", f"{name}: {INSTEAD[name]}")
            continue
        if name in HOSTED_FIELDS:
            raise CallerError("hosted_tool_refused", name)
        if name in _IDLE and value == _IDLE[name]:
            continue
        if name not in _OPTIONS:
            raise CallerError("unsupported_field", spoken(name))
        made |= _OPTIONS[name](value, name)
    return made


def retention(fields: Mapping[str, Json], *, instructed: bool) -> Retention | None:
    """Read what the provider is asked to keep, and what to go on from. Absent `store` keeps nothing, unlike at OpenAI.

    `instructed` is whether the call has instructions: these hold for its own turn alone.
    """
    stored, previous = fields.get("store"), fields.get("previous_response_id")
    store = stored is not None and boolean(stored, "store")
    asked = "" if previous is None else some_text(previous, "previous_response_id")
    named = asked.removeprefix(PREFIX) or asked  # the prefix alone names nothing: it is looked for, and not found
    return Retention(store=store, previous=named, instructed=instructed) if store or previous is not None else None


def include(value: Json, hosted: Sequence[HostedTool]) -> dict[str, Json]:
    """Return what an answer shall hold of the hosted tools; encrypted reasoning is left out: none is made here."""
    asked: list[Json] = []
    for i, item in enumerate(array(value, "include") if value is not None else ()):
        wish = text(item, f"include[{i}]")
        if wish == "reasoning.encrypted_content":
            continue
        named = hosted_name(wish.partition("_call")[0].partition(".")[0])
        if any(tool.kind == named for tool in hosted):
            asked.append(wish)
        elif named != "not a function":
            raise CallerError("hosted_tool_refused", f"include[{i}]: {named}")
        else:
            raise CallerError("unsupported_field", f"include[{i}]")
    return {"include": asked} if asked else {}


def stream_options(value: Json) -> None:
    """Check the options of the stream: padding against who counts bytes is left out."""
    if value is not None:
        wish = mapping(value, "stream_options")
        only(wish, frozenset({"include_obfuscation"}), "stream_options")


def tools(value: Json) -> tuple[tuple[Tool, ...], tuple[HostedTool, ...]]:
    """Read `tools`: functions, and tools that the provider would run."""
    functions: list[Tool] = []
    hosted: list[HostedTool] = []
    for i, item in enumerate(array(value, "tools") if value is not None else ()):
        tool, path = mapping(item, f"tools[{i}]"), f"tools[{i}]"
        if tool.get("type") != "function" and (found := of_openai(tool, path)) is not None:
            hosted.append(found)
        else:
            functions.append(_tool(tool, path))
    return tuple(functions), tuple(hosted)


def tool_choice(value: Json, hosted: Sequence[HostedTool] = ()) -> Json:
    """Return the choice in neutral form; a hosted tool of the call is chosen in the words of this format."""
    if value is None or isinstance(value, str):
        return value if value is None else one_of(value, "tool_choice", _MODES)
    choice = mapping(value, "tool_choice")
    if chosen(choice, hosted):
        only(choice, frozenset({"type", "server_label", "name"}), "tool_choice")
        return {"type": "hosted", "hosted": choice}
    if choice.get("type") != "allowed_tools":
        return _named(choice, "tool_choice")
    only(choice, frozenset({"type", "mode", "tools"}), "tool_choice")
    listed = array(choice.get("tools"), "tool_choice.tools")
    named: Json = [
        _named(mapping(one, f"tool_choice.tools[{i}]"), f"tool_choice.tools[{i}]") for i, one in enumerate(listed)
    ]
    mode = one_of(choice.get("mode"), "tool_choice.mode", _MODES[1:])
    return {"type": "allowed_tools", "allowed_tools": {"mode": mode, "tools": named}}


def _named(choice: Mapping[str, Json], path: str) -> Json:
    _function(choice, path)
    only(choice, frozenset({"type", "name"}), path)
    return {"type": "function", "function": {"name": some_text(choice.get("name"), f"{path}.name")}}


def _function(tool: Mapping[str, Json], path: str) -> None:
    kind = text(tool.get("type"), f"{path}.type")
    if kind == "custom":
        raise CallerError("unsupported_field", f"{path}: custom; function")
    if kind != "function":
        raise CallerError("hosted_tool_refused", f"{path}: {hosted_name(kind)}")


def _tool(value: Json, path: str) -> Tool:
    tool = mapping(value, path)
    _function(tool, path)
    if tool.get("defer_loading") not in (None, False):
        raise CallerError("hosted_tool_refused", f"{path}.defer_loading: tool_search")
    if tool.get("allowed_callers") not in (None, ["direct"]):
        raise CallerError("hosted_tool_refused", f"{path}.allowed_callers: code_interpreter")
    only(tool, _TOOL | {"defer_loading", "allowed_callers"}, path)
    description, parameters, strict = (tool.get(key) for key in ("description", "parameters", "strict"))
    return Tool(
        name=some_text(tool.get("name"), f"{path}.name"),
        description=None if description is None else text(description, f"{path}.description"),
        parameters=None if parameters is None else mapping(parameters, f"{path}.parameters"),
        strict=None if strict is None else boolean(strict, f"{path}.strict"),
    )


# ------------------------------------------------------------------ what each field takes
_Read = Callable[[Json, str], "dict[str, Json]"]


def _as(name: str, check: Callable[[object, str], Json]) -> _Read:
    def read(value: Json, path: str) -> dict[str, Json]:
        return {name: check(value, path)}

    return read


def _count(value: object, path: str) -> Json:
    if (count := integer(value, path)) < 1:
        raise wrong(path, "integer >= 1")
    return count


def _reasoning(value: Json, path: str) -> dict[str, Json]:
    """Read how much to think; a summary of it is what a provider shows, or not."""
    reasoning = mapping(value, path)
    only(reasoning, frozenset({"effort", "summary", "generate_summary"}), path)
    effort = reasoning.get("effort")
    return {} if effort is None else {"reasoning_effort": text(effort, f"{path}.effort")}


def _text(value: Json, path: str) -> dict[str, Json]:
    wish = mapping(value, path)
    only(wish, frozenset({"format", "verbosity"}), path)
    made: dict[str, Json] = {}
    if wish.get("verbosity") not in (None, "medium"):
        made["verbosity"] = one_of(wish["verbosity"], f"{path}.verbosity", ("low", "medium", "high"))
    if wish.get("format") is not None:
        made |= _format(mapping(wish["format"], f"{path}.format"), f"{path}.format")
    return made


def _format(form: Mapping[str, Json], path: str) -> dict[str, Json]:
    kind = one_of(form.get("type"), f"{path}.type", _FORMATS)
    if kind == "text":
        return {}
    if kind == "json_object":
        return {"response_format": {"type": kind}}
    only(form, frozenset({"type", "name", "schema", "strict", "description"}), path)
    some_text(form.get("name"), f"{path}.name")
    mapping(form.get("schema"), f"{path}.schema")
    schema: Json = {key: member for key, member in form.items() if key != "type" and member is not None}
    return {"response_format": {"type": kind, "json_schema": schema}}


def _of_the_client(value: Json, path: str) -> dict[str, Json]:
    """Leave out what a client says of itself, such as the session of a coding agent: it changes no answer."""
    mapping(value, path)
    return {}


_OPTIONS: Mapping[str, _Read] = {
    "client_metadata": _of_the_client,
    "max_output_tokens": _as("max_tokens", _count),
    "metadata": _as("metadata", mapping),
    "parallel_tool_calls": _as("parallel_tool_calls", boolean),
    "prompt_cache_key": _as("prompt_cache_key", text),
    "reasoning": _reasoning,
    "safety_identifier": _as("safety_identifier", text),
    "service_tier": _as("service_tier", text),
    "temperature": _as("temperature", number),
    "text": _text,
    "top_p": _as("top_p", number),
    "user": _as("user", text),
}
