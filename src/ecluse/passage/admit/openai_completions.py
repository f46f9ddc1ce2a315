"""The dialect `openai_completions` on the caller's side: OpenAI's completions of a raw prompt, with or without suffix.

Law: as strict as openai_chat.py; a prompt is text, and an array of tokens, which cannot be searched, is refused.
Reference: the request and response types in the `openai` package 3.54, November 2026.
"""

from collections.abc import Mapping

from ecluse.domain.dialect import Envelope, Writer
from ecluse.domain.errors import CallerError
from ecluse.domain.request import Capability, Json, Request, Surface
from ecluse.passage.admit.checks import boolean, integer, mapping, model_name, number, text, wrong
from ecluse.passage.admit.completions_write import StreamWriter, WholeWriter
from ecluse.passage.admit.openai_options import checked, choices, count, stop, stream_options
from ecluse.passage.admit.openai_replies import OpenAIReplies
from ecluse.passage.admit.strict_json import decode

PROMPTS = 128
"""Most prompts in one call."""
LOGPROBS = 5
"""Most likely tokens shown for each, as OpenAI has it."""
_READ = frozenset({"model", "prompt", "stream", "stream_options"})


class OpenAICompletions(OpenAIReplies):
    """Reads completions and writes text completions."""

    name = "openai_completions"
    routes: Mapping[str, Surface] = {"/v1/completions": Surface.COMPLETIONS}

    def admit(self, surface: Surface, body: bytes) -> Request:
        """Read a request. Raises CallerError."""
        fields = mapping(decode(body), "body")
        stream = fields.get("stream") is not None and boolean(fields["stream"], "stream")
        include_usage, stream_rest = stream_options(fields.get("stream_options"))
        options = checked(fields, _READ, _CHECKS)
        if stream_rest:
            options["stream_options"] = stream_rest
        needs = {Capability.COMPLETIONS, *({Capability.STREAM} if stream else ())}
        if "suffix" in options:
            needs = needs - {Capability.COMPLETIONS} | {Capability.FIM}
        return Request(
            surface=surface,
            model=model_name(fields.get("model")),
            inputs=_prompts(fields.get("prompt")),
            options=options,
            stream=stream,
            include_usage=include_usage,
            needs=frozenset(needs),
        )

    def writer(self, request: Request, envelope: Envelope) -> Writer:
        """Return the writer of one answer."""
        if request.stream:
            return StreamWriter(envelope, include_usage=request.include_usage)
        return WholeWriter(envelope)


def _prompts(value: Json) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, list) or not value:
        raise wrong("prompt", "string | non-empty array of strings")
    for i, item in enumerate(value):
        if isinstance(item, int | list):
            raise CallerError("token_array_refused", f"prompt[{i}]")
    if len(value) > PROMPTS:
        raise wrong("prompt", f"<= {PROMPTS} strings")
    return tuple(text(item, f"prompt[{i}]") for i, item in enumerate(value))


def _logprobs(value: Json, path: str) -> Json:
    if not 0 <= integer(value, path) <= LOGPROBS:
        raise wrong(path, f"0..{LOGPROBS}")
    return value


_CHECKS = {
    "best_of": choices,
    "echo": boolean,
    "frequency_penalty": number,
    "logit_bias": mapping,
    "logprobs": _logprobs,
    "max_tokens": count,
    "n": choices,
    "presence_penalty": number,
    "seed": integer,
    "stop": stop,
    "suffix": text,
    "temperature": number,
    "top_p": number,
    "user": text,
}

DIALECT = OpenAICompletions()
