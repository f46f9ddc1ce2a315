"""API keys on a real PostgreSQL: the same moves as on the file, and what is only true of several replicas."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from ecluse.domain.caller import EVERYTHING, ApplicationId, Key, KeyId, KeyScope
from ecluse.domain.errors import CallerError, GatewayError
from ecluse.domain.snapshot import Instant
from ecluse.edge.clock import start_of
from ecluse.edge.config import StoreSettings
from ecluse.edge.keys import KeyRing, Keys, KeysUnusable, KeyTable, Secrets
from ecluse.edge.keys import ring as ring_module
from ecluse.edge.keys import state as where
from ecluse.edge.stores.key_tables import any_table, open_ring, table_of
from ecluse.edge.stores.postgres import keys as postgres_keys
from ecluse.edge.stores.postgres import schema
from ecluse.edge.stores.postgres.keys import PostgresKeys, PostgresRing
from tests.edge.stores.contract import run
from tests.edge.stores.postgres_server import Server, postgres_server
from tests.edge.stores.test_postgres import schema_of

DAY = date(2026, 11, 24)
NOW = start_of(DAY)
TOWN = ApplicationId("' OR 1=1--")

Make = Callable[[], Keys]


@pytest.fixture
def on_postgres(server: Server, tmp_path: Path) -> PostgresKeys:
    return PostgresKeys(server.url, schema_of(tmp_path), Secrets.open(tmp_path))


@pytest.fixture(params=["file", "postgres"])
def table(request: pytest.FixtureRequest, tmp_path: Path) -> Keys:
    if request.param == "postgres":
        made: Keys = request.getfixturevalue("on_postgres")
        return made
    return KeyTable(where.keys(tmp_path), Secrets.open(tmp_path))


class TestEveryTable:
    """The contract."""

    def test_is_empty_until_a_key_is_made(self, table: Keys) -> None:
        assert table.list() == ()

    def test_lists_its_keys_the_oldest_first(self, table: Keys) -> None:
        late, _ = table.create(TOWN, Instant(NOW + 1), DAY)
        early, _ = table.create(TOWN, NOW)
        assert table.list() == (early, late)
        assert (early.expires, late.expires, late.revoked) == (None, "2026-11-24", False)

    def test_shows_no_key_again(self, table: Keys) -> None:
        _, secret = table.create(TOWN, NOW)
        assert secret.reveal() not in repr(table.list())

    def test_revokes_for_good(self, table: Keys) -> None:
        one, _ = table.create(TOWN, NOW)
        table.create(TOWN, Instant(NOW + 1))
        assert table.revoke(one.id).revoked
        assert table.revoke(one.id).revoked
        assert [key.revoked for key in table.list()] == [True, False]

    def test_refuses_to_revoke_or_rotate_what_is_not_there(self, table: Keys) -> None:
        revoked, _ = table.create(TOWN, NOW)
        table.revoke(revoked.id)
        with pytest.raises(KeyError):
            table.revoke(KeyId("key_unknown"))
        for key in (KeyId("key_unknown"), revoked.id):
            with pytest.raises(KeyError):
                table.rotate(key, NOW, DAY)

    @pytest.mark.parametrize(
        ("had", "ends"), [(None, "2026-12-01"), (date(2026, 11, 26), "2026-11-26"), (date(2027, 6, 30), "2026-12-01")]
    )
    def test_rotates_with_an_overlap_that_never_lengthens(self, table: Keys, had: date | None, ends: str) -> None:
        old, _ = table.create(TOWN, NOW, had)
        made, _ = table.rotate(old.id, Instant(NOW + 1), date(2026, 12, 1))
        assert made.application == TOWN
        assert {key.id: key.expires for key in table.list()} == {old.id: ends, made.id: had and had.isoformat()}

    def test_keeps_what_a_key_may_be_used_for_also_when_it_is_rotated(self, table: Keys) -> None:
        scopes = frozenset({KeyScope.CHAT, KeyScope.RECEIPTS})
        old, _ = table.create(TOWN, NOW, scopes=scopes)
        table.rotate(old.id, Instant(NOW + 1), DAY)
        table.create(TOWN, Instant(NOW + 2))
        assert [key.scopes for key in table.list()] == [scopes, scopes, EVERYTHING]

    def test_gives_the_new_key_another_last_day_when_one_is_said(self, table: Keys) -> None:
        old, _ = table.create(TOWN, NOW, DAY)
        made, _ = table.rotate(old.id, Instant(NOW + 1), DAY, expires=date(2027, 6, 30))
        assert made.expires == "2027-06-30"

    def test_ends_the_old_key_only_when_the_new_one_is_written(self, table: Keys) -> None:
        other, _ = table.create(TOWN, NOW)
        old, _ = table.create(TOWN, Instant(NOW + 1))
        with pytest.raises(KeysUnusable):
            table.rotate(old.id, NOW, DAY, id_=other.id)  # no second key of that id: the new one cannot be written
        assert table.list() == (other, old)

    def test_refuses_to_rotate_a_key_that_is_revoked_meanwhile(self, table: Keys) -> None:
        old, _ = table.create(TOWN, NOW)
        known = table.list()
        table.revoke(old.id)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(table, "list", lambda: known)  # as it was a moment ago
            with pytest.raises(KeyError):
                table.rotate(old.id, NOW, DAY)
        assert [key.revoked for key in table.list()] == [True]

    def test_refuses_to_rotate_what_has_ended(self, table: Keys) -> None:
        ended, _ = table.create(TOWN, NOW, date(2026, 11, 23))
        with pytest.raises(KeyError):
            table.rotate(ended.id, NOW, DAY)
        assert len(table.list()) == 1


@pytest.fixture
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ring_module, "EVERY", 0.02)


async def counts(ring: PostgresRing, secret: str, *, within: float, so: bool) -> None:
    """Wait until the key counts, or does not."""
    async with asyncio.timeout(within):
        while _passes(ring, secret) is not so:
            await asyncio.sleep(0.01)


def _passes(ring: PostgresRing, secret: str) -> bool:
    try:
        ring.authenticate(secret, NOW)
    except CallerError:
        return False
    return True


@pytest.mark.usefixtures("_quick")
def test_what_is_made_or_revoked_anywhere_counts_on_each_replica(
    server: Server, tmp_path: Path, on_postgres: PostgresKeys
) -> None:
    first, secret = on_postgres.create(TOWN, NOW)

    async def work() -> None:
        rings = [PostgresRing(server.url, schema_of(tmp_path), Secrets.open(tmp_path)) for _ in range(2)]
        for ring in rings:
            await ring.begin()
        assert {ring.authenticate(f"Bearer {secret.reveal()}", NOW)[:2] for ring in rings} == {(TOWN, first.id)}
        keeping = [asyncio.ensure_future(ring.keep()) for ring in rings]
        later, other = await asyncio.to_thread(on_postgres.create, TOWN, NOW)
        for ring in rings:
            await counts(ring, other.reveal(), within=5, so=True)
        await asyncio.to_thread(on_postgres.revoke, later.id)
        for ring in rings:
            await counts(ring, other.reveal(), within=5, so=False)
        for task in keeping:
            task.cancel()
        await asyncio.gather(*keeping, return_exceptions=True)
        for ring in rings:
            await ring.end()
            with pytest.raises(GatewayError):
                ring.authenticate(secret.reveal(), NOW)

    run(work())


def test_a_replica_that_could_not_look_for_a_while_refuses_everybody(
    server: Server, tmp_path: Path, on_postgres: PostgresKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, secret = on_postgres.create(TOWN, NOW)

    async def work() -> None:
        ring = PostgresRing(server.url, schema_of(tmp_path), Secrets.open(tmp_path))
        await ring.begin()
        assert ring.authenticate(secret.reveal(), NOW)
        monkeypatch.setattr(postgres_keys, "STALE", -1.0)
        with pytest.raises(GatewayError) as error:
            ring.authenticate(secret.reveal(), NOW)
        assert (error.value.code, error.value.status) == ("trail_unavailable", 503)
        await ring.end()

    run(work())


def test_a_gateway_that_moves_to_postgres_takes_its_keys_along_once(server: Server, tmp_path: Path) -> None:
    own = Secrets.open(tmp_path)
    path, named = where.keys(tmp_path), StoreSettings(url=server.url, schema=schema_of(tmp_path))
    file = KeyTable(path, own)
    kept, secret = file.create(TOWN, NOW)
    gone, other = file.create(TOWN, NOW)
    file.revoke(gone.id)
    held = file.list()
    copy = path.read_bytes()
    PostgresKeys(server.url, named.schema, own).list()  # the gateway's store has made the tables

    async def start() -> None:
        ring = await open_ring(named, tmp_path, own)
        assert ring.authenticate(secret.reveal(), NOW)[:2] == (TOWN, kept.id)
        with pytest.raises(CallerError):
            ring.authenticate(other.reveal(), NOW)
        await ring.end()

    run(start())
    assert not path.exists()
    assert path.with_name("keys.db.carried").exists()
    where.store(tmp_path).write_text(f'url = "{server.url}"\nschema = "{named.schema}"\n', encoding="utf-8")
    assert any_table(tmp_path)
    table = table_of(tmp_path, own)
    assert sorted([replace(key, used=None) for key in table.list()], key=_id) == sorted(held, key=_id)

    table.revoke(kept.id)
    path.write_bytes(copy)  # a copy from a backup, in which the key still counts

    async def again() -> None:
        ring = await open_ring(named, tmp_path, own)
        with pytest.raises(CallerError):
            ring.authenticate(secret.reveal(), NOW)
        await ring.end()

    run(again())


def _id(key: Key) -> str:
    return key.id


def test_a_gateway_on_a_file_keeps_its_keys_there(tmp_path: Path) -> None:
    own = Secrets.open(tmp_path)
    assert not any_table(tmp_path)
    assert isinstance(table_of(tmp_path, own), KeyTable)
    assert isinstance(run(open_ring(StoreSettings(), tmp_path, own)), KeyRing)


@pytest.fixture
def gone() -> Iterator[Server]:
    with postgres_server() as made:
        made.stop()
        yield made
        made.start()


def test_a_database_that_is_away_refuses_and_never_shows_its_address(gone: Server, tmp_path: Path) -> None:
    own = Secrets.open(tmp_path)
    where.store(tmp_path).write_text(f'url = "{gone.url}"\n', encoding="utf-8")
    with pytest.raises(KeysUnusable) as error:
        table_of(tmp_path, own).create(TOWN, NOW)
    assert str(gone.port) not in str(error.value)


def test_the_keys_of_other_secrets_are_refused(server: Server, tmp_path: Path, on_postgres: PostgresKeys) -> None:
    on_postgres.create(TOWN, NOW)
    stranger = tmp_path / "other"
    with pytest.raises(KeysUnusable, match="share one `secrets` file"):
        PostgresKeys(server.url, schema_of(tmp_path), Secrets.open(stranger)).list()


def test_the_last_use_seen_by_any_replica_is_kept(server: Server, tmp_path: Path, on_postgres: PostgresKeys) -> None:
    _, secret = on_postgres.create(TOWN, NOW)

    async def work() -> None:
        rings = [PostgresRing(server.url, schema_of(tmp_path), Secrets.open(tmp_path)) for _ in range(2)]
        for ring, minutes in zip(rings, (20, 0), strict=True):
            await ring.begin()
            ring.authenticate(secret.reveal(), Instant(NOW + minutes * 60_000))
        await rings[0].tell()
        await rings[1].end()
        await rings[0].end()

    run(work())
    assert [key.used for key in on_postgres.list()] == ["2026-11-24T00:20:00.000Z"]


def test_keys_of_an_earlier_version_go_on_counting_for_everything(
    on_postgres: PostgresKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(schema, "MIGRATIONS", schema.MIGRATIONS[:2])
        on_postgres._do(
            "INSERT INTO keys (id, application, hash, created) VALUES ('key_old', 'mail', $1, '2026')", b"x"
        )
    [key] = on_postgres.list()
    assert (key.id, key.scopes, key.used) == ("key_old", EVERYTHING, None)
