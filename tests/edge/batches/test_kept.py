"""What is kept opens by its organisation's key alone, until its end, and a line begins once."""

import hmac
import sqlite3
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from ecluse.domain.caller import Application, ApplicationId, CallerKind, Organisation, OrganisationId, Purpose
from ecluse.domain.errors import CallerError
from ecluse.domain.snapshot import Instant
from ecluse.edge.batches import kept as module
from ecluse.edge.batches.kept import Batch, Keeping, Kept
from ecluse.edge.batches.table import KeptUnusable
from ecluse.edge.clock import start_of

NOW = start_of(date(2026, 11, 24))
HOUR = 3_600_000
END = Instant(NOW + HOUR)
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


@pytest.fixture
def keeping(tmp_path: Path) -> Iterator[Keeping]:
    made = Keeping(tmp_path / "kept.db", key_of, 100)
    yield made
    made.close()


def test_a_file_comes_back_whole_and_nothing_of_it_is_in_clear(keeping: Keeping, tmp_path: Path) -> None:
    keeping.put(a_file(), DATA)
    found = keeping.file(application(), "file-1", NOW)
    assert (found, keeping.content(found, NOW)) == (a_file(), DATA)
    assert b"Camille" not in (tmp_path / "kept.db").read_bytes()


@pytest.mark.parametrize("other", [application("letters"), application("mail", "town")])
def test_another_application_or_organisation_finds_nothing(keeping: Keeping, other: Application) -> None:
    keeping.put(a_file(), DATA)
    keeping.begin(a_batch())
    assert (keeping.files(other, NOW), keeping.batches(other, NOW)) == ([], [])
    for look in (keeping.file, keeping.batch):
        for id_ in ("file-1", "batch_1"):
            with pytest.raises(CallerError, match="not_found"):
                look(other, id_, NOW)


def test_the_key_of_another_organisation_refuses(keeping: Keeping, tmp_path: Path) -> None:
    keeping.put(a_file(), DATA)
    with sqlite3.connect(tmp_path / "kept.db") as db:
        db.execute("UPDATE files SET organisation = 'town'")
    db.close()
    with pytest.raises(KeptUnusable):
        keeping.file(application("mail", "town"), "file-1", NOW)


def test_content_of_another_file_refuses(keeping: Keeping, tmp_path: Path) -> None:
    keeping.put(a_file(), DATA)
    keeping.put(a_file("file-2"), DATA)
    with sqlite3.connect(tmp_path / "kept.db") as db:
        db.execute("UPDATE files SET content = (SELECT content FROM files WHERE id = 'file-2')")
    db.close()
    with pytest.raises(KeptUnusable):
        keeping.content(keeping.file(application(), "file-1", NOW), NOW)


def test_what_has_ended_is_not_there_and_its_key_goes(keeping: Keeping, tmp_path: Path) -> None:
    keeping.put(a_file(), DATA)
    keeping.begin(a_batch())
    assert keeping.start(a_batch(), 1) == ""
    with pytest.raises(CallerError, match="not_found"):
        keeping.file(application(), "file-1", END)
    with sqlite3.connect(tmp_path / "kept.db") as db:
        [(key,)] = db.execute("SELECT key FROM files").fetchall()
    db.close()
    assert keeping.ended(Instant(END - 1)) == []
    assert keeping.ended(END) == [("file-1", "mail")]
    assert key[12:] not in (tmp_path / "kept.db").read_bytes()
    assert keeping.under_way() == []


def test_a_line_begins_once_and_no_more(keeping: Keeping) -> None:
    keeping.put(a_file(), DATA)
    keeping.begin(a_batch())
    assert keeping.start(a_batch(), 1) == ""
    with pytest.raises(KeptUnusable):
        keeping.start(a_batch(), 1)
    keeping.answer(a_batch(), 2, b"told\n", good=True, now=NOW)
    assert keeping.whole("batch_1", NOW)[2] == {1: False, 2: True}
    assert list(keeping.answers(a_batch(), good=True, now=NOW)) == [b"told\n"]
    keeping.cancel(a_batch(), NOW)
    assert keeping.start(a_batch(), 3) == "batch_cancelled"


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
    assert keeping.start(a_batch(), 2) == "kept_full"
    keeping.finish(a_batch(), "completed", {}, NOW)
    monkeypatch.setattr(module, "MOST", 1)
    with pytest.raises(CallerError, match="1 files"):
        keeping.put(a_file("file-3", b""), b"")


def test_another_kind_of_file_refuses(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "kept.db") as db:
        db.execute("CREATE TABLE other (x)")
    db.close()
    with pytest.raises(KeptUnusable, match="move it away"):
        Keeping(tmp_path / "kept.db", key_of, 100)
