"""The store on SQLite: the contract, and what is only true of a file with one writer."""

import asyncio
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import uvloop

from ecluse.domain.snapshot import Instant
from ecluse.edge.keys import Ed25519Signer
from ecluse.edge.stores import file as file_module
from ecluse.edge.stores import writer as writer_module
from ecluse.edge.stores.errors import TrailDamaged, TrailInUse, TrailUnreadable
from ecluse.edge.stores.file import Line, TrailFile, line_of
from ecluse.edge.stores.reader import TrailReader
from ecluse.edge.stores.schema import connect, create
from ecluse.edge.stores.sqlite import SqliteStore
from ecluse.edge.stores.standing import SPAN
from ecluse.passage.record import canonical
from ecluse.passage.record.merkle import leaf_hash
from ecluse.prove.verify import Report, verify_trail
from tests.edge.stores.contract import KEY, OPENING, SIGNER, StoreContract, refused, run
from tests.passage.record import samples


class StandingClock:
    """A clock that stands."""

    def now(self) -> Instant:
        return samples.NOW


def store_at(folder: Path, signer: Ed25519Signer = SIGNER) -> SqliteStore:
    return SqliteStore(folder / "trail.db", signer=signer, clock=StandingClock())


def verified(folder: Path) -> Report:
    reader = TrailReader.open(folder / "trail.db")
    try:
        rows, notes = reader.everything()
        return verify_trail(rows, notes, KEY)
    finally:
        reader.close()


def filled(folder: Path, count: int) -> None:
    """Write a trail of `count` intents and as many outcomes, without the event loop."""
    create(folder / "trail.db")
    trail = TrailFile(folder / "trail.db", SIGNER)
    trail.open()
    lines = [line_of(make(number)) for number in range(count) for make in (samples.intent, samples.outcome)]
    for start in range(0, len(lines), 500):
        trail.commit(lines[start : start + 500], seal=True)
    trail.close()


def modes_in(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}


def tamper(folder: Path, statement: str, *values: object) -> None:
    with sqlite3.connect(folder / "trail.db") as db:
        db.execute(statement, values)
    db.close()


class TestContract(StoreContract):
    def make(self, path: Path) -> SqliteStore:
        return store_at(path)


# ------------------------------------------------------------------ one serving process
def test_a_second_serving_process_is_refused_with_what_to_do(tmp_path: Path) -> None:
    async def work() -> None:
        first = store_at(tmp_path)
        await first.start()
        with pytest.raises(TrailInUse, match=r"served by another process \(pid \d+\).*Stop it"):
            await store_at(tmp_path).start()
        await first.close()
        second = store_at(tmp_path)
        await second.start()
        await second.close()

    run(work())


def test_the_lock_goes_with_the_process_that_dies(tmp_path: Path) -> None:
    program = (
        "import os, sys; from pathlib import Path; from ecluse.edge.stores.lock import TrailLock;"
        "lock = TrailLock(Path(sys.argv[1])); print('held', flush=True); sys.stdin.read()"
    )
    arguments = [sys.executable, "-c", program, str(tmp_path / "trail.db")]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(TrailInUse, match=str(holder.pid)):
            run(store_at(tmp_path).start())
        holder.kill()
    store = store_at(tmp_path)

    async def again() -> None:
        await store.start()
        await store.close()

    run(again())


def test_a_trail_is_verified_while_it_is_served(tmp_path: Path) -> None:
    async def work() -> None:
        store = store_at(tmp_path)
        await store.start()
        for number in range(20):
            await store.append(samples.intent(number))
            report = await asyncio.to_thread(verified, tmp_path)
            assert report.size == number + 1
        await store.close()

    run(work())


# ------------------------------------------------------------------ durability
def test_the_writer_syncs_every_commit(tmp_path: Path) -> None:
    create(tmp_path / "trail.db")
    db = connect(tmp_path / "trail.db")
    settings = {name: db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")}
    db.close()
    assert settings == {"journal_mode": "wal", "synchronous": 2}


def test_a_waiter_is_answered_only_once_the_commit_has_returned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, allowed = threading.Event(), threading.Event()
    commit = TrailFile.commit

    def held(trail: TrailFile, lines: Sequence[Line], *, seal: bool) -> list[str | None]:
        asked.set()
        assert allowed.wait(10)
        return commit(trail, lines, seal=seal)

    async def work() -> None:
        store = store_at(tmp_path)
        await store.start()
        monkeypatch.setattr(TrailFile, "commit", held)
        waiter = asyncio.ensure_future(store.append(samples.intent(1)))
        assert await asyncio.to_thread(asked.wait, 10)
        await asyncio.sleep(0.05)
        assert (waiter.done(), store.size()) == (False, 0)
        allowed.set()
        await waiter
        assert store.size() == 1
        await store.close()

    run(work())


def test_a_trail_is_its_owners_alone(tmp_path: Path) -> None:
    async def work() -> None:
        store = store_at(tmp_path)
        await store.start()
        await store.append(samples.intent(1))
        names = ("trail.db", "trail.db-shm", "trail.db-wal", "trail.db.lock")
        assert modes_in(tmp_path) == dict.fromkeys(names, 0o600)
        await store.close()
        assert set(modes_in(tmp_path)) == {"trail.db", "trail.db.lock"}

    run(work())


def test_heads_are_signed_at_once_when_idle_and_at_most_every_200_ms_under_load(tmp_path: Path) -> None:
    async def work() -> None:
        store = store_at(tmp_path)
        await store.start()
        await store.append(samples.refusal(0))
        assert (store.checkpoint() or "").split("\n")[1] == "1"
        for number in range(1, 100):
            await store.append(samples.refusal(number))
        await asyncio.sleep(2 * writer_module.SEAL_EVERY)
        assert (store.checkpoint() or "").split("\n")[1] == "100"
        await store.close()

    run(work())
    assert verified(tmp_path).checkpoints < 50


def test_the_store_works_on_uvloop(tmp_path: Path) -> None:
    async def work() -> None:
        store = store_at(tmp_path)
        await store.start()
        await asyncio.gather(*(store.append(samples.intent(number)) for number in range(50)))
        assert store.size() == 50
        await store.close()

    uvloop.run(work())


# ------------------------------------------------------------------ failing closed (siege 38)
class Broken:
    """Makes every write of a trail fail like a read-only or full disk, until it is mended."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, pragma: str) -> None:
        self._pragma: str | None = pragma
        monkeypatch.setattr(file_module, "connect", self._connect)
        monkeypatch.setattr(writer_module, "RETRY_EVERY", 0.0)

    def mend(self) -> None:
        self._pragma = None

    def _connect(self, path: Path) -> sqlite3.Connection:
        db = connect(path)
        if self._pragma is not None and db.execute("SELECT count(*) FROM entries").fetchone()[0]:
            db.execute(f"PRAGMA {self._pragma}")
        return db


@pytest.mark.parametrize("pragma", ["query_only = ON", "max_page_count = 1"], ids=["read-only", "full"])
def test_append_refuses_while_the_disk_does_and_recovers_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pragma: str
) -> None:
    filled(tmp_path, 1)
    broken = Broken(monkeypatch, pragma)

    async def work() -> None:
        store = store_at(tmp_path)
        await store.start()
        entries = [samples.intent(number) for number in range(10, 60)]
        done = await asyncio.gather(*(store.append(entry) for entry in entries), return_exceptions=True)
        kept = {store.index_of(entry.id) for entry, answer in zip(entries, done, strict=True) if answer is None}
        assert None not in kept
        large = [samples.intent(number) for number in range(1000, 1200)]
        done = await asyncio.gather(*(store.append(entry) for entry in large), return_exceptions=True)
        assert {type(answer).__name__ for answer in done} == {"GatewayError"}
        broken.mend()
        async with asyncio.timeout(20):
            while store.failing:  # until it is known to work again, without anybody's request
                await asyncio.sleep(0.01)
        await store.append(samples.refusal(5000))
        await asyncio.gather(*(store.append(entry) for entry in large))
        await store.close()

    run(work())
    assert verified(tmp_path).unsealed == 0


def test_append_refuses_when_the_file_was_replaced_under_the_store(tmp_path: Path) -> None:
    async def work() -> None:
        store = store_at(tmp_path)
        await store.start()
        await store.append(samples.intent(1))
        (tmp_path / "trail.db").rename(tmp_path / "moved.db")
        await refused(store.append(samples.intent(2)))
        assert not (tmp_path / "trail.db").exists()
        await refused(store.append(samples.intent(3)))
        await store.close()

    run(work())


def test_append_refuses_when_the_signer_fails_and_nobody_is_left_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    died: list[threading.ExceptHookArgs] = []
    monkeypatch.setattr(threading, "excepthook", died.append)

    class FailingSigner(Ed25519Signer):
        def sign(self, message: bytes) -> bytes:
            raise RuntimeError(f"no signature over {len(message)} bytes")

    async def work() -> None:
        store = store_at(tmp_path, FailingSigner(SIGNER.name, bytes(32)))
        await store.start()
        done = await asyncio.gather(*(store.append(samples.intent(n)) for n in range(10)), return_exceptions=True)
        assert {type(answer).__name__ for answer in done} == {"GatewayError"}
        await refused(store.append(samples.intent(11)))
        await store.close()

    run(work())
    assert [str(death.exc_type) for death in died] == ["<class 'RuntimeError'>"]


def test_start_refuses_a_place_where_nothing_can_be_written(tmp_path: Path) -> None:
    with pytest.raises(TrailUnreadable, match="cannot be opened"):
        run(store_at(tmp_path / "nowhere").start())


@pytest.mark.parametrize(
    "content", [b"not a database, but long enough to be read as one" * 10, None], ids=["noise", "other"]
)
def test_start_refuses_a_file_that_is_no_trail(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "trail.db"
    if content is None:
        with sqlite3.connect(path) as db:
            db.execute("CREATE TABLE somebody_elses (x)")
        db.close()
    else:
        path.write_bytes(content)
    before = path.read_bytes()
    with pytest.raises(TrailUnreadable):
        run(store_at(tmp_path).start())
    if content is not None:
        assert path.read_bytes() == before


# ------------------------------------------------------------------ what was touched while nobody served
FORGED = canonical(replace(samples.intent(2), at="2026-11-24T12:00:00.001Z"))
FORGE = "UPDATE entries SET entry = ?, leaf = ? WHERE idx = 4"


EDIT = "UPDATE entries SET entry = CAST(replace(CAST(entry AS TEXT), ?, ?) AS BLOB) WHERE idx = 4"


@pytest.mark.parametrize(
    ("statement", "values", "said"),
    [
        (EDIT, ("ville", "autre"), "Entry 4: "),
        ("UPDATE entries SET leaf = zeroblob(32) WHERE idx = 4", (), "Entry 4: "),
        (FORGE, (FORGED, leaf_hash(FORGED)), "Entry 0: the entries 0 to 19"),
        ("DELETE FROM entries WHERE idx = 4", (), "Entry 4: "),
        ("DELETE FROM entries WHERE idx >= 15", (), "Entry 15: "),
        ("UPDATE entries SET idx = -1 WHERE idx = 0", (), "Entry 0: "),
        ("DELETE FROM checkpoints", (), "checkpoints were removed"),
        ("UPDATE checkpoints SET note = replace(note, '20', '19')", (), "does not verify"),
    ],
    ids=["edited", "leaf", "forged", "deleted", "cut off", "moved", "no heads", "head"],
)
def test_start_refuses_a_trail_that_is_not_the_signed_one(
    tmp_path: Path, statement: str, values: tuple[object, ...], said: str
) -> None:
    filled(tmp_path, 10)
    tamper(tmp_path, statement, *values)
    with pytest.raises(TrailDamaged, match=said):
        run(store_at(tmp_path).start())


def test_start_refuses_a_trail_of_another_key(tmp_path: Path) -> None:
    filled(tmp_path, 1)
    with pytest.raises(TrailDamaged, match="no signature of"):
        run(store_at(tmp_path, Ed25519Signer(SIGNER.name, bytes([7]) * 32)).start())


def test_a_long_trail_starts_from_its_nodes_and_mends_them(tmp_path: Path) -> None:
    filled(tmp_path, SPAN // 2 + 300)
    sizes: list[int] = []

    async def work() -> None:
        store = store_at(tmp_path)
        await store.start()
        await store.append(samples.refusal(90_000))
        sizes.append(store.size())
        await store.close()

    run(work())
    tamper(tmp_path, "UPDATE nodes SET hash = zeroblob(32) WHERE idx = 3")
    tamper(tmp_path, "DELETE FROM nodes WHERE idx = 5")
    reader = TrailReader.open(tmp_path / "trail.db")
    with pytest.raises(TrailDamaged):
        reader.node(8, 5)
    reader.close()

    async def mended() -> None:
        store = store_at(tmp_path)
        await store.start()
        await store.append(samples.refusal(90_001))
        sizes.append(store.size())
        await store.close()

    run(mended())
    assert sizes == [SPAN + 601, SPAN + 602]
    assert verified(tmp_path).size == SPAN + 602
    tamper(tmp_path, "UPDATE entries SET leaf = zeroblob(32) WHERE idx = ?", SPAN + 1)
    with pytest.raises(TrailDamaged, match=f"Entry {SPAN + 1}: "):
        run(store_at(tmp_path).start())


def test_a_restored_backup_is_a_trail_like_any_other(tmp_path: Path) -> None:
    """SQLite's own backup, taken while serving, opens and verifies."""

    async def work() -> None:
        store = store_at(tmp_path)
        await store.start()
        await store.append(samples.intent(1), OPENING)
        source, target = sqlite3.connect(tmp_path / "trail.db"), sqlite3.connect(tmp_path / "backup.db")
        source.backup(target)
        source.close()
        target.close()
        await store.append(samples.intent(2))
        await store.close()

    run(work())
    copy = tmp_path / "copy"
    copy.mkdir()
    (tmp_path / "backup.db").rename(copy / "trail.db")
    assert verified(copy).size == 1
