"""A budget before a real client and a real shared counter: those who come at once do not overspend it."""

import signal
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import openai
import pytest

from ecluse.domain.snapshot import Instant
from ecluse.edge.clock import start_of
from ecluse.edge.keys.state import trail
from ecluse.edge.shared.counters import Measure
from ecluse.edge.shared.valkey import ValkeyCounters
from ecluse.edge.stores.reader import TrailReader
from ecluse.passage.record import parse
from simulators.faults import Fault, FaultKind
from tests.edge.gateway import SCALEWAY, Gateway, gateway, run
from tests.edge.shared.redis_server import redis_server

TOWN = """
[budgets.prices]
"{price}" = {{ per_million_in = 10.0, per_million_out = 100.0 }}

[shared]
url = "{url}"
seconds = 5.0

[[organisations]]
id = "town"
name = "A town"
kind = "private"
contracts = ["scaleway"]
allowance = {{ euros_per_day = 0.10 }}

[[organisations.applications]]
id = "letters"
name = "Letters"
purposes = ["drafting"]
analyses = [{{ kind = "register_entry", reference = "R" }}]
"""
BUDGET = 100_000
"""Millionths of a euro."""
OK = (200, None, None, False)
QUESTION = [{"role": "user", "content": "What is a lock on a canal?"}]


def ask(client: openai.OpenAI) -> tuple[int, str | None, str | None, bool]:
    try:
        client.chat.completions.create(model="auto", messages=QUESTION, max_tokens=100)  # type: ignore[arg-type] # a plain dict
    except openai.RateLimitError as error:
        headers = error.response.headers
        return 429, error.code, headers.get("x-should-retry"), int(headers["retry-after"]) > 60
    return OK


def counted(url: str) -> int:
    async def look() -> int:
        counters = ValkeyCounters(url, seconds=5)
        try:
            return await counters.used("organisation:town", Measure.DAY, Instant(start_of(date(2026, 11, 24)) + 1))
        finally:
            await counters.close()

    return run(look())


def bodies(made: Gateway) -> list[Mapping[str, Any]]:
    with closing(TrailReader.open(trail(made.state))) as reader:
        return [parse(data).body for _, data, _ in reader.rows(0, reader.size())]


def statuses(made: Gateway) -> list[str]:
    return [body["status"] for body in bodies(made) if "status" in body]


def recorded(made: Gateway) -> list[int]:
    return [body["cost_micro"] for body in bodies(made) if isinstance(body.get("cost_micro"), int)]


def test_a_hundred_at_once_do_not_overspend_and_a_caller_who_leaves_pays_the_bound(tmp_path: Path) -> None:
    with (
        redis_server(tmp_path) as server,
        gateway(tmp_path, (SCALEWAY,), TOWN.format(price=SCALEWAY, url=server.url)) as made,
        made.client(made.key("letters")) as client,
    ):
        made.fleet.fault(SCALEWAY, Fault(kind=FaultKind.HOLD, after=3, times=1))
        asked: dict[str, Any] = {"model": "auto", "messages": QUESTION, "max_tokens": 100, "stream": True}
        with client.chat.completions.create(**asked) as stream:
            next(iter(stream))
        deadline = time.monotonic() + 60
        while (left := statuses(made)) != ["gone"]:
            assert time.monotonic() < deadline, left
            time.sleep(0.05)
        bound = counted(server.url)
        assert bound > 100 * 100, "what nobody counted stays spent at its bound"
        with ThreadPoolExecutor(100) as pool:
            answers = list(pool.map(lambda _: ask(client), range(100)))
        assert set(answers) == {OK, (429, "budget_exhausted", "false", True)}
        made.stop()
        assert sum(recorded(made)) + bound == counted(server.url) <= BUDGET
        assert len(recorded(made)) == answers.count(OK)


ALONE = TOWN.replace('[shared]\nurl = "{url}"\nseconds = 5.0\n', "")


@pytest.mark.long
def test_a_gateway_that_is_killed_in_a_call_forgets_neither_what_was_spent_nor_what_was_reserved(
    tmp_path: Path,
) -> None:
    with (
        gateway(tmp_path, (SCALEWAY,), ALONE.format(price=SCALEWAY)) as made,
        made.client(made.key("letters")) as client,
    ):
        assert ask(client) == OK
        made.fleet.fault(SCALEWAY, Fault(kind=FaultKind.HOLD, after=3, times=1))
        asked: dict[str, Any] = {"model": "auto", "messages": QUESTION, "max_tokens": 100, "stream": True}
        next(iter(client.chat.completions.create(**asked)))
        made.stop(signal.SIGKILL)
        spent, bound = recorded(made)[0], 100 * 100
        made.start()
        assert statuses(made) == ["done", "interrupted"]
        answers = [ask(client)[:2] for _ in range(BUDGET // spent)]
        assert (429, "budget_exhausted") in answers
        assert spent * (1 + answers.count((200, None))) <= BUDGET - bound
