"""What every counter must do, whatever it is made of. Its tests inherit these and give `make`."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import pytest

from ecluse.domain.snapshot import Instant
from ecluse.edge.shared.counters import LEASE, MINUTE, Claim, Counters, Measure, Short
from tests.passage.play import NOW

T = TypeVar("T")
START = Instant(NOW - NOW % MINUTE)
"""The first instant of a minute, at noon of 24 November."""
DAY = 24 * 3600 * 1000


def claim(measure: Measure, limit: int, amount: int = 1, scope: str = "organisation:org") -> Claim:
    return Claim(scope=scope, measure=measure, limit=limit, amount=amount)


def run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


class CountersContract:
    """Inherit, and give `make`: counters at zero."""

    def make(self) -> Counters:
        raise AssertionError("a subclass makes the counters")

    @pytest.mark.parametrize("measure", [Measure.REQUESTS, Measure.TOKENS, Measure.DAY, Measure.MONTH])
    def test_what_fits_is_taken_and_no_more(self, measure: Measure) -> None:
        async def work() -> None:
            counters = self.make()
            for _ in range(3):
                assert await counters.take([claim(measure, 6, 2)], "h", START) is None
            short = await counters.take([claim(measure, 6, 1)], "h", START)
            assert isinstance(short, Short)
            assert (short.used, short.claim.measure) == (6, measure)
            assert await counters.used("organisation:org", measure, START) == 6
            await counters.close()

        run(work())

    def test_all_are_taken_or_none(self) -> None:
        async def work() -> None:
            counters = self.make()
            wide = claim(Measure.DAY, 100, 10)
            narrow = claim(Measure.DAY, 5, 10, scope="key:k1")
            short = await counters.take([wide, narrow], "h", START)
            assert short is not None
            assert short.claim == narrow
            assert short.retry_after is None, "waiting does not help a call that is larger than its limit"
            assert await counters.used("organisation:org", Measure.DAY, START) == 0
            await counters.close()

        run(work())

    def test_a_hundred_at_once_get_what_there_is_and_no_more(self) -> None:
        async def work() -> None:
            counters = self.make()
            taken = await asyncio.gather(
                *(counters.take([claim(Measure.DAY, 37, 1)], f"h{i}", START) for i in range(100))
            )
            assert sum(short is None for short in taken) == 37
            await counters.close()

        run(work())

    def test_what_is_given_back_can_be_taken_again(self) -> None:
        async def work() -> None:
            counters = self.make()
            assert await counters.take([claim(Measure.MONTH, 10, 10)], "h", START) is None
            await counters.give([claim(Measure.MONTH, 10, -7)], "h", START)
            assert await counters.used("organisation:org", Measure.MONTH, START) == 3
            assert await counters.take([claim(Measure.MONTH, 10, 7)], "h", START) is None
            await counters.give([claim(Measure.MONTH, 10, 5)], "h", START)
            assert await counters.used("organisation:org", Measure.MONTH, START) == 15, "more was used than reserved"
            await counters.close()

        run(work())

    def test_nothing_falls_below_zero_nor_into_another_window(self) -> None:
        async def work() -> None:
            counters = self.make()
            await counters.give([claim(Measure.DAY, 10, -7)], "h", START)
            assert await counters.used("organisation:org", Measure.DAY, START) == 0
            await counters.take([claim(Measure.DAY, 10, 2)], "h", START)
            await counters.give([claim(Measure.DAY, 10, -7)], "h", START)
            assert await counters.used("organisation:org", Measure.DAY, START) == 0
            later = Instant(START + DAY)
            await counters.take([claim(Measure.DAY, 10, 9)], "h", later)
            await counters.give([claim(Measure.DAY, 10, -9)], "h", START)
            assert await counters.used("organisation:org", Measure.DAY, later) == 9
            await counters.close()

        run(work())

    @pytest.mark.parametrize(("measure", "seconds"), [(Measure.DAY, 12 * 3600), (Measure.MONTH, int(6.5 * 24 * 3600))])
    def test_a_budget_begins_anew_when_its_window_ends(self, measure: Measure, seconds: int) -> None:
        async def work() -> None:
            counters = self.make()
            noon = Instant(START - START % DAY + DAY // 2)
            assert await counters.take([claim(measure, 1)], "h", noon) is None
            short = await counters.take([claim(measure, 1)], "h", noon)
            assert short is not None
            assert short.retry_after == seconds
            assert await counters.take([claim(measure, 1)], "h", Instant(noon + seconds * 1000)) is None
            await counters.close()

        run(work())

    def test_a_rate_slides_and_says_when_to_come_again(self) -> None:
        async def work() -> None:
            counters = self.make()
            end = Instant(START + MINUTE - 1)
            for _ in range(10):
                assert await counters.take([claim(Measure.REQUESTS, 10)], "h", end) is None
            after = Instant(START + MINUTE + 1000)
            short = await counters.take([claim(Measure.REQUESTS, 10)], "h", after)
            assert short is None, "a sixtieth of the last minute has gone, and with it one of its ten"
            short = await counters.take([claim(Measure.REQUESTS, 10)], "h", after)
            assert short is not None
            assert short.retry_after is not None
            assert 0 < short.retry_after <= 60
            again = Instant(after + int(short.retry_after * 1000))
            assert await counters.take([claim(Measure.REQUESTS, 10)], "h", again) is None
            await counters.close()

        run(work())

    def test_places_are_given_back_and_those_of_the_dead_end(self) -> None:
        async def work() -> None:
            counters = self.make()
            place = claim(Measure.CONCURRENT, 2)
            assert [await counters.take([place], holder, START) for holder in ("a", "b")] == [None, None]
            short = await counters.take([place], "c", START)
            assert short is not None
            assert (short.used, short.retry_after) == (2, 1.0)
            await counters.give([place], "a", START)
            await counters.give([place], "a", START)
            assert await counters.take([place], "c", START) is None
            assert await counters.used("organisation:org", Measure.CONCURRENT, START) == 2
            assert await counters.used("organisation:org", Measure.CONCURRENT, Instant(START + LEASE)) == 0
            await counters.close()

        run(work())

    def test_counts_are_exact_to_the_millionth_of_a_large_budget(self) -> None:
        async def work() -> None:
            counters = self.make()
            million = 10**12  # a million euros
            assert await counters.take([claim(Measure.MONTH, million + 1, million)], "h", START) is None
            assert await counters.take([claim(Measure.MONTH, million + 1, 1)], "h", START) is None
            assert await counters.used("organisation:org", Measure.MONTH, START) == million + 1
            assert await counters.take([claim(Measure.MONTH, million + 1, 1)], "h", START) is not None
            await counters.close()

        run(work())
