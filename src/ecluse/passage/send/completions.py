"""Completions of a raw prompt, on the provider's side: OpenAI's form, and Mistral's fill in the middle.

Law: as in openai_wire.py: a field goes out only where the format takes it; usage is asked for in any case.
Source: the types of the `openai` and `mistralai` packages.
"""

from collections.abc import Callable, Mapping

from ecluse.domain.destination import Destination
from ecluse.domain.dialect import Reader
from ecluse.domain.effects import Call
from ecluse.domain.errors import ProviderError
from ecluse.domain.event import Begin, Channel, Event, Text, Usage
from ecluse.domain.request import Json, Request
from ecluse.passage.send.chat_read import CHOICES, ChatReader
from ecluse.passage.send.choices_read import ChoicesReader
from ecluse.passage.send.openai_wire import post, taken, unknown_options
from ecluse.passage.send.rest import bounded, count, rest_of

_OPENAI = frozenset(
    {
        "best_of",
        "echo",
        "frequency_penalty",
        "logit_bias",
        "logprobs",
        "max_tokens",
        "n",
        "presence_penalty",
        "seed",
        "stop",
        "stream_options",
        "suffix",
        "temperature",
        "top_p",
        "user",
    }
)
_MISTRAL = frozenset(
    {"max_tokens", "metadata", "min_tokens", "prompt_cache_key", "stop", "suffix", "temperature", "top_p"}
)
_CHOICE = frozenset({"index", "text", "finish_reason"})
_COUNTED = frozenset({"prompt_tokens", "completion_tokens", "total_tokens"})


class Completions:
    """OpenAI's `/completions`, which vLLM, llama.cpp and Azure have too."""

    def unsupported(self, request: Request) -> tuple[str, ...]:
        """Name the request's fields that this wire format does not take."""
        return unknown_options(request, _OPENAI)

    def call(self, request: Request, destination: Destination, attempt: str, path: Callable[[str], str]) -> Call:
        """Write the request."""
        prompt: Json = request.inputs[0] if len(request.inputs) == 1 else list(request.inputs)
        body: dict[str, Json] = {"model": destination.wire_model, "prompt": prompt, **taken(request, _OPENAI)}
        asked = body.pop("stream_options", None)
        if request.stream:
            rest = asked if isinstance(asked, Mapping) else {}
            body |= {"stream": True, "stream_options": {**rest, "include_usage": True}}
        return post(request, destination, attempt, path("/completions"), body)

    def reader(self, request: Request) -> Reader:
        """Return the reader of one answer."""
        return CompletionsReader(gathered=not request.stream)


class Fim:
    """Mistral's `/fim/completions`, whose answer is that of a chat."""

    def unsupported(self, request: Request) -> tuple[str, ...]:
        """Name the request's fields that this wire format does not take."""
        return (*(("prompt",) if len(request.inputs) > 1 else ()), *unknown_options(request, _MISTRAL | {"seed"}))

    def call(self, request: Request, destination: Destination, attempt: str, path: Callable[[str], str]) -> Call:
        """Write the request."""
        body: dict[str, Json] = {"model": destination.wire_model, "prompt": request.inputs[0]}
        body |= taken(request, _MISTRAL)
        if "seed" in request.options:
            body["random_seed"] = request.options["seed"]
        if request.stream:
            body["stream"] = True
        return post(request, destination, attempt, path("/fim/completions"), body)

    def reader(self, request: Request) -> Reader:
        """Return the reader of one answer."""
        return ChatReader(gathered=not request.stream)


class CompletionsReader(ChoicesReader):
    """Reads one text completion, streamed or `gathered`."""

    def _within(self, chunk: Mapping[str, Json], events: list[Event]) -> None:
        choices = chunk.get("choices") or []
        if not isinstance(choices, list) or len(choices) > CHOICES * CHOICES:
            raise ProviderError("upstream_malformed", "choices")
        if choices and not self._begun:
            self._begun = True
            model = chunk.get("model")
            events.append(Begin(model=model if isinstance(model, str) else ""))
        for choice in choices:
            self._choice(choice, events)
        used = chunk.get("usage")
        if isinstance(used, dict):
            tokens_in, tokens_out = count(used.get("prompt_tokens")), count(used.get("completion_tokens"))
            raw = bounded(rest_of(used, _COUNTED))
            events.append(Usage(tokens_in=tokens_in, tokens_out=tokens_out, raw=raw))

    def _choice(self, choice: Json, events: list[Event]) -> None:
        if not isinstance(choice, dict):
            raise ProviderError("upstream_malformed", "choices")
        index, text, reason = choice.get("index", 0), choice.get("text"), choice.get("finish_reason")
        if type(index) is not int or not 0 <= index < CHOICES * CHOICES or not isinstance(text, str | None):
            raise ProviderError("upstream_malformed", "choices")
        self._opened(index)
        raw = bounded(rest_of(choice, _CHOICE))
        if text or raw:
            events.append(Text(choice=index, channel=Channel.CONTENT, s=text or "", raw=raw))
        if reason and index not in self._finished:
            events.append(self._ended(index, reason))
