"""Completions of a raw prompt, on the provider's side: OpenAI's form, and Mistral's fill in the middle.

Law: as in openai_wire.py: a field goes out only where the format takes it; usage is asked for in any case.
A choice that did not finish was cut short, and says so. Source: the types of the `openai` and `mistralai` packages.
"""

from collections.abc import Callable, Mapping, Sequence

from ecluse.domain.destination import Destination
from ecluse.domain.dialect import Reader
from ecluse.domain.effects import Call
from ecluse.domain.errors import ProviderError
from ecluse.domain.event import Begin, Channel, Event, Finish, Text, Usage
from ecluse.domain.request import Json, Request
from ecluse.passage.send.answer import Answer, read_object
from ecluse.passage.send.chat_read import CHOICES, ChatReader
from ecluse.passage.send.faults import fault_inside
from ecluse.passage.send.openai_wire import post, taken, unknown_options
from ecluse.passage.send.rest import bounded, count, rest_of
from ecluse.passage.send.sse import Frame

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
_DONE = b"[DONE]"
_REASON = 32
_CHOICE = frozenset({"index", "text", "finish_reason"})


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


class CompletionsReader:
    """Reads one text completion, streamed or `gathered`."""

    def __init__(self, *, gathered: bool) -> None:
        self._answer = Answer(gathered=gathered)
        self._open: set[int] = set()
        self._finished: set[int] = set()
        self._begun = False
        self._done = False
        self._failed = False

    def feed(self, chunk: bytes) -> Sequence[Event]:
        """Return the events completed by `chunk`. Raises ProviderError."""
        return self._read(self._answer.feed(chunk))

    def end(self) -> Sequence[Event]:
        """Return what was left. Raises ProviderError if the answer is cut short."""
        events = self._read(self._answer.end())
        seen = self._open | self._finished
        if not self._failed and (not seen or (self._open and not self._done)):
            raise ProviderError("upstream_malformed", "cut short")
        return events

    def _read(self, frames: list[Frame]) -> list[Event]:
        events: list[Event] = []
        for frame in frames:
            if self._done or self._failed:
                break
            data = frame.data.strip()
            if data == _DONE:
                self._done = True
            elif data:
                self._chunk(read_object(data), events, is_error=frame.event == b"error")
        return events

    def _chunk(self, chunk: Mapping[str, Json], events: list[Event], *, is_error: bool) -> None:
        failure = fault_inside(chunk, is_error=is_error)
        if failure is not None:
            self._failed = True
            events.append(failure)
            return
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
            events.append(Usage(tokens_in=tokens_in, tokens_out=tokens_out))

    def _choice(self, choice: Json, events: list[Event]) -> None:
        if not isinstance(choice, dict):
            raise ProviderError("upstream_malformed", "choices")
        index, text, reason = choice.get("index", 0), choice.get("text"), choice.get("finish_reason")
        if type(index) is not int or not 0 <= index < CHOICES * CHOICES or not isinstance(text, str | None):
            raise ProviderError("upstream_malformed", "choices")
        if index not in self._finished:
            self._open.add(index)
        raw = bounded(rest_of(choice, _CHOICE))
        if text or raw:
            events.append(Text(choice=index, channel=Channel.CONTENT, s=text or "", raw=raw))
        if reason and index not in self._finished:
            if not isinstance(reason, str) or len(reason) > _REASON:
                raise ProviderError("upstream_malformed", "finish_reason")
            self._finished.add(index)
            self._open.discard(index)
            events.append(Finish(choice=index, reason=reason))
