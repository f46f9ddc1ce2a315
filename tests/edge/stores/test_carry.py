"""A trail is carried from its file to PostgreSQL whole, or not at all."""

from pathlib import Path

import pytest

from ecluse.edge.stores.errors import StoreError, TrailInUse
from ecluse.edge.stores.lock import TrailLock
from ecluse.edge.stores.postgres.carry import carry
from ecluse.edge.stores.postgres.store import PostgresStore
from ecluse.passage.record import canonical
from tests.edge.stores.contract import OPENING, SIGNER, run
from tests.edge.stores.postgres_server import Server
from tests.edge.stores.test_postgres import schema_of, verified
from tests.edge.stores.test_sqlite import StandingClock, store_at
from tests.passage.record import samples


@pytest.fixture
def source(tmp_path: Path) -> Path:
    async def write() -> None:
        store = store_at(tmp_path)
        await store.start()
        for number in range(300):
            await store.append(samples.intent(number), OPENING)
            await store.append(samples.outcome(number))
        await store.append(samples.intent(999))
        await store.close()

    run(write())
    return tmp_path / "trail.db"


def test_nothing_is_lost_and_the_trail_goes_on(server: Server, source: Path, tmp_path: Path) -> None:
    before = source.read_bytes()
    report = carry(source, server.url, schema_of(tmp_path), SIGNER)
    assert (report.size, report.open) == (601, 1)
    assert not source.exists()
    assert source.with_name("trail.db.carried").read_bytes() == before

    async def go_on() -> None:
        store = PostgresStore(server.url, schema=schema_of(tmp_path), signer=SIGNER, clock=StandingClock())
        assert await store.start() == 1, "what was open is settled"
        assert next(iter(store.rows(7, 8))) == canonical(samples.outcome(3))
        assert store.opening(samples.intent(5).id) == OPENING
        assert store.proof(samples.intent(5).id) is not None
        await store.append(samples.intent(1000))
        await store.close()

    run(go_on())
    after = verified(server, tmp_path)
    assert (after.size, after.checkpoints > report.checkpoints) == (603, True)


def test_a_log_that_is_not_empty_is_refused_and_the_source_untouched(
    server: Server, source: Path, tmp_path: Path
) -> None:
    async def fill() -> None:
        store = PostgresStore(server.url, schema=schema_of(tmp_path), signer=SIGNER, clock=StandingClock())
        await store.start()
        await store.append(samples.intent(1))
        await store.close()

    run(fill())
    with pytest.raises(StoreError, match="not empty"):
        carry(source, server.url, schema_of(tmp_path), SIGNER)
    assert source.exists()


def test_a_trail_that_is_served_is_refused(server: Server, source: Path, tmp_path: Path) -> None:
    held = TrailLock(source)
    with pytest.raises(TrailInUse):
        carry(source, server.url, schema_of(tmp_path), SIGNER)
    held.release()


def test_a_trail_that_does_not_verify_is_refused(server: Server, source: Path, tmp_path: Path) -> None:
    data = source.read_bytes()
    wanted = canonical(samples.outcome(150))
    assert wanted in data
    source.write_bytes(data.replace(wanted, wanted.replace(b'"tokens_in":12', b'"tokens_in":13')))
    with pytest.raises(StoreError):
        carry(source, server.url, schema_of(tmp_path), SIGNER)
    assert source.exists()
