"""Four replicas on one PostgreSQL and one Valkey, under load, while one is killed, one is paused and one is restarted.

Law: the load is bounded in time and in number, on loopback; what a client was told is kept, to be held against the log.
"""

import asyncio
import os
import shutil
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2

from simulators.fleet import Running, running
from tests.edge.gateway import SCALEWAY, Gateway, plans
from tests.edge.shared.redis_server import redis_server
from tests.edge.stores.postgres_server import postgres_server

REPLICAS = 4
WORKERS = 8
BUDGET = 200_000
"""Millionths of a euro that the town may spend in a day."""
SETTINGS = """
[store]
url = "{postgres}"

[shared]
url = "{valkey}"
seconds = 5.0

[budgets.prices]
"{price}" = {{ per_million_in = 10.0, per_million_out = 100.0 }}

[[organisations]]
id = "town"
name = "A town"
kind = "private"
contracts = ["scaleway"]
allowance = {{ euros_per_day = 0.20 }}

[[organisations.applications]]
id = "letters"
name = "Letters"
purposes = ["drafting"]
analyses = [{{ kind = "register_entry", reference = "R" }}]
"""


@dataclass
class Told:
    """What clients were told."""

    statuses: Counter[int] = field(default_factory=Counter)
    entries: list[str] = field(default_factory=list)
    """Entries that an answer named."""
    untold: Counter[int] = field(default_factory=Counter)
    """Requests that a replica took and did not answer whole, by replica."""
    elsewhere: int = 0
    """Requests that another replica took, as the first did not accept the connection."""
    waits: list[float] = field(default_factory=list)
    """Seconds of each request that was answered with 200."""


@dataclass
class Show:
    """Replicas that run, and what they cost."""

    made: Sequence[Gateway]
    cpu: float = 0.0

    def end(self, number: int, how: signal.Signals) -> None:
        """Stop one replica, and keep what it has cost."""
        self.cpu += self.seconds(number)
        self.made[number].stop(how)

    def seconds(self, number: int) -> float:
        """Return the CPU seconds of a replica's process."""
        process = self.made[number].process
        if process is None:
            return 0.0
        fields = Path(f"/proc/{process.pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def send(self, number: int, how: signal.Signals) -> None:
        """Send a signal to one replica."""
        process = self.made[number].process
        assert process is not None
        process.send_signal(how)


async def load(urls: Sequence[str], keys: Sequence[str], until: float, told: Told) -> None:
    """Ask as a balancer's clients do: from one replica to the next, and elsewhere where none accepts."""
    timeout = httpx2.Timeout(30.0, connect=1.0)
    limits = httpx2.Limits(max_connections=64)
    async with httpx2.AsyncClient(trust_env=False, timeout=timeout, limits=limits) as client:

        async def worker(number: int) -> None:
            turn = number
            while time.monotonic() < until:
                turn += 1
                await ask(client, urls, turn, keys[number % len(keys)], told)

        await asyncio.gather(*(worker(number) for number in range(WORKERS)))


async def ask(client: httpx2.AsyncClient, urls: Sequence[str], turn: int, key: str, told: Told) -> None:
    body = {"model": "auto", "max_tokens": 40, "messages": [{"role": "user", "content": f"Écluse {turn}"}]}
    for shift in range(len(urls)):
        number = (turn + shift) % len(urls)
        began = time.monotonic()
        try:
            answer = await client.post(
                f"{urls[number]}/v1/chat/completions",
                json=body | {"stream": turn % 2 == 0},
                headers={"authorization": f"Bearer {key}", "connection": "close"},
            )
        except (httpx2.ConnectError, httpx2.ConnectTimeout):
            told.elsewhere += 1
            continue
        except httpx2.TransportError:
            told.untold[number] += 1
            return
        told.statuses[answer.status_code] += 1
        if "x-ecluse-entry" in answer.headers:
            told.entries.append(answer.headers["x-ecluse-entry"])
        if answer.status_code == 200:
            told.waits.append(time.monotonic() - began)
        else:
            await asyncio.sleep(0.5)  # as a client does that was told to come back later
        return


@contextmanager
def replicas(folder: Path) -> Iterator[tuple[Show, Running, str]]:
    """Run four replicas until the block ends. Gives them, their simulators, and the address of their counters."""
    with postgres_server(durable=True) as store, redis_server(folder) as counters, running(plans([SCALEWAY])) as fleet:
        extra = SETTINGS.format(postgres=store.url, valkey=counters.url, price=SCALEWAY)
        made = []
        for number in range(REPLICAS):
            (folder / str(number)).mkdir()
            made.append(Gateway(folder=folder / str(number), fleet=fleet, order=(SCALEWAY,), extra=extra))
        show = Show(made)
        try:
            for one in made:
                if one is not made[0]:
                    one.state.mkdir()
                    shutil.copy2(made[0].state / "secrets", one.state / "secrets")
                one.start()
            yield show, fleet, counters.url
        finally:
            for one in made:
                one.stop()


def disturb(show: Show, seconds: float, sleep: Callable[[float], None] = time.sleep) -> None:
    """Kill the second replica and start it again; pause the third past its lease; restart the fourth in good order."""
    step = seconds / 8
    sleep(step)
    show.end(1, signal.SIGKILL)
    sleep(step)
    show.send(2, signal.SIGSTOP)
    show.made[1].start()
    sleep(max(step, 7.0))
    show.send(2, signal.SIGCONT)
    sleep(step)
    show.end(3, signal.SIGTERM)
    show.made[3].start()
