"""The counters of one process."""

from ecluse.domain.snapshot import Instant
from ecluse.edge.shared.counters import LEASE, Counters, Measure
from ecluse.edge.shared.memory import MemoryCounters
from tests.edge.shared.contract import DAY, START, CountersContract, claim, run


class TestMemory(CountersContract):
    def make(self) -> Counters:
        return MemoryCounters()


def test_what_no_longer_counts_is_forgotten() -> None:
    async def work() -> None:
        counters = MemoryCounters()
        await counters.take([claim(Measure.REQUESTS, 9), claim(Measure.CONCURRENT, 9)], "h", START)
        await counters.take([claim(Measure.DAY, 9)], "h", Instant(START + LEASE + DAY))
        assert {measure for _, measure, _ in counters._counts} == {Measure.DAY}
        assert counters._holders == {}

    run(work())
