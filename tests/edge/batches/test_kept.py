"""What is kept, in a file or on PostgreSQL, opens by its organisation's key alone until its end; a line begins once."""

import hmac
import sqlite3
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import msgspec
import pytest

from ecluse.domain.caller import Application, ApplicationId, CallerKind, Organisation, OrganisationId, Purpose
from ecluse.domain.errors import CallerError
from ecluse.domain.snapshot import Instant
from ecluse.edge.batches import kept as module
from ecluse.edge.batches.claims import LEASE, Claims
from ecluse.edge.batches.file import CREATE, FileTable
from ecluse.edge.batches.kept import Keeping
from ecluse.edge.batches.objects import Batch, Kept
from ecluse.edge.batches.table import TABLES, KeptUnusable, TakenOver
from ecluse.edge.clock import start_of
from ecluse.edge.stores.postgres.tables import kept_tables
from ecluse.edge.tables import Tables
from tests.edge.batches.conftest import ORIGIN
from tests.edge.stores.postgres_server import Server
from tests.edge.stores.test_postgres import schema_of

NOW = start_of(date(2026, 11, 24))
HOUR = 3_600_000
END = Instant(NOW + HOUR)
LATER = f"UPDATE kept_batches SET until = until - {LEASE:d}"  # noqa: S608 - a number
DATA = b'{"custom_id":"Camille"}\n'


def key_of(organisation: OrganisationId) -> bytes:
    return hmac.digest(b"r" * 32, organisation.encode(), "sha256")


def application(name: str = "mail", organisation: str = "region") -> Application:
    who = Organisation(id=OrganisationId(organisation), name="o", kind=CallerKind.PRIVATE)
    return Application(id=ApplicationId(name), organisation=who, name=name, purposes=(Purpose("drafting"),))


def a_file(id_: str = "file-1", data: bytes = DATA) -> Kept:
    return Kept(
        id=id_, organisation="region", application="mail", purpose="batch", size=len(data), lines=1, made=NOW, ends=END,
        name="Camille.jsonl", sensitivity=("health",),
    )  # fmt: skip


def a_batch() -> Batch:
    return Batch(
        id="batch_1", organisation="region", application="mail", caller="k1", file="file-1",
        endpoint="/v1/chat/completions", state="in_progress", total=3, made=NOW, deadline=END, ends=END,
        completed=0, failed=0, metadata={"who": "Camille"},
    )  # fmt: skip


class Store:
    """A store of either kind, and what lies in it."""

    def __init__(self, table: Tables) -> None:
        self.table = table

    def lies(self) -> bytes:
        """Return what lies there, every value after the other."""
        with self.table.reading() as db:
            rows = [row for table in TABLES for row in db.all(f"SELECT * FROM {table}")]  # noqa: S608 - our words
        return b" ".join(value if isinstance(value, bytes) else str(value).encode() for row in rows for value in row)

    def tamper(self, statement: str) -> None:
        with self.table.writing() as db:
            db.do(statement)


@pytest.fixture(params=["file", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "file":
        table: Tables = FileTable(tmp_path / "kept.db")
    else:
        server: Server = request.getfixturevalue("server")
        table = kept_tables(server.url, schema_of(tmp_path), ORIGIN, keep=True)
    yield Store(table)
    table.close()


@pytest.fixture
def keeping(store: Store) -> Keeping:
    return Keeping(store.table, key_of, 100)


def test_a_file_comes_back_whole_and_nothing_of_it_is_in_clear(keeping: Keeping, store: Store) -> None:
    keeping.put(a_file(), DATA)
    found = keeping.file(application(), "file-1", NOW)
    assert (found, keeping.content(found, NOW)) == (a_file(), DATA)
    assert b"Camille" not in store.lies()


@pytest.mark.parametrize("other", [application("letters"), application("mail", "town")])
def test_another_application_or_organisation_finds_nothing(keeping: Keeping, other: Application) -> None:
    keeping.put(a_file(), DATA)
    keeping.begin(a_batch())
    assert (keeping.files(other, NOW), keeping.batches(other, NOW)) == ([], [])
    for look in (keeping.file, keeping.batch):
        for id_ in ("file-1", "batch_1"):
            with pytest.raises(CallerError, match="not_found"):
                look(other, id_, NOW)


def test_the_key_of_another_organisation_refuses(keeping: Keeping, store: Store) -> None:
    keeping.put(a_file(), DATA)
    store.tamper("UPDATE kept_files SET organisation = 'town'")
    with pytest.raises(KeptUnusable):
        keeping.file(application("mail", "town"), "file-1", NOW)


def test_content_of_another_file_refuses(keeping: Keeping, store: Store) -> None:
    keeping.put(a_file(), DATA)
    keeping.put(a_file("file-2"), DATA)
    store.tamper("UPDATE kept_files SET content = (SELECT content FROM kept_files WHERE id = 'file-2')")
    with pytest.raises(KeptUnusable):
        keeping.content(keeping.file(application(), "file-1", NOW), NOW)


def test_what_has_ended_is_not_there_and_its_key_goes(keeping: Keeping, store: Store) -> None:
    keeping.put(a_file(), DATA)
    keeping.begin(a_batch())
    assert keeping.start(a_batch(), 1, "m") == ""
    with pytest.raises(CallerError, match="not_found"):
        keeping.file(application(), "file-1", END)
    assert keeping.anything()
    assert keeping.ended(Instant(END - 1)) == []
    assert keeping.ended(END) == [("file-1", "mail")]
    assert (store.lies(), keeping.anything(), keeping.claims.free()) == (b"", False, [])


def test_a_key_that_goes_is_overwritten_in_its_file(tmp_path: Path) -> None:
    keeping = Keeping(FileTable(tmp_path / "kept.db"), key_of, 100)
    keeping.put(a_file(), DATA)
    with sqlite3.connect(tmp_path / "kept.db") as db:
        [(key,)] = db.execute("SELECT key FROM kept_files").fetchall()
    db.close()
    assert key[12:] in (tmp_path / "kept.db").read_bytes()
    keeping.ended(END)
    assert key[12:] not in (tmp_path / "kept.db").read_bytes()
    keeping.close()


def test_a_line_begins_once_and_no_more(keeping: Keeping) -> None:
    keeping.put(a_file(), DATA)
    keeping.begin(a_batch())
    assert keeping.start(a_batch(), 1, "m") == ""
    assert (
        keeping.start(a_batch(), 1, "m") == ""
    )  # the same beginning, asked again: its store had not said that it was done
    with pytest.raises(TakenOver):
        keeping.start(a_batch(), 1, "n")
    keeping.answer(a_batch(), 2, b"told\n", good=True, now=NOW)
    assert keeping.whole("batch_1", NOW)[2] == {1: False, 2: True}
    assert list(keeping.answers(a_batch(), good=True, now=NOW)) == [b"told\n"]
    keeping.cancel(a_batch(), NOW)
    assert keeping.start(a_batch(), 3, "m") == "batch_cancelled"


def test_a_batch_whose_input_ended_has_no_file_to_read(keeping: Keeping) -> None:
    keeping.put(a_file(), DATA)
    keeping.begin(Batch(**{**{f: getattr(a_batch(), f) for f in Batch.__struct_fields__}, "ends": END + HOUR}))
    assert keeping.whole("batch_1", END)[1] is None


def test_a_file_that_a_batch_reads_refuses_to_go(keeping: Keeping) -> None:
    keeping.put(a_file(), DATA)
    keeping.begin(a_batch())
    with pytest.raises(CallerError, match="cancel it first"):
        keeping.forget(a_file())


def test_more_than_may_be_kept_refuses(keeping: Keeping, monkeypatch: pytest.MonkeyPatch) -> None:
    keeping.put(a_file(), DATA)
    with pytest.raises(CallerError, match="kept_full"):
        keeping.put(a_file("file-2", b"x" * 90), b"x" * 90)
    keeping.begin(a_batch())
    keeping.answer(a_batch(), 1, b"x" * 90, good=True, now=NOW)
    assert keeping.start(a_batch(), 2, "m") == "kept_full"
    keeping.finish(a_batch(), "completed", {}, NOW)
    monkeypatch.setattr(module, "MOST", 1)
    with pytest.raises(CallerError, match="1 files"):
        keeping.put(a_file("file-3", b""), b"")


def test_one_process_at_a_time_runs_a_batch_and_the_one_before_writes_nothing_more(
    keeping: Keeping, store: Store
) -> None:
    keeping.put(a_file(), DATA)
    keeping.begin(a_batch())
    one, two = keeping.claims, Claims(store.table)
    assert [(free.token, free.left) for free in two.free()] == [(0, False)]
    assert (one.take("batch_1"), two.take("batch_1"), two.free()) == (1, None, [])
    first = msgspec.structs.replace(a_batch(), token=1)
    assert keeping.start(first, 1, "m") == ""
    store.tamper(LATER)
    [left] = two.free()
    assert (left.token, left.left) == (1, True)
    one.renew()  # whoever was away, and comes back first, has it still
    assert (two.free(), two.take("batch_1", 1)) == ([], None)
    store.tamper(LATER)
    assert (two.take("batch_1", 0), two.take("batch_1", 1)) == (None, 2)
    one.renew()
    for write in (
        lambda: keeping.start(first, 2, "m"),
        lambda: keeping.answer(first, 1, b"late\n", good=True, now=NOW),
        lambda: keeping.put(a_file("file-1-output"), b"late\n", first),
        lambda: keeping.finish(first, "completed", {}, NOW),
    ):
        with pytest.raises(TakenOver):
            write()
    second = msgspec.structs.replace(a_batch(), token=2)
    keeping.answer(second, 1, b"told\n", good=False, now=NOW)
    assert list(keeping.answers(second, good=False, now=NOW)) == [b"told\n"]
    two.release()
    assert [free.left for free in one.free()] == [False]
    assert one.take("batch_1") == 3
    keeping.finish(msgspec.structs.replace(a_batch(), token=3), "completed", {}, NOW)
    assert (one.free(), two.take("batch_1"), keeping.batch(application(), "batch_1", NOW).failed) == ([], None, 1)


def test_what_is_forgotten_of_who_ran_what_is_so_where_one_process_is_alone(keeping: Keeping, store: Store) -> None:
    keeping.put(a_file(), DATA)
    keeping.begin(a_batch())
    assert Claims(store.table).take("batch_1") == 1
    keeping.claims.begin()
    assert bool(keeping.claims.free()) is store.table.alone


def test_a_file_of_the_version_before_is_renewed(tmp_path: Path) -> None:
    before = CREATE.replace("kept_", "").replace(
        ",\n    holder TEXT, token INTEGER NOT NULL DEFAULT 0, until INTEGER NOT NULL DEFAULT 0", ""
    )
    before = before.replace("    mark TEXT NOT NULL DEFAULT '',\n", "")
    assert not [word for word in ("mark", "holder", "kept_") if word in before]
    with sqlite3.connect(tmp_path / "kept.db") as db:
        db.executescript(f"{before} PRAGMA application_id = {0x45434B50}; PRAGMA user_version = 1;")
    db.close()
    keeping = Keeping(FileTable(tmp_path / "kept.db"), key_of, 100)
    keeping.put(a_file(), DATA)
    keeping.begin(a_batch())
    assert keeping.claims.take("batch_1") == 1
    keeping.close()


def test_another_kind_of_file_refuses(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "kept.db") as db:
        db.execute("CREATE TABLE other (x)")
    db.close()
    with pytest.raises(KeptUnusable, match="move it away"):
        FileTable(tmp_path / "kept.db")
