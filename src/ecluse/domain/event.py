"""What comes back from a model, in one alphabet that makes n + m dialects possible (decision 4).

Law: an event keeps what its dialect wrote beside the words we know, so that nothing is invented on the way back.
`choice` is the index of the answer among `n`; `channel` separates text that is read from text that is thought.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from ecluse.domain.request import Json


class Channel(StrEnum):
    """Where a text belongs.

    `signed` is reasoning that its provider signed (`raw` has the signature, or what stands in its place): it goes back
    to the caller as it came, since a restored text would no longer bear its signature.
    """

    CONTENT = "content"
    REASONING = "reasoning"
    SIGNED = "signed"
    REFUSAL = "refusal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Begin:
    """The first word of an answer: what the provider says of itself. `model` is what the provider wrote."""

    id: str = ""
    model: str = ""
    created: int = 0
    raw: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A piece of text.

    `raw` is the rest of the choice it stood in, in its dialect's shape: what has no word of its own beside the delta,
    and, under `delta`, what has none inside it. `Finish` has the same.
    """

    choice: int
    channel: Channel
    s: str
    raw: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolArgs:
    """A fragment of one tool call's arguments, a string of JSON in pieces. The first has `id` and `name`."""

    choice: int
    index: int
    s: str
    id: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finish:
    """The end of one choice: `stop`, `length`, `tool_calls`, `content_filter` or what the provider wrote."""

    choice: int
    reason: str
    raw: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens counted by the provider. The last one counts, they are never summed. None is unknown, not zero."""

    tokens_in: int | None
    tokens_out: int | None
    raw: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vector:
    """One embedding, as floats or as the base64 that the provider wrote."""

    index: int
    values: tuple[float, ...] | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One of the results of an answer that is a list: the rank of a document, a judgement, a page that was read."""

    index: int
    raw: Mapping[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """A piece of spoken text, in the format that was asked for."""

    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class UpstreamError:
    """The provider failed inside an answer.

    `message` may echo the prompt: it reaches the caller only through unmask, and neither a log nor the trail.
    """

    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Opaque:
    """Something that we have no word for."""

    raw: Json


Event: TypeAlias = Begin | Text | ToolArgs | Finish | Usage | Vector | Item | Sound | UpstreamError | Opaque
