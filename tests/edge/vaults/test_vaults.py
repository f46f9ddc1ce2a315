"""Sealed vaults: no store sees an original, none outlives its end, one is forgotten by its name."""

import asyncio
import stat
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from ecluse.domain.ports import VaultStore
from ecluse.domain.snapshot import Instant
from ecluse.domain.vault import Vault
from ecluse.edge.clock import SystemClock, start_of
from ecluse.edge.vaults import FileVaults, VaultEnded, VaultUnusable, seal, seal_content, unseal, vault_key
from ecluse.edge.vaults.postgres import PostgresVaults
from ecluse.edge.vaults.valkey import ValkeyVaults

NOW = start_of(date(2026, 11, 24))
HOUR = 3_600_000
KEY = vault_key(b"o" * 32)
NAME = "conversation-1"
VAULT = Vault(
    originals={"PERSON_7K2Q9F": "Éléonore Lefèvre"},
    formats={"063998123": "06 12 34 56 78"},
    excluded=frozenset({"IP_0000AA"}),
)


# ------------------------------------------------------------------ the seal
def test_what_was_sealed_comes_back_whole_and_shows_nothing() -> None:
    record = seal(KEY, NAME, VAULT, Instant(NOW + HOUR))
    assert unseal(KEY, NAME, record, NOW) == VAULT
    for hidden in (b"Lef", "Éléonore".encode(), b"06 12", b"7K2Q9F"):
        assert hidden not in record
    assert seal(KEY, NAME, VAULT, Instant(NOW + HOUR)) != record


@pytest.mark.parametrize("at", range(0, 90, 7))
def test_a_record_with_another_byte_refuses(at: int) -> None:
    record = bytearray(seal(KEY, NAME, VAULT, Instant(NOW + HOUR)))
    record[at] ^= 1
    with pytest.raises(VaultUnusable):
        unseal(KEY, NAME, bytes(record), NOW)


@pytest.mark.parametrize(
    ("key", "name", "now"),
    [(vault_key(b"p" * 32), NAME, NOW), (KEY, "conversation-2", NOW), (KEY, NAME, Instant(NOW + HOUR))],
)
def test_another_key_another_name_and_a_later_day_refuses(key: bytes, name: str, now: Instant) -> None:
    with pytest.raises(VaultUnusable) as refused:
        unseal(key, name, seal(KEY, NAME, VAULT, Instant(NOW + HOUR)), now)
    assert "Lef" not in str(refused.value)


def test_what_is_no_record_refuses() -> None:
    for record in (b"", b"EVL1", b"x" * 100):
        with pytest.raises(VaultUnusable):
            unseal(KEY, NAME, record, NOW)


# ------------------------------------------------------------------ the stores
@pytest.fixture(params=["file", "valkey", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    if request.param == "file":
        return lambda: FileVaults(tmp_path)
    if request.param == "postgres":
        database = request.getfixturevalue("database")
        return lambda: PostgresVaults(database, f"Vaults of {tmp_path.name}")
    url = request.getfixturevalue("server")
    return lambda: ValkeyVaults(url)


@asynccontextmanager
async def opened(place: Any) -> AsyncIterator[VaultStore]:
    store: VaultStore = place()
    try:
        yield store
    finally:
        await store.close()


def test_a_vault_is_kept_replaced_and_forgotten_by_its_name(place: Any) -> None:
    now = SystemClock().now()  # the server forgets by its own clock
    end = Instant(now + HOUR)

    async def play() -> None:
        async with opened(place) as store:
            assert await store.get("a", now=now) is None
            await store.put("a", seal(KEY, "a", VAULT, end), expires=end)
            await store.put("a", seal(KEY, "a", Vault.empty(), end), expires=end)
            await store.put("b", seal(KEY, "b", VAULT, end), expires=end)
            record = await store.get("a", now=now)
            assert record is not None
            assert unseal(KEY, "a", record, now) == Vault.empty()
            assert await store.forget("a")
            assert not await store.forget("a")
            assert await store.get("a", now=now) is None
            assert await store.get("b", now=now) is not None
            assert await store.forget("b")

    asyncio.run(play())


def test_a_record_takes_the_place_of_exactly_the_one_that_was_read(place: Any) -> None:
    now = SystemClock().now()
    end = Instant(now + HOUR)
    one, two, three = (seal(KEY, "s", VAULT, end) for _ in range(3))

    async def play() -> None:
        async with opened(place) as store:
            assert not await store.swap("s", one, two, expires=end)
            assert await store.get("s", now=now) is None
            await store.put("s", one, expires=end)
            won = await asyncio.gather(*(store.swap("s", one, new, expires=end) for new in (two, three)))
            assert sorted(won) == [False, True]
            assert await store.get("s", now=now) == (two if won[0] else three)
            assert await store.forget("s")
            assert not await store.swap("s", two if won[0] else three, one, expires=end)
            assert await store.get("s", now=now) is None

    asyncio.run(play())


def test_a_vault_whose_end_has_come_is_gone(place: Any) -> None:
    now = SystemClock().now()
    end = Instant(now + HOUR)

    async def play() -> None:
        async with opened(place) as store:
            await store.put("c", seal(KEY, "c", VAULT, end), expires=end)
            record = await store.get("c", now=Instant(end - 1))
            assert record is not None
            assert unseal(KEY, "c", record, Instant(end - 1)) == VAULT
            record = await store.get("c", now=end)
            if record is not None:  # its server has not let go of it yet: its seal says that it ended
                with pytest.raises(VaultEnded):
                    unseal(KEY, "c", record, end)

    asyncio.run(play())


def of_another_organisation(end: Instant) -> bytes:
    return seal(vault_key(b"p" * 32), "e", VAULT, end)


def of_another_name(end: Instant) -> bytes:
    return seal(KEY, "f", VAULT, end)


def with_another_end(end: Instant, by: int) -> bytes:
    record = seal(KEY, "e", VAULT, end)
    return record[:4] + (end + by).to_bytes(8, "big") + record[12:]


TAMPERED: dict[str, Callable[[Instant], bytes]] = {
    "another organisation's": of_another_organisation,
    "another name's": of_another_name,
    "prolonged": lambda end: with_another_end(end, 24 * HOUR),
    "ended early": lambda end: with_another_end(end, -2 * HOUR),
    "kept content, no vault": lambda end: seal_content(KEY, "e", b"{}", end),
    "cut": lambda end: seal(KEY, "e", VAULT, end)[:-1],
    "cut to its head": lambda end: seal(KEY, "e", VAULT, end)[:12],
    "empty": lambda _: b"",
    "a nonce of another": lambda end: seal(KEY, "e", VAULT, end)[:24] + seal(KEY, "e", VAULT, end)[24:],
}


@pytest.mark.parametrize("how", TAMPERED)
def test_a_record_that_somebody_put_there_or_changed_refuses_and_is_not_taken_for_ended(place: Any, how: str) -> None:
    now = SystemClock().now()
    end = Instant(now + HOUR)

    async def play() -> None:
        async with opened(place) as store:
            await store.put("e", TAMPERED[how](end), expires=end)
            record = await store.get("e", now=now)
            assert record is not None
            with pytest.raises(VaultUnusable) as refused:
                unseal(KEY, "e", record, now)
            assert not isinstance(refused.value, VaultEnded)
            assert await store.get("e", now=now) is not None  # nothing hides what was done
            assert await store.forget("e")

    asyncio.run(play())


def test_a_server_forgets_by_itself(server: str) -> None:
    async def play() -> None:
        store = ValkeyVaults(server)
        try:
            end = Instant(SystemClock().now() + 60)
            await store.put("d", seal(KEY, "d", VAULT, end), expires=end)
            await asyncio.sleep(0.2)
            assert await store.get("d", now=Instant(0)) is None
        finally:
            await store.close()

    asyncio.run(play())


def test_a_server_that_is_away_refuses() -> None:
    async def play() -> None:
        store = ValkeyVaults("redis://127.0.0.1:1/0", seconds=0.2)
        for ask in (
            store.get("a", now=NOW),
            store.put("a", seal(KEY, "a", VAULT, Instant(NOW + 1)), expires=Instant(NOW + 1)),
            store.forget("a"),
        ):
            with pytest.raises(VaultUnusable, match="does not answer"):
                await ask
        await store.close()

    asyncio.run(play())


def test_a_database_keeps_sealed_bytes_and_lets_go_of_them_when_they_end(database: str) -> None:
    async def play() -> None:
        store, other = PostgresVaults(database, "swept"), PostgresVaults(database, "swept")
        now = SystemClock().now()
        soon, end = Instant(now + 60), Instant(now + HOUR)
        try:
            await asyncio.gather(
                store.put("d", seal(KEY, "d", VAULT, soon), expires=soon),
                other.put("e", seal(KEY, "e", VAULT, end), expires=end),
            )
            await asyncio.sleep(0.2)
            await other.put("f", seal(KEY, "f", VAULT, end), expires=end)
            connection = await asyncpg.connect(database)
            rows = await connection.fetch("SELECT name, record FROM swept.vaults ORDER BY name")
            await connection.close()
        finally:
            await store.close()
            await other.close()
        assert [row["name"] for row in rows] == ["e", "f"]
        assert not any(b"Lef" in row["record"] for row in rows)

    asyncio.run(play())


def test_a_database_that_is_away_refuses() -> None:
    async def play() -> None:
        store = PostgresVaults("postgresql://u:secret@127.0.0.1:1/none", seconds=0.5)
        for ask in (
            store.get("a", now=NOW),
            store.put("a", seal(KEY, "a", VAULT, Instant(NOW + 1)), expires=Instant(NOW + 1)),
            store.forget("a"),
        ):
            with pytest.raises(VaultUnusable, match="does not answer") as refused:
                await ask
            assert "secret" not in str(refused.value)
        await store.close()

    asyncio.run(play())


def test_a_file_is_its_owners_alone_and_its_name_stays_in_its_folder(tmp_path: Path) -> None:
    vaults = FileVaults(tmp_path)
    vaults.write("v", seal(KEY, "v", VAULT, Instant(NOW + HOUR)))
    assert stat.S_IMODE((tmp_path / "v").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["v"]
    for name in ("../v", "a/b", "", ".hidden", "x" * 200):
        with pytest.raises(VaultUnusable, match="name"):
            vaults.read(name)


def test_a_folder_that_cannot_be_written_or_deleted_in_refuses(tmp_path: Path) -> None:
    (tmp_path / "v").mkdir()
    vaults = FileVaults(tmp_path)
    for ask in (
        lambda: vaults.delete("v"),
        lambda: vaults.read("v"),
        lambda: FileVaults(tmp_path / "none").write("v", b"x"),
    ):
        with pytest.raises(VaultUnusable, match="cannot be"):
            ask()
    assert not vaults.delete("w")
