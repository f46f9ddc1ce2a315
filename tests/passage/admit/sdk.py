"""The official `openai` client, its requests caught and its replies given, without a network."""

from collections.abc import Callable, Iterator

import httpx2
from openai import OpenAI

from ecluse.domain.dialect import Envelope
from ecluse.domain.event import Event
from ecluse.domain.request import Request
from ecluse.passage.admit.openai_chat import DIALECT

Answer = Callable[[httpx2.Request], httpx2.Response]
ENVELOPE = Envelope(id="passage-0001", model="alias-public", created=1795500000)


def client(answer: Answer) -> OpenAI:
    """Return a client whose every request is answered by `answer`."""
    http = httpx2.Client(transport=httpx2.MockTransport(answer))
    return OpenAI(api_key="k", base_url="http://gateway.test/v1", http_client=http, max_retries=0)


def caught(use: Callable[[OpenAI], object]) -> tuple[str, bytes]:
    """Return path and body of the one request that `use` sends."""
    seen: list[tuple[str, bytes]] = []

    def refuse(request: httpx2.Request) -> httpx2.Response:
        seen.append((request.url.path, request.content))
        return httpx2.Response(418, json={"error": {"message": "caught"}})

    with client(refuse) as openai:
        try:
            use(openai)
        except Exception as error:  # noqa: BLE001 - whatever the client makes of our 418
            assert "caught" in str(error)  # noqa: PT017 - the one reply that it got
    (request,) = seen
    return request


def admitted(use: Callable[[OpenAI], object]) -> Request:
    """Return what admit reads in the one request that `use` sends."""
    path, body = caught(use)
    return DIALECT.admit(DIALECT.routes[path], body)


def answering(request: Request, events: list[Event]) -> OpenAI:
    """Return a client that gets what our writer writes of `events`, one network chunk an event."""
    writer = DIALECT.writer(request, ENVELOPE)

    def pieces() -> Iterator[bytes]:
        for event in events:
            yield writer.write(event)
        yield writer.close()

    def reply(_: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, headers={"content-type": writer.content_type}, content=pieces())

    return client(reply)
