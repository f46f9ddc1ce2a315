"""What the providers publish, as their own SDKs write it down: the request types of OpenAI, Mistral and Anthropic.

Law: a field or a value that these types do not have is refused, at every depth; nothing here was copied by hand.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NotRequired

from anthropic.types.beta.message_create_params import MessageCreateParamsNonStreaming as BetaNonStreaming
from anthropic.types.beta.message_create_params import MessageCreateParamsStreaming as BetaStreaming
from anthropic.types.message_create_params import (
    MessageCreateParamsNonStreaming,
    MessageCreateParamsStreaming,
)
from mistralai.client.models import ChatCompletionRequest as MistralChat
from mistralai.client.models import EmbeddingRequest as MistralEmbedding
from mistralai.client.models import FIMCompletionRequest, OCRRequest
from openai.types.audio.speech_create_params import SpeechCreateParams
from openai.types.chat.completion_create_params import (
    CompletionCreateParamsNonStreaming,
    CompletionCreateParamsStreaming,
)
from openai.types.completion_create_params import CompletionCreateParamsNonStreaming as CompletionNonStreaming
from openai.types.completion_create_params import CompletionCreateParamsStreaming as CompletionStreaming
from openai.types.embedding_create_params import EmbeddingCreateParams
from openai.types.moderation_create_params import ModerationCreateParams
from openai.types.responses.response_create_params import (
    ResponseCreateParamsNonStreaming,
    ResponseCreateParamsStreaming,
)
from pydantic import TypeAdapter, ValidationError
from typing_extensions import TypedDict

from simulators.journal import Fact

Body = Mapping[str, Fact]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that the types do not allow: where, of which kind, in words."""

    where: tuple[str | int, ...]
    kind: str
    words: str


class RerankParams(TypedDict):
    """Documents to rank, as docs.vllm.ai ("Score") has them."""

    model: str
    query: str
    documents: list[str]
    top_n: NotRequired[int]


class UnacceptableError(Exception):
    """The body is not one that the provider's SDK could have written."""

    def __init__(self, *problems: Problem) -> None:
        """Keep the problems, the most telling first."""
        super().__init__(*(problem.words for problem in problems))
        self.problems = problems


_OPENAI_WHOLE: TypeAdapter[Any] = TypeAdapter(CompletionCreateParamsNonStreaming)
_OPENAI_STREAM: TypeAdapter[Any] = TypeAdapter(CompletionCreateParamsStreaming)
_RESPONSES_WHOLE: TypeAdapter[Any] = TypeAdapter(ResponseCreateParamsNonStreaming)
_RESPONSES_STREAM: TypeAdapter[Any] = TypeAdapter(ResponseCreateParamsStreaming)
_OPENAI_EMBEDDINGS: TypeAdapter[Any] = TypeAdapter(EmbeddingCreateParams)
_ANTHROPIC_WHOLE: TypeAdapter[Any] = TypeAdapter(MessageCreateParamsNonStreaming)
_ANTHROPIC_STREAM: TypeAdapter[Any] = TypeAdapter(MessageCreateParamsStreaming)
_ANTHROPIC_BETA_WHOLE: TypeAdapter[Any] = TypeAdapter(BetaNonStreaming)
_ANTHROPIC_BETA_STREAM: TypeAdapter[Any] = TypeAdapter(BetaStreaming)
_ANTHROPIC_SAMPLING = frozenset({"temperature", "top_k", "top_p"})
_MISTRAL_CHAT: TypeAdapter[Any] = TypeAdapter(MistralChat)
_OPENAI_COMPLETION: TypeAdapter[Any] = TypeAdapter(CompletionNonStreaming)
_OPENAI_COMPLETION_STREAM: TypeAdapter[Any] = TypeAdapter(CompletionStreaming)
_OPENAI_SPEECH: TypeAdapter[Any] = TypeAdapter(SpeechCreateParams)
_OPENAI_MODERATION: TypeAdapter[Any] = TypeAdapter(ModerationCreateParams)
_MISTRAL_FIM: TypeAdapter[Any] = TypeAdapter(FIMCompletionRequest)
_MISTRAL_OCR: TypeAdapter[Any] = TypeAdapter(OCRRequest)
_RERANK: TypeAdapter[Any] = TypeAdapter(RerankParams)
_MISTRAL_EMBEDDINGS: TypeAdapter[Any] = TypeAdapter(MistralEmbedding)


def openai_chat(raw: bytes) -> Body:
    """Read a chat request by OpenAI's types. Raises UnacceptableError."""
    body = _object(raw)
    _check(_OPENAI_STREAM if body.get("stream") else _OPENAI_WHOLE, body, strict=True)
    if "stream_options" in body and not body.get("stream"):
        raise UnacceptableError(problem("stream_options", "value_error", "only allowed when 'stream' is enabled"))
    _check_conversation(body)
    return body


def openai_responses(raw: bytes) -> Body:
    """Read a Responses request by OpenAI's types. Raises UnacceptableError."""
    body = _object(raw)
    _check(_RESPONSES_STREAM if body.get("stream") else _RESPONSES_WHOLE, body, strict=True)
    return body


def openai_embeddings(raw: bytes) -> Body:
    """Read an embeddings request by OpenAI's types. Raises UnacceptableError."""
    body = _object(raw)
    _check(_OPENAI_EMBEDDINGS, body, strict=True)
    return body


def mistral_chat(raw: bytes) -> Body:
    """Read a chat request by Mistral's types. Raises UnacceptableError."""
    body = _object(raw)
    _check(_MISTRAL_CHAT, body, strict=False)
    _check_conversation(body)
    return body


def anthropic_messages(raw: bytes, *, sampling: bool = False, beta: bool = False) -> Body:
    """Read a call by Anthropic's types. Raises UnacceptableError.

    They are those of API version 2026-10-21; the one before had three fields more, with `sampling`. With `beta` they
    are those of the SDK's beta calls.
    """
    body = _object(raw)
    typed = {name: value for name, value in body.items() if not (sampling and name in _ANTHROPIC_SAMPLING)}
    whole, stream = _ANTHROPIC_WHOLE, _ANTHROPIC_STREAM
    if beta:
        whole, stream = _ANTHROPIC_BETA_WHOLE, _ANTHROPIC_BETA_STREAM
    _check(stream if body.get("stream") else whole, typed, strict=True)
    return body


def mistral_embeddings(raw: bytes) -> Body:
    """Read an embeddings request by Mistral's types. Raises UnacceptableError."""
    body = _object(raw)
    _check(_MISTRAL_EMBEDDINGS, body, strict=False)
    return body


def openai_completion(raw: bytes) -> Body:
    """Read a completion by OpenAI's types. Raises UnacceptableError."""
    body = _object(raw)
    _check(_OPENAI_COMPLETION_STREAM if body.get("stream") else _OPENAI_COMPLETION, body, strict=True)
    return body


def openai_speech(raw: bytes) -> Body:
    """Read a text to speak by OpenAI's types. Raises UnacceptableError."""
    body = _object(raw)
    _check(_OPENAI_SPEECH, body, strict=True)
    return body


def moderation(raw: bytes) -> Body:
    """Read texts to judge by OpenAI's types. Raises UnacceptableError."""
    body = _object(raw)
    _check(_OPENAI_MODERATION, body, strict=True)
    return body


def mistral_fim(raw: bytes) -> Body:
    """Read a prompt to fill in by Mistral's types. Raises UnacceptableError."""
    body = _object(raw)
    _check(_MISTRAL_FIM, body, strict=False)
    return body


def mistral_ocr(raw: bytes) -> Body:
    """Read a document to read by Mistral's types. Raises UnacceptableError."""
    body = _object(raw)
    _check(_MISTRAL_OCR, body, strict=False)
    return body


def rerank(raw: bytes) -> Body:
    """Read documents to rank: no SDK that is here has a type for them. Raises UnacceptableError."""
    body = _object(raw)
    _check(_RERANK, body, strict=True)
    return body


def messages(body: Body) -> Iterator[Body]:
    """Go through the messages of a checked body."""
    stated = body.get("messages")
    for message in stated if isinstance(stated, list) else []:
        if isinstance(message, dict):
            yield message


def calls(message: Body) -> Iterator[Body]:
    """Go through the tool calls of a message."""
    stated = message.get("tool_calls")
    for call in stated if isinstance(stated, list) else []:
        if isinstance(call, dict):
            yield call


def problem(where: str, kind: str, words: str) -> Problem:
    """Return a problem of one field."""
    return Problem((where,), kind, words)


def _object(raw: bytes) -> dict[str, Fact]:
    try:
        body = json.loads(raw, object_pairs_hook=_once)
    except ValueError as error:
        raise UnacceptableError(problem("body", "json_invalid", str(error))) from None
    if not isinstance(body, dict):
        raise UnacceptableError(problem("body", "model_attributes_type", "Input should be a valid dictionary"))
    return body


def _once(pairs: Sequence[tuple[str, Fact]]) -> dict[str, Fact]:
    """Refuse a key twice: which of the two counts differs between providers, so none may be sent."""
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("the same key twice")
    return made


def _check(adapter: TypeAdapter[Any], body: Body, *, strict: bool) -> None:
    try:
        _drain(adapter.validate_python(body, strict=strict, extra="forbid"))
    except ValidationError as error:
        found = [Problem(e["loc"], e["type"], e["msg"]) for e in error.errors()]
        found.sort(key=lambda problem: problem.kind == "literal_error")  # a union's wrong branches say little
        raise UnacceptableError(*found) from None


def _drain(value: object) -> None:
    """Go through what pydantic checks only when it is iterated: OpenAI's types say `Iterable` for a list."""
    if isinstance(value, Mapping):
        for member in value.values():
            _drain(member)
    elif isinstance(value, list | Iterator):
        for member in value:
            _drain(member)


def _check_conversation(body: Body) -> None:
    """Refuse what both providers refuse beyond types: no message at all, and a tool's answer that nobody asked for."""
    asked: set[Fact] = set()
    count = 0
    for count, message in enumerate(messages(body), start=1):
        asked |= {call.get("id") for call in calls(message)}
        if message["role"] == "tool" and message.get("tool_call_id") not in asked:
            words = "a message with role 'tool' must answer a preceding message with 'tool_calls'"
            raise UnacceptableError(Problem(("messages", count - 1), "orphan_tool", words))
    if count == 0:
        raise UnacceptableError(problem("messages", "too_short", "at least one message is needed"))
