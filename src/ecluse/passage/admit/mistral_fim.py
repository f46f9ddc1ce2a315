"""The dialect `mistral_fim` on the caller's side: Mistral's fill in the middle, a prompt and what shall follow it.

Law: as strict as openai_chat.py; the list of fields is Mistral's, which is closed. An answer is that of a chat.
Reference: `FIMCompletionRequest` in the `mistralai` package 3.7, November 2026.
"""

from collections.abc import Mapping

from ecluse.domain.dialect import Envelope, Writer
from ecluse.domain.event import Event, Finish
from ecluse.domain.request import Capability, Request, Surface
from ecluse.passage.admit.checks import boolean, integer, mapping, model_name, number, only, text
from ecluse.passage.admit.openai_bodies import usage_object
from ecluse.passage.admit.openai_options import checked, count, stop
from ecluse.passage.admit.openai_replies import OpenAIReplies
from ecluse.passage.admit.openai_stream import StreamWriter
from ecluse.passage.admit.openai_whole import WholeWriter
from ecluse.passage.admit.strict_json import decode

_READ = frozenset({"model", "prompt", "stream", "random_seed"})


class MistralFim(OpenAIReplies):
    """Reads Mistral's FIM calls and writes their answers."""

    name = "mistral_fim"
    routes: Mapping[str, Surface] = {"/v1/fim/completions": Surface.COMPLETIONS}

    def admit(self, surface: Surface, body: bytes) -> Request:
        """Read a request. Raises CallerError."""
        fields = mapping(decode(body), "body")
        only(fields, _READ | _CHECKS.keys(), "body")
        stream = fields.get("stream") is not None and boolean(fields["stream"], "stream")
        options = checked(fields, _READ, _CHECKS)
        if (seed := fields.get("random_seed")) is not None:
            options["seed"] = integer(seed, "random_seed")
        needs = {Capability.FIM, *({Capability.STREAM} if stream else ())}
        return Request(
            surface=surface,
            model=model_name(fields.get("model")),
            inputs=(text(fields.get("prompt"), "prompt"),),
            options=options,
            stream=stream,
            include_usage=True,
            needs=frozenset(needs),
        )

    def writer(self, request: Request, envelope: Envelope) -> Writer:
        """Return the writer of one answer."""
        return _Stream(envelope) if request.stream else WholeWriter(envelope)


class _Stream(StreamWriter):
    """Writes the usage as Mistral does, beside the end: its callers read a choice in every chunk."""

    def __init__(self, envelope: Envelope) -> None:
        super().__init__(envelope, include_usage=False)
        self._end: Finish | None = None

    def write(self, event: Event) -> bytes:
        """Return the chunk of one event; that of the end waits for the usage."""
        if isinstance(event, Finish):
            self._end = event
            return b""
        return super().write(event)

    def close(self) -> bytes:
        """Return the end with the usage, if it was counted, and the closing mark."""
        usage = usage_object(self._usage)
        self._tail = {} if usage is None else {"usage": usage}
        return (b"" if self._end is None else super().write(self._end)) + super().close()


_CHECKS = {
    "max_tokens": count,
    "metadata": mapping,
    "min_tokens": integer,
    "prompt_cache_key": text,
    "stop": stop,
    "suffix": text,
    "temperature": number,
    "top_p": number,
}

DIALECT = MistralFim()
