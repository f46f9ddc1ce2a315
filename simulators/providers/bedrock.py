"""Amazon Bedrock: `/model/<name>/converse` and `/converse-stream`, signed by AWS's signature or with a key of its own.

Read in: the service model of bedrock-runtime in botocore (fields, one member a block, names of events), AWS's reference
of Converse (turns begin with the user, tool results right after their calls), smithy.io's event stream encoding.
"""

import json
import re
import zlib
from collections.abc import Iterator, Mapping
from urllib.parse import unquote

from typing_extensions import override

from simulators import published, published_aws
from simulators.brain import Question
from simulators.connections import Ask
from simulators.journal import Fact
from simulators.provider import Answer, Provider, RefusedError
from simulators.published import Body, UnacceptableError

PATH = re.compile(r"/model/([^/]+)/(converse|converse-stream)")
REASONS = {"stop": "end_turn", "length": "max_tokens", "tool_calls": "tool_use"}
PAIR = re.compile(r"((?:AKIA|ASIA)\w+):(\S+)")


class Bedrock(Provider):
    """One region of Bedrock."""

    base = ""
    done = b""
    stream_type = "application/vnd.amazon.eventstream"

    # ------------------------------------------------------------------ what is refused
    @override
    def admit(self, ask: Ask) -> Answer | Body:
        """Check everything."""
        self.check_key(ask)
        found = PATH.fullmatch(ask.target)
        if ask.method != "POST" or found is None:
            raise self.refusal(404, f"Not Found: {ask.method} {ask.path}")
        model = unquote(found[1])
        self.check_model(model)
        try:
            body = published_aws.converse(ask.body, model)
        except (UnacceptableError, ValueError) as error:
            raise self.refusal(400, str(error)) from None
        self.check_body(body)
        asked: dict[str, Fact] = {**body, "model": model, "stream": found[2] == "converse-stream"}
        return Answer(number=next(self._numbers), asked=asked, tool=function_to_call(body))

    @override
    def check_key(self, ask: Ask) -> None:
        """Take a signature by the pair that is the key, or the key itself as a bearer."""
        pair = PAIR.fullmatch(self.identity.key)
        if pair is not None:
            accepted = published_aws.signed(ask, pair[1], pair[2]) and self.identity.key not in str(ask.headers)
        else:
            accepted = ask.headers.get("authorization") == f"Bearer {self.identity.key}"
        if not accepted:
            raise self.refusal(403, "The request signature we calculated does not match the signature you provided.")

    @override
    def check_body(self, body: Body) -> None:
        """Refuse what the service model allows and Bedrock does not."""
        asked: list[str] = []
        for count, turn in enumerate(published.messages(body)):
            if count == 0 and turn["role"] != "user":
                raise self.refusal(400, "A conversation must start with a user message.")
            blocks = blocks_of(turn)
            results = [str(inner["toolUseId"]) for inner in _inside(blocks, "toolResult")]
            if sorted(results) != sorted(asked):
                raise self.refusal(400, "Expected toolResult blocks for the toolUse blocks of the turn before.")
            asked = [str(inner["toolUseId"]) for inner in _inside(blocks, "toolUse")]
            if any(block.get("text") == "" for block in blocks):
                raise self.refusal(400, "The text field in the ContentBlock object is blank.")

    @override
    def error(self, _status: int, message: str, _code: str | None = None) -> dict[str, Fact]:
        """Return an error's body, or an exception of a stream."""
        return {"message": message}

    @override
    def unacceptable(self, error: UnacceptableError) -> RefusedError:
        """Say what the service model does not allow."""
        return self.refusal(400, str(error))

    # ------------------------------------------------------------------ what is written
    @override
    def question(self, answer: Answer) -> Question:
        """Put the request to the brain."""
        turns: list[Mapping[str, Fact]] = []
        for turn in published.messages(answer.asked):
            words = [str(block["text"]) for block in blocks_of(turn) if "text" in block]
            turns.append({"role": turn["role"], "content": " ".join(words)})
        inference = answer.asked.get("inferenceConfig")
        bound = inference.get("maxTokens") if isinstance(inference, dict) else None
        return Question(messages=turns, max_tokens=bound if isinstance(bound, int) else None, tool=answer.tool)

    @override
    def call_id(self, answer: Answer) -> str:
        """Return the id of the tool call."""
        return f"tooluse_{answer.number:022x}"

    @override
    def whole(self, answer: Answer) -> dict[str, Fact]:
        """Write the answer in one piece."""
        block: dict[str, Fact] = {"text": answer.text}
        if answer.tool:
            used = {"toolUseId": self.call_id(answer), "name": answer.tool_name, "input": json.loads(answer.text)}
            block = {"toolUse": used}
        return {
            "output": {"message": {"role": "assistant", "content": [block]}},
            "stopReason": REASONS[answer.reason],
            "usage": self._counted(answer),
            "metrics": {"latencyMs": 1},
        }

    @override
    def begin(self, answer: Answer) -> Iterator[Body]:
        """Write the first events of a stream."""
        yield {"messageStart": {"role": "assistant"}}
        if answer.tool:
            used: Fact = {"toolUse": {"toolUseId": self.call_id(answer), "name": answer.tool_name}}
            yield {"contentBlockStart": {"contentBlockIndex": 0, "start": used}}

    @override
    def piece(self, answer: Answer, text: str) -> Iterator[Body]:
        """Write a piece of text, or of a tool call's input."""
        delta: Fact = {"toolUse": {"input": text}} if answer.tool else {"text": text}
        yield {"contentBlockDelta": {"contentBlockIndex": 0, "delta": delta}}

    @override
    def end(self, answer: Answer) -> Iterator[Body]:
        """Write the last events."""
        yield {"contentBlockStop": {"contentBlockIndex": 0}}
        yield {"messageStop": {"stopReason": REASONS[answer.reason]}}
        yield {"metadata": {"usage": self._counted(answer), "metrics": {"latencyMs": 1}}}

    @override
    def event(self, body: Mapping[str, Fact]) -> bytes:
        """Write one message of a stream; an error is an exception there."""
        if "message" in body:
            return message("exception", "modelStreamErrorException", dict(body))
        [(name, payload)] = body.items()
        return message("event", name, payload)

    def _counted(self, answer: Answer) -> Fact:
        used = answer.ending
        total = used.tokens_in + used.tokens_out
        return {"inputTokens": used.tokens_in, "outputTokens": used.tokens_out, "totalTokens": total}


def message(kind: str, name: str, payload: Fact) -> bytes:
    """Write one message of Amazon's event stream."""
    stated = {":message-type": kind, f":{kind}-type": name, ":content-type": "application/json"}
    headers = b"".join(
        len(key).to_bytes(1, "big") + key.encode() + b"\x07" + len(value).to_bytes(2, "big") + value.encode()
        for key, value in stated.items()
    )
    body = json.dumps(payload).encode()
    start = (len(headers) + len(body) + 16).to_bytes(4, "big") + len(headers).to_bytes(4, "big")
    start += zlib.crc32(start).to_bytes(4, "big")
    return start + headers + body + zlib.crc32(start + headers + body).to_bytes(4, "big")


def blocks_of(turn: Mapping[str, Fact]) -> list[Mapping[str, Fact]]:
    """Return the blocks of a turn."""
    content = turn.get("content")
    return [block for block in content if isinstance(block, dict)] if isinstance(content, list) else []


def _inside(blocks: list[Mapping[str, Fact]], name: str) -> list[Mapping[str, Fact]]:
    return [inner for block in blocks if isinstance(inner := block.get(name), dict)]


def function_to_call(body: Body) -> Mapping[str, Fact] | None:
    """Return the function that this answer calls: the one that is named, or the first while none has answered."""
    config = body.get("toolConfig")
    tools = config.get("tools") if isinstance(config, dict) else None
    specs = [tool["toolSpec"] for tool in tools if isinstance(tool, dict)] if isinstance(tools, list) else []
    functions: list[dict[str, Fact]] = [
        {"name": spec["name"], "parameters": schema["json"]}
        for spec in specs
        if isinstance(spec, dict) and isinstance(schema := spec["inputSchema"], dict)
    ]
    if not functions:
        return None
    choice = config.get("toolChoice") if isinstance(config, dict) else None
    if isinstance(choice, dict) and isinstance(named := choice.get("tool"), dict):
        return next((function for function in functions if function["name"] == named["name"]), None)
    answered = any(_inside(blocks_of(turn), "toolResult") for turn in published.messages(body))
    return functions[0] if (isinstance(choice, dict) and "any" in choice) or not answered else None
