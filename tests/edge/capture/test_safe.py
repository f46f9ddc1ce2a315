"""What is kept, in files or on PostgreSQL, is sealed, opens under its organisation's key alone, and ends.

Once its key is shredded it is noise.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ecluse.domain.caller import OrganisationId
from ecluse.domain.snapshot import Instant
from ecluse.domain.trail import EntryId
from ecluse.edge.capture.files import SafeFiles
from ecluse.edge.capture.safe import COLUMNS, DAY, Content, Safe, View
from ecluse.edge.capture.unusable import CaptureUnusable
from ecluse.edge.capture.wrapping import HeldKey, key_from
from ecluse.edge.config import StoreSettings
from ecluse.edge.keys import Secrets
from ecluse.edge.keys import state as where
from ecluse.edge.stores.postgres.tables import safe_tables
from ecluse.edge.stores.safe_tables import carry_captured, safe_of
from ecluse.edge.tables import Tables
from tests.edge.stores.contract import SIGNER
from tests.edge.stores.postgres_server import Server
from tests.edge.stores.test_postgres import schema_of
from tests.passage.record import samples

KEY, OTHER = HeldKey(bytes(range(32))), HeldKey(bytes(32))
NOW = samples.NOW
TOWN, REGION = OrganisationId("town"), OrganisationId("region")
SAID = Content(prompt="Jeanne Martin asks for a place", answer="A place is free")


def entry(number: int) -> EntryId:
    return samples.intent(number).id


class Store:
    """A store of either kind, and what lies in it."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables

    def lies(self) -> bytes:
        """Return what lies there, every value after the other."""
        with self.tables.reading() as db:
            rows = [row for table in COLUMNS for row in db.all(f"SELECT * FROM {table}")]  # noqa: S608 - our words
        return b" ".join(value if isinstance(value, bytes) else str(value).encode() for row in rows for value in row)


@pytest.fixture(params=["files", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "files":
        tables: Tables = SafeFiles(tmp_path)
    else:
        server: Server = request.getfixturevalue("server")
        tables = safe_tables(server.url, schema_of(tmp_path), SIGNER.name, keep=True)
    yield Store(tables)
    tables.close()


def filled(tables: Tables, *, days: int = 30) -> Safe:
    made = Safe(tables)
    made.put(entry(1), TOWN, SAID, KEY, now=NOW, days=days)
    made.put(entry(2), REGION, SAID, OTHER, now=NOW, days=days)
    return made


@pytest.fixture
def safe(store: Store) -> Safe:
    return filled(store.tables)


def later(days: int) -> Instant:
    return Instant(NOW + days * DAY)


def stored(folder: Path) -> bytes:
    return where.captured(folder).read_bytes() + where.capture_keys(folder).read_bytes()


def test_a_content_opens_under_its_key_and_lies_sealed(safe: Safe, store: Store) -> None:
    assert safe.open(entry(1), KEY, NOW) == SAID
    assert b"Jeanne" not in store.lies()
    assert entry(1).encode() in store.lies()


def test_the_files_are_their_owners_alone_and_nothing_in_them_is_in_clear(tmp_path: Path) -> None:
    filled(SafeFiles(tmp_path))
    assert b"Jeanne" not in stored(tmp_path)
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


def test_it_refuses_another_key_and_what_was_moved_or_changed(safe: Safe, store: Store) -> None:
    with pytest.raises(CaptureUnusable, match="not the key"):
        safe.open(entry(1), OTHER, NOW)
    with store.tables.writing() as db:
        moved = db.one("SELECT sealed FROM capture_contents WHERE entry = ?", entry(2))["sealed"]
        db.do("UPDATE capture_contents SET sealed = ? WHERE entry = ?", moved, entry(1))
    with pytest.raises(CaptureUnusable, match="it was changed"):
        safe.open(entry(1), KEY, NOW)


def test_its_end_comes_and_a_shorter_retention_counts_for_what_is_there(safe: Safe, store: Store) -> None:
    made = safe
    assert made.prune({TOWN: 30, REGION: 30}, later(29)) == 0
    assert made.find(entry(1), later(30)) is None
    with pytest.raises(CaptureUnusable, match="no longer"):
        made.open(entry(1), KEY, later(30))
    assert made.prune({TOWN: 7}, later(7)) == 1
    assert (made.find(entry(1), NOW), made.find(entry(2), NOW) is None) == (None, False)
    assert made.prune({}, later(30)) == 1
    assert store.lies() == b""


def test_what_is_shredded_is_gone_with_its_content_and_the_others_stay(safe: Safe, store: Store) -> None:
    assert safe.shred(entry=entry(1)) == 1
    assert entry(1).encode() not in store.lies()
    with pytest.raises(CaptureUnusable, match="no longer"):
        safe.open(entry(1), KEY, NOW)
    assert safe.open(entry(2), OTHER, NOW) == SAID
    assert (safe.shred(organisation=REGION), safe.shred(organisation=REGION), store.lies()) == (1, 0, b"")


def test_a_shredded_key_is_gone_from_its_file_and_a_copy_of_the_content_is_noise(tmp_path: Path) -> None:
    made = filled(SafeFiles(tmp_path))
    with closing(sqlite3.connect(where.capture_keys(tmp_path))) as db:
        wrapped = db.execute("SELECT wrapped FROM capture_keys WHERE entry = ?", (entry(1),)).fetchone()[0]
    with closing(sqlite3.connect(where.captured(tmp_path))) as db:
        sealed = db.execute("SELECT sealed FROM capture_contents WHERE entry = ?", (entry(1),)).fetchone()[0]
    copy = where.captured(tmp_path).read_bytes()
    assert sealed in copy
    assert wrapped in where.capture_keys(tmp_path).read_bytes()
    assert made.shred(entry=entry(1)) == 1
    assert wrapped not in where.capture_keys(tmp_path).read_bytes()
    assert sealed not in where.captured(tmp_path).read_bytes()
    where.captured(tmp_path).write_bytes(copy)
    with pytest.raises(CaptureUnusable, match="no longer"):
        made.open(entry(1), KEY, NOW)
    assert made.open(entry(2), OTHER, NOW) == SAID
    assert made.shred(organisation=REGION) == 1


def test_a_view_is_told_once_and_refuses_what_is_no_reference(safe: Safe) -> None:
    made = safe
    view = View(id="0" * 32, action="capture_read", subject=entry(1), actor="dpo", why="CASE-7", organisation=TOWN)
    made.ask(view)
    assert (made.asked(), made.told(view.id)) == ([view], False)
    made.tell(view.id)
    assert (made.asked(), made.told(view.id)) == ([], True)
    assert view.entry(NOW).body["facts"] == {"why": "CASE-7", "organisation": "town"}
    with pytest.raises(ValueError, match="is no reference"):
        View(id="1", action="x", subject="y", actor="Jeanne Martin", why="a", organisation="t").entry(NOW)


def test_files_of_the_version_before_are_renewed(tmp_path: Path) -> None:
    filled(SafeFiles(tmp_path))
    for path, tables in ((where.capture_keys(tmp_path), ("keys", "asks")), (where.captured(tmp_path), ("contents",))):
        with closing(sqlite3.connect(path)) as db, db:
            for table in tables:
                db.execute(f"ALTER TABLE capture_{table} RENAME TO {table}")
    assert Safe(SafeFiles(tmp_path)).open(entry(1), KEY, NOW) == SAID


def test_what_was_in_files_is_on_postgresql_and_the_files_are_gone(server: Server, tmp_path: Path) -> None:
    own, named = Secrets.open(tmp_path), StoreSettings(url=server.url, schema=schema_of(tmp_path))
    assert carry_captured(named, tmp_path, own) == 0
    filled(SafeFiles(tmp_path))
    view = View(id="5", action="capture.read", subject="E", actor="DPO-1", why="CASE-7", organisation="town")
    Safe(SafeFiles(tmp_path)).ask(view)
    assert carry_captured(StoreSettings(), tmp_path, own) == 0
    assert carry_captured(named, tmp_path, own) == 2
    assert not [path for path in (where.captured(tmp_path), where.capture_keys(tmp_path)) if path.exists()]
    there = safe_of(named, tmp_path, own)
    assert there.open(entry(1), KEY, NOW) == SAID
    assert there.asked() == [view]
    there.close()


def test_a_database_that_is_away_refuses_and_the_files_stay(tmp_path: Path) -> None:
    own, named = Secrets.open(tmp_path), StoreSettings(url="postgresql://postgres@127.0.0.1:9/postgres")
    filled(SafeFiles(tmp_path))
    with pytest.raises(CaptureUnusable, match="cannot be used"):
        carry_captured(named, tmp_path, own)
    assert safe_of(StoreSettings(), tmp_path, own).open(entry(1), KEY, NOW) == SAID
    with pytest.raises(CaptureUnusable, match="cannot be used"):
        safe_of(named, tmp_path, own).find(entry(1), NOW)


@pytest.mark.parametrize("text", ["", "abc", "G" * 64, "a" * 63])
def test_a_key_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "key").write_text(text, encoding="utf-8")
    with pytest.raises(Exception, match=r"is no key|internal_error|it is empty"):
        key_from(f"file:{tmp_path / 'key'}")
