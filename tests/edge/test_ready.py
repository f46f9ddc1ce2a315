"""`/ready` asks the store, which may take its time; nobody else waits for it."""

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from ecluse.app import program
from ecluse.edge.config import load
from simulators.fleet import running
from tests.edge.gateway import OWN, Gateway, plans, run

SLOW = 0.5


async def ask(gate: Any, path: str) -> float:
    """Ask the ASGI application; return after how many seconds it had answered."""
    began, sent = time.monotonic(), []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request"}

    await gate({"type": "http", "method": "GET", "path": path, "headers": []}, receive, send)
    assert sent[0]["status"] == 200
    return time.monotonic() - began


def test_a_store_that_takes_its_time_keeps_nobody_else_waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def both(path: Path) -> tuple[float, float]:
        async with program(load(path)) as served:

            def size() -> int:
                time.sleep(SLOW)
                return 0

            monkeypatch.setattr(type(served.store), "size", lambda _: size())
            began = time.monotonic()
            ready = asyncio.ensure_future(ask(served.gate, "/ready"))
            await asyncio.sleep(0.05)
            await ask(served.gate, "/health")
            other = time.monotonic() - began
            return await ready, other

    with running(plans([OWN])) as fleet:
        made = Gateway(folder=tmp_path, fleet=fleet, order=(OWN,))
        for name, value in made.environment.items():
            monkeypatch.setenv(name, value)
        ready, other = run(both(made.write()))
    assert ready >= SLOW
    assert other < SLOW / 2
