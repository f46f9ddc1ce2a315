"""Who answers behind a simulator: the local model, or canned words for tests that need none.

Law: a brain sees what the provider was sent and nothing else. Canned words never repeat the prompt; only `Echo`, by
name, does.
"""

import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import httpx2
from typing_extensions import override

from simulators.journal import Fact

CANNED = "This is a canned answer of a simulator."
VECTOR = (0.25, -0.5, 0.125, 0.0)
STEADY_TOKENS = 16
"""Tokens counted for a canned prompt: a fixed number, so that tests can compare."""


EXAMPLES: Mapping[str, Fact] = {"string": "example", "integer": 1, "number": 1, "boolean": True, "array": []}


class BrainError(Exception):
    """The brain could not answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of a brain, in OpenAI's words whatever the provider. `tool` is the function that must be called."""

    messages: Sequence[Mapping[str, Fact]]
    max_tokens: int | None = None
    temperature: float | None = None
    stop: Fact = None
    response_format: Fact = None
    tool: Mapping[str, Fact] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How an answer ended, and its tokens."""

    reason: str
    tokens_in: int
    tokens_out: int


Piece = str | Ending


@dataclass(frozen=True, slots=True, kw_only=True)
class Vectors:
    """Embeddings, and the tokens they took."""

    values: tuple[tuple[float, ...], ...]
    tokens_in: int


class Brain(Protocol):
    """Answers. Pieces of text come first, then one `Ending`. For a tool, the text is its arguments in JSON."""

    def answer(self, question: Question) -> AsyncGenerator[Piece, None]:
        """Answer in pieces. Raises BrainError."""

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """Return one vector for each text. Raises BrainError."""

    async def close(self) -> None:
        """Let go of what is held."""


@dataclass(frozen=True, slots=True)
class Canned:
    """Always says the same."""

    text: str = CANNED

    async def answer(self, question: Question) -> AsyncGenerator[Piece, None]:
        """Say the canned words, one at a time."""
        text = json.dumps(example(question.tool.get("parameters"))) if question.tool else self.text
        words = text.split(" ")
        for index, word in enumerate(words):
            yield word if index == 0 else f" {word}"
        yield Ending(reason="stop", tokens_in=STEADY_TOKENS, tokens_out=len(words))

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """Return the same vector for each text."""
        return Vectors(values=(VECTOR,) * len(texts), tokens_in=len(texts))

    async def close(self) -> None:
        """Hold nothing."""


@dataclass(frozen=True, slots=True)
class Echo(Canned):
    """Repeats the last message, a few characters at a time: to see what comes back of what was sent."""

    size: int = 3

    @override
    async def answer(self, question: Question) -> AsyncGenerator[Piece, None]:
        """Repeat."""
        text = plain(question.messages[-1].get("content"))
        if question.tool:
            text = json.dumps({"text": text})
        for start in range(0, len(text), self.size):
            yield text[start : start + self.size]
        yield Ending(reason="stop", tokens_in=STEADY_TOKENS, tokens_out=len(text))


@dataclass(slots=True)
class LocalModel:
    """The model of `simulators.model`, at `address`. A tool call is its answer held to the tool's JSON schema."""

    address: str
    _client: httpx2.AsyncClient = field(init=False)

    def __post_init__(self) -> None:
        """Open nothing yet; never read a proxy from the environment."""
        self._client = httpx2.AsyncClient(base_url=self.address, trust_env=False, timeout=120.0)

    async def answer(self, question: Question) -> AsyncGenerator[Piece, None]:
        """Ask the model and pass its pieces on."""
        tokens_in = tokens_out = 0
        reason = "stop"
        try:
            async with self._client.stream("POST", "/v1/chat/completions", json=_body(question)) as response:
                if response.status_code != httpx2.codes.OK:
                    raise BrainError(f"the local model answered {response.status_code}")
                async for line in response.aiter_lines():
                    if not line.startswith("data: {"):
                        continue
                    chunk = json.loads(line.removeprefix("data: "))
                    if usage := chunk.get("usage"):
                        tokens_in, tokens_out = usage["prompt_tokens"], usage["completion_tokens"]
                    for choice in chunk["choices"]:
                        reason = choice.get("finish_reason") or reason
                        if text := choice["delta"].get("content"):
                            yield text
        except httpx2.HTTPError as error:
            raise BrainError(f"the local model did not answer: {type(error).__name__}") from error
        yield Ending(reason=reason, tokens_in=tokens_in, tokens_out=tokens_out)

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """Return the model's own vectors, mean-pooled."""
        try:
            response = await self._client.post("/v1/embeddings", json={"input": list(texts)})
        except httpx2.HTTPError as error:
            raise BrainError(f"the local model did not answer: {type(error).__name__}") from error
        if response.status_code != httpx2.codes.OK:
            raise BrainError(f"the local model answered {response.status_code}")
        told = response.json()
        values = tuple(tuple(row["embedding"]) for row in told["data"])
        return Vectors(values=values, tokens_in=told["usage"]["prompt_tokens"])

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()


def _body(question: Question) -> dict[str, Fact]:
    body: dict[str, Fact] = {
        "messages": [_turn(message) for message in question.messages],
        "temperature": question.temperature or 0.0,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    if question.max_tokens is not None:
        body["max_tokens"] = question.max_tokens
    if question.stop is not None:
        body["stop"] = question.stop
    if question.tool is not None:
        schema = question.tool.get("parameters") or {"type": "object"}
        body["response_format"] = {"type": "json_schema", "json_schema": {"name": "arguments", "schema": schema}}
    elif question.response_format is not None:
        body["response_format"] = question.response_format
    return body


def _turn(message: Mapping[str, Fact]) -> dict[str, Fact]:
    """Write one message in the two roles and one text that the model's template knows."""
    text = plain(message.get("content"))
    match message["role"]:
        case "tool":
            return {"role": "user", "content": f"The function answered: {text}"}
        case "assistant":
            return {"role": "assistant", "content": text or "I call a function."}
        case "developer":
            return {"role": "system", "content": text}
        case role:
            return {"role": role, "content": text}


def plain(content: Fact) -> str:
    """Return the text of a message's content, whose parts other than text this model cannot see."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return ""
    texts = [part.get("text") for part in content if isinstance(part, dict)]
    return "\n".join(text for text in texts if isinstance(text, str))


def example(schema: Fact) -> Fact:
    """Return a small value that fits a JSON schema of objects, strings, numbers and lists."""
    if not isinstance(schema, dict):
        return {}
    if isinstance(choices := schema.get("enum"), list) and choices:
        return choices[0]
    if isinstance(kind := schema.get("type"), str) and kind in EXAMPLES:
        return EXAMPLES[kind]
    properties = schema.get("properties")
    return {name: example(value) for name, value in properties.items()} if isinstance(properties, dict) else {}
