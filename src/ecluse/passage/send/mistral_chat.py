"""The dialect `mistral_chat`: Mistral's own chat and embeddings API.

Law: its schema is closed (`additionalProperties: false` in every request type), so only what it names goes out, under
its names: `random_seed`, `max_tokens`, `output_dimension`; `tool_choice: required` as `any`; no `stream_options`, since
usage comes with the last chunk anyway. Tool call ids are nine letters. Reasoning of earlier turns goes back as a
`thinking` block, a refusal as the text that it was. Base URL: `https://api.eu.mistral.ai/v1` and its like.
Source: openapi.yaml of mistralai/platform-docs-public, 21 August 2026.
"""

from collections.abc import Mapping

from ecluse.domain.destination import Destination
from ecluse.domain.dialect import Reader
from ecluse.domain.effects import Call
from ecluse.domain.errors import EcluseError
from ecluse.domain.request import BlobPart, Json, Message, Part, Request, Role, Surface
from ecluse.passage.send.chat_read import ChatReader
from ecluse.passage.send.faults import fault
from ecluse.passage.send.mistral_schema import trimmed
from ecluse.passage.send.openai_wire import (
    CHAT,
    EMBEDDINGS,
    left_out,
    part,
    post,
    spoken,
    taken,
    tool,
    tool_call,
    unknown_options,
)
from ecluse.passage.send.tool_ids import nine_letters
from ecluse.passage.send.vectors_read import VectorReader
from ecluse.passage.send.wider import Wider
from ecluse.passage.send.works import MISTRAL

_AS_IS = frozenset(
    {
        "frequency_penalty",
        "max_tokens",
        "metadata",
        "n",
        "parallel_tool_calls",
        "prediction",
        "presence_penalty",
        "prompt_cache_key",
        "random_seed",
        "reasoning_effort",
        "response_format",
        "safe_prompt",
        "stop",
        "temperature",
        "top_p",
    }
)
_TAKES = _AS_IS | {"seed", "max_completion_tokens"}
"""`max_completion_tokens` needs no word of its own: its value stands in `max_tokens`."""
_EFFORTS = ("high", "none")
_EMBEDDINGS = frozenset({"dimensions", "encoding_format", "metadata"})
_EXTRAS = frozenset({"refusal", "reasoning_content", "prefix", "is_error"})
_MEDIA = frozenset({"image", "audio"})
_NO_PARAMETERS: Mapping[str, Json] = {"type": "object", "properties": {}}


class MistralChat:
    """Mistral's API."""

    name = "mistral_chat"

    def unsupported(self, request: Request) -> tuple[str, ...]:
        """Name the request's fields that this wire format does not take."""
        if request.surface is Surface.EMBEDDINGS:
            return unknown_options(request, _EMBEDDINGS)
        named = [*unknown_options(request, _TAKES | left_out(request.options))]
        if request.options.get("reasoning_effort", "high") not in _EFFORTS:
            named.append("reasoning_effort")
        if _is_allowed_list(request.tool_choice):
            named.append("tool_choice.allowed_tools")
        inside = {name for message in request.messages for name in _unsupported_in(message)}
        return (*named, *sorted(inside))

    def call(self, request: Request, destination: Destination, attempt: str) -> Call:
        """Write the request for `destination`."""
        if request.surface is Surface.EMBEDDINGS:
            return post(request, destination, attempt, EMBEDDINGS, _embeddings(request, destination))
        return post(request, destination, attempt, CHAT, _chat(request, destination))

    def auth_header(self, secret: str) -> tuple[str, str]:
        """Return the header that carries the secret."""
        return "authorization", f"Bearer {secret}"

    def reader(self, request: Request) -> Reader:
        """Return the reader of one answer; an id of this conversation comes back as the caller wrote it."""
        if request.surface is Surface.EMBEDDINGS:
            return VectorReader(len(request.inputs))
        back = {short: id_ for id_, short in nine_letters(request.messages).items()}
        return ChatReader(gathered=not request.stream, back=back)

    def error(self, status: int, headers: Mapping[str, str], body: bytes) -> EcluseError:
        """Say what an answer other than 200 means."""
        return fault(status, headers, body)


def _unsupported_in(message: Message) -> list[str]:
    named = [f"messages.{name}" for name in message.extra if name not in _EXTRAS]
    if not isinstance(message.extra.get("prefix", False), bool):
        named.append("messages.prefix")
    if message.name is not None and message.role is not Role.TOOL:
        named.append("messages.name")
    named += [f"messages.{p.media}" for p in message.parts if isinstance(p, BlobPart) and p.media not in _MEDIA]
    return named


def _is_allowed_list(choice: Json) -> bool:
    return isinstance(choice, Mapping) and choice.get("type") == "allowed_tools"


def _embeddings(request: Request, destination: Destination) -> dict[str, Json]:
    body: dict[str, Json] = {"model": destination.wire_model, "input": list(request.inputs)}
    body |= taken(request, _EMBEDDINGS - {"dimensions"})
    if "dimensions" in request.options:
        body["output_dimension"] = request.options["dimensions"]
    return body


def _chat(request: Request, destination: Destination) -> dict[str, Json]:
    ids = nine_letters(request.messages)
    body: dict[str, Json] = {
        "model": destination.wire_model,
        "messages": [_message(message, ids) for message in spoken(request.messages)],
        **taken(request, _AS_IS),
    }
    if "seed" in request.options:
        body["random_seed"] = request.options["seed"]
    if request.tools:
        body["tools"] = [_tool(tool(one)) for one in request.tools]
    if request.tool_choice is not None and not _is_allowed_list(request.tool_choice):
        body["tool_choice"] = "any" if request.tool_choice == "required" else request.tool_choice
    if request.stream:
        body["stream"] = True
    return body


def _message(message: Message, ids: Mapping[str, str]) -> Json:
    turn: dict[str, Json] = {"role": message.role.value, "content": _content(message)}
    if message.tool_calls:
        turn["tool_calls"] = [tool_call(call, ids[call.id]) for call in message.tool_calls]
    if message.tool_call_id is not None:
        turn["tool_call_id"] = ids[message.tool_call_id]
    if message.role is Role.TOOL and message.name is not None:
        turn["name"] = message.name
    if message.extra.get("prefix") is True:
        turn["prefix"] = True
    return turn


def _content(message: Message) -> Json:
    thought, refusal = message.extra.get("reasoning_content"), message.extra.get("refusal")
    blocks: list[Json] = [_part(one) for one in message.parts]
    if isinstance(thought, str):
        blocks.insert(0, {"type": "thinking", "thinking": [{"type": "text", "text": thought}]})
    if isinstance(refusal, str):
        blocks.append({"type": "text", "text": refusal})
    if not blocks:
        return ""
    only = blocks[0]
    return only["text"] if len(blocks) == 1 and isinstance(only, Mapping) and only["type"] == "text" else blocks


def _part(one: Part) -> Json:
    written = part(one)
    if isinstance(one, BlobPart) and one.media == "audio" and isinstance(written, Mapping):
        audio = written.get("input_audio")
        data = audio.get("data") if isinstance(audio, Mapping) else audio
        return {"type": "input_audio", "input_audio": data}
    return written


def _tool(written: Json) -> Json:
    """Give a function the parameters that the schema wants, less what it does not take."""
    assert isinstance(written, Mapping)  # noqa: S101 - `tool` writes an object
    function = written["function"]
    assert isinstance(function, Mapping)  # noqa: S101 - the same
    return {
        "type": "function",
        "function": {**function, "parameters": trimmed(function.get("parameters", _NO_PARAMETERS))},
    }


DIALECT = Wider(MistralChat(), MISTRAL)
