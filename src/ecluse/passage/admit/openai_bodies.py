"""Bodies of OpenAI replies that are no answer of a model: errors and the list of models.

Law: a message is ours, by code, in the caller's language; a refusal says its reasons, what would help, and what Ecluse
does not check (INVARIANT 11). Nothing of the request and nothing of a provider's words is in it.
"""

from collections.abc import Mapping, Sequence
from typing import TypeAlias, assert_never

import msgspec

from ecluse.domain.dialect import Listed
from ecluse.domain.errors import Blame, EcluseError, PolicyDenied, error_of
from ecluse.domain.event import Channel, UpstreamError, Usage
from ecluse.domain.not_checked import NOT_CHECKED
from ecluse.domain.request import Capability
from ecluse.domain.verdict import Hint, Reason, Refusal

FIELD = {
    Channel.CONTENT: "content",
    Channel.REASONING: "reasoning_content",
    Channel.SIGNED: "reasoning_content",
    Channel.REFUSAL: "refusal",
}
"""Where each channel's text stands in a message or a delta."""
CAPABILITIES: Mapping[str, Capability] = {
    "completion_chat": Capability.CHAT,
    "function_calling": Capability.TOOLS,
    "completion_fim": Capability.FIM,
    "vision": Capability.VISION,
    "ocr": Capability.OCR,
    "moderation": Capability.MODERATIONS,
    "audio": Capability.AUDIO,
    "audio_transcription": Capability.TRANSCRIPTION,
    "audio_speech": Capability.SPEECH,
}
"""Mistral's words for what a model can do; of its others no fact is on record."""

_Body: TypeAlias = dict[str, object]

_TYPES = {
    "policy_denied": "policy_refusal",
    "invalid_api_key": "authentication_error",
    "upstream_rate_limited": "rate_limit_error",
}
"""Where the type is not that of its branch."""


def error_body(error: EcluseError, language: str) -> bytes:
    """Return the JSON body of an error reply."""
    return msgspec.json.encode({"error": error_object(error, language)})


def error_object(error: EcluseError, language: str) -> _Body:
    """Return the error as OpenAI's SDKs read it."""
    body: _Body = {
        "message": error.sentence(language),
        "type": _TYPES.get(error.code) or _type(error.blame),
        "param": error.param,
        "code": error.code,
    }
    if isinstance(error, PolicyDenied):
        body |= _refusal(error.refusal, language)
    return body


def upstream_error_object(event: UpstreamError) -> _Body:
    """Return the error that a provider gave inside its answer; its words come restored, or not at all."""
    body = error_object(error_of(event.code), "en")
    return body | {"message": event.message} if event.message else body


def usage_object(usage: Usage | None) -> _Body | None:
    """Return OpenAI's usage, or None when a count is unknown: unknown is not zero."""
    if usage is None or usage.tokens_in is None or usage.tokens_out is None:
        return None
    cached = usage.raw.get("cache_read_input_tokens")  # Anthropic's name: OpenAI's clients look for their own
    return {
        **({"prompt_tokens_details": {"cached_tokens": cached}} if isinstance(cached, int) else {}),
        **usage.raw,
        "prompt_tokens": usage.tokens_in,
        "completion_tokens": usage.tokens_out,
        "total_tokens": usage.tokens_in + usage.tokens_out,
    }


def models(listed: Sequence[Listed]) -> bytes:
    """Return OpenAI's list of models."""
    return msgspec.json.encode({"object": "list", "data": [model_object(one) for one in listed]})


def model(listed: Listed) -> bytes:
    """Return one model as a body."""
    return msgspec.json.encode(model_object(listed))


def model_object(listed: Listed) -> _Body:
    """Return one model as OpenAI has it, with what Mistral's client reads too: what a model can do."""
    return {
        "id": listed.name,
        "object": "model",
        "created": 0,
        "owned_by": listed.owner,
        "type": "base",
        "capabilities": {word: can in listed.capabilities for word, can in CAPABILITIES.items()},
    }


def counted(tokens: int) -> bytes:
    """Return the answer to a count of tokens."""
    return msgspec.json.encode({"object": "response.input_tokens", "input_tokens": tokens})


def _type(blame: Blame) -> str:
    match blame:
        case Blame.CALLER:
            return "invalid_request_error"
        case Blame.PROVIDER:
            return "upstream_error"
        case Blame.GATEWAY:
            return "server_error"
        case _:
            assert_never(blame)


def _refusal(refusal: Refusal, language: str) -> _Body:
    body: _Body = {
        "message": _say(refusal.reasons[0], language),
        "reasons": [
            {
                "rule": reason.rule,
                "reason": _say(reason, language),
                "source": reason.source,
                "basis": reason.basis.value,
            }
            for reason in refusal.reasons
        ],
        "would_help": [_say(hint, language) for hint in refusal.would_help],
        "not_checked": [_say(hint, language) for hint in NOT_CHECKED],
    }
    return body if refusal.place is None else body | {"place": refusal.place}


def _say(words: Reason | Hint, language: str) -> str:
    return words.fr if language == "fr" else words.en
