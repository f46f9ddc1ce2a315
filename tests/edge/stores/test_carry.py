"""A trail is carried from its file to PostgreSQL whole, or not at all."""

import shutil
from contextlib import closing
from pathlib import Path

import pytest

from ecluse.edge.config import StoreSettings
from ecluse.edge.keys import state as where
from ecluse.edge.stores.errors import StoreError, TrailDamaged, TrailInUse, TrailUnreadable
from ecluse.edge.stores.lock import TrailLock
from ecluse.edge.stores.opening import point, stated, store_of
from ecluse.edge.stores.postgres.carry import carry
from ecluse.edge.stores.postgres.store import PostgresStore
from ecluse.edge.stores.reader import TrailReader
from ecluse.edge.witnessed import check_mark, raise_mark
from ecluse.passage.record import canonical
from ecluse.passage.record.checkpoint import key_of
from ecluse.passage.record.tiles import HashesAt
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
        assert store.index_of(samples.intent(5).id) is not None
        await store.append(samples.intent(1000))
        await store.close()

    run(go_on())
    after = verified(server, tmp_path)
    assert (after.size, after.checkpoints > report.checkpoints) == (603, True)


def test_the_file_of_a_process_that_was_killed_is_kept_with_its_last_entries(server: Server, tmp_path: Path) -> None:
    killed = tmp_path / "killed"
    killed.mkdir()

    def copy() -> None:
        for path in tmp_path.glob("trail.db*"):
            shutil.copy(path, killed)

    async def work() -> None:
        store = store_at(tmp_path)
        await store.start()
        await store.append(samples.intent(1001))
        copy()
        await store.close()

    run(work())
    assert (killed / "trail.db-wal").stat().st_size > 0
    report = carry(killed / "trail.db", server.url, schema_of(tmp_path), SIGNER)
    aside = killed / "trail.db.carried"
    with closing(TrailReader.open(aside)) as reader:
        assert reader.size() == report.size
        assert reader.index_of(samples.intent(1001).id) == report.size - 1
    assert not list(killed.glob("trail.db-*"))


def test_who_starts_without_postgresql_after_a_carry_is_refused_and_told_where_the_trail_is(
    server: Server, source: Path, tmp_path: Path
) -> None:
    carry(source, server.url, schema_of(tmp_path), SIGNER)
    there = StoreSettings(url=server.url, schema=schema_of(tmp_path))
    point(there, tmp_path)
    with pytest.raises(TrailUnreadable, match=r"was carried to PostgreSQL.* start with store\.url = ") as told:
        store_of(StoreSettings(), tmp_path, signer=SIGNER, clock=StandingClock(), mark=None)
    assert f'"{server.url}" and store.schema = "{schema_of(tmp_path)}"' in str(told.value)
    assert stated(tmp_path) == there, "commands still find the log that is served"
    where.store(tmp_path).unlink()
    with pytest.raises(TrailUnreadable, match=r"with its store\.url"):
        store_of(StoreSettings(), tmp_path, signer=SIGNER, clock=StandingClock(), mark=None)
    assert not source.exists(), "no other log was begun"


def test_who_names_postgresql_before_the_carry_is_refused_and_told_to_carry(
    server: Server, source: Path, tmp_path: Path
) -> None:
    async def start(there: StoreSettings) -> None:
        def mark(size: int, hashes: HashesAt) -> None:
            check_mark(tmp_path, key_of(SIGNER), size, hashes)

        await store_of(there, tmp_path, signer=SIGNER, clock=StandingClock(), mark=mark).start()

    with closing(TrailReader.open(source)) as reader:
        raise_mark(tmp_path, str(reader.last_note()))
    with pytest.raises(TrailDamaged, match=r"they are still in .*Carry them first: `ecluse migrate`"):
        run(start(StoreSettings(url=server.url, schema=schema_of(tmp_path))))


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
