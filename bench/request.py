"""CPU of one request inside the gateway: from the ASGI door to the trail, less the HTTP server, client and provider.

    .venv/bin/python bench/request.py [--bytes 1024] [--times 300] [--profile]

Prints CPU per request in microseconds, of the process and of the event loop's thread alone; with --profile, where it
went.
"""

import argparse
import asyncio
import cProfile
import json
import pstats
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from ecluse.app import Program, program
from ecluse.domain.caller import ApplicationId
from ecluse.domain.destination import Destination
from ecluse.domain.effects import Call
from ecluse.edge.config import Settings
from ecluse.edge.keys import KeyTable, Secrets
from ecluse.edge.keys.state import keys

NAME = "scaleway/generative-apis/mistral-medium-3.5"
WORDS = "Le conseil municipal examine le budget de la commune pour la voirie. "
CHUNKS = 20


@dataclass
class Canned:
    """An answer that is there at once."""

    pieces: Sequence[bytes]
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    async def chunks(self) -> AsyncIterator[bytes]:
        """Give the pieces."""
        for piece in self.pieces:
            yield piece

    async def close(self) -> None:
        """Nothing is open."""


class AtOnce:
    """A transport without a network."""

    async def send(self, _destination: Destination, call: Call, _secret: Sequence[tuple[str, str]]) -> Canned:
        """Answer a stream in CHUNKS pieces, or whole."""
        usage = {"prompt_tokens": 10, "completion_tokens": CHUNKS, "total_tokens": 10 + CHUNKS}
        head = {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "m"}
        if not call.stream:
            message = {"role": "assistant", "content": "mot " * CHUNKS}
            choice: dict[str, Any] = {"index": 0, "message": message, "finish_reason": "stop"}
            return Canned([json.dumps({**head, "choices": [choice], "usage": usage}).encode()])
        deltas = [{"index": 0, "delta": {"content": "mot "}, "finish_reason": None}] * CHUNKS
        chunks = [{**head, "choices": [delta]} for delta in deltas]
        chunks.append({**head, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}], "usage": usage})
        return Canned([f"data: {json.dumps(chunk)}\n\n".encode() for chunk in chunks] + [b"data: [DONE]\n\n"])

    async def close(self) -> None:
        """Nothing is open."""


def settings(state: Path) -> Settings:
    """Return the smallest settings."""
    application = {"id": "app", "name": "App", "purposes": ["drafting"]}
    return msgspec.convert(
        {
            "gateway": {"hosted_on": "own_premises", "country": "FR", "state_dir": str(state)},
            "destinations": {"order": [NAME]},
            "unsafe_simulators": {NAME: "http://127.0.0.1:9/v1"},
            "organisations": [
                {"id": "o", "name": "O", "kind": "private", "contracts": ["scaleway"], "applications": [application]}
            ],
        },
        Settings,
    )


async def ask(made: Program, key: str, body: bytes) -> int:
    """Send one request through the ASGI door."""
    sent: list[int] = []
    waits = asyncio.Event()
    told = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> MutableMapping[str, Any]:
        if told:
            return told.pop()
        await waits.wait()
        return {"type": "http.disconnect"}

    async def send(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            sent.append(message["status"])

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/chat/completions",
        "query_string": b"",
        "headers": [(b"authorization", f"Bearer {key}".encode()), (b"content-type", b"application/json")],
    }
    await made.gate(scope, receive, send)
    return sent[0]


async def measure(size: int, times: int, *, profile: bool) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        stated = settings(Path(folder))
        async with program(stated) as made:
            made.gate._passages._runner.transport = AtOnce()  # noqa: SLF001 - a bench takes the network away
            table = KeyTable(keys(Path(folder)), Secrets.open(Path(folder)))
            key = table.create(ApplicationId("app"), made.live.clock.now(), None)[1].reveal()
            for stream in (False, True):
                await one(made, key, size, times, stream=stream, profile=profile)


async def one(made: Program, key: str, size: int, times: int, *, stream: bool, profile: bool) -> None:
    """Measure one kind of answer."""

    def body(number: int) -> bytes:
        text = (WORDS * (size // len(WORDS) + 1))[:size] + f" {number % 7}"
        return json.dumps({"model": "auto", "stream": stream, "messages": [{"role": "user", "content": text}]}).encode()

    assert await ask(made, key, body(0)) == 200  # noqa: PLR2004, S101 - a bench of refusals would say nothing
    profiler = cProfile.Profile()
    if profile:
        profiler.enable()
    began, alone = time.process_time_ns(), time.thread_time_ns()
    for number in range(times):
        await ask(made, key, body(number))
    spent = (time.process_time_ns() - began) / times / 1000
    loop = (time.thread_time_ns() - alone) / times / 1000
    profiler.disable()
    kind = "streamed" if stream else "whole"
    print(f"{kind}, {size} bytes: {spent:.0f} us of CPU a request, {loop:.0f} of it in the loop")
    if profile:
        pstats.Stats(profiler).sort_stats("tottime").print_stats(22)


def main() -> None:
    """Read the options and measure."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--bytes", type=int, default=1024)
    options.add_argument("--times", type=int, default=300)
    options.add_argument("--profile", action="store_true")
    stated = options.parse_args()
    asyncio.run(measure(stated.bytes, stated.times, profile=stated.profile))


if __name__ == "__main__":
    main()
