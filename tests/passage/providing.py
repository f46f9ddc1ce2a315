"""What a provider says, in the wire format of each outbound dialect: one text and one call of a tool, in pieces."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tests.passage.send.exchange import frame

CALL_ID = "call0000a"
TOOL = "find"
Said = Callable[[Sequence[str], Sequence[str], bool], bytes]
"""Pieces of a text, pieces of a call's arguments (none is no call), and whether the answer is streamed."""


def _sse(events: Sequence[Any], *, named: bool = False, last: str = "") -> bytes:
    out = "".join(
        (f"event: {event['type']}\n" if named else "") + f"data: {json.dumps(event, ensure_ascii=False)}\n\n"
        for event in events
    )
    return (out + last).encode()


def _openai(text: Sequence[str], args: Sequence[str], stream: bool) -> bytes:  # noqa: FBT001 - one shape for all
    function: dict[str, Any] = {"id": CALL_ID, "type": "function"}
    finish = "tool_calls" if args else "stop"
    usage = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}
    head = {"id": "c1", "created": 1, "model": "m"}
    if not stream:
        calls = [{**function, "function": {"name": TOOL, "arguments": "".join(args)}}] if args else None
        message = {"role": "assistant", "content": "".join(text), "tool_calls": calls}
        choice = {"index": 0, "message": message, "finish_reason": finish}
        return json.dumps({**head, "object": "chat.completion", "choices": [choice], "usage": usage}).encode()
    deltas: list[Any] = [{"role": "assistant", "content": ""}, *({"content": piece} for piece in text)]
    for i, piece in enumerate(args):
        call: dict[str, Any] = {"index": 0, "function": {"arguments": piece}}
        if not i:
            call |= {**function, "function": {"name": TOOL, "arguments": piece}}
        deltas.append({"tool_calls": [call]})
    chunks = [
        {**head, "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": d, "finish_reason": None}]}
        for d in deltas
    ]
    end = {**head, "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {}, "finish_reason": finish}]}
    return _sse([*chunks, {**end, "usage": usage}], last="data: [DONE]\n\n")


def _anthropic(text: Sequence[str], args: Sequence[str], stream: bool) -> bytes:  # noqa: FBT001 - one shape for all
    finish = "tool_use" if args else "end_turn"
    head = {"id": "msg_1", "type": "message", "role": "assistant", "model": "m", "stop_sequence": None}
    usage = {"input_tokens": 1, "output_tokens": 2}
    use = {"type": "tool_use", "id": CALL_ID, "name": TOOL}
    if not stream:
        content: list[Any] = [{"type": "text", "text": "".join(text)}]
        content += [{**use, "input": json.loads("".join(args))}] if args else []
        return json.dumps({**head, "content": content, "stop_reason": finish, "usage": usage}).encode()
    events: list[Any] = [
        {"type": "message_start", "message": {**head, "content": [], "stop_reason": None, "usage": usage}}
    ]
    blocks: list[tuple[Any, Any]] = [
        ({"type": "text", "text": ""}, [{"type": "text_delta", "text": piece} for piece in text])
    ]
    if args:
        blocks.append(({**use, "input": {}}, [{"type": "input_json_delta", "partial_json": piece} for piece in args]))
    for i, (block, deltas) in enumerate(blocks):
        events.append({"type": "content_block_start", "index": i, "content_block": block})
        events += [{"type": "content_block_delta", "index": i, "delta": delta} for delta in deltas]
        events.append({"type": "content_block_stop", "index": i})
    ending = {"stop_reason": finish, "stop_sequence": None}
    events += [{"type": "message_delta", "delta": ending, "usage": {"output_tokens": 2}}, {"type": "message_stop"}]
    return _sse(events, named=True)


def _responses(text: Sequence[str], args: Sequence[str], stream: bool) -> bytes:  # noqa: FBT001 - one shape for all
    part = {"type": "output_text", "text": "".join(text), "annotations": []}
    message = {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": [part]}
    call = {"type": "function_call", "id": "fc_1", "call_id": CALL_ID, "name": TOOL, "status": "completed"}
    items: list[Any] = [message, *([{**call, "arguments": "".join(args)}] if args else [])]
    whole = {
        "id": "resp_1", "object": "response", "created_at": 1, "model": "m", "error": None, "incomplete_details": None,
    }  # fmt: skip
    done = {**whole, "status": "completed", "output": items, "usage": {"input_tokens": 1, "output_tokens": 2}}
    if not stream:
        return json.dumps(done).encode()
    begun = {**whole, "status": "in_progress", "output": [], "usage": None}
    events: list[Any] = [{"type": "response.created", "response": begun}]
    at = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
    events += [
        {"type": "response.output_item.added", "output_index": 0, "item": {**message, "content": []}},
        {"type": "response.content_part.added", **at, "part": {**part, "text": ""}},
        *({"type": "response.output_text.delta", **at, "delta": piece} for piece in text),
        {"type": "response.output_text.done", **at, "text": "".join(text)},
        {"type": "response.content_part.done", **at, "part": part},
        {"type": "response.output_item.done", "output_index": 0, "item": message},
    ]
    if args:
        at = {"item_id": "fc_1", "output_index": 1}
        events += [
            {"type": "response.output_item.added", "output_index": 1, "item": {**call, "arguments": ""}},
            *({"type": "response.function_call_arguments.delta", **at, "delta": piece} for piece in args),
            {"type": "response.function_call_arguments.done", **at, "arguments": "".join(args)},
            {"type": "response.output_item.done", "output_index": 1, "item": items[1]},
        ]
    events.append({"type": "response.completed", "response": done})
    return _sse([{**event, "sequence_number": i} for i, event in enumerate(events)], named=True)


def _bedrock(text: Sequence[str], args: Sequence[str], stream: bool) -> bytes:  # noqa: FBT001 - one shape for all
    finish = "tool_use" if args else "end_turn"
    usage = {"inputTokens": 1, "outputTokens": 2, "totalTokens": 3}
    use = {"toolUseId": CALL_ID, "name": TOOL}
    if not stream:
        content: list[Any] = [{"text": "".join(text)}]
        content += [{"toolUse": {**use, "input": json.loads("".join(args))}}] if args else []
        message = {"role": "assistant", "content": content}
        return json.dumps({"output": {"message": message}, "stopReason": finish, "usage": usage}).encode()
    events: list[tuple[str, Any]] = [("messageStart", {"role": "assistant"})]
    events += [("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": piece}}) for piece in text]
    events.append(("contentBlockStop", {"contentBlockIndex": 0}))
    if args:
        events.append(("contentBlockStart", {"contentBlockIndex": 1, "start": {"toolUse": use}}))
        events += [
            ("contentBlockDelta", {"contentBlockIndex": 1, "delta": {"toolUse": {"input": piece}}}) for piece in args
        ]
        events.append(("contentBlockStop", {"contentBlockIndex": 1}))
    events += [("messageStop", {"stopReason": finish}), ("metadata", {"usage": usage})]
    return b"".join(frame("event", name, json.dumps(payload, ensure_ascii=False)) for name, payload in events)


def _ollama(text: Sequence[str], args: Sequence[str], stream: bool) -> bytes:  # noqa: FBT001 - one shape for all
    head = {"model": "m", "created_at": "2026-11-24T10:00:00Z"}
    calls = [{"function": {"name": TOOL, "arguments": json.loads("".join(args))}}] if args else []
    ending = {"done": True, "done_reason": "stop", "prompt_eval_count": 1, "eval_count": 2}
    if not stream:
        message: Any = {"role": "assistant", "content": "".join(text), "tool_calls": calls}
        return json.dumps({**head, "message": message, **ending}).encode()
    said: list[Any] = [{"content": piece} for piece in text]
    said += [{"content": "", "tool_calls": calls}] if calls else []
    lines = [{**head, "message": {"role": "assistant", **one}, "done": False} for one in said]
    last = {**head, "message": {"role": "assistant", "content": ""}, **ending}
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in [*lines, last]).encode()


SAYS: Mapping[str, Said] = {
    **dict.fromkeys(
        (
            "openai_chat", "mistral_chat", "azure_openai", "azure_classic", "azure_inference", "vertex_mistral",
            "vertex_openai",
        ),
        _openai,
    ),
    **dict.fromkeys(("anthropic_messages", "vertex_anthropic"), _anthropic),
    "openai_responses": _responses,
    "bedrock_converse": _bedrock,
    "ollama_chat": _ollama,
}  # fmt: skip
"""How each outbound dialect says it."""
