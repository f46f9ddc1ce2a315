"""A provider that answers chats at once with the same words, in a process of its own: what stands behind the gateways.

python bench/canned.py PORT
"""

import asyncio
import json
import sys
from typing import Any

PIECES = 20
HEAD: dict[str, Any] = {"id": "x", "created": 1, "model": "m"}
USAGE = {"prompt_tokens": 10, "completion_tokens": PIECES, "total_tokens": 10 + PIECES}


def _whole() -> bytes:
    message = {"role": "assistant", "content": "mot " * PIECES}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    body = json.dumps({**HEAD, "object": "chat.completion", "choices": [choice], "usage": USAGE}).encode()
    return b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body)


def _stream() -> bytes:
    head = {**HEAD, "object": "chat.completion.chunk"}
    deltas: list[dict[str, Any]] = [{"content": "mot "}] * PIECES
    chunks = [{**head, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas]
    chunks.append({**head, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}], "usage": USAGE})
    events = [*(json.dumps(chunk) for chunk in chunks), "[DONE]"]
    data = "".join(f"data: {event}\n\n" for event in events).encode()
    head_ = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: %d\r\n\r\n" % len(data)
    return head_ + data


WHOLE, STREAM = _whole(), _stream()


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            size = int(head.split(b"content-length:")[1].split(b"\r\n")[0]) if b"content-length:" in head else 0
            body = json.loads(await reader.readexactly(size) or b"{}")
            writer.write(STREAM if body.get("stream") else WHOLE)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def _main(port: int) -> None:
    server = await asyncio.start_server(_serve, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1])))
