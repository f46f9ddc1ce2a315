"""The dialect `ollama_chat`: Ollama's own `/api/chat` and `/api/embed`.

Law: sampling stands under `options`, and an answer is lines of JSON; what it has no word for is named. A server of
one's own has no key unless a proxy before it wants one. Base URL: `http://127.0.0.1:11434`, or with TLS elsewhere.
Source: docs/api.md of github.com/ollama/ollama.
"""

from collections.abc import Mapping

from ecluse.domain.destination import Destination
from ecluse.domain.dialect import Reader
from ecluse.domain.effects import Call
from ecluse.domain.errors import EcluseError
from ecluse.domain.request import BlobPart, Json, Message, Request, Role, Surface, TextPart
from ecluse.passage.send.anthropic_turns import blob, input_of
from ecluse.passage.send.faults import fault
from ecluse.passage.send.ollama_read import OllamaReader, OllamaVectors
from ecluse.passage.send.openai_wire import bearer, left_out, post, spoken, tool, unknown_options

_OPTIONS = {
    "frequency_penalty": "frequency_penalty",
    "max_completion_tokens": "num_predict",
    "max_tokens": "num_predict",
    "min_p": "min_p",
    "presence_penalty": "presence_penalty",
    "repetition_penalty": "repeat_penalty",
    "seed": "seed",
    "temperature": "temperature",
    "top_k": "top_k",
    "top_p": "top_p",
}
_TAKES = frozenset(_OPTIONS) | {"response_format", "stop", "stream_options", "user", "safety_identifier"}
_EXTRAS = frozenset({"refusal", "reasoning_content", "is_error"})


_EMBEDDINGS = frozenset({"dimensions", "encoding_format", "user"})
"""Its vectors are numbers; who asked for base64, as OpenAI's client does unasked, has them packed on the way back."""


class OllamaChat:
    """Ollama."""

    name = "ollama_chat"

    def unsupported(self, request: Request) -> tuple[str, ...]:
        """Name the request's fields that this wire format does not take."""
        if request.surface is Surface.EMBEDDINGS:
            return unknown_options(request, _EMBEDDINGS)
        if request.surface is not Surface.CHAT:
            return (request.surface.value,)
        named = [*unknown_options(request, _TAKES | left_out(request.options))]
        if request.tools and request.tool_choice not in (None, "auto"):
            named.append("tool_choice")
        named += sorted({name for message in request.messages for name in _unsupported_in(message)})
        return tuple(named)

    def call(self, request: Request, destination: Destination, attempt: str) -> Call:
        """Write the request for `destination`."""
        if request.surface is Surface.EMBEDDINGS:
            body: dict[str, Json] = {"model": destination.wire_model, "input": list(request.inputs)}
            if "dimensions" in request.options:
                body["dimensions"] = request.options["dimensions"]
            return post(request, destination, attempt, "/api/embed", body)
        return post(request, destination, attempt, "/api/chat", _chat(request, destination))

    def auth_header(self, secret: str) -> tuple[str, str]:
        """Return the header that carries the secret, for a proxy before the server."""
        return bearer(secret)

    def reader(self, request: Request) -> Reader:
        """Return the reader of one answer."""
        if request.surface is Surface.EMBEDDINGS:
            return OllamaVectors(len(request.inputs))
        return OllamaReader(gathered=not request.stream)

    def error(self, status: int, headers: Mapping[str, str], body: bytes) -> EcluseError:
        """Say what an answer other than 200 means."""
        return fault(status, headers, body)


def _unsupported_in(message: Message) -> list[str]:
    named = [f"messages.{name}" for name in message.extra if name not in _EXTRAS]
    if message.name is not None and message.role is not Role.TOOL:
        named.append("messages.name")
    named += [f"messages.{one.media}" for one in message.parts if isinstance(one, BlobPart) and _image(one) is None]
    if any(input_of(call) is None for call in message.tool_calls):
        named.append("messages.tool_calls.arguments")
    return named


def _image(part: BlobPart) -> Json:
    block = blob(part) if part.media == "image" else None
    source = block.get("source") if isinstance(block, Mapping) else None
    return source.get("data") if isinstance(source, Mapping) else None


def _chat(request: Request, destination: Destination) -> dict[str, Json]:
    named = {call.id: call.name for message in request.messages for call in message.tool_calls}
    options: dict[str, Json] = {
        there: request.options[here] for here, there in _OPTIONS.items() if request.options.get(here) is not None
    }
    if (stops := request.options.get("stop")) is not None:
        options["stop"] = [stops] if isinstance(stops, str) else stops
    body: dict[str, Json] = {
        "model": destination.wire_model,
        "messages": [_message(message, named) for message in spoken(request.messages)],
        "stream": request.stream,
    }
    if options:
        body["options"] = options
    if request.tools:
        body["tools"] = [tool(one) for one in request.tools]
    if (form := _format(request.options.get("response_format"))) is not None:
        body["format"] = form
    return body


def _format(form: Json) -> Json:
    if not isinstance(form, Mapping) or form.get("type") == "text":
        return None
    inner = form.get("json_schema")
    return inner.get("schema") if isinstance(inner, Mapping) else "json"


def _message(message: Message, named: Mapping[str, str]) -> Json:
    texts = [one.text for one in message.parts if isinstance(one, TextPart)]
    refusal = message.extra.get("refusal")
    turn: dict[str, Json] = {
        "role": message.role.value,
        "content": "\n".join([*texts, *([refusal] if isinstance(refusal, str) else [])]),
    }
    if images := [_image(one) for one in message.parts if isinstance(one, BlobPart)]:
        turn["images"] = images
    if message.tool_calls:
        turn["tool_calls"] = [
            {"function": {"name": call.name, "arguments": input_of(call) or {}}} for call in message.tool_calls
        ]
    if message.role is Role.TOOL and (name := message.name or named.get(message.tool_call_id or "")):
        turn["tool_name"] = name
    return turn


DIALECT = OllamaChat()
