"""What a hosted tool did comes back in the wire format that asked for it, streamed or whole."""

import json
from typing import Any

import pytest

from ecluse.domain.dialect import Envelope
from ecluse.domain.request import Surface
from ecluse.passage.admit.anthropic_messages import DIALECT as ANTHROPIC
from ecluse.passage.admit.openai_responses import DIALECT as RESPONSES
from ecluse.passage.send.anthropic_messages import DIALECT as TO_ANTHROPIC
from ecluse.passage.send.openai_chat import DIALECT as TO_CHAT
from ecluse.passage.send.openai_responses import DIALECT as TO_RESPONSES

SEARCH = {"type": "web_search_call", "id": "ws_1", "status": "completed", "action": {"type": "search", "query": "q"}}
SAID = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Found."}]}
CALLED = {"type": "server_tool_use", "id": "srv_1", "name": "web_search", "input": {"query": "q"}}
RESULT = {"type": "web_search_tool_result", "tool_use_id": "srv_1", "content": []}


def frames(*events: dict[str, Any]) -> bytes:
    return b"".join(b"event: %s\ndata: %s\n\n" % (e["type"].encode(), json.dumps(e).encode()) for e in events)


def read(data: bytes) -> list[dict[str, Any]]:
    return [json.loads(line[6:]) for line in data.decode().splitlines() if line.startswith("data: {")]


def through(inbound: Any, outbound: Any, body: dict[str, Any], answer: bytes) -> bytes:
    request = inbound.admit(Surface.CHAT, json.dumps(body).encode())
    writer = inbound.writer(request, Envelope(id="p", model="m", created=1))
    reader = outbound.reader(request)
    events = [event for i in range(len(answer)) for event in reader.feed(answer[i : i + 1])] + [*reader.end()]
    written: bytes = b"".join(writer.write(event) for event in events) + writer.close()
    return written


@pytest.mark.parametrize("stream", [False, True])
def test_a_search_of_responses_comes_back_before_what_was_said(*, stream: bool) -> None:
    body = {"model": "m", "input": "x", "stream": stream, "tools": [{"type": "web_search"}]}
    whole: dict[str, Any] = {"id": "r", "object": "response", "status": "completed", "output": [SEARCH, SAID]}
    streamed = frames(
        {"type": "response.created", "response": {"id": "r"}},
        {"type": "response.output_item.added", "output_index": 0, "item": SEARCH},
        {"type": "response.output_item.done", "output_index": 0, "item": SEARCH},
        {"type": "response.output_text.delta", "output_index": 1, "delta": "Found."},
        {"type": "response.completed", "response": whole},
    )
    out = through(RESPONSES, TO_RESPONSES, body, streamed if stream else json.dumps(whole).encode())
    events = read(out) if stream else []
    answer = events[-1]["response"] if stream else json.loads(out)
    assert answer["output"][0] == SEARCH
    assert answer["output"][1]["content"][0]["text"] == "Found."
    assert [event["sequence_number"] for event in events] == list(range(len(events)))
    assert not stream or [e["output_index"] for e in events if e["type"] == "response.output_item.done"] == [0, 1]


@pytest.mark.parametrize("stream", [False, True])
def test_a_search_of_anthropic_comes_back_with_its_input(*, stream: bool) -> None:
    body = {
        "model": "m",
        "max_tokens": 9,
        "stream": stream,
        "messages": [{"role": "user", "content": "x"}],
        "tools": [{"type": "web_search_20250305", "name": "web_search"}],
    }
    text = {"type": "text", "text": "Found."}
    whole = {"type": "message", "id": "a", "content": [CALLED, RESULT, text], "stop_reason": "end_turn"}
    streamed = frames(
        {"type": "message_start", "message": {"id": "a"}},
        {"type": "content_block_start", "index": 0, "content_block": {**CALLED, "input": {}}},
        *(
            {"type": "content_block_delta", "index": 0, "delta": {"type": "input_json_delta", "partial_json": piece}}
            for piece in ('{"que', 'ry": "q"}')
        ),
        {"type": "content_block_stop", "index": 0},
        {"type": "content_block_start", "index": 1, "content_block": RESULT},
        {"type": "content_block_stop", "index": 1},
        {"type": "content_block_start", "index": 2, "content_block": text},
        {"type": "content_block_stop", "index": 2},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}},
        {"type": "message_stop"},
    )
    out = through(ANTHROPIC, TO_ANTHROPIC, body, streamed if stream else json.dumps(whole).encode())
    if not stream:
        assert json.loads(out)["content"][:2] == [CALLED, RESULT]
        return
    begun = [e["content_block"] for e in read(out) if e["type"] == "content_block_start"]
    given = [e["delta"]["partial_json"] for e in read(out) if e.get("delta", {}).get("type") == "input_json_delta"]
    assert [block["type"] for block in begun] == ["server_tool_use", "web_search_tool_result", "text"]
    assert json.loads("".join(given)) == CALLED["input"]


def test_a_tool_leaves_as_it_was_written() -> None:
    server = {"type": "mcp", "server_label": "w", "server_url": "https://mcp.example", "require_approval": "never"}
    request = RESPONSES.admit(Surface.CHAT, json.dumps({"model": "m", "input": "x", "tools": [server]}).encode())
    assert request.hosted[0].wire == server


def cited(text: str, url: str) -> dict[str, Any]:
    return {"type": "text", "text": text, "citations": [{"type": "web_search_result_location", "url": url}]}


@pytest.mark.parametrize("stream", [False, True])
def test_each_text_of_anthropic_keeps_its_own_citations(*, stream: bool) -> None:
    body = {
        "model": "m",
        "max_tokens": 9,
        "stream": stream,
        "messages": [{"role": "user", "content": "x"}],
        "tools": [{"type": "web_search_20250305", "name": "web_search"}],
    }
    texts = [{"type": "text", "text": "Plain."}, cited("One.", "https://a.test"), cited("Two.", "https://b.test")]
    whole = {"type": "message", "id": "a", "content": texts, "stop_reason": "end_turn"}
    events: list[dict[str, Any]] = [{"type": "message_start", "message": {"id": "a"}}]
    for i, one in enumerate(texts):
        events.append({"type": "content_block_start", "index": i, "content_block": {"type": "text", "text": ""}})
        events.append({"type": "content_block_delta", "index": i, "delta": {"type": "text_delta", "text": one["text"]}})
        for citation in one.get("citations", ()):
            delta = {"type": "citations_delta", "citation": citation}
            events.append({"type": "content_block_delta", "index": i, "delta": delta})
        events.append({"type": "content_block_stop", "index": i})
    events += [{"type": "message_delta", "delta": {"stop_reason": "end_turn"}}, {"type": "message_stop"}]
    out = through(ANTHROPIC, TO_ANTHROPIC, body, frames(*events) if stream else json.dumps(whole).encode())
    if not stream:
        assert json.loads(out)["content"] == [{**texts[0], "citations": None}, *texts[1:]]
        return
    said: dict[int, dict[str, Any]] = {}
    for event in read(out):
        if event["type"] == "content_block_start":
            said[event["index"]] = {"type": "text", "text": ""}
        elif event["type"] == "content_block_delta" and "text" in event["delta"]:
            said[event["index"]]["text"] += event["delta"]["text"]
        elif event["type"] == "content_block_delta":
            said[event["index"]].setdefault("citations", []).append(event["delta"]["citation"])
    assert [*said.values()] == texts


@pytest.mark.parametrize("stream", [False, True])
def test_citations_of_chat_stand_beside_the_text_of_a_response(*, stream: bool) -> None:
    """What a chat says of its sources has the other format's words for whoever asked in that one."""
    note: dict[str, Any] = {
        "type": "url_citation",
        "url_citation": {"start_index": 0, "end_index": 6, "url": "https://a.test"},
    }
    message = {"role": "assistant", "content": "Found.", "annotations": [note]}
    whole = {"id": "c", "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}
    chunks: list[dict[str, Any]] = [
        {"id": "c", "choices": [{"index": 0, "delta": {"content": "Found."}}]},
        {"id": "c", "choices": [{"index": 0, "delta": {"annotations": [note]}}]},
        {"id": "c", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
    ]
    told = b"".join(b"data: %s\n\n" % json.dumps(chunk).encode() for chunk in chunks) + b"data: [DONE]\n\n"
    body = {"model": "m", "input": "x", "stream": stream}
    out = through(RESPONSES, TO_CHAT, body, told if stream else json.dumps(whole).encode())
    answer = read(out)[-1]["response"] if stream else json.loads(out)
    (part,) = answer["output"][0]["content"]
    assert part["annotations"] == [{"type": "url_citation", **note["url_citation"]}]
    added = [e["annotation"] for e in read(out) if e["type"].endswith("annotation.added")] if stream else []
    assert added == (part["annotations"] if stream else [])
