"""SIGKILL at any moment, a disk that fills up: what was acknowledged is there, and the trail verifies (siege 38)."""

import asyncio
import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ecluse.domain.trail import EntryId, EntryKind
from ecluse.edge.stores.sqlite import SqliteStore
from ecluse.passage.record import parse
from tests.edge.stores.contract import SIGNER
from tests.edge.stores.nursery import StandingClock
from tests.edge.stores.test_sqlite import verified

ROOT = Path(__file__).resolve().parents[3]


class Nursery:
    """The process that forks the children."""

    def __init__(self) -> None:
        arguments = [sys.executable, "-m", "tests.edge.stores.nursery"]
        self._process = subprocess.Popen(
            arguments, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )

    def close(self) -> None:
        self._process.communicate()

    def life(
        self, folder: Path, seed: int, *, seconds: float | None = None, limit: int = 0, acks: int = 0
    ) -> dict[str, list[EntryId]]:
        """Let a child append, kill it a while after its birth, or after so many acknowledgements.

        Return the ids that it named, by what it said of them.
        """
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(f"{folder} {seed} {limit}\n")
        said: dict[str, list[EntryId]] = {"ack": [], "refused": [], "mended": []}
        killer: threading.Timer | None = None
        child = 0
        while (line := stdout.readline()) != "over\n":
            word, told = line.split()
            if word == "pid":
                child = int(told)
            else:
                said[word].append(EntryId(told))
            if seconds is not None and killer is None and len(said["ack"]) >= acks:
                killer = threading.Timer(seconds, os.kill, (child, signal.SIGKILL))
                killer.start()
        if killer is not None:
            killer.cancel()
            killer.join()
        return said


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    forking = Nursery()
    yield forking
    forking.close()


def reopened(folder: Path, acknowledged: list[EntryId]) -> int:
    """Open the trail as the next start would; check that nothing acknowledged is missing; return its size."""

    async def work() -> int:
        store = SqliteStore(folder / "trail.db", signer=SIGNER, clock=StandingClock())
        await store.start()
        assert [entry for entry in acknowledged if store.index_of(entry) is None] == []
        assert list(store.orphans()) == []
        size = store.size()
        await store.close()
        return size

    return asyncio.run(work())


@pytest.mark.parametrize(
    ("seed", "kills"), [(1, 7), (2, 7), (3, 6), pytest.param(4, 300, marks=pytest.mark.long)], ids=str
)
def test_what_was_acknowledged_survives_sigkill_at_any_moment(
    tmp_path: Path, nursery: Nursery, seed: int, kills: int
) -> None:
    draw = random.Random(seed)  # noqa: S311 - when to kill, not a secret
    acknowledged: list[EntryId] = []
    for number in range(kills):
        seconds = draw.choice((draw.uniform(0, 0.02), draw.uniform(0, 0.15)))
        acknowledged += nursery.life(tmp_path, seed * 1000 + number, seconds=seconds)["ack"]
        if draw.random() < 0.5:
            reopened(tmp_path, acknowledged)
    # On a busy machine each of them may have died before its store was open: the last one has been answered.
    acknowledged += nursery.life(tmp_path, seed * 1000 + kills, seconds=draw.uniform(0, 0.02), acks=1)["ack"]
    size = reopened(tmp_path, acknowledged)
    report = verified(tmp_path)
    assert (report.size, report.unsealed, report.open) == (size, 0, 0)
    assert report.size >= len(acknowledged) > 0


def test_append_refuses_on_a_full_disk_and_goes_on_when_there_is_room(tmp_path: Path, nursery: Nursery) -> None:
    said = nursery.life(tmp_path, 5, limit=400_000, seconds=20)
    assert (len(said["refused"]), said["mended"]) == (1, said["refused"])
    assert said["ack"]
    assert reopened(tmp_path, said["ack"] + said["mended"]) >= len(said["ack"]) + 1
    assert verified(tmp_path).unsealed == 0


def test_an_entry_that_was_cut_off_is_settled_once(tmp_path: Path, nursery: Nursery) -> None:
    said = nursery.life(tmp_path, 6, seconds=0.3, acks=1)
    first = reopened(tmp_path, said["ack"])
    assert reopened(tmp_path, said["ack"]) == first

    async def ends() -> list[object]:
        store = SqliteStore(tmp_path / "trail.db", signer=SIGNER, clock=StandingClock())
        await store.start()
        entries = [parse(row) for row in store.rows(0, store.size())]
        await store.close()
        return [entry.passage for entry in entries if entry.kind is EntryKind.OUTCOME]

    settled = asyncio.run(ends())
    assert len(settled) == len(set(settled)) > 0
