"""Counters whose money outlives their process."""

import os
from pathlib import Path

import pytest

from ecluse.domain.snapshot import Instant
from ecluse.edge.shared import kept
from ecluse.edge.shared.counters import Counters, CountersAway, Measure, Short
from ecluse.edge.shared.kept import KeptCounters
from tests.edge.shared.contract import DAY, START, CountersContract, claim, run

ORG = "organisation:org"


class TestKept(CountersContract):
    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self.folder, self.made = tmp_path, 0

    def make(self) -> Counters:
        self.made += 1
        return KeptCounters(self.folder / f"spent-{self.made}")


def used(path: Path, measure: Measure, now: Instant = START) -> int:
    """Return what the next process counts."""

    async def look() -> int:
        counters = KeptCounters(path)
        try:
            return await counters.used(ORG, measure, now)
        finally:
            await counters.close()

    return run(look())


async def killed(counters: KeptCounters) -> None:
    """End as a process does that is killed: nothing is said, the kernel closes what was open."""
    await counters.close()


def test_what_was_reserved_and_settled_counts_in_the_next_process_and_what_was_not_settled_stays(
    tmp_path: Path,
) -> None:
    path = tmp_path / "spent"

    async def work() -> None:
        counters = KeptCounters(path)
        wanted = [claim(Measure.DAY, 900, 300), claim(Measure.MONTH, 900, 300), claim(Measure.TOKENS, 900, 300)]
        assert await counters.take(wanted, "settled", START) is None
        await counters.give([claim(Measure.DAY, 900, -200), claim(Measure.MONTH, 900, -200)], "settled", START)
        assert await counters.take(wanted, "open", START) is None
        await killed(counters)

    run(work())
    assert [used(path, measure) for measure in (Measure.DAY, Measure.MONTH)] == [400, 400]
    assert used(path, Measure.TOKENS) == 0, "a minute's tokens are not kept"
    assert (used(path, Measure.DAY, Instant(START + DAY)), used(path, Measure.MONTH, Instant(START + DAY))) == (0, 400)


def test_a_last_line_that_was_cut_off_never_left_and_one_in_the_middle_refuses(tmp_path: Path) -> None:
    path = tmp_path / "spent"
    line = b'["organisation:org","euros_per_day","2026-11-24",5]\n'
    path.write_bytes(line + line + line[:20])
    assert used(path, Measure.DAY) == 10
    path.write_bytes(line[:20] + b"\n" + line)
    with pytest.raises(CountersAway, match="take it away to count from zero"):
        used(path, Measure.DAY)
    assert path.read_bytes().endswith(line), "what could not be read is left as it was"


def test_a_second_process_refuses_and_does_not_touch_the_file(tmp_path: Path) -> None:
    async def work() -> None:
        first, second = KeptCounters(tmp_path / "spent"), KeptCounters(tmp_path / "spent")
        assert await first.take([claim(Measure.DAY, 9, 4)], "h", START) is None
        with pytest.raises(CountersAway, match="another process"):
            await second.take([claim(Measure.DAY, 9, 4)], "h", START)
        assert await second.take([claim(Measure.REQUESTS, 9)], "h", START) is None
        await first.close()
        short = await second.take([claim(Measure.DAY, 9, 6)], "h", START)
        assert isinstance(short, Short)
        assert short.used == 4
        await second.close()

    run(work())


def test_what_cannot_be_written_is_not_taken_it_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, write = tmp_path / "spent", os.write

    def full(file: int, data: bytes) -> int:
        return write(file, data[:7])

    async def work() -> None:
        counters = KeptCounters(path)
        assert await counters.take([claim(Measure.DAY, 9, 2)], "h", START) is None
        with monkeypatch.context() as patched:
            patched.setattr(os, "write", full)
            with pytest.raises(CountersAway, match="full"):
                await counters.take([claim(Measure.CONCURRENT, 9), claim(Measure.DAY, 9, 3)], "h", START)
            with pytest.raises(CountersAway, match="full"):
                await counters.give([claim(Measure.DAY, 9, -2)], "h", START)
        assert await counters.used(ORG, Measure.DAY, START) == 2
        assert await counters.used(ORG, Measure.CONCURRENT, START) == 0
        assert await counters.take([claim(Measure.DAY, 9, 4)], "h", START) is None
        await counters.close()

    run(work())
    assert used(path, Measure.DAY) == 6


def test_a_long_file_is_written_anew_and_counts_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "spent"
    monkeypatch.setattr(kept, "LONGEST", 500)

    async def work() -> None:
        counters = KeptCounters(path)
        for _ in range(100):
            assert await counters.take([claim(Measure.DAY, 999, 3)], "h", START) is None
            await counters.give([claim(Measure.DAY, 999, -1)], "h", START)
        await killed(counters)

    run(work())
    assert path.stat().st_size <= 600
    assert path.stat().st_mode & 0o777 == 0o600
    assert used(path, Measure.DAY) == 200


def test_what_is_given_back_as_the_file_is_written_anew_is_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "spent"
    monkeypatch.setattr(kept, "LONGEST", 60)

    async def work() -> None:
        counters = KeptCounters(path)
        assert await counters.take([claim(Measure.DAY, 999, 300)], "h", START) is None
        await counters.give([claim(Measure.DAY, 999, -200)], "h", START)
        await killed(counters)

    run(work())
    assert path.read_bytes().count(b"\n") == 1, "the file was written anew"
    assert used(path, Measure.DAY) == 100


@pytest.mark.parametrize("wrong", [Instant(0), Instant(START - DAY), Instant(START + DAY)], ids=["1970", "-1", "+1"])
def test_a_start_under_a_wrong_clock_forgets_nothing_that_was_spent(tmp_path: Path, wrong: Instant) -> None:
    path = tmp_path / "spent"

    async def spend() -> None:
        counters = KeptCounters(path)
        assert await counters.take([claim(Measure.DAY, 9, 4), claim(Measure.MONTH, 9, 4)], "h", START) is None
        await killed(counters)

    async def step() -> None:
        counters = KeptCounters(path)
        assert await counters.take([claim(Measure.DAY, 9, 1)], "h", wrong) is None
        assert await counters.used(ORG, Measure.DAY, wrong) == 1
        assert await counters.used(ORG, Measure.DAY, START) == 4, "the clock was set while it ran"
        await killed(counters)

    run(spend())
    run(step())
    assert [used(path, Measure.DAY), used(path, Measure.MONTH)] == [4, 4]


@pytest.mark.parametrize("line", [b'["o","concurrent","x",5]', b'["o","euros_per_day","soon",5]', b'["o",5]'])
def test_a_line_of_no_day_or_month_refuses(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "spent"
    path.write_bytes(line + b"\n")
    with pytest.raises(CountersAway, match="cannot be read"):
        used(path, Measure.DAY)
    assert not kept.readable(path)
