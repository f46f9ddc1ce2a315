"""Anthropic's Messages API: `api.anthropic.com/v1/messages`, the key in `x-api-key`.

Read in: the request types of Anthropic's Python SDK; its reference "Messages" and "Streaming messages" (version in a
header, turns that begin with the user, results of tools right after their calls, no empty text, temperature up to 1,
signed reasoning that must come back unaltered, named events, no `[DONE]`).
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping

from typing_extensions import override

from simulators import hosted, published
from simulators.brain import Question, plain
from simulators.connections import Ask
from simulators.journal import Fact
from simulators.provider import Answer, Identity, Provider, RefusedError
from simulators.published import Body, UnacceptableError

THOUGHT = "The question is plain."
CALL_ID = re.compile(r"[a-zA-Z0-9_-]+")
TYPES = {401: "authentication_error", 403: "permission_error", 404: "not_found_error", 429: "rate_limit_error"}
REASONS = {"stop": "end_turn", "length": "max_tokens", "tool_calls": "tool_use"}
OVERLOADED = 529
MCP_BETA = "mcp-client-2025-11-20"
"""Without it `mcp_servers` is no field of the API."""
HOSTED = (
    "server_tool_use",
    "web_search_tool_result",
    "code_execution_tool_result",
    "mcp_tool_listing",
    "mcp_tool_use",
    "mcp_tool_result",
)
VERSIONS = ("2023-06-01", "2026-10-21")
"""The second takes no `temperature`, `top_k` or `top_p` (Anthropic, "Versions")."""


class Anthropic(Provider):
    """Anthropic's own endpoint."""

    done = b""

    def __init__(self, identity: Identity) -> None:
        super().__init__(identity)
        self._given = hosted.Given()

    # ------------------------------------------------------------------ what is refused
    @override
    def admit(self, ask: Ask) -> Answer | Body:
        """Check everything."""
        self.check_key(ask)
        if ask.method != "POST" or ask.target != f"{self.base}/messages":
            raise self.refusal(404, f"Not Found: {ask.method} {ask.path}")
        version = ask.headers.get("anthropic-version")
        if version not in VERSIONS:
            raise self.refusal(400, "anthropic-version: header is required")
        try:
            beta = MCP_BETA in ask.headers.get("anthropic-beta", "")
            body = published.anthropic_messages(ask.body, sampling=version == VERSIONS[0], beta=beta)
        except UnacceptableError as error:
            raise self.unacceptable(error) from None
        self.check_model(str(body["model"]))
        self.check_body(body)
        return Answer(number=next(self._numbers), asked=body, tool=function_to_call(body))

    @override
    def check_key(self, ask: Ask) -> None:
        """Take the key from `x-api-key` alone."""
        if ask.headers.get("x-api-key") != self.identity.key or "authorization" in ask.headers:
            raise self.refusal(401, "invalid x-api-key")

    @override
    def check_model(self, model: str) -> None:
        """Refuse an unknown model."""
        if model not in self.identity.models:
            raise self.refusal(404, f"model: {model}")

    @override
    def check_body(self, body: Body) -> None:
        """Refuse what the types allow and Anthropic does not."""
        warmth, bound = body.get("temperature"), body["max_tokens"]
        if isinstance(warmth, int | float) and not 0 <= warmth <= 1:
            raise self.refusal(400, "temperature: range: 0..1")
        if not isinstance(bound, int) or bound < 1:
            raise self.refusal(400, "max_tokens: must be at least 1")
        turns = published.messages(body)
        asked: list[str] = []
        count = 0
        for count, turn in enumerate(turns, start=1):
            if count == 1 and turn["role"] != "user":
                raise self.refusal(400, 'messages: first message must use the "user" role')
            asked = self._check_turn(turn, asked)
        if count == 0:
            raise self.refusal(400, "messages: at least one message is required")

    def _check_turn(self, turn: Mapping[str, Fact], asked: list[str]) -> list[str]:
        """Check the blocks of a turn; return the ids that the next turn must answer."""
        answered, calls = [], []
        for block in blocks_of(turn.get("content")):
            match block.get("type"):
                case "text" if not block.get("text"):
                    raise self.refusal(400, "messages: text content blocks must be non-empty")
                case "tool_use":
                    calls.append(str(block["id"]))
                case "tool_result":
                    answered.append(str(block["tool_use_id"]))
                case "thinking" if block["signature"] != signature_of(str(block["thinking"])):
                    raise self.refusal(400, "messages: Invalid `signature` in `thinking` block")
                case kind if kind in HOSTED and self._given.altered(block):
                    raise self.refusal(400, f"messages: {kind}: not as it was given")
        if sorted(answered) != sorted(asked):
            raise self.refusal(400, "messages: each `tool_use` block must have its `tool_result` in the next message")
        if not all(CALL_ID.fullmatch(call) for call in calls):
            raise self.refusal(400, "messages: tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'")
        return calls

    @override
    def unacceptable(self, error: UnacceptableError) -> RefusedError:
        """Say what the types do not allow."""
        first = error.problems[0]
        where = ".".join(str(part) for part in first.where)
        words = "Extra inputs are not permitted" if first.kind == "extra_forbidden" else first.words
        return self.refusal(400, f"{where}: {words}")

    @override
    def error(self, status: int, message: str, _code: str | None = None) -> dict[str, Fact]:
        """Return an error's body, which is an event of a stream too."""
        kind = "overloaded_error" if status == OVERLOADED else TYPES.get(status)
        kind = kind or ("invalid_request_error" if status < 500 else "api_error")  # noqa: PLR2004 - a client's fault
        return {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_simulated"}

    # ------------------------------------------------------------------ what is written
    @override
    def event(self, body: Mapping[str, Fact]) -> bytes:
        """Write one event under its name."""
        return f"event: {body['type']}\ndata: {json.dumps(body, ensure_ascii=False)}\n\n".encode()

    @override
    def question(self, answer: Answer) -> Question:
        """Put the request to the brain."""
        asked = answer.asked
        turns: list[Mapping[str, Fact]] = []
        if asked.get("system"):
            turns.append({"role": "system", "content": plain(asked["system"])})
        for turn in published.messages(asked):
            results = [block for block in blocks_of(turn["content"]) if block.get("type") == "tool_result"]
            turns += [{"role": "tool", "content": plain(result.get("content"))} for result in results]
            if said := plain(turn["content"]):
                turns.append({"role": turn["role"], "content": said})
        bound, warmth = asked["max_tokens"], asked.get("temperature")
        return Question(
            messages=turns,
            max_tokens=bound if isinstance(bound, int) else None,
            temperature=float(warmth) if isinstance(warmth, int | float) else None,
            stop=asked.get("stop_sequences"),
            tool=answer.tool,
        )

    @override
    def call_id(self, answer: Answer) -> str:
        """Return the id of the tool call."""
        return f"toolu_{answer.number:024x}"

    @override
    def answer_id(self, answer: Answer) -> str:
        """Return the answer's id."""
        return f"msg_{answer.number:024x}"

    @override
    def whole(self, answer: Answer) -> dict[str, Fact]:
        """Write the answer in one piece."""
        content: list[Fact] = [thought()] if thinks(answer) else []
        ran = self._ran(answer)
        content += map(dict, ran)
        if answer.tool:
            content.append({**self._use(answer), "input": json.loads(answer.text)})
        elif not hosted.paused(ran):
            content.append({"type": "text", "text": answer.text, **({"citations": [hosted.cited()]} if ran else {})})
        reason = "pause_turn" if hosted.paused(ran) else REASONS[answer.reason]
        return {**self._message(answer, content), "stop_reason": reason, "usage": self._counted(answer)}

    def _ran(self, answer: Answer) -> list[Mapping[str, Fact]]:
        ran = hosted.blocks(answer.asked, answer.number)
        self._given.keep(ran)
        return ran

    @override
    def begin(self, answer: Answer) -> Iterator[Body]:
        """Write the first events of a stream."""
        usage: Fact = {"input_tokens": 16, "output_tokens": 1}
        yield {"type": "message_start", "message": {**self._message(answer, []), "usage": usage}}
        yield {"type": "ping"}
        if thinks(answer):
            yield self._start(0, {"type": "thinking", "thinking": "", "signature": ""})
            yield self._delta(0, {"type": "thinking_delta", "thinking": THOUGHT})
            yield self._delta(0, {"type": "signature_delta", "signature": signature_of(THOUGHT)})
            yield {"type": "content_block_stop", "index": 0}
        for index, block in enumerate(self._ran(answer), start=int(thinks(answer))):
            given = block.get("input")
            yield self._start(index, {**block, "input": {}} if given else block)
            if given:
                yield self._delta(index, {"type": "input_json_delta", "partial_json": json.dumps(given)})
            yield {"type": "content_block_stop", "index": index}
        if not hosted.paused(self._ran(answer)):
            yield self._start(self._place(answer), self._use(answer) if answer.tool else {"type": "text", "text": ""})

    @override
    def piece(self, answer: Answer, text: str) -> Iterator[Body]:
        """Write a piece of text, or of a tool call's arguments."""
        if hosted.paused(self._ran(answer)):
            return
        delta: dict[str, Fact] = {"type": "text_delta", "text": text}
        if answer.tool:
            delta = {"type": "input_json_delta", "partial_json": text}
        yield self._delta(self._place(answer), delta)

    @override
    def end(self, answer: Answer) -> Iterator[Body]:
        """Write the last events."""
        ran = self._ran(answer)
        if ran and not answer.tool and not hosted.paused(ran):
            yield self._delta(self._place(answer), {"type": "citations_delta", "citation": hosted.cited()})
        if not hosted.paused(ran):
            yield {"type": "content_block_stop", "index": self._place(answer)}
        reason = "pause_turn" if hosted.paused(ran) else REASONS[answer.reason]
        delta: Fact = {"stop_reason": reason, "stop_sequence": None}
        yield {"type": "message_delta", "delta": delta, "usage": self._counted(answer)}
        yield {"type": "message_stop"}

    def _message(self, answer: Answer, content: list[Fact]) -> dict[str, Fact]:
        return {
            "id": self.answer_id(answer),
            "type": "message",
            "role": "assistant",
            "model": answer.model,
            "content": content,
            "stop_reason": None,
            "stop_sequence": None,
        }

    def _counted(self, answer: Answer) -> dict[str, Fact]:
        return {"input_tokens": answer.ending.tokens_in, "output_tokens": answer.ending.tokens_out}

    def _use(self, answer: Answer) -> dict[str, Fact]:
        return {"type": "tool_use", "id": self.call_id(answer), "name": answer.tool_name, "input": {}}

    def _place(self, answer: Answer) -> int:
        return int(thinks(answer)) + len(self._ran(answer))

    def _start(self, index: int, block: Mapping[str, Fact]) -> Body:
        return {"type": "content_block_start", "index": index, "content_block": dict(block)}

    def _delta(self, index: int, delta: Mapping[str, Fact]) -> Body:
        return {"type": "content_block_delta", "index": index, "delta": dict(delta)}


def thinks(answer: Answer) -> bool:
    """Say whether reasoning was asked for."""
    asked = answer.asked.get("thinking")
    return isinstance(asked, dict) and asked.get("type") == "enabled"


def thought() -> dict[str, Fact]:
    """Return the reasoning, signed."""
    return {"type": "thinking", "thinking": THOUGHT, "signature": signature_of(THOUGHT)}


def signature_of(text: str) -> str:
    """Sign reasoning, so that an altered one shows."""
    return hashlib.sha256(text.encode()).hexdigest()


def blocks_of(content: Fact) -> list[Mapping[str, Fact]]:
    """Return the blocks of a turn; a string is one text."""
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    return [block for block in content if isinstance(block, dict)] if isinstance(content, list) else []


def function_to_call(body: Body) -> Mapping[str, Fact] | None:
    """Return the function that this answer calls: the one that is named, or the first while none has answered."""
    tools, choice = body.get("tools"), body.get("tool_choice")
    offered = [tool for tool in tools if isinstance(tool, dict)] if isinstance(tools, list) else []
    functions = [
        {"name": tool["name"], "parameters": tool["input_schema"]} for tool in offered if "input_schema" in tool
    ]
    mode = choice.get("type") if isinstance(choice, dict) else "auto"
    if mode == "none" or not functions:
        return None
    if mode == "tool" and isinstance(choice, dict):
        return next((function for function in functions if function["name"] == choice["name"]), None)
    turns = published.messages(body)
    answered = any(block.get("type") == "tool_result" for turn in turns for block in blocks_of(turn["content"]))
    return functions[0] if mode == "any" or not answered else None
