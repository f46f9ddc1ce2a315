"""The open connection to a caller: a stream never stays silent for long, and says nothing after its end."""

import asyncio
from collections.abc import MutableMapping
from typing import Any

import anthropic
import httpx2
import openai
import pytest
from mistralai.client import Mistral

from ecluse.edge.http import asgi
from ecluse.edge.http.asgi import EVENTS, PING, Connection
from ecluse.edge.tasks import Tasks

CHUNK = (
    b'data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m",'
    b'"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"stop"}]}\n\n'
)
MESSAGE = b'event: message_stop\ndata: {"type":"message_stop"}\n\n'


def said(content_type: str, *silences: float, monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Return what a caller reads of one piece after each silence, and an end after the last."""
    monkeypatch.setattr(asgi, "PING_EVERY", 0.05)
    sent: list[bytes] = []

    async def receive() -> MutableMapping[str, Any]:
        return await asyncio.Future()

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message.get("body", b"(head)"))

    async def talk() -> None:
        tasks = Tasks()
        connection = Connection(receive, send, tasks)
        await connection.reply(200, [("content-type", content_type)])
        for i, silence in enumerate(silences, start=1):
            await asyncio.sleep(silence)
            await connection.emit(b"data: %d\n\n" % i, last=i == len(silences))
        await asyncio.sleep(0.12)
        connection.close()
        await tasks.stop()

    asyncio.run(talk())
    return sent


def test_a_silence_in_a_stream_is_broken_by_a_comment_and_nothing_follows_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent = said(EVENTS, 0.0, 0.13, monkeypatch=monkeypatch)
    assert (sent[:2], sent[-1]) == ([b"(head)", b"data: 1\n\n"], b"data: 2\n\n")
    assert set(sent[2:-1]) == {PING}


def test_what_is_no_stream_of_events_gets_no_comment(monkeypatch: pytest.MonkeyPatch) -> None:
    assert said("application/json", 0.13, monkeypatch=monkeypatch) == [b"(head)", b"data: 1\n\n"]


def answering(body: bytes) -> httpx2.MockTransport:
    return httpx2.MockTransport(lambda _: httpx2.Response(200, content=body, headers={"content-type": EVENTS}))


def test_the_official_clients_skip_the_comment() -> None:
    turns: Any = [{"role": "user", "content": "x"}]
    chat = PING + CHUNK + PING + b"data: [DONE]\n\n"
    with httpx2.Client(transport=answering(chat)) as http:
        client = openai.OpenAI(api_key="k", base_url="http://localhost/v1", http_client=http)
        chunks = list(client.chat.completions.create(model="m", messages=turns, stream=True))
        assert [chunk.choices[0].delta.content for chunk in chunks] == ["a"]
        mistral = Mistral(api_key="k", server_url="http://localhost", client=http)
        assert [one.data.choices[0].delta.content for one in mistral.chat.stream(model="m", messages=turns)] == ["a"]
    with httpx2.Client(transport=answering(PING + MESSAGE + PING)) as http:
        claude = anthropic.Anthropic(api_key="k", base_url="http://localhost", http_client=http)
        assert [one.type for one in claude.messages.create(model="m", max_tokens=1, messages=turns, stream=True)] == [
            "message_stop"
        ]
