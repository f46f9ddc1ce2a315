"""Ollama: `/api/chat` and `/api/embed`, lines of JSON, no key but a proxy's.

Read in: docs/api.md of github.com/ollama/ollama (fields of a request, a call of a function comes whole and its
arguments are an object, `done_reason`, counts in the last line). Ollama lets unknown fields pass; the simulator does
not, so that a word it does not know shows.
"""

import json
from collections.abc import Iterator, Mapping

from typing_extensions import override

from simulators import published
from simulators.brain import Question, Vectors
from simulators.connections import Ask
from simulators.journal import Fact
from simulators.provider import Answer, Provider, function_to_call
from simulators.published import Body

FIELDS = frozenset({"model", "messages", "tools", "format", "options", "stream", "keep_alive", "think"})
MESSAGE = frozenset({"role", "content", "thinking", "images", "tool_calls", "tool_name"})
OPTIONS: Mapping[str, type | tuple[type, ...]] = {
    "frequency_penalty": (int, float),
    "min_p": (int, float),
    "num_ctx": int,
    "num_predict": int,
    "presence_penalty": (int, float),
    "repeat_penalty": (int, float),
    "seed": int,
    "stop": list,
    "temperature": (int, float),
    "top_k": int,
    "top_p": (int, float),
}
ROLES = frozenset({"system", "user", "assistant", "tool"})
AT = "2026-11-24T12:00:00.000000Z"


class Ollama(Provider):
    """One Ollama server."""

    base = ""
    done = b""
    stream_type = "application/x-ndjson"

    # ------------------------------------------------------------------ what is refused
    @override
    def admit(self, ask: Ask) -> Answer | Body:
        """Check everything."""
        self.check_key(ask)
        if ask.method != "POST" or ask.target not in ("/api/chat", "/api/embed"):
            raise self.refusal(404, "404 page not found")
        body = json.loads(ask.body)
        self.check_model(str(body.get("model")))
        if ask.target == "/api/embed":
            if set(body) - {"model", "input", "dimensions", "truncate", "keep_alive"}:
                raise self.refusal(400, f"unknown fields: {sorted(body)}")
            return dict(body)
        self.check_body(body)
        return Answer(number=next(self._numbers), asked={"stream": True, **body}, tool=function_to_call(body))

    @override
    def check_model(self, model: str) -> None:
        """Refuse an unknown model."""
        if model not in self.identity.models:
            raise self.refusal(404, f"model '{model}' not found")

    @override
    def check_body(self, body: Body) -> None:
        """Refuse what the documentation does not name."""
        unknown = set(body) - FIELDS
        options = body.get("options", {})
        for turn in published.messages(body):
            unknown |= set(turn) - MESSAGE
            calls = turn.get("tool_calls", [])
            listed = calls if isinstance(calls, list) else [calls]
            wrong = turn["role"] not in ROLES or not isinstance(turn["content"], str)
            if wrong or not all(map(_is_call, listed)):
                raise self.refusal(400, "invalid message")
        if not isinstance(options, dict):
            raise self.refusal(400, "options must be an object")
        unknown |= {name for name, value in options.items() if not isinstance(value, OPTIONS.get(name, ()))}
        if unknown:
            raise self.refusal(400, f"unknown or invalid: {', '.join(sorted(unknown))}")

    @override
    def error(self, _status: int, message: str, _code: str | None = None) -> dict[str, Fact]:
        """Return an error's body, which is a line of a stream too."""
        return {"error": message}

    # ------------------------------------------------------------------ what is written
    @override
    def question(self, answer: Answer) -> Question:
        """Put the request to the brain."""
        return Question(messages=list(published.messages(answer.asked)), tool=answer.tool)

    @override
    def event(self, body: Mapping[str, Fact]) -> bytes:
        """Write one line."""
        return json.dumps(body, ensure_ascii=False).encode() + b"\n"

    @override
    def whole(self, answer: Answer) -> dict[str, Fact]:
        """Write the answer in one piece."""
        return {**self._last(answer), "message": self._said(answer, answer.text)}

    @override
    def begin(self, answer: Answer) -> Iterator[Body]:
        """Write nothing before the first words."""
        yield from ()

    @override
    def piece(self, answer: Answer, text: str) -> Iterator[Body]:
        """Write a piece of text; a call comes whole at the end."""
        if not answer.tool:
            yield self._line(answer, {"role": "assistant", "content": text})

    @override
    def end(self, answer: Answer) -> Iterator[Body]:
        """Write the last lines."""
        if answer.tool:
            yield self._line(answer, self._said(answer, answer.text))
        yield self._last(answer)

    @override
    def vectors(self, body: Body, found: Vectors) -> dict[str, Fact]:
        """Write embeddings."""
        return {
            "model": body["model"],
            "embeddings": [list(values) for values in found.values],
            "prompt_eval_count": found.tokens_in,
        }

    def _said(self, answer: Answer, text: str) -> dict[str, Fact]:
        if not answer.tool:
            return {"role": "assistant", "content": text}
        call: Fact = {"function": {"name": answer.tool_name, "arguments": json.loads(text)}}
        return {"role": "assistant", "content": "", "tool_calls": [call]}

    def _line(self, answer: Answer, message: Fact) -> dict[str, Fact]:
        return {"model": answer.model, "created_at": AT, "message": message, "done": False}

    def _last(self, answer: Answer) -> dict[str, Fact]:
        return {
            **self._line(answer, {"role": "assistant", "content": ""}),
            "done": True,
            "done_reason": answer.ending.reason,
            "prompt_eval_count": answer.ending.tokens_in,
            "eval_count": answer.ending.tokens_out,
        }


def _is_call(call: Fact) -> bool:
    function = call.get("function") if isinstance(call, dict) else None
    return isinstance(function, dict) and isinstance(function.get("arguments"), dict)
