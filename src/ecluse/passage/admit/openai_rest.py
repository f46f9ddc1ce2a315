"""What providers write beside the words that we know, put back where it stood.

Law: the rest never overrides a word: not the id, not the public name of the model, not a text, not a finish.
"""

from collections.abc import Mapping

from ecluse.domain.request import Json

_TOP = frozenset({"id", "object", "created", "model", "choices", "usage", "error"})
_CHOICE = frozenset({"index", "delta", "message", "finish_reason"})
_DELTA = frozenset({"role", "content", "reasoning_content", "refusal", "tool_calls", "function_call"})


def top_rest(raw: Mapping[str, Json]) -> dict[str, Json]:
    """Return what stands beside `choices`, e.g. `system_fingerprint`."""
    return {name: value for name, value in raw.items() if name not in _TOP}


def choice_rest(raw: Mapping[str, Json]) -> dict[str, Json]:
    """Return what stands in a choice beside its delta, e.g. `logprobs`."""
    return {name: value for name, value in raw.items() if name not in _CHOICE}


def delta_rest(raw: Mapping[str, Json]) -> dict[str, Json]:
    """Return what stands in a choice's delta beside text and tool calls, e.g. `annotations`."""
    delta = raw.get("delta")
    if not isinstance(delta, Mapping):
        return {}
    return {name: value for name, value in delta.items() if name not in _DELTA}


def call_id(answer: str, choice: int, index: int) -> str:
    """Make an id for a tool call that came without one; a client cannot reply to a call that has none."""
    return f"call_{answer}_{choice}_{index}"
