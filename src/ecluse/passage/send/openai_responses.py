"""The dialect `openai_responses` on the provider's side: for models that are offered by OpenAI's Responses alone.

Law: `store` is false and no earlier answer is named, unless the rules permit that the provider keeps the conversation;
instructions of one turn then stand apart from the turns that are kept. A field that is not taken is named. Base URL:
ends in `/v1`.
Source: the request types in the `openai` package 3.54, November 2026.
"""

import re
from collections.abc import Mapping

import msgspec

from ecluse.domain.destination import Destination
from ecluse.domain.dialect import Reader
from ecluse.domain.effects import Call
from ecluse.domain.errors import EcluseError, ProviderError
from ecluse.domain.request import BlobPart, HostedPart, Json, Message, Request, Retention, Role, Surface, TextPart
from ecluse.passage.send.faults import fault
from ecluse.passage.send.openai_wire import arguments, bearer, left_out, post, spoken, unknown_options
from ecluse.passage.send.responses_read import ResponsesReader

_AS_IS = frozenset(
    {"metadata", "parallel_tool_calls", "prompt_cache_key", "safety_identifier", "service_tier", "temperature", "top_p"}
)
_TAKES = _AS_IS | {
    "include",
    "max_completion_tokens",
    "max_tokens",
    "reasoning_effort",
    "response_format",
    "stream_options",
    "user",
    "verbosity",
}
_EXTRAS = frozenset({"refusal", "reasoning_content", "is_error"})
_NAME = re.compile(r"[A-Za-z0-9_-]{1,256}", re.ASCII)
_MEDIA = frozenset({"image", "file"})


class OpenAIResponses:
    """OpenAI's Responses."""

    name = "openai_responses"

    def unsupported(self, request: Request) -> tuple[str, ...]:
        """Name the request's fields that this wire format does not take."""
        if request.surface is not Surface.CHAT:
            return (request.surface.value,)
        named = [*unknown_options(request, _TAKES | left_out(request.options))]
        if isinstance(request.tool_choice, Mapping) and request.tool_choice.get("type") == "allowed_tools":
            named.append("tool_choice.allowed_tools")
        named += sorted({name for message in request.messages for name in _unsupported_in(message)})
        return tuple(named)

    def call(self, request: Request, destination: Destination, attempt: str) -> Call:
        """Write the request for `destination`."""
        if request.retention is not None and request.retention.fetch:
            return _of_kept("GET", request.retention.previous, destination, attempt)
        return post(request, destination, attempt, "/responses", _body(request, destination))

    def forget(self, upstream: str, destination: Destination, attempt: str) -> Call:
        """Write the call by which `destination` deletes the answer that it calls `upstream`."""
        return _of_kept("DELETE", upstream, destination, attempt)

    def auth_header(self, secret: str) -> tuple[str, str]:
        """Return the header that carries the secret."""
        return bearer(secret)

    def reader(self, request: Request) -> Reader:
        """Return the reader of one answer."""
        return ResponsesReader(gathered=not request.stream)

    def error(self, status: int, headers: Mapping[str, str], body: bytes) -> EcluseError:
        """Say what an answer other than 200 means."""
        return fault(status, headers, body)


def _unsupported_in(message: Message) -> list[str]:
    named = [f"messages.{name}" for name in message.extra if name not in _EXTRAS]
    if message.name is not None and message.role is not Role.TOOL:
        named.append("messages.name")
    return named + [f"messages.{p.media}" for p in message.parts if isinstance(p, BlobPart) and p.media not in _MEDIA]


def _body(request: Request, destination: Destination) -> dict[str, Json]:
    options, kept = request.options, request.retention or Retention()
    turns, apart = spoken(request.messages), _apart(request, kept)
    body: dict[str, Json] = {
        "model": destination.wire_model,
        "input": [item for message in turns[1 if apart else 0 :] for item in _items(message)],
        "store": kept.store,
        **({"instructions": apart} if apart else {}),
        **({"previous_response_id": kept.previous} if kept.previous else {}),
        **{name: value for name, value in options.items() if name in _AS_IS},
    }
    bound = options.get("max_completion_tokens", options.get("max_tokens"))
    if bound is not None:
        body["max_output_tokens"] = bound
    if "user" in options and "safety_identifier" not in body:
        body["safety_identifier"] = options["user"]
    if (effort := options.get("reasoning_effort")) is not None:
        body["reasoning"] = {"effort": effort}
    if text := _text(options):
        body["text"] = text
    if request.tools or request.hosted:
        body["tools"] = [tool.wire for tool in request.hosted] + [
            {
                "type": "function",
                "name": tool.name,
                "parameters": tool.parameters,
                "strict": tool.strict,
                **({"description": tool.description} if tool.description is not None else {}),
            }
            for tool in request.tools
        ]
    if "include" in options:
        body["include"] = options["include"]
    if (request.tools or request.hosted) and (choice := _choice(request.tool_choice)) is not None:
        body["tool_choice"] = choice
    if request.stream:
        body["stream"] = True
    return body


def _apart(request: Request, kept: Retention) -> str:
    """Return the instructions of this turn alone, where a conversation is kept: they are not to be kept with it."""
    if not kept.instructed or not request.messages or request.messages[0].role is not Role.SYSTEM:
        return ""
    return "\n\n".join(part.text for part in request.messages[0].parts if isinstance(part, TextPart))


def _of_kept(method: str, upstream: str, destination: Destination, attempt: str) -> Call:
    """Return a call about an answer that the provider keeps; its name is the provider's, and never part of a path."""
    if not _NAME.fullmatch(upstream):
        raise ProviderError("upstream_malformed", "the name of a kept answer")
    headers = (("accept", "application/json"), ("x-request-id", attempt))
    return Call(
        destination=destination.id,
        path=f"/responses/{upstream}",
        headers=headers,
        body=b"",
        stream=False,
        method=method,
    )


def _text(options: Mapping[str, Json]) -> dict[str, Json]:
    text: dict[str, Json] = {}
    form = options.get("response_format")
    if isinstance(form, Mapping):
        inner = form.get("json_schema")
        text["format"] = {"type": form.get("type"), **(inner if isinstance(inner, Mapping) else {})}
    if (verbosity := options.get("verbosity")) is not None:
        text["verbosity"] = verbosity
    return text


def _choice(choice: Json) -> Json:
    if isinstance(choice, Mapping) and isinstance(function := choice.get("function"), Mapping):
        return {"type": "function", "name": function.get("name")}
    if isinstance(choice, Mapping) and choice.get("type") == "hosted":
        return choice.get("hosted")
    return choice if isinstance(choice, str) else None


def _items(message: Message) -> list[Json]:
    """Write one turn as items: what is said, then the calls."""
    if message.role is Role.TOOL:
        texts = [part.text for part in message.parts if isinstance(part, TextPart)]
        return [{"type": "function_call_output", "call_id": message.tool_call_id, "output": "\n".join(texts)}]
    items: list[Json] = [_done(part) for part in message.parts if isinstance(part, HostedPart)]
    assistant = message.role is Role.ASSISTANT
    said = [_part(part, assistant=assistant) for part in message.parts if not isinstance(part, HostedPart)]
    refusal = message.extra.get("refusal")
    if isinstance(refusal, str):
        said.append({"type": "output_text", "text": refusal})
    if assistant and said:
        texts = [str(one["text"]) for one in said if isinstance(one, Mapping) and "text" in one]
        items.append({"role": "assistant", "content": "\n".join(texts)})
    elif said:
        items.append({"role": message.role.value, "content": said})
    items += [
        {"type": "function_call", "call_id": call.id, "name": call.name, "arguments": arguments(call)}
        for call in message.tool_calls
    ]
    return items


def _done(part: HostedPart) -> Json:
    """Write what a hosted tool did, an item of its own; decoded arguments become a string of JSON again."""
    given = part.wire.get("arguments")
    if given is None or isinstance(given, str):
        return part.wire
    return {**part.wire, "arguments": msgspec.json.encode(given).decode()}


def _part(part: TextPart | BlobPart, *, assistant: bool) -> Json:
    if isinstance(part, TextPart):
        return {"type": "output_text" if assistant else "input_text", "text": part.text}
    held = part.wire.get("image_url" if part.media == "image" else "file")
    inner = held if isinstance(held, Mapping) else {}
    if part.media == "image":
        return {"type": "input_image", "image_url": inner.get("url"), "detail": inner.get("detail", "auto")}
    return {"type": "input_file", **{name: inner[name] for name in ("file_data", "filename") if name in inner}}


DIALECT = OpenAIResponses()
