"""What a reload does to those who are served: the event loop's longest silence, and requests, with and without one.

    .venv/bin/python bench/reload.py [--reloads 10]

A gateway runs in this process, a client and a provider in processes of their own. Facts, rules and settings are taken
anew while it serves, between stretches in which nothing changes: both are of one run. `gap` is how much later than
asked a task of the loop came to turn, `own` how much of the longest one this process itself was computing: the rest is
the machine's, busy with others. Prints milliseconds.
"""

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from bisect import bisect_left
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import latency
import uvicorn
import uvloop

from ecluse.app import Program, program
from ecluse.domain.caller import ApplicationId
from ecluse.edge.clock import SystemClock
from ecluse.edge.config import load
from ecluse.edge.key_changes import AnnouncedKeys
from ecluse.edge.keys import Secrets
from ecluse.edge.turns import serve_first

TICK = 0.002
"""Seconds that the loop is asked to sleep for."""
QUIET = 2.0
"""Seconds between two reloads; the last one measures what is normal."""
FEW = 5
"""Requests below which there is no percentile."""


@dataclass(kw_only=True)
class Seen:
    """Moments (of the machine's monotonic clock) and how many milliseconds were seen at each."""

    at: list[float] = field(default_factory=list)
    taken: list[float] = field(default_factory=list)

    def within(self, spans: list[tuple[float, float]]) -> list[float]:
        """Return what was seen in some spans of time."""
        return [
            value
            for first, last in spans
            for value in self.taken[bisect_left(self.at, first) : bisect_left(self.at, last)]
        ]


async def tick(seen: Seen, own: Seen) -> None:
    """Write down how late each turn of the loop came, and what this process computed meanwhile."""
    while True:
        before, computed = time.monotonic(), time.process_time()
        await asyncio.sleep(TICK)
        now = time.monotonic()
        seen.at.append(now)
        seen.taken.append((now - before - TICK) * 1000)
        own.at.append(now)
        own.taken.append((time.process_time() - computed) * 1000)


def settings(folder: Path, provider: str, number: int) -> None:
    """Write the settings; each number makes other ones."""
    text = latency.ORGANISATION.format(state=json.dumps(str(folder / "state")), name=latency.NAME, provider=provider)
    path = folder / "ecluse.toml"
    path.write_text(text.replace("REG-1", f"REG-{number}"), encoding="utf-8")


def made_key(state: Path) -> str:
    """Make a key of the application. For a thread: it has a loop of its own."""
    keys = AnnouncedKeys(state, Secrets.open(state), SystemClock(), "bench")
    return keys.create(ApplicationId("app"), SystemClock().now(), None)[1].reveal()


async def taken(running: Program, folder: Path, provider: str, number: int) -> tuple[float, float]:
    """Change the settings, and wait until the new snapshot decides by its folded rules."""
    before = running.live.moment().snapshot.id
    settings(folder, provider, number)
    first = time.monotonic()
    running.reloading.now()
    while running.live.moment().snapshot.id == before:  # noqa: ASYNC110 - a gateway tells nobody
        await asyncio.sleep(0.01)
    return first, time.monotonic()


async def serve(folder: Path, provider: str, reloads: int) -> None:
    """Serve, reload and measure."""
    settings(folder, provider, 0)
    port, ticks, own = latency.free_port(), Seen(), Seen()
    spans, calm = list[tuple[float, float]](), list[tuple[float, float]]()
    out = folder / "client.txt"
    async with program(load(folder / "ecluse.toml"), folder / "ecluse.toml") as running:
        serve_first()
        server = uvicorn.Server(uvicorn.Config(running.gate, port=port, lifespan="off", log_level="error"))
        serving = asyncio.create_task(server.serve())  # noqa: TID251 - both are kept until the end
        while not running.live.moment().snapshot.rulebook.is_folded or not server.started:  # noqa: ASYNC110 - the same
            await asyncio.sleep(0.05)
        key = await asyncio.to_thread(made_key, folder / "state")
        await asyncio.sleep(2)  # the gateway looks for changes of keys each second
        client = await asyncio.create_subprocess_exec(
            sys.executable, __file__, "--client", f"http://127.0.0.1:{port}", key, str(out)
        )
        ticking = asyncio.create_task(tick(ticks, own))  # noqa: TID251 - both are kept until the end
        await asyncio.sleep(QUIET)
        for number in range(1, reloads + 1):
            first = time.monotonic()
            await asyncio.sleep(QUIET)
            calm.append((first, time.monotonic()))
            spans.append(await taken(running, folder, provider, number))
        ticking.cancel()
        client.terminate()
        await client.wait()
        server.should_exit = True
        await serving
    tell(ticks, own, requests(out), calm, spans)


def requests(out: Path) -> Seen:
    """Read what the client wrote."""
    rows = [line.split() for line in out.read_text(encoding="utf-8").splitlines()]
    whole = [(float(row[0]), float(row[1])) for row in rows if len(row) == 2]  # noqa: PLR2004 - moment and time
    return Seen(at=[at for at, _ in whole], taken=[took for _, took in whole])


def tell(
    ticks: Seen, own: Seen, asked: Seen, calm: list[tuple[float, float]], spans: list[tuple[float, float]]
) -> None:
    """Print the table."""
    head = f"{'':<22}{'seconds':>9}{'gap p99':>9}{'longest':>9}{'own':>8}{'requests':>10}{'p50':>8}{'p99':>8}"
    print(f"{head}{'worst':>8}")
    for name, within in (("nothing changes", calm), (f"{len(spans)} reloads", spans)):
        gaps, calls = ticks.within(within), asked.within(within)
        if len(calls) < FEW:
            raise SystemExit("too few requests were answered to say anything")
        seconds = sum(last - first for first, last in within)
        print(
            f"{name:<22}{seconds:>9.1f}{percentile(gaps, 99):>9.1f}{max(gaps):>9.1f}{max(own.within(within)):>8.1f}"
            f"{len(calls):>10}{statistics.median(calls):>8.1f}{percentile(calls, 99):>8.1f}{max(calls):>8.1f}"
        )


def percentile(values: list[float], percent: int) -> float:
    """Return a percentile."""
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def ask_on(url: str, key: str, out: Path) -> None:
    """Ask one thing after another until the process is ended, and write down when and how long each took."""
    body = {"model": latency.WIRE, "messages": [{"role": "user", "content": "Un mot sur les écluses."}]}
    headers = {"authorization": f"Bearer {key}"}
    with httpx2.Client(trust_env=False, timeout=20) as client, out.open("w", encoding="utf-8", buffering=1) as file:
        while True:
            began = time.monotonic()
            answer = client.post(f"{url}/v1/chat/completions", json=body, headers=headers)
            now = time.monotonic()
            file.write(f"{now} {(now - began) * 1000}\n" if answer.status_code == latency.OK else f"{answer.text}\n")
            time.sleep(0.01)


def main() -> None:
    """Measure, or be the client."""
    if sys.argv[1:2] == ["--client"]:
        ask_on(sys.argv[2], sys.argv[3], Path(sys.argv[4]))
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reloads", type=int, default=10)
    stated = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ecluse-reload-")))
        port = latency.free_port()
        canned = [sys.executable, str(Path(__file__).with_name("canned.py")), str(port)]
        stack.enter_context(latency.process(canned, folder / "canned.log"))
        os.environ["BENCH_KEY"] = "none"
        uvloop.run(serve(folder, f"http://127.0.0.1:{port}", stated.reloads))


if __name__ == "__main__":
    main()
