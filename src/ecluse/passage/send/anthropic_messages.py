"""The dialect `anthropic_messages`: Anthropic's Messages API.

Law: what it has no word for is named, never bent: a temperature above 1, a seed, a second answer. `max_tokens` is
mandatory there, so a caller who set none gets MAX_TOKENS. System messages stand at the top, tool results in the user's
turn, turns of one speaker in one message. Signed reasoning goes back as it came, any other stays behind; wishes to
cache as `anthropic_cache` says. Base URL: `https://api.anthropic.com/v1`.
Source: the request types in the `anthropic` package 2.12, November 2026; the version of the API follows what is asked.
"""

from collections.abc import Mapping

from ecluse.domain.destination import Destination
from ecluse.domain.dialect import Reader
from ecluse.domain.effects import Call
from ecluse.domain.errors import EcluseError
from ecluse.domain.request import Json, Request, Surface, Tool
from ecluse.passage.send.anthropic_cache import as_permitted, wished
from ecluse.passage.send.anthropic_read import AnthropicReader
from ecluse.passage.send.anthropic_turns import ids, system, turns, unsupported_in
from ecluse.passage.send.faults import fault
from ecluse.passage.send.openai_wire import post, unknown_options

MAX_TOKENS = 8192
"""Tokens of an answer when the caller sets no bound."""
VERSION = "2026-10-21"
VERSION_WITH_SAMPLING = "2023-06-01"
"""The version before, which alone takes `temperature`, `top_k` and `top_p`, from models that still have them.
Source: platform.claude.com/docs/en/api/versioning, read on 24 November 2026."""
MCP_BETA = "mcp-client-2025-11-20"
"""The beta in whose words servers and their toolsets are read. Source: the types of the `anthropic` package 2.12."""
_SAMPLING = frozenset({"temperature", "top_k", "top_p"})
_PATH = "/messages"
_AS_IS = _SAMPLING | {"thinking"}
_TAKES = _AS_IS | {
    "end_user",
    "frequency_penalty",
    "max_completion_tokens",
    "max_tokens",
    "metadata",
    "parallel_tool_calls",
    "presence_penalty",
    "reasoning_effort",
    "response_format",
    "safety_identifier",
    "stop",
    "user",
}
_EFFORTS = ("low", "medium", "high", "xhigh", "max")
_WHO = ("end_user", "safety_identifier", "user")
"""Names of the end user, the first that is there counts."""
_MODES = {"auto": "auto", "required": "any", "none": "none"}
_NO_PARAMETERS: Mapping[str, Json] = {"type": "object", "properties": {}}


class AnthropicMessages:
    """Anthropic's API."""

    name = "anthropic_messages"

    def unsupported(self, request: Request) -> tuple[str, ...]:
        """Name the request's fields that this wire format does not take."""
        if request.surface is not Surface.CHAT:
            return (request.surface.value,)
        named = [*unknown_options(request, _TAKES)]
        named += [name for name, takes in _CHECKS.items() if not takes(request.options.get(name))]
        if isinstance(request.tool_choice, Mapping) and request.tool_choice.get("type") == "allowed_tools":
            named.append("tool_choice.allowed_tools")
        inside = {name for message in request.messages for name in unsupported_in(message)}
        return (*named, *sorted(inside))

    def call(self, request: Request, destination: Destination, attempt: str) -> Call:
        """Write the request for `destination`."""
        version = VERSION_WITH_SAMPLING if _SAMPLING & set(request.options) else VERSION
        body = _body(as_permitted(request, destination), destination)
        call = post(request, destination, attempt, _PATH, body)
        return Call(
            destination=call.destination,
            path=call.path,
            headers=(*call.headers, ("anthropic-version", version), *_beta(request)),
            body=call.body,
            stream=call.stream,
        )

    def auth_header(self, secret: str) -> tuple[str, str]:
        """Return the header that carries the secret."""
        return "x-api-key", secret

    def reader(self, request: Request) -> Reader:
        """Return the reader of one answer; an id of this conversation comes back as the caller wrote it."""
        back = {short: id_ for id_, short in ids(request.messages).items()}
        return AnthropicReader(gathered=not request.stream, back=back, blocks=bool(request.hosted))

    def error(self, status: int, headers: Mapping[str, str], body: bytes) -> EcluseError:
        """Say what an answer other than 200 means."""
        return fault(status, headers, body)


def _beta(request: Request) -> tuple[tuple[str, str], ...]:
    """Return the header that remote servers need: they are no part of the API without it."""
    remote = any(tool.place == "mcp_servers" for tool in request.hosted)
    return (("anthropic-beta", MCP_BETA),) if remote else ()


# ------------------------------------------------------------------ which values are taken
def _is_share(value: Json) -> bool:
    return value is None or (isinstance(value, int | float) and 0 <= value <= 1)


def _is_nothing(value: Json) -> bool:
    """Say whether a penalty says what would happen anyway."""
    return value is None or value == 0


def _is_effort(value: Json) -> bool:
    return value is None or value in _EFFORTS


def _is_format(value: Json) -> bool:
    return value is None or (isinstance(value, Mapping) and value.get("type") in ("text", "json_schema"))


def _is_who(value: Json) -> bool:
    return value is None or (isinstance(value, Mapping) and set(value) <= {"user_id"})


_CHECKS = {
    "temperature": _is_share,
    "frequency_penalty": _is_nothing,
    "presence_penalty": _is_nothing,
    "reasoning_effort": _is_effort,
    "response_format": _is_format,
    "metadata": _is_who,
}


# ------------------------------------------------------------------ what is written
def _body(request: Request, destination: Destination) -> dict[str, Json]:
    options = request.options
    body: dict[str, Json] = {
        "model": destination.wire_model,
        "max_tokens": options.get("max_tokens", MAX_TOKENS),
        "messages": turns(request.messages),
        **{name: value for name, value in options.items() if name in _AS_IS},
        **wished(request.cache),
    }
    if (opening := system(request.messages)) is not None:
        body["system"] = opening
    if (stops := options.get("stop")) is not None:
        body["stop_sequences"] = [stops] if isinstance(stops, str) else stops
    if (who := _who(options)) is not None:
        body["metadata"] = {"user_id": who}
    if output := _output(options):
        body["output_config"] = output
    if remote := [tool.wire for tool in request.hosted if tool.place == "mcp_servers"]:
        body["mcp_servers"] = remote
    run = [tool.wire for tool in request.hosted if tool.place == "tools"]
    if request.tools or run:
        body["tools"] = [*run, *_functions(request)]
        if (choice := _choice(request.tool_choice, options)) is not None:
            body["tool_choice"] = choice
    if request.stream:
        body["stream"] = True
    return body


def _who(options: Mapping[str, Json]) -> Json:
    said = [options[name] for name in _WHO if options.get(name) is not None]
    metadata = options.get("metadata")
    if isinstance(metadata, Mapping) and metadata.get("user_id") is not None:
        said.append(metadata["user_id"])
    return said[0] if said else None


def _output(options: Mapping[str, Json]) -> dict[str, Json]:
    output: dict[str, Json] = {}
    if (effort := options.get("reasoning_effort")) is not None:
        output["effort"] = effort
    form = options.get("response_format")
    if isinstance(form, Mapping) and isinstance(schema := form.get("json_schema"), Mapping):
        output["format"] = {"type": "json_schema", "schema": schema.get("schema")}
    return output


def _functions(request: Request) -> list[Json]:
    return [_function(tool) for tool in request.tools]


def _function(tool: Tool) -> Json:
    """Write one function; its schema is one of an object, whether it says so or not."""
    schema = tool.parameters if isinstance(tool.parameters, Mapping) else _NO_PARAMETERS
    written: dict[str, Json] = {"name": tool.name, "input_schema": {"type": "object", **schema}}
    if tool.description is not None:
        written["description"] = tool.description
    if tool.strict is not None:
        written["strict"] = tool.strict
    return written | wished(tool.cache)


def _choice(choice: Json, options: Mapping[str, Json]) -> Json:
    alone = options.get("parallel_tool_calls") is False
    written: dict[str, Json] | None = None
    if isinstance(choice, str):
        written = {"type": _MODES[choice]}
    elif isinstance(choice, Mapping) and isinstance(function := choice.get("function"), Mapping):
        written = {"type": "tool", "name": function.get("name")}
    elif alone:
        written = {"type": "auto"}
    if written is not None and alone and written["type"] != "none":
        written["disable_parallel_tool_use"] = True
    return written


DIALECT = AnthropicMessages()
