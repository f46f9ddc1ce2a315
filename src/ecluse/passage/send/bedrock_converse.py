"""The dialect `bedrock_converse`: Amazon Bedrock's Converse and ConverseStream.

Law: what it has no word for is named: a seed, a penalty, a second answer. The model stands in the path. The credential
is a key of Bedrock's own, sent as a bearer, or a pair of AWS's, with which the edge signs (`edge/signing`). Base URL:
`https://bedrock-runtime.<region>.amazonaws.com`.
Source: the service model of bedrock-runtime in botocore 1.44, November 2026.
"""

import re
from collections.abc import Mapping
from dataclasses import replace

import msgspec

from ecluse.domain.destination import Destination
from ecluse.domain.dialect import Reader
from ecluse.domain.effects import Call
from ecluse.domain.errors import EcluseError
from ecluse.domain.request import Json, Request, Surface
from ecluse.passage.send.anthropic_turns import ids, unsupported_in
from ecluse.passage.send.bedrock_read import BedrockReader
from ecluse.passage.send.bedrock_turns import system, turns
from ecluse.passage.send.faults import fault
from ecluse.passage.send.openai_wire import bearer, left_out, post, unknown_options

_TAKES = frozenset(
    {
        "frequency_penalty",
        "max_completion_tokens",
        "max_tokens",
        "presence_penalty",
        "reasoning_effort",
        "response_format",
        "safety_identifier",
        "stop",
        "stream_options",
        "temperature",
        "top_p",
        "user",
    }
)
"""`user` and `safety_identifier` say who the end user is, which changes no answer: they stay behind."""
_INFERENCE = (("max_tokens", "maxTokens"), ("temperature", "temperature"), ("top_p", "topP"))
_NO_PARAMETERS: Mapping[str, Json] = {"type": "object", "properties": {}}


class BedrockConverse:
    """Amazon Bedrock."""

    name = "bedrock_converse"

    def unsupported(self, request: Request) -> tuple[str, ...]:
        """Name the request's fields that this wire format does not take."""
        if request.surface is not Surface.CHAT:
            return (request.surface.value,)
        options = request.options
        named = [*unknown_options(request, _TAKES | left_out(options))]
        named += [name for name in ("frequency_penalty", "presence_penalty") if options.get(name)]
        form = options.get("response_format")
        if isinstance(form, Mapping) and form.get("type") not in ("text", "json_schema"):
            named.append("response_format")
        if request.tools and (request.tool_choice == "none" or _is_allowed_list(request.tool_choice)):
            named.append("tool_choice")
        inside = {name for message in request.messages for name in unsupported_in(message)}
        return (*named, *sorted(inside))

    def call(self, request: Request, destination: Destination, attempt: str) -> Call:
        """Write the request for `destination`."""
        verb = "converse-stream" if request.stream else "converse"
        path = f"/model/{_quoted(destination.wire_model)}/{verb}"
        call = post(request, destination, attempt, path, _body(request))
        accept = "application/vnd.amazon.eventstream" if request.stream else "application/json"
        return replace(call, headers=tuple((n, accept if n == "accept" else v) for n, v in call.headers))

    def auth_header(self, secret: str) -> tuple[str, str]:
        """Return the header that carries a key of Bedrock's own; a pair of AWS's is never sent, it signs."""
        return bearer(secret)

    def reader(self, request: Request) -> Reader:
        """Return the reader of one answer; an id of this conversation comes back as the caller wrote it."""
        back = {short: id_ for id_, short in ids(request.messages).items()}
        return BedrockReader(back=back)

    def error(self, status: int, headers: Mapping[str, str], body: bytes) -> EcluseError:
        """Say what an answer other than 200 means."""
        return fault(status, headers, body)


def _quoted(name: str) -> str:
    """Write a model's name as one step of a path (RFC 3986, 2.3)."""
    return re.sub(r"[^A-Za-z0-9._~-]", lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode()), name)


def _is_allowed_list(choice: Json) -> bool:
    return isinstance(choice, Mapping) and choice.get("type") == "allowed_tools"


def _body(request: Request) -> dict[str, Json]:
    options = request.options
    body: dict[str, Json] = {"messages": turns(request.messages)}
    if opening := system(request.messages):
        body["system"] = opening
    inference: dict[str, Json] = {there: options[here] for here, there in _INFERENCE if options.get(here) is not None}
    if options.get("max_completion_tokens") is not None:
        inference["maxTokens"] = options["max_completion_tokens"]
    if (stops := options.get("stop")) is not None:
        inference["stopSequences"] = [stops] if isinstance(stops, str) else stops
    if inference:
        body["inferenceConfig"] = inference
    if request.tools:
        body["toolConfig"] = _tools(request)
    if output := _output(options):
        body["outputConfig"] = output
    return body


def _tools(request: Request) -> dict[str, Json]:
    written: list[Json] = []
    for tool in request.tools:
        schema = tool.parameters if isinstance(tool.parameters, Mapping) else _NO_PARAMETERS
        spec: dict[str, Json] = {"name": tool.name, "inputSchema": {"json": {"type": "object", **schema}}}
        if tool.description:
            spec["description"] = tool.description
        if tool.strict is not None:
            spec["strict"] = tool.strict
        written.append({"toolSpec": spec})
    config: dict[str, Json] = {"tools": written}
    choice = request.tool_choice
    if isinstance(choice, Mapping) and isinstance(function := choice.get("function"), Mapping):
        config["toolChoice"] = {"tool": {"name": function.get("name")}}
    elif choice == "required":
        config["toolChoice"] = {"any": {}}
    elif choice == "auto":
        config["toolChoice"] = {"auto": {}}
    return config


def _output(options: Mapping[str, Json]) -> dict[str, Json]:
    output: dict[str, Json] = {}
    if (effort := options.get("reasoning_effort")) is not None:
        output["effort"] = effort
    form = options.get("response_format")
    if isinstance(form, Mapping) and isinstance(schema := form.get("json_schema"), Mapping):
        structure: dict[str, Json] = {"schema": msgspec.json.encode(schema.get("schema")).decode()}
        if isinstance(name := schema.get("name"), str):
            structure["name"] = name
        output["textFormat"] = {"type": "json_schema", "structure": {"jsonSchema": structure}}
    return output


DIALECT = BedrockConverse()
