"""Bodies of Anthropic replies that are no answer of a model, and the words that its answers share.

Law: the same sentences and reasons as in openai_bodies.py, inside `error`, where Anthropic's SDKs keep what they do not
know. Nothing is invented: a count that no provider gave is null, a model's day of release the epoch, as Anthropic's
reference has it for a date that is unknown.
"""

from collections.abc import Mapping, Sequence

import msgspec

from ecluse.domain.dialect import Listed
from ecluse.domain.errors import EcluseError
from ecluse.domain.event import Finish, Usage
from ecluse.passage.admit.openai_bodies import error_object

_TYPES: Mapping[int, str] = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    504: "timeout_error",
}
_CACHED = ("cache_creation_input_tokens", "cache_read_input_tokens")
_REASONS: Mapping[str, str] = {
    "stop": "end_turn",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "function_call": "tool_use",
    "content_filter": "refusal",
}
_OWN = frozenset(
    {
        "end_turn",
        "max_tokens",
        "stop_sequence",
        "tool_use",
        "pause_turn",
        "refusal",
        "model_context_window_exceeded",
    }
)
"""What Anthropic itself gives as a reason."""


def error_body(error: EcluseError, language: str) -> bytes:
    """Return the JSON body of an error reply."""
    return msgspec.json.encode(error_event(error, language))


def error_event(error: EcluseError, language: str) -> dict[str, object]:
    """Return the error as Anthropic's SDKs read it, in a reply and in a stream."""
    known = error_object(error, language)
    kind = "overloaded_error" if error.code == "overloaded" else _TYPES.get(error.status)
    if kind is None:
        kind = "invalid_request_error" if error.status < 500 else "api_error"  # noqa: PLR2004 - a client's fault
    rest = {name: value for name, value in known.items() if name != "type" and (name != "param" or value)}
    return {"type": "error", "error": {"type": kind, **rest}}


def usage_object(usage: Usage | None) -> dict[str, object]:
    """Return Anthropic's usage: cached tokens stand beside `input_tokens`, not in it."""
    if usage is None:
        return {"input_tokens": None, "output_tokens": None}
    cached = {name: count for name in _CACHED if isinstance(count := usage.raw.get(name), int)}
    details = usage.raw.get("prompt_tokens_details")
    if not cached and isinstance(details, Mapping) and isinstance(count := details.get("cached_tokens"), int):
        cached = {"cache_read_input_tokens": count}
    tokens_in = None if usage.tokens_in is None else max(0, usage.tokens_in - sum(cached.values()))
    spans = {name: usage.raw[name] for name in ("cache_creation",) if isinstance(usage.raw.get(name), Mapping)}
    return {"input_tokens": tokens_in, "output_tokens": usage.tokens_out, **cached, **spans}


def stop_of(finish: Finish | None, *, called: bool, refused: bool) -> dict[str, object]:
    """Return `stop_reason` and `stop_sequence`. A server that names the sequence does it in its own `stop_reason`."""
    if finish is None:
        return {"stop_reason": None, "stop_sequence": None}
    reason, said = _REASONS.get(finish.reason, finish.reason), finish.raw.get("stop_reason")
    if isinstance(said, str) and said in _OWN:
        sequence = finish.raw.get("stop_sequence")
        return {"stop_reason": said, "stop_sequence": sequence if isinstance(sequence, str) else None}
    if called and reason == "end_turn":
        reason = "tool_use"  # some servers say `stop` for the call of a function that was named
    elif refused and reason == "end_turn":
        reason = "refusal"
    elif finish.reason == "stop" and isinstance(said, str):
        return {"stop_reason": "stop_sequence", "stop_sequence": said}
    return {"stop_reason": reason, "stop_sequence": None}


def model_object(name: str) -> dict[str, object]:
    """Return one model."""
    return {
        "type": "model",
        "id": name,
        "display_name": name,
        "created_at": "1970-01-01T00:00:00Z",
        "lifecycle": "active",
    }


def models(listed: Sequence[Listed]) -> bytes:
    """Return Anthropic's list of models, on one page."""
    data = [model_object(one.name) for one in listed]
    first, last = (data[0]["id"], data[-1]["id"]) if data else (None, None)
    return msgspec.json.encode({"data": data, "has_more": False, "first_id": first, "last_id": last})


def model(listed: Listed) -> bytes:
    """Return one model as a body."""
    return msgspec.json.encode(model_object(listed.name))


def counted(tokens: int) -> bytes:
    """Return the answer to a count of tokens."""
    return msgspec.json.encode({"input_tokens": tokens})
