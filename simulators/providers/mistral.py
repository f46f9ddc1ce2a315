"""Mistral La Plateforme: `api.eu.mistral.ai/v1` and its like.

Read in: Mistral's openapi.yaml and Python SDK (no unknown field, no `stream_options`; `usage` comes in the last chunk,
unasked), Gitlawb/openclaude#739 (an unknown field is a 422 that lists it), nearai/ironclaw#1241 (a tool call's id has
nine letters or digits, or 400 with code 3280), tmc/langchaingo#1233 (an unknown model is code 1500), LiteLLM's
transformation (a tool call comes whole in one chunk).
"""

import re
from collections.abc import Iterator

from typing_extensions import override

from simulators import published
from simulators.connections import Ask
from simulators.journal import Fact
from simulators.provider import Answer, Provider, RefusedError, json_reply
from simulators.published import Body, UnacceptableError

CALL_ID = re.compile(r"[a-zA-Z0-9]{9}")
KINDS = {"1500": "invalid_model", "3230": "invalid_request_message_order", "3280": "invalid_function_call"}


class Mistral(Provider):
    """One Mistral endpoint."""

    @override
    def read_chat(self, raw: bytes) -> Body:
        """Read by Mistral's types."""
        return published.mistral_chat(raw)

    @override
    def read_embeddings(self, raw: bytes) -> Body:
        """Read by Mistral's types."""
        return published.mistral_embeddings(raw)

    @override
    def check_key(self, ask: Ask) -> None:
        """Refuse in the words of Mistral's gateway."""
        if ask.headers.get("authorization") != f"Bearer {self.identity.key}":
            raise RefusedError(json_reply(401, {"detail": "Unauthorized"}))

    @override
    def check_model(self, model: str) -> None:
        """Refuse an unknown model with 400, code 1500."""
        if model not in self.identity.models:
            raise self.refusal(400, f"Invalid model: {model}", code="1500")

    @override
    def check_body(self, body: Body) -> None:
        """Refuse a tool call's id of another form, in a call and in its answer."""
        for message in published.messages(body):
            ids = [call.get("id") for call in published.calls(message)]
            if message["role"] == "tool":
                ids.append(message.get("tool_call_id"))
            for stated in ids:
                if not (isinstance(stated, str) and CALL_ID.fullmatch(stated)):
                    words = f"Tool call id was {stated} but must be a-z, A-Z, 0-9, with a length of 9."
                    raise self.refusal(400, words, code="3280")

    @override
    def unacceptable(self, error: UnacceptableError) -> RefusedError:
        """List every problem, as FastAPI does: 422."""
        if error.problems[0].kind == "orphan_tool":
            return self.refusal(400, "Not the same number of function calls and responses", code="3230")
        detail: list[Fact] = [
            {"type": problem.kind, "loc": ["body", *problem.where], "msg": problem.words} for problem in error.problems
        ]
        return RefusedError(json_reply(422, {"detail": detail}))

    @override
    def error(self, status: int, message: str, code: str | None = None) -> dict[str, Fact]:
        """Return an error's body."""
        return {
            "object": "error",
            "message": message,
            "type": KINDS.get(code or "", "invalid_request_error"),
            "param": None,
            "code": code,
            "raw_status_code": status,
        }

    @override
    def call_id(self, answer: Answer) -> str:
        """Return nine letters and digits."""
        return f"sim{answer.number:06d}"

    @override
    def answer_id(self, answer: Answer) -> str:
        """Return 32 hexadecimal digits."""
        return f"{answer.number:032x}"

    @override
    def begin(self, answer: Answer) -> Iterator[Body]:
        """Start with the role."""
        yield self.chunk(answer, {"role": "assistant", "content": ""})

    @override
    def piece(self, answer: Answer, text: str) -> Iterator[Body]:
        """Write text as it comes; keep a tool call until it is whole."""
        if not answer.tool:
            yield self.chunk(answer, {"content": text})

    @override
    def end(self, answer: Answer) -> Iterator[Body]:
        """End with reason and tokens in one chunk."""
        delta: dict[str, Fact] = {"content": ""}
        if answer.tool:
            function: dict[str, Fact] = {"name": answer.tool_name, "arguments": answer.text}
            delta = {"tool_calls": [{"id": self.call_id(answer), "index": 0, "function": function}]}
        yield {**self.chunk(answer, delta, reason=answer.reason), "usage": answer.usage}
