"""Who presents this key? One refusal for every cause, and none of them looks anything up before the checksum."""

import asyncio
import hmac
import sqlite3
import statistics
import time
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import pytest

from ecluse.domain.caller import ApplicationId, KeyId
from ecluse.domain.errors import CallerError, EcluseError, GatewayError
from ecluse.domain.snapshot import Instant
from ecluse.edge.clock import start_of
from ecluse.edge.keys import KeyRing, Secrets
from ecluse.edge.keys import ring as ring_module
from ecluse.edge.keys.api_key import mint
from ecluse.edge.keys.table import KeysUnusable, KeyTable, read

DAY = date(2026, 11, 24)
NOW = start_of(DAY)
TOWN, OTHER = ApplicationId("courrier"), ApplicationId("' OR 1=1--")


class Ring:
    """A ring over a table, with a key that counts."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "keys.db"
        own = Secrets.open(folder)
        self.table = KeyTable(self.path, own)
        key, secret = self.table.create(TOWN, NOW)
        self.id, self.secret = key.id, secret.reveal()
        self.ring = KeyRing(self.path, own)

    def whose(self, header: str | None, now: Instant = NOW) -> tuple[ApplicationId, KeyId]:
        return self.ring.authenticate(header, now)[:2]

    def refusal(self, header: str | None, now: Instant = NOW) -> EcluseError:
        with pytest.raises(CallerError) as error:
            self.whose(header, now)
        return error.value


@pytest.fixture
def ring(tmp_path: Path) -> Ring:
    return Ring(tmp_path)


@pytest.mark.parametrize("scheme", ["Bearer ", "bearer ", "BEARER ", ""])
def test_a_key_names_its_application(ring: Ring, scheme: str) -> None:
    assert ring.whose(scheme + ring.secret) == (TOWN, ring.id)


def test_a_key_counts_until_the_end_of_its_last_day(ring: Ring) -> None:
    key, secret = ring.table.create(OTHER, NOW, DAY)
    end = start_of(date(2026, 11, 25))
    assert ring.whose(secret.reveal(), Instant(end - 1)) == (OTHER, key.id)
    assert ring.refusal(secret.reveal(), end).code == "invalid_api_key"
    assert ring.whose(ring.secret, Instant(end + 10**13)) == (TOWN, ring.id)


def test_ring_refuses_every_cause_with_the_same_words(ring: Ring) -> None:
    revoked, gone = ring.table.create(TOWN, NOW)
    ring.table.revoke(revoked.id)
    _, expired = ring.table.create(TOWN, NOW, date(2026, 11, 23))
    presented = [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Basic " + ring.secret,
        "Bearer  " + ring.secret,
        "Bearer " + ring.secret[:-1] + ("0" if ring.secret[-1] != "0" else "1"),
        "Bearer " + mint().reveal(),
        "Bearer " + gone.reveal(),
        "Bearer " + expired.reveal(),
        "Bearer ' OR 1=1--",
        "Bearer " + "x" * 1_000_000,
        "Bearer é" * 8,
    ]
    said = {
        (
            error.code,
            error.status,
            error.detail,
            str(error),
            error.sentence("en"),
            error.sentence("fr"),
            error.retry_after,
        )
        for error in map(ring.refusal, presented)
    }
    assert said == {
        (
            "invalid_api_key",
            401,
            "",
            "invalid_api_key",
            "The API key is not valid.",
            "La clé d'API n'est pas valide.",
            None,
        )
    }


def test_a_malformed_key_costs_no_look_up(ring: Ring, monkeypatch: pytest.MonkeyPatch) -> None:
    def touched(*_: object) -> None:
        raise AssertionError("looked something up")

    monkeypatch.setattr(KeyRing, "_table", touched)
    monkeypatch.setattr(Secrets, "index_of", touched)
    for header in (None, "x", "Bearer " + ring.secret[:-1] + "!", "Bearer " + "x" * 1_000_000):
        assert ring.refusal(header).code == "invalid_api_key"


def test_unknown_revoked_and_expired_keys_take_the_same_steps(ring: Ring, monkeypatch: pytest.MonkeyPatch) -> None:
    """The law behind the timing: one keyed hash, one look-up, one comparison in constant time, whatever the cause."""
    revoked, gone = ring.table.create(TOWN, NOW)
    ring.table.revoke(revoked.id)
    _, expired = ring.table.create(TOWN, NOW, date(2026, 11, 23))
    ring.refusal(mint().reveal())
    steps: list[str] = []
    compare, index_of = hmac.compare_digest, Secrets.index_of

    def compared(one: bytes, other: bytes) -> bool:
        steps.append("compare")
        return compare(one, other)

    def indexed(own: Secrets, key: bytes) -> bytes:
        steps.append("hash")
        return index_of(own, key)

    monkeypatch.setattr(hmac, "compare_digest", compared)
    monkeypatch.setattr(Secrets, "index_of", indexed)
    for key in (mint().reveal(), gone.reveal(), expired.reveal()):
        ring.refusal(key)
    assert steps == ["hash", "compare"] * 3


@pytest.mark.long
def test_an_unknown_key_takes_as_long_as_a_revoked_one(ring: Ring) -> None:
    """Threshold: the medians of 20,000 interleaved refusals each differ by less than 5 %."""
    revoked, gone = ring.table.create(TOWN, NOW)
    ring.table.revoke(revoked.id)
    took: dict[str, list[int]] = {mint().reveal(): [], gone.reveal(): []}
    for _ in range(20_000):
        for key, times in took.items():
            begun = time.perf_counter_ns()
            ring.refusal(key)
            times.append(time.perf_counter_ns() - begun)
    unknown, known = (statistics.median(times) for times in took.values())
    assert abs(unknown - known) < 0.05 * known


def test_a_key_made_or_revoked_by_another_process_counts_at_once(ring: Ring) -> None:
    assert ring.whose(ring.secret)
    key, secret = ring.table.create(OTHER, NOW)
    assert ring.whose(secret.reveal()) == (OTHER, key.id)
    ring.table.revoke(key.id)
    assert ring.refusal(secret.reveal()).code == "invalid_api_key"
    assert ring.whose(ring.secret) == (TOWN, ring.id)


def test_the_table_is_read_again_only_when_it_changed(ring: Ring, monkeypatch: pytest.MonkeyPatch) -> None:
    reads: list[object] = []

    def counted(db: sqlite3.Connection) -> object:
        reads.append(db)
        return read(db)

    monkeypatch.setattr(ring_module, "read", counted)
    for _ in range(50):
        ring.whose(ring.secret)
    assert len(reads) == 1
    ring.table.create(TOWN, NOW)
    for _ in range(50):
        ring.whose(ring.secret)
    assert len(reads) == 2


def test_a_table_restored_from_a_backup_is_read_anew(ring: Ring) -> None:
    key, secret = ring.table.create(OTHER, NOW)
    backup = ring.path.read_bytes()
    ring.table.revoke(key.id)
    assert ring.refusal(secret.reveal()).status == 401
    ring.path.with_name("copy").write_bytes(backup)
    ring.path.with_name("copy").replace(ring.path)
    assert ring.whose(secret.reveal()) == (OTHER, key.id)


def test_ring_refuses_everybody_without_a_table(ring: Ring) -> None:
    assert ring.whose(ring.secret)
    ring.path.unlink()
    assert ring.refusal(ring.secret).code == "invalid_api_key"


def noise(path: Path) -> None:
    path.write_bytes(b"not a database, but long enough to be read as one" * 100)


def another(path: Path) -> None:
    path.unlink()
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE keys (x)")
    db.close()


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("damage", [noise, another, folder])
def test_ring_refuses_everybody_when_the_table_cannot_be_read(ring: Ring, damage: Callable[[Path], None]) -> None:
    damage(ring.path)
    with pytest.raises(GatewayError) as error:
        ring.whose(ring.secret)
    assert error.value.status == 500
    assert ring.refusal("Bearer nonsense").status == 401
    with pytest.raises(KeysUnusable, match=r"keys\.db"):
        ring.table.create(TOWN, NOW)


def test_no_key_is_in_the_table_nor_in_a_repr(ring: Ring) -> None:
    ring.whose(ring.secret)
    assert ring.secret[9:].encode() not in b"".join(path.read_bytes() for path in ring.path.parent.iterdir())
    assert ring.secret not in repr(ring.table.list())
    assert (ring.path.stat().st_mode & 0o777) == 0o600


def test_the_table_lists_and_revokes(ring: Ring) -> None:
    key, _ = ring.table.create(OTHER, Instant(NOW + 1), DAY)
    assert [(k.id, k.application, k.created, k.expires, k.revoked) for k in ring.table.list()] == [
        (ring.id, TOWN, "2026-11-24T00:00:00.000Z", None, False),
        (key.id, OTHER, "2026-11-24T00:00:00.001Z", "2026-11-24", False),
    ]
    assert ring.table.revoke(ring.id).revoked
    assert [k.revoked for k in ring.table.list()] == [True, False]
    with pytest.raises(KeyError):
        ring.table.revoke(KeyId("key_unknown"))


def test_a_table_that_is_not_there_is_empty_and_is_not_made_by_looking(tmp_path: Path) -> None:
    table = KeyTable(tmp_path / "keys.db", Secrets.open(tmp_path))
    assert table.list() == ()
    with pytest.raises(KeyError):
        table.revoke(KeyId("key_unknown"))
    assert not (tmp_path / "keys.db").exists()


def writes(ring: Ring, calls: int, minutes: float) -> list[str | None]:
    """Use the key some times, tell, and return what the table says of each key's last use."""
    for _ in range(calls):
        ring.whose(ring.secret, Instant(NOW + round(minutes * 60_000)))
    asyncio.run(ring.ring.tell())
    return [key.used for key in ring.table.list()]


def test_last_use_is_kept_to_ten_minutes(ring: Ring) -> None:
    assert writes(ring, 0, 0) == [None]
    assert writes(ring, 3, 3) == ["2026-11-24T00:00:00.000Z"]
    assert writes(ring, 1, 19.9) == ["2026-11-24T00:10:00.000Z"]


def test_a_use_costs_no_write_and_a_key_in_steady_use_one_in_ten_minutes(
    ring: Ring, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[int] = []
    saw = KeyTable.saw

    def count(table: KeyTable, used: Mapping[KeyId, str]) -> None:
        written.append(len(used))
        saw(table, used)

    monkeypatch.setattr(KeyTable, "saw", count)
    for minute in range(30):
        writes(ring, 50, minute)
    assert written == [1, 1, 1]


def test_what_could_not_be_written_is_written_the_next_time(ring: Ring, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_table: KeyTable, _used: Mapping[KeyId, str]) -> None:
        raise KeysUnusable

    with monkeypatch.context() as patched:
        patched.setattr(KeyTable, "saw", fails)
        assert writes(ring, 1, 0) == [None]
    assert writes(ring, 0, 0) == ["2026-11-24T00:00:00.000Z"]


def test_a_refused_key_and_a_lent_one_have_no_use(ring: Ring) -> None:
    ring.whose(ring.ring.lend(TOWN, KeyId("console")).reveal())
    revoked, gone = ring.table.create(TOWN, NOW)
    ring.table.revoke(revoked.id)
    ring.refusal(gone.reveal())
    assert writes(ring, 0, 0) == [None, None]


def test_the_last_use_is_written_when_the_gateway_stops(ring: Ring) -> None:
    ring.whose(ring.secret)
    asyncio.run(ring.ring.end())
    assert [key.used for key in ring.table.list()] == ["2026-11-24T00:00:00.000Z"]
