"""SIGKILL at seeded points under load: what a provider saw is in the trail, and nothing acknowledged is lost."""

import asyncio
import json
import random
import signal
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import pytest
from typer.testing import CliRunner

from ecluse.cli.main import app
from ecluse.edge.keys.state import trail
from simulators.fleet import Running, running
from tests.edge.gateway import SCALEWAY, Gateway, plans, run

CALLERS = 8
SEED = 20261124
BODY = {"model": "auto", "messages": [{"role": "user", "content": "Which city is the capital of France?"}]}


@dataclass
class Toll:
    """What came of many kills."""

    acknowledged: set[str] = field(default_factory=set)
    kills: int = 0


async def call_until_killed(made: Gateway, key: str, toll: Toll, after: float) -> None:
    """Call from several callers, kill the gateway `after` seconds in, keep which entries were acknowledged."""

    async def caller(client: httpx2.AsyncClient) -> None:
        while True:
            try:
                answer = await client.post(f"{made.url}/v1/chat/completions", json=BODY)
            except httpx2.TransportError:
                return
            if answer.status_code == 200:
                toll.acknowledged.add(answer.headers["x-ecluse-entry"])

    headers = {"authorization": f"Bearer {key}"}
    async with httpx2.AsyncClient(trust_env=False, timeout=10, headers=headers) as client:
        callers = [asyncio.ensure_future(caller(client)) for _ in range(CALLERS)]
        await asyncio.sleep(after)
        assert made.process is not None
        made.process.send_signal(signal.SIGKILL)
        toll.kills += 1
        await asyncio.wait_for(asyncio.gather(*callers), 20)
        made.process.wait(timeout=20)


def play(folder: Path, fleet: Running, kills: int) -> tuple[Gateway, Toll]:
    draw = random.Random(SEED)  # noqa: S311 - seeded on purpose: the points are the same each time
    toll = Toll()
    made = Gateway(folder=folder, fleet=fleet, order=(SCALEWAY,))
    made.start()
    key = made.key("mail")
    for _ in range(kills):
        run(call_until_killed(made, key, toll, draw.uniform(0.02, 0.25)))
        made.start()
    made.stop()
    return made, toll


def judge(made: Gateway, toll: Toll, fleet: Running) -> int:
    """Hold the laws; return how many kills fell between flush and first byte."""
    with closing(sqlite3.connect(trail(made.state))) as db:
        entries = [json.loads(row[0]) for row in db.execute("SELECT entry FROM entries ORDER BY idx")]
    intents = {entry["id"] for entry in entries if entry["kind"] == "intent"}
    seen = {str(line["attempt"]) for line in fleet[SCALEWAY].lines("request")}
    assert seen, "the load reached the simulator"
    assert seen <= intents, "every request that a provider saw has its intent in the trail"
    assert toll.acknowledged <= intents, "no acknowledged entry is lost"
    ended = {entry["passage"] for entry in entries if entry["kind"] == "outcome"}
    assert {entry["passage"] for entry in entries if entry["kind"] == "intent"} <= ended, "each passage has its outcome"
    verified = CliRunner().invoke(app, ["trail", "verify", "--state-dir", str(made.state), "--json"])
    assert verified.exit_code == 0, verified.output
    return len(intents - seen)


def test_nothing_is_sent_that_was_not_recorded_nor_lost_that_was_acknowledged(tmp_path: Path) -> None:
    with running(plans((SCALEWAY,))) as fleet:
        made, toll = play(tmp_path, fleet, 2)  # each costs a start, 2 s of CPU; `make check-long` has two hundred
        judge(made, toll, fleet)
    assert toll.acknowledged


@pytest.mark.long
def test_two_hundred_kills(tmp_path: Path) -> None:
    began = time.monotonic()
    with running(plans((SCALEWAY,))) as fleet:
        made, toll = play(tmp_path, fleet, 200)
        between = judge(made, toll, fleet)
    took = time.monotonic() - began
    print(f"{toll.kills} kills in {took:.0f} s: {len(toll.acknowledged)} acknowledged, {between} intents never seen")
    assert between > 0, "some kills fell between flush and first byte"
