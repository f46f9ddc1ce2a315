"""The counters on a real Redis or Valkey: the same contract, across replicas, and what happens when it is away."""

import asyncio
import itertools
from collections.abc import Iterator

import pytest

from ecluse.domain.errors import EcluseError
from ecluse.domain.snapshot import Instant
from ecluse.domain.trail import PassageId
from ecluse.edge.config import SharedSettings, WhenAway
from ecluse.edge.shared.counters import Counters, CountersAway, Measure
from ecluse.edge.shared.valkey import ValkeyCounters
from tests.edge.shared.contract import START, CountersContract, claim, run
from tests.edge.shared.counting import caller_of, quota, settings
from tests.edge.shared.redis_server import Server, redis_server

NUMBERS = itertools.count()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with redis_server(tmp_path_factory.mktemp("redis")) as running:
        yield running


class TestValkey(CountersContract):
    @pytest.fixture(autouse=True)
    def _on(self, server: Server) -> None:
        self._url = server.url

    def make(self) -> Counters:
        return ValkeyCounters(self._url, prefix=f"{{test-{next(NUMBERS)}}}")


def test_replicas_share_what_there_is(server: Server) -> None:
    async def work() -> None:
        prefix = f"{{test-{next(NUMBERS)}}}"
        replicas = [ValkeyCounters(server.url, prefix=prefix, seconds=5) for _ in range(4)]
        taken = await asyncio.gather(
            *(replicas[i % 4].take([claim(Measure.DAY, 50)], f"h{i}", START) for i in range(200))
        )
        assert sum(short is None for short in taken) == 50
        await asyncio.gather(*(replica.close() for replica in replicas))

    run(work())


def test_a_key_ends_with_its_window(server: Server) -> None:
    async def work() -> None:
        counters = ValkeyCounters(server.url, prefix="{ends}")
        long_ago = Instant(START - 10 * 365 * 86_400_000)  # the server's clock is another one
        await counters.take([claim(m, 9) for m in Measure], "h", long_ago)
        keys = await counters._client.keys("{ends}*")
        assert len(keys) == len(Measure)
        assert all([0 < await counters._client.pttl(key) <= 32 * 86_400_000 for key in keys])
        await counters.close()

    run(work())


def test_a_server_that_is_away_refuses_by_default() -> None:
    stated = settings({"allowance": {"requests_per_minute": 100}})

    async def work() -> None:
        gate = quota(stated, ValkeyCounters("redis://127.0.0.1:9/0", seconds=0.2))
        with pytest.raises(EcluseError) as error:
            await gate.enter(caller_of(stated), PassageId("p"))
        assert (error.value.code, error.value.status) == ("limits_unavailable", 503)

    run(work())


def test_a_caller_without_limits_does_not_need_the_server() -> None:
    stated = settings()

    async def work() -> None:
        gate = quota(stated, ValkeyCounters("redis://127.0.0.1:9/0", seconds=0.2))
        await gate.leave(await gate.enter(caller_of(stated), PassageId("p")))

    run(work())


def test_a_replica_alone_counts_against_its_share_where_the_owner_asks_for_it() -> None:
    stated = settings({"allowance": {"requests_per_minute": 8}})
    shared = SharedSettings(when_away=WhenAway.LOCAL_SHARE, replicas=4)

    async def work() -> None:
        gate = quota(stated, ValkeyCounters("redis://127.0.0.1:9/0", seconds=0.2), shared=shared)
        for number in range(2):
            await gate.enter(caller_of(stated), PassageId(str(number)))
        with pytest.raises(EcluseError) as error:
            await gate.enter(caller_of(stated), PassageId("3"))
        assert error.value.code == "rate_limited"

    run(work())


def test_a_server_that_went_away_is_said_within_its_time(tmp_path_factory: pytest.TempPathFactory) -> None:
    with redis_server(tmp_path_factory.mktemp("gone")) as gone:

        async def work() -> None:
            counters = ValkeyCounters(gone.url, seconds=0.3)
            assert await counters.take([claim(Measure.DAY, 5)], "h", START) is None
            gone.stop()
            async with asyncio.timeout(3):
                with pytest.raises(CountersAway):
                    await counters.take([claim(Measure.DAY, 5)], "h", START)
            gone.start()
            assert await counters.take([claim(Measure.DAY, 5)], "h", START) is None
            await counters.close()

        run(work())
