"""The show: whatever happens to replicas, nothing acknowledged is lost, no index is twice, no budget is broken."""

import asyncio
import json
import statistics
import threading
import time
from datetime import date
from pathlib import Path

import pytest

from ecluse.domain.snapshot import Instant
from ecluse.edge.clock import start_of
from ecluse.edge.shared.counters import Measure
from ecluse.edge.shared.valkey import ValkeyCounters
from tests.edge.four_replicas import BUDGET, REPLICAS, Show, Told, disturb, load, replicas
from tests.edge.gateway import SCALEWAY, run

SECONDS = 60.0


def spent(url: str) -> int:
    async def look() -> int:
        counters = ValkeyCounters(url, seconds=5)
        try:
            return await counters.used("organisation:town", Measure.DAY, Instant(start_of(date(2026, 11, 24)) + 1))
        finally:
            await counters.close()

    return run(look())


def exported(show: Show, folder: Path) -> list[dict[str, object]]:
    first = show.made[0]
    verified = first.command("trail", "verify", "--state-dir", str(first.state), "--json")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    out = folder / "trail.jsonl"
    done = first.command("trail", "export", "--out", str(out), "--state-dir", str(first.state))
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    return [line["entry"] | {"index": line["index"]} for line in lines if "entry" in line]


def table(told: Told, show: Show, seconds: float) -> None:
    answered = sum(told.statuses.values())
    waits = [1000 * wait for wait in sorted(told.waits)]
    for name, figure in (
        ("replicas", str(REPLICAS)),
        ("answers", f"{answered} in {seconds:.0f} s: {answered / seconds:.0f}/s"),
        ("by status", ", ".join(f"{status}: {count}" for status, count in sorted(told.statuses.items()))),
        ("CPU of the gateways", f"{1000 * show.cpu / answered:.2f} ms for each answer"),
        (
            "time to a whole answer",
            f"half {statistics.median(waits):.0f} ms, 99 % {waits[-len(waits) // 100]:.0f} ms",
        ),
        ("taken and not answered", str(dict(told.untold))),
        ("accepted elsewhere", str(told.elsewhere)),
    ):
        print(f"{name:<24}{figure}")


@pytest.mark.long
def test_four_replicas_under_load_lose_nothing(tmp_path: Path) -> None:
    with replicas(tmp_path) as (show, fleet, counters):
        keys = [show.made[0].key("mail"), show.made[0].key("letters")]
        time.sleep(2)  # each replica looks for keys once a second
        told, began = Told(), time.monotonic()
        troubles = threading.Thread(target=disturb, args=(show, SECONDS))
        troubles.start()
        asyncio.run(load([one.url for one in show.made], keys, began + SECONDS, told))
        seconds = time.monotonic() - began
        troubles.join()
        time.sleep(8)  # a lease, and the looks of the sequencer
        for number, one in enumerate(show.made):
            assert one.process is not None
            assert one.process.poll() is None, one.log
            show.cpu += show.seconds(number)
        rows = exported(show, tmp_path)
        table(told, show, seconds)

        on_record = [str(row["id"]) for row in rows]
        assert len(set(on_record)) == len(on_record)
        assert [row["index"] for row in rows] == list(range(len(rows)))
        assert set(told.entries) <= set(on_record), "an acknowledged entry is lost"
        intents = [row for row in rows if row["kind"] == "intent"]
        assert len(fleet[SCALEWAY].lines("request")) <= len(intents), "something was sent that is not on record"
        assert told.untold.keys() <= {1}, "only the killed replica may leave a request without its answer"
        assert set(told.statuses) <= {200, 429, 503}
        assert told.statuses[200] > 0 < told.statuses[429]
        assert 0 < spent(counters) <= BUDGET
