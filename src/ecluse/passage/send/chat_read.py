"""Reads the answer of a provider that speaks OpenAI's chat format, streamed or whole, into events.

Law: nothing is invented and nothing is lost: what has no word of its own travels as `raw`, in the shape of the choice
it stood in. What differs from provider to provider is read here once: Azure's first chunk without choices and its
annotations without delta, Mistral's lists of blocks, usage in every chunk (the last counts), an error in the middle.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ecluse.domain.errors import ProviderError
from ecluse.domain.event import Begin, Channel, Event, Finish, Opaque, Text, UpstreamError, Usage
from ecluse.domain.request import Json
from ecluse.passage.send.blocks import read_blocks
from ecluse.passage.send.calls_read import Calls
from ecluse.passage.send.choices_read import ChoicesReader
from ecluse.passage.send.rest import bounded, count, rest_of

CHOICES = 128
"""Most choices in one answer."""
_REASONS = {"model_length": "length"}
"""Mistral's name for a full context window."""

_TOP = frozenset({"id", "object", "created", "model", "choices", "usage", "error", "obfuscation"})
_ANSWER = frozenset({"system_fingerprint", "service_tier"})
"""Said once for the answer, though a provider repeats them in every chunk."""
_CHOICE = frozenset({"index", "delta", "message", "finish_reason"})
_DELTA = frozenset(
    {
        "content",
        "function_call",
        "obfuscation",
        "prefix",
        "reasoning",
        "reasoning_content",
        "refusal",
        "role",
        "tool_calls",
    }
)
_TEXTS = (
    ("reasoning_content", Channel.REASONING),
    ("reasoning", Channel.REASONING),
    ("content", Channel.CONTENT),
    ("refusal", Channel.REFUSAL),
)
"""In the order in which they are thought. A provider writes one of the two names for reasoning."""


class ChatReader(ChoicesReader):
    """Reads one chat answer, streamed or `gathered`. `back` gives tool call ids their originals."""

    def __init__(self, *, gathered: bool, back: Mapping[str, str] | None = None) -> None:
        super().__init__(gathered=gathered)
        self._back = back or {}
        self._calls: dict[int, Calls] = {}

    def _within(self, chunk: Mapping[str, Json], events: list[Event]) -> None:
        choices = chunk.get("choices")
        if choices is None:
            choices = []
        if not isinstance(choices, list) or len(choices) > CHOICES:
            raise ProviderError("upstream_malformed", "choices")
        if not self._begun and (choices or chunk.get("id")):
            self._begun = True
            events.append(_begin(chunk))
        for choice in choices:
            self._choice(choice, events)
        if (usage := _usage(chunk.get("usage"))) is not None:
            events.append(usage)
        rest = rest_of(chunk, _TOP | _ANSWER)
        if rest:
            events.append(Opaque(raw=bounded(rest)))

    def _choice(self, choice: Json, events: list[Event]) -> None:
        if not isinstance(choice, dict):
            raise ProviderError("upstream_malformed", "choices")
        index = choice.get("index", 0)
        if type(index) is not int or not 0 <= index < CHOICES:
            raise ProviderError("upstream_malformed", f"choice not in 0..{CHOICES - 1}")
        whole = "message" in choice
        delta = choice.get("message") if whole else choice.get("delta")
        if delta is None:
            delta = {}
        if not isinstance(delta, dict):
            raise ProviderError("upstream_malformed", "delta")
        self._opened(index)
        found = self._delta(index, delta, whole=whole)
        reason = choice.get("finish_reason")
        if reason and index not in self._finished:
            found.append(self._finish(index, reason))
        events += _with_rest(found, index, choice, delta)

    def _delta(self, index: int, delta: Mapping[str, Any], *, whole: bool) -> list[Event]:
        found: list[Event] = []
        for name, channel in _TEXTS:
            value = delta.get(name)
            if isinstance(value, str):
                if value:
                    found.append(Text(choice=index, channel=channel, s=value))
            elif isinstance(value, list):
                found += read_blocks(index, value)
            elif value is not None:
                raise ProviderError("upstream_malformed", name)
        if (fragments := delta.get("tool_calls")) is not None:
            calls = self._calls.get(index)
            if calls is None:
                calls = self._calls[index] = Calls(choice=index, back=self._back)
            found += calls.read(fragments, whole=whole)
        return found

    def _finish(self, index: int, reason: Json) -> Event:
        if reason == "error":  # Mistral's word for an answer that failed
            self._failed = True
            return UpstreamError(code="upstream_error", message="")
        finish = self._ended(index, reason)
        return replace(finish, reason=_REASONS.get(finish.reason, finish.reason))


def _begin(chunk: Mapping[str, Json]) -> Begin:
    id_, model, created = chunk.get("id"), chunk.get("model"), chunk.get("created")
    return Begin(
        id=id_ if isinstance(id_, str) else "",
        model=model if isinstance(model, str) else "",
        created=count(created) or 0,
        raw={name: value for name in sorted(_ANSWER) if isinstance(value := chunk.get(name), str)},
    )


def _usage(value: Json) -> Usage | None:
    if not isinstance(value, dict):
        return None
    return Usage(
        tokens_in=count(value.get("prompt_tokens")),
        tokens_out=count(value.get("completion_tokens")),
        raw=bounded(rest_of(value, frozenset({"prompt_tokens", "completion_tokens", "total_tokens"}))),
    )


def _with_rest(found: list[Event], index: int, choice: Mapping[str, Json], delta: Mapping[str, Json]) -> list[Event]:
    """Give what has no word to the choice's last text or finish, or let it travel alone."""
    raw = rest_of(choice, _CHOICE)
    beside = rest_of(delta, _DELTA)
    if beside:
        raw["delta"] = beside
    if not raw:
        return found
    raw = bounded(raw)
    match found[-1] if found else None:
        case Text(choice=c, channel=channel, s=s):
            return [*found[:-1], Text(choice=c, channel=channel, s=s, raw=raw)]
        case Finish(choice=c, reason=reason):
            return [*found[:-1], Finish(choice=c, reason=reason, raw=raw)]
        case _:
            return [*found, Opaque(raw={"choices": [{"index": index, **raw}]})]
