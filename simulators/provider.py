"""What every provider has in common here: an OpenAI-like API behind a bearer key.

Law: a provider checks the key, the path, the model and the whole body before its brain sees a word. What is common
stands here; what differs stands in `providers/`, one file each, with where it was read.
"""

import base64
import itertools
import json
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from simulators import published
from simulators.brain import Brain, Ending, Question, Vectors
from simulators.connections import Ask, Reply
from simulators.journal import Fact
from simulators.published import Body, UnacceptableError

CREATED = 1_795_478_400
"""2026-11-24T00:00:00Z: an answer's date is the demo's, so that it does not vary."""


class RefusedError(Exception):
    """The provider answers with an error."""

    def __init__(self, reply: Reply) -> None:
        """Keep the reply."""
        super().__init__(reply.status)
        self.reply = reply


def json_reply(status: int, body: Mapping[str, Fact], headers: Mapping[str, str] | None = None) -> Reply:
    """Return a reply in JSON."""
    raw = json.dumps(body, ensure_ascii=False).encode()
    return Reply(status=status, headers={"content-type": "application/json", **(headers or {})}, body=raw)


def sse(data: Mapping[str, Fact]) -> bytes:
    """Write one event."""
    return f"data: {json.dumps(data, ensure_ascii=False)}\n\n".encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who a provider is here: its key, the model names that it knows, where it says that it answers from."""

    key: str
    models: frozenset[str]
    region: str = ""


@dataclass(slots=True, kw_only=True)
class Answer:
    """What is written for one question. `asked` is the checked body."""

    number: int
    asked: Body
    tool: Mapping[str, Fact] | None
    text: str = ""
    ending: Ending = field(default_factory=lambda: Ending(reason="stop", tokens_in=0, tokens_out=0))

    @property
    def model(self) -> str:
        """The model as it was asked for."""
        return str(self.asked["model"])

    @property
    def reason(self) -> str:
        """Why it ended."""
        return "tool_calls" if self.tool else self.ending.reason

    @property
    def tool_name(self) -> str:
        """The function that is called."""
        return str(self.tool["name"]) if self.tool else ""

    @property
    def choices(self) -> int:
        """How many answers were asked for."""
        wanted = self.asked.get("n")
        return wanted if isinstance(wanted, int) else 1

    @property
    def usage(self) -> dict[str, Fact]:
        """The tokens."""
        used = self.ending
        total = used.tokens_in + used.tokens_out
        return {"prompt_tokens": used.tokens_in, "completion_tokens": used.tokens_out, "total_tokens": total}

    @property
    def wants_usage(self) -> bool:
        """Whether a stream is to end with its tokens, as OpenAI does only when asked."""
        options = self.asked.get("stream_options")
        return isinstance(options, dict) and options.get("include_usage") is True


class Provider:
    """An OpenAI-like provider. Subclasses say what differs."""

    base = "/v1"
    """Where the API stands."""
    done = b"data: [DONE]\n\n"
    """What closes a stream that ended well."""

    stream_type = "text/event-stream"
    """The media type of a stream."""

    def __init__(self, identity: Identity) -> None:
        self.identity = identity
        self._numbers = itertools.count(1)

    async def work(self, ask: Ask, brain: Brain) -> Reply | None:  # noqa: ARG002 - what a provider has of its own
        """Answer a call of a kind that this provider alone has; None for the others. Raises RefusedError."""
        return None

    # ------------------------------------------------------------------ what is refused
    def admit(self, ask: Ask) -> Answer | Body:
        """Check everything. Returns an Answer to write for a chat, the body of an embeddings request otherwise."""
        self.check_key(ask)
        if ask.method != "POST" or ask.path not in (f"{self.base}/chat/completions", f"{self.base}/embeddings"):
            raise self.refusal(404, f"Not Found: {ask.method} {ask.path}")
        if ask.path != ask.target:
            raise self.refusal(404, "this API takes no query")
        try:
            if ask.path.endswith("/embeddings"):
                body = self.read_embeddings(ask.body)
                self.check_model(str(body["model"]))
                return body
            body = self.read_chat(ask.body)
        except UnacceptableError as error:
            raise self.unacceptable(error) from None
        self.check_model(str(body["model"]))
        self.check_body(body)
        return Answer(number=next(self._numbers), asked=body, tool=function_to_call(body))

    def read_chat(self, raw: bytes) -> Body:
        """Read a chat request."""
        return published.openai_chat(raw)

    def read_embeddings(self, raw: bytes) -> Body:
        """Read an embeddings request."""
        return published.openai_embeddings(raw)

    def check_key(self, ask: Ask) -> None:
        """Refuse a request without the right key."""
        if ask.headers.get("authorization") != f"Bearer {self.identity.key}":
            raise self.refusal(401, "Incorrect API key provided.", code="invalid_api_key")

    def check_model(self, model: str) -> None:
        """Refuse a model that the provider does not have."""
        if model not in self.identity.models:
            raise self.refusal(404, f"The model `{model}` does not exist.", code="model_not_found")

    def check_body(self, body: Body) -> None:
        """Refuse what the types allow and the provider does not."""

    def unacceptable(self, error: UnacceptableError) -> RefusedError:
        """Say what the types do not allow, as OpenAI does: 400."""
        first = error.problems[0]
        where = ".".join(str(part) for part in first.where)
        if first.kind == "extra_forbidden":
            return self.refusal(400, f"Unrecognized request argument supplied: {where}")
        return self.refusal(400, f"Invalid value for '{where}': {first.words}")

    def refusal(self, status: int, message: str, *, code: str | None = None) -> RefusedError:
        """Write an error in the provider's shape."""
        return RefusedError(json_reply(status, self.error(status, message, code)))

    def error(self, _status: int, message: str, code: str | None = None) -> dict[str, Fact]:
        """Return an error's body."""
        return {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": code}}

    # ------------------------------------------------------------------ what is written
    def headers(self) -> dict[str, str]:
        """Return what the provider says in the headers of an answer."""
        return {}

    def event(self, body: Mapping[str, Fact]) -> bytes:
        """Write one event of a stream."""
        return sse(body)

    def question(self, answer: Answer) -> Question:
        """Put the request to the brain."""
        asked = answer.asked
        bound = asked.get("max_completion_tokens") or asked.get("max_tokens")
        warmth = asked.get("temperature")
        return Question(
            messages=list(published.messages(asked)),
            max_tokens=bound if isinstance(bound, int) else None,
            temperature=float(warmth) if isinstance(warmth, int | float) else None,
            stop=asked.get("stop"),
            response_format=asked.get("response_format"),
            tool=answer.tool,
        )

    def call_id(self, answer: Answer) -> str:
        """Return the id of the tool call."""
        return f"call_{answer.number:024x}"

    def whole(self, answer: Answer) -> dict[str, Fact]:
        """Write the answer in one piece."""
        message: dict[str, Fact] = {"role": "assistant", "content": None if answer.tool else answer.text}
        if answer.tool:
            message["tool_calls"] = [self._call(answer, answer.text)]
        return {
            "id": self.answer_id(answer),
            "object": "chat.completion",
            "created": CREATED,
            "model": answer.model,
            "choices": [
                {"index": index, "message": message, "finish_reason": answer.reason, "logprobs": None}
                for index in range(answer.choices)
            ],
            "usage": answer.usage,
        }

    def begin(self, answer: Answer) -> Iterator[Body]:
        """Write the first chunks of a stream."""
        yield self.chunk(answer, {"role": "assistant", "content": None if answer.tool else ""})
        if answer.tool:
            yield self.chunk(answer, {"tool_calls": [{"index": 0, **self._call(answer, "")}]})

    def piece(self, answer: Answer, text: str) -> Iterator[Body]:
        """Write a piece of text, or of a tool call's arguments."""
        if answer.tool:
            yield self.chunk(answer, {"tool_calls": [{"index": 0, "function": {"arguments": text}}]})
        else:
            yield self.chunk(answer, {"content": text})

    def end(self, answer: Answer) -> Iterator[Body]:
        """Write the last chunks."""
        yield self.chunk(answer, {}, reason=answer.reason)
        if answer.wants_usage:
            yield {**self.chunk(answer, {}), "choices": [], "usage": answer.usage}

    def chunk(self, answer: Answer, delta: Mapping[str, Fact], *, reason: str | None = None) -> dict[str, Fact]:
        """Write one chunk."""
        return {
            "id": self.answer_id(answer),
            "object": "chat.completion.chunk",
            "created": CREATED,
            "model": answer.model,
            "choices": [
                {"index": index, "delta": dict(delta), "finish_reason": reason, "logprobs": None}
                for index in range(answer.choices)
            ],
        }

    def answer_id(self, answer: Answer) -> str:
        """Return the answer's id."""
        return f"chatcmpl-simulated-{answer.number:06d}"

    def vectors(self, body: Body, found: Vectors) -> dict[str, Fact]:
        """Write embeddings, in base64 when asked."""
        packed = body.get("encoding_format") == "base64"
        return {
            "object": "list",
            "model": body["model"],
            "data": [
                {"object": "embedding", "index": index, "embedding": pack(values) if packed else list(values)}
                for index, values in enumerate(found.values)
            ],
            "usage": {"prompt_tokens": found.tokens_in, "total_tokens": found.tokens_in},
        }

    def _call(self, answer: Answer, arguments: str) -> dict[str, Fact]:
        function: dict[str, Fact] = {"name": answer.tool_name, "arguments": arguments}
        return {"id": self.call_id(answer), "type": "function", "function": function}


def pack(values: Sequence[float]) -> str:
    """Write a vector as OpenAI does in base64: little-endian floats of 32 bits."""
    return base64.b64encode(struct.pack(f"<{len(values)}f", *values)).decode()


def texts(body: Body) -> list[str]:
    """Return the texts of an embeddings request; token arrays are not known here."""
    stated = body.get("input") or body.get("inputs")
    rows = stated if isinstance(stated, list) else [stated]
    return [row for row in rows if isinstance(row, str)]


def function_to_call(body: Body) -> Mapping[str, Fact] | None:
    """Return the function that this answer calls: the one that is named, or the first while none has answered."""
    choice = body.get("tool_choice")
    tools = body.get("tools")
    offered = [tool["function"] for tool in tools if isinstance(tool, dict)] if isinstance(tools, list) else []
    functions = [function for function in offered if isinstance(function, dict)]
    if choice == "none" or not functions:
        return None
    if isinstance(choice, dict) and isinstance(named := choice.get("function"), dict):
        return next((function for function in functions if function["name"] == named["name"]), None)
    answered = any(message["role"] == "tool" for message in published.messages(body))
    return functions[0] if choice in ("required", "any") or not answered else None
