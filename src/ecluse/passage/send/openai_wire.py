"""What the dialects that resemble OpenAI's have in common on the way out: messages, tools, options, the call itself.

Law: a body is made from a Request alone and encoded anew, so only what was scanned leaves (decision 6); a field goes
out only where the dialect takes it, and what it does not take is named. No header of the caller is copied.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import msgspec

from ecluse.domain.destination import Destination
from ecluse.domain.dialect import PDF_ONLY, Reader
from ecluse.domain.effects import Call
from ecluse.domain.errors import EcluseError
from ecluse.domain.request import (
    BlobPart,
    HostedPart,
    Json,
    Message,
    Part,
    Request,
    Role,
    Surface,
    TextPart,
    Tool,
    ToolCall,
)
from ecluse.passage.send.chat_read import ChatReader
from ecluse.passage.send.faults import fault
from ecluse.passage.send.vectors_read import VectorReader

CHAT = "/chat/completions"
EMBEDDINGS = "/embeddings"

STANDARD = frozenset(
    {
        "frequency_penalty",
        "logit_bias",
        "logprobs",
        "max_completion_tokens",
        "max_tokens",
        "metadata",
        "n",
        "parallel_tool_calls",
        "prediction",
        "presence_penalty",
        "prompt_cache_key",
        "reasoning_effort",
        "response_format",
        "safety_identifier",
        "seed",
        "service_tier",
        "stop",
        "stream_options",
        "temperature",
        "top_logprobs",
        "top_p",
        "user",
        "verbosity",
    }
)
"""OpenAI's options. Not among them, since each makes the provider keep or fetch or sell something more: `store`,
`prompt_cache_retention`, `prompt_cache_options`, `moderation`, `audio`, `modalities`."""
_IN_MESSAGES = frozenset({"refusal"})
_LEFT_OUT = frozenset({"reasoning_content", "is_error"})
STANDARD_EMBEDDINGS = frozenset({"dimensions", "encoding_format", "user"})


def bearer(secret: str) -> tuple[str, str]:
    """Carry a secret as most providers do."""
    return "authorization", f"Bearer {secret}"


def plain_path(_destination: Destination, path: str) -> str:
    """Let `path` follow a base URL that ends in `/v1`."""
    return path


class OpenAILike:
    """A provider that speaks OpenAI's chat completions and embeddings, and how it differs.

    `takes` are its options; `metered` is whether a stream's usage has to be, and can be, asked for. Beside the known
    fields of a message it takes a refusal; reasoning of earlier turns is left
    out without a word, so that a conversation can go on with another provider.
    """

    def __init__(
        self,
        *,
        name: str,
        takes: frozenset[str],
        auth: Callable[[str], tuple[str, str]] = bearer,
        path: Callable[[Destination, str], str] = plain_path,
        metered: bool = True,
    ) -> None:
        self.name = name
        self._takes = takes
        self._auth = auth
        self._path = path
        self._metered = metered

    def unsupported(self, request: Request) -> tuple[str, ...]:
        """Name the request's fields that this wire format does not take."""
        if request.surface is Surface.EMBEDDINGS:
            return unknown_options(request, STANDARD_EMBEDDINGS)
        extras = {name for message in request.messages for name in message.extra}
        extras -= _IN_MESSAGES | _LEFT_OUT
        named = [*unknown_options(request, self._takes | left_out(request.options))]
        named += [f"messages.{name}" for name in sorted(extras)]
        if any(_is_other_file(part) for message in request.messages for part in message.parts):
            named.append(f"messages.file{PDF_ONLY}")
        return tuple(named)

    def call(self, request: Request, destination: Destination, attempt: str) -> Call:
        """Write the request for `destination`."""
        if request.surface is Surface.EMBEDDINGS:
            body = embeddings_body(request, destination, STANDARD_EMBEDDINGS)
            return post(request, destination, attempt, self._path(destination, EMBEDDINGS), body)
        body = self._chat(request, destination)
        return post(request, destination, attempt, self._path(destination, CHAT), body)

    def auth_header(self, secret: str) -> tuple[str, str]:
        """Return the header that carries the secret."""
        return self._auth(secret)

    def reader(self, request: Request) -> Reader:
        """Return the reader of one answer."""
        if request.surface is Surface.EMBEDDINGS:
            return VectorReader(len(request.inputs))
        return ChatReader(gathered=not request.stream)

    def error(self, status: int, headers: Mapping[str, str], body: bytes) -> EcluseError:
        """Say what an answer other than 200 means."""
        return fault(status, headers, body)

    def _chat(self, request: Request, destination: Destination) -> dict[str, Json]:
        body: dict[str, Json] = {
            "model": destination.wire_model,
            "messages": [self._message(message) for message in spoken(request.messages)],
            **taken(request, self._takes),
        }
        if "end_user" in request.options:
            body.setdefault("user", request.options["end_user"])
        if "max_tokens" in body and "max_completion_tokens" in self._takes and _REASONS.match(destination.model):
            body.setdefault("max_completion_tokens", body["max_tokens"])
        if "max_completion_tokens" in body:
            body.pop("max_tokens", None)
        if request.tools:
            body["tools"] = [tool(one) for one in request.tools]
        body |= {one.place: one.wire for one in request.hosted}  # only OpenAI's own: the walk sends none elsewhere
        if request.tool_choice is not None:
            body["tool_choice"] = request.tool_choice
        if request.stream:
            # Usage is asked for whatever the caller asked: it is metered, and the caller's writer leaves it out.
            asked = body.pop("stream_options", None)
            body["stream"] = True
            if self._metered:
                body["stream_options"] = {**(asked if isinstance(asked, Mapping) else {}), **_METERED}
        else:
            body.pop("stream_options", None)
        return body

    def _message(self, message: Message) -> Json:
        turn: dict[str, Json] = {"role": message.role.value, "content": content(message)}
        if message.name is not None and message.role is not Role.TOOL:  # the call that it answers has the name
            turn["name"] = message.name
        if message.tool_calls:
            turn["tool_calls"] = [tool_call(call, call.id) for call in message.tool_calls]
        if message.tool_call_id is not None:
            turn["tool_call_id"] = message.tool_call_id
        return turn | {name: value for name, value in message.extra.items() if name in _IN_MESSAGES}


_REASONS = re.compile(r"(?:gpt-5|o[1-9])(?![0-9a-z])", re.ASCII)
"""Models of OpenAI's that refuse `max_tokens`, whoever wrote it (github.com/Azure/agentops/issues/151)."""
_METERED: Mapping[str, Json] = {"include_usage": True}
_PDF = "data:application/pdf;base64,"
"""The only kind of file that a chat takes: developers.openai.com/api/docs/guides/file-inputs, read 25 November 2026."""


# ------------------------------------------------------------------ pieces
def unknown_options(request: Request, takes: frozenset[str]) -> tuple[str, ...]:
    """Name the options that are not taken."""
    return tuple(name for name in request.options if name not in takes)


def _is_other_file(part: Part) -> bool:
    """Say whether a part is a file of a kind that is not taken; what its first bytes are was looked at before."""
    held = part.wire.get("file") if isinstance(part, BlobPart) and part.media == "file" else None
    data = held.get("file_data") if isinstance(held, Mapping) else None
    return isinstance(data, str) and data[: len(_PDF)].lower() != _PDF


def left_out(options: Mapping[str, Json]) -> frozenset[str]:
    """Name the options of another format that a dialect of OpenAI's leaves out without a word.

    Who the end user is changes no answer. Reasoning that the model may do, or shall not, is what happens without a word
    of it; reasoning that it must do is not.
    """
    thinking = options.get("thinking")
    idle = {"thinking"} if isinstance(thinking, Mapping) and thinking.get("type") != "enabled" else set()
    return frozenset(idle | ({"end_user"} if isinstance(options.get("end_user"), str) else set()))


def spoken(messages: Sequence[Message]) -> list[Message]:
    """Return the messages as OpenAI's format has them.

    A picture or a file in the result of a tool stands in the user's turn that follows, and a turn of which only signed
    reasoning is left stands nowhere.
    """
    told: list[Message] = []
    held: tuple[Part, ...] = ()
    for message in messages:
        if message.role is Role.TOOL:
            held += tuple(one for one in message.parts if isinstance(one, BlobPart))
            texts = tuple(one for one in message.parts if isinstance(one, TextPart))
            told.append(replace(message, parts=texts or (TextPart(text=""),)) if held else message)
            continue
        if held and message.role is Role.USER:
            message = replace(message, parts=(*held, *message.parts))  # noqa: PLW2901 - the same turn, with more
        elif held:
            told.append(Message(role=Role.USER, parts=held))
        held = ()
        if not message.signed or message.parts or message.tool_calls or message.extra:
            told.append(message)
    return [*told, Message(role=Role.USER, parts=held)] if held else told


def taken(request: Request, takes: frozenset[str]) -> dict[str, Json]:
    """Return the options that are taken, as they are."""
    return {name: value for name, value in request.options.items() if name in takes}


def content(message: Message) -> Json:
    """Write content: null when an assistant has none, a string for one text, else a list of parts."""
    parts = message.parts
    if not parts:
        return None if message.role is Role.ASSISTANT else []
    if len(parts) == 1 and isinstance(parts[0], TextPart):
        return parts[0].text
    return [part(one) for one in parts]


def part(one: Part) -> Json:
    """Write one part."""
    if isinstance(one, BlobPart | HostedPart):
        return one.wire
    return {"type": "text", "text": one.text}


def tool(one: Tool) -> Json:
    """Write one function."""
    function: dict[str, Json] = {"name": one.name}
    if one.description is not None:
        function["description"] = one.description
    if one.parameters is not None:
        function["parameters"] = one.parameters
    if one.strict is not None:
        function["strict"] = one.strict
    return {"type": "function", "function": function}


def tool_call(call: ToolCall, id_: str) -> Json:
    """Write one call of an earlier turn under `id_`; decoded arguments become a string of JSON again."""
    return {"id": id_, "type": "function", "function": {"name": call.name, "arguments": arguments(call)}}


def arguments(call: ToolCall) -> str:
    """Return a call's arguments as the string that goes on the wire."""
    if not call.decoded and isinstance(call.arguments, str):
        return call.arguments
    return msgspec.json.encode(call.arguments).decode()


def embeddings_body(request: Request, destination: Destination, takes: frozenset[str]) -> dict[str, Json]:
    """Write the body of an embeddings call."""
    return {"model": destination.wire_model, "input": list(request.inputs), **taken(request, takes)}


def post(request: Request, destination: Destination, attempt: str, path: str, body: Mapping[str, Json]) -> Call:
    """Return the call. `path` follows `destination.base_url`."""
    accept = "text/event-stream" if request.stream else "application/json"
    headers: Sequence[tuple[str, str]] = (
        ("content-type", "application/json"),
        ("accept", accept),
        ("x-request-id", attempt),
    )
    return Call(
        destination=destination.id, path=path, headers=headers, body=msgspec.json.encode(body), stream=request.stream
    )
