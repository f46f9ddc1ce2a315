"""The store on a real PostgreSQL: the contract, and what is only true of several replicas."""

import asyncio
import hashlib
import threading
import time
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest

from ecluse.domain.trail import EntryKind
from ecluse.edge.keys import Ed25519Signer
from ecluse.edge.stores.errors import TrailDamaged, TrailUnreadable
from ecluse.edge.stores.postgres.reader import PostgresReader
from ecluse.edge.stores.postgres.store import PostgresStore
from ecluse.passage.record import parse
from ecluse.prove.verify import Report, verify_trail
from tests.edge.stores.contract import KEY, OPENING, SIGNER, StoreContract, refused, run
from tests.edge.stores.postgres_server import Server
from tests.edge.stores.test_sqlite import StandingClock
from tests.passage.record import samples


def schema_of(path: Path) -> str:
    return "t_" + hashlib.sha256(str(path).encode()).hexdigest()[:16]


Make = Callable[..., PostgresStore]


@pytest.fixture
def make(server: Server, tmp_path: Path) -> Make:
    def made(signer: Ed25519Signer = SIGNER, lease: float = 1.0) -> PostgresStore:
        return PostgresStore(server.url, schema=schema_of(tmp_path), signer=signer, clock=StandingClock(), lease=lease)

    return made


def verified(server: Server, path: Path) -> Report:
    reader = PostgresReader.open(server.url, schema_of(path))
    try:
        return verify_trail(*reader.everything(), KEY)
    finally:
        reader.close()


async def sql(server: Server, path: Path, statement: str) -> None:
    db = await asyncpg.connect(server.url, server_settings={"search_path": schema_of(path)})
    try:
        await db.execute(statement)
    finally:
        await db.close()


class TestContract(StoreContract):
    @pytest.fixture(autouse=True)
    def _on(self, server: Server) -> None:
        self._url = server.url

    def make(self, path: Path) -> PostgresStore:
        return PostgresStore(self._url, schema=schema_of(path), signer=SIGNER, clock=StandingClock(), lease=1.0)


def test_replicas_write_one_log_that_verifies(server: Server, make: Make, tmp_path: Path) -> None:
    async def work() -> None:
        replicas = [make() for _ in range(4)]
        for replica in replicas:
            await replica.start()

        async def passage(number: int) -> None:
            replica = replicas[number % 4]
            await replica.append(samples.intent(number), OPENING)
            await replica.append(samples.outcome(number))

        await asyncio.gather(*(passage(number) for number in range(200)))
        for replica in replicas:
            await replica.integrated()
        assert {replica.size() for replica in replicas} == {400}
        assert sum(replica._served is not None and replica._served.sequencer.leads for replica in replicas) == 1
        for replica in replicas:
            await replica.close()

    run(work())
    report = verified(server, tmp_path)
    assert (report.intents, report.outcomes, report.unsealed, report.open) == (200, 200, 0, 0)


def test_another_replica_leads_once_the_leader_has_left(make: Make) -> None:
    async def work() -> None:
        first, second = make(lease=30.0), make(lease=30.0)
        await first.start()
        await second.start()
        await first.append(samples.intent(1))
        await first.close()
        began = time.monotonic()
        await second.append(samples.intent(2))
        await second.integrated()
        assert time.monotonic() - began < 5, "nobody waits for the lease of one who said goodbye"
        assert second.size() == 2
        await second.close()

    run(work())


def test_a_leader_that_is_paused_between_turns_does_not_fork_the_log(
    server: Server, make: Make, tmp_path: Path
) -> None:
    async def work() -> None:
        paused, other = make(), make()
        await paused.start()
        await other.start()
        await paused.append(samples.intent(1))
        await paused.integrated()
        assert paused._served is not None
        assert other._served is not None
        assert paused._served.sequencer.leads
        paused._served.bridge.loop.call_soon_threadsafe(time.sleep, 3)  # nothing of this replica runs
        await other.append(samples.intent(2))
        await other.integrated()
        assert other._served.sequencer.leads
        await asyncio.sleep(2.5)
        await paused.append(samples.outcome(1))
        await paused.integrated()
        assert not paused._served.sequencer.leads
        await paused.close()
        await other.close()

    run(work())
    report = verified(server, tmp_path)
    assert (report.size, report.unsealed) == (3, 0)


class StuckSigner(Ed25519Signer):
    """Signs, and can be made to stand still while it does, in the middle of a transaction."""

    stuck: threading.Event | None = None

    def sign(self, message: bytes) -> bytes:
        if self.stuck is not None and not message.startswith(b"ecluse batch"):
            stuck, self.stuck = self.stuck, None
            stuck.wait(20)
        return super().sign(message)


def test_a_leader_that_is_paused_inside_a_turn_does_not_fork_the_log(
    server: Server, make: Make, tmp_path: Path
) -> None:
    async def work() -> None:
        signer = StuckSigner("ecluse.local/test", bytes(32))
        paused, other = make(signer), make()
        await paused.start()
        await other.start()
        signer.stuck = resumed = threading.Event()
        await paused.append(samples.intent(1))
        await other.append(samples.intent(2))
        await other.integrated()  # the server ends the transaction that its owner left idle
        assert other.size() == 2, "what the paused one had committed is sequenced by the other"
        resumed.set()
        await paused.append(samples.outcome(1))
        await paused.integrated()
        await paused.close()
        await other.close()

    run(work())
    assert verified(server, tmp_path).size == 3


@pytest.mark.parametrize(
    "tampering",
    [
        "DELETE FROM staging WHERE kind = 'intent'",
        "DELETE FROM staging; DELETE FROM batches",
        "UPDATE staging SET leaf = sha256(leaf)",
        "UPDATE batches SET signature = decode(repeat('00', 64), 'hex')",
    ],
    ids=["a row deleted", "a batch deleted", "a row edited", "a batch signed by another"],
)
def test_what_was_done_to_rows_before_they_had_an_index_shows_and_refuses_more(
    server: Server, make: Make, tmp_path: Path, tampering: str
) -> None:
    async def work() -> None:
        store = make()
        await store.start()
        assert store._served is not None
        lead = store._served.sequencer
        held, lead._sequence = lead._sequence, _nothing  # type: ignore[method-assign] # nothing is sequenced meanwhile
        await asyncio.sleep(0.3)
        await store.append(samples.intent(1))
        await sql(server, tmp_path, tampering)
        await store.append(samples.refusal(2))
        lead._sequence = held  # type: ignore[method-assign] # now it is
        deadline = time.monotonic() + 60
        while await _fault(server, tmp_path) is None:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.05)
        await refused(store.append(samples.refusal(3)))
        assert store.size() == 0
        await store.close()
        with pytest.raises(TrailDamaged, match=r"stopped.*batch"):
            await make().start()

    run(work())


async def _nothing() -> int:
    return 0


async def _fault(server: Server, path: Path) -> str | None:
    db = await asyncpg.connect(server.url, server_settings={"search_path": schema_of(path)})
    try:
        fault: str | None = await db.fetchval("SELECT fault FROM log")
        return fault
    finally:
        await db.close()


def test_an_entry_that_was_edited_in_the_log_is_found_before_more_is_added(
    server: Server, make: Make, tmp_path: Path
) -> None:
    async def work() -> None:
        store = make()
        await store.start()
        for number in range(3):
            await store.append(samples.intent(number))
        await store.close()
        await sql(
            server, tmp_path, "UPDATE entries SET entry = (SELECT entry FROM entries WHERE idx = 0) WHERE idx = 1"
        )
        with pytest.raises(TrailDamaged):
            await make().start()

    run(work())


GONE_FOR_GOOD = """
CREATE FUNCTION stays() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.seen := OLD.seen; RETURN NEW; END';
CREATE TRIGGER gone BEFORE UPDATE OF seen ON replicas FOR EACH ROW
WHEN (OLD.seen < clock_timestamp() - interval '30 minutes') EXECUTE FUNCTION stays()
"""
"""Who was not seen for long is not seen again, though the test's own process still lives and would say so."""


def test_what_a_dead_replica_cut_off_is_settled_and_what_a_living_one_has_under_way_is_not(
    server: Server, make: Make, tmp_path: Path
) -> None:
    async def work() -> None:
        living, gone = make(), make()
        await living.start()
        await gone.start()
        await living.append(samples.intent(1))
        await gone.append(samples.intent(2))
        await gone.integrated()
        await sql(server, tmp_path, GONE_FOR_GOOD)
        await sql(
            server,
            tmp_path,
            "UPDATE replicas SET seen = seen - interval '1 hour' WHERE id ="
            " (SELECT replica FROM unsettled ORDER BY seq DESC LIMIT 1)",
        )
        third = make()
        assert await third.start() == 1
        assert list(third.orphans()) == [samples.passage_of(1)]
        await refused(gone.append(samples.outcome(2)))
        await living.append(samples.outcome(1))
        await living.integrated()
        entries = [parse(row) for row in living.rows(0, 10)]
        assert [e.body.get("status") for e in entries if e.kind is EntryKind.OUTCOME] == ["interrupted", "done"]
        for store in (third, gone, living):
            await store.close()

    run(work())
    assert verified(server, tmp_path).size == 4


def test_the_log_of_another_key_is_refused(make: Make) -> None:
    async def work() -> None:
        store = make()
        await store.start()
        await store.close()
        with pytest.raises(TrailDamaged, match="share one `secrets` file"):
            await make(Ed25519Signer("ecluse.local/other", bytes(32))).start()

    run(work())


def test_a_database_that_is_away_refuses_and_does_not_show_the_password() -> None:
    async def work() -> None:
        store = PostgresStore("postgresql://u:sesame@127.0.0.1:9/x", signer=SIGNER, clock=StandingClock())
        with pytest.raises(TrailUnreadable) as error:
            await store.start()
        assert "sesame" not in str(error.value)

    run(work())
