"""What is kept is sealed, opens under its organisation's key alone, ends, and is noise once its key is shredded."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ecluse.domain.caller import OrganisationId
from ecluse.domain.snapshot import Instant
from ecluse.domain.trail import EntryId
from ecluse.edge.capture.safe import DAY, Content, Safe, View
from ecluse.edge.capture.unusable import CaptureUnusable
from ecluse.edge.capture.wrapping import HeldKey, key_from
from ecluse.edge.keys import state as where
from tests.passage.record import samples

KEY, OTHER = HeldKey(bytes(range(32))), HeldKey(bytes(32))
NOW = samples.NOW
TOWN, REGION = OrganisationId("town"), OrganisationId("region")
SAID = Content(prompt="Jeanne Martin asks for a place", answer="A place is free")


def entry(number: int) -> EntryId:
    return samples.intent(number).id


def safe(folder: Path, *, days: int = 30) -> Safe:
    made = Safe(folder)
    made.put(entry(1), TOWN, SAID, KEY, now=NOW, days=days)
    made.put(entry(2), REGION, SAID, OTHER, now=NOW, days=days)
    return made


def later(days: int) -> Instant:
    return Instant(NOW + days * DAY)


def stored(folder: Path) -> bytes:
    return where.captured(folder).read_bytes() + where.capture_keys(folder).read_bytes()


def test_a_content_opens_under_its_key_and_lies_sealed(tmp_path: Path) -> None:
    assert safe(tmp_path).open(entry(1), KEY, NOW) == SAID
    assert b"Jeanne" not in stored(tmp_path)
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


def test_it_refuses_another_key_and_what_was_moved_or_changed(tmp_path: Path) -> None:
    made = safe(tmp_path)
    with pytest.raises(CaptureUnusable, match="not the key"):
        made.open(entry(1), OTHER, NOW)
    with closing(sqlite3.connect(where.captured(tmp_path))) as db, db:
        moved = db.execute("SELECT sealed FROM contents WHERE entry = ?", (entry(2),)).fetchone()[0]
        db.execute("UPDATE contents SET sealed = ? WHERE entry = ?", (moved, entry(1)))
    with pytest.raises(CaptureUnusable, match="it was changed"):
        made.open(entry(1), KEY, NOW)


def test_its_end_comes_and_a_shorter_retention_counts_for_what_is_there(tmp_path: Path) -> None:
    made = safe(tmp_path)
    assert made.prune({TOWN: 30, REGION: 30}, later(29)) == 0
    assert made.find(entry(1), later(30)) is None
    with pytest.raises(CaptureUnusable, match="no longer"):
        made.open(entry(1), KEY, later(30))
    assert made.prune({TOWN: 7}, later(7)) == 1
    assert (made.find(entry(1), NOW), made.find(entry(2), NOW) is None) == (None, False)
    assert made.prune({}, later(30)) == 1


def test_a_shredded_key_is_gone_from_its_file_and_a_copy_of_the_content_is_noise(tmp_path: Path) -> None:
    made = safe(tmp_path)
    with closing(sqlite3.connect(where.capture_keys(tmp_path))) as db:
        wrapped = db.execute("SELECT wrapped FROM keys WHERE entry = ?", (entry(1),)).fetchone()[0]
    copy = where.captured(tmp_path).read_bytes()
    assert wrapped in where.capture_keys(tmp_path).read_bytes()
    assert made.shred(entry=entry(1)) == 1
    assert wrapped not in where.capture_keys(tmp_path).read_bytes()
    where.captured(tmp_path).write_bytes(copy)
    with pytest.raises(CaptureUnusable, match="no longer"):
        made.open(entry(1), KEY, NOW)
    assert made.open(entry(2), OTHER, NOW) == SAID
    assert made.shred(organisation=REGION) == 1


def test_a_view_is_told_once_and_refuses_what_is_no_reference(tmp_path: Path) -> None:
    made = safe(tmp_path)
    view = View(id="0" * 32, action="capture_read", subject=entry(1), actor="dpo", why="CASE-7", organisation=TOWN)
    made.ask(view)
    assert (made.asked(), made.told(view.id)) == ([view], False)
    made.tell(view.id)
    assert (made.asked(), made.told(view.id)) == ([], True)
    assert view.entry(NOW).body["facts"] == {"why": "CASE-7", "organisation": "town"}
    with pytest.raises(ValueError, match="is no reference"):
        View(id="1", action="x", subject="y", actor="Jeanne Martin", why="a", organisation="t").entry(NOW)


@pytest.mark.parametrize("text", ["", "abc", "G" * 64, "a" * 63])
def test_a_key_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "key").write_text(text, encoding="utf-8")
    with pytest.raises(Exception, match=r"is no key|internal_error|it is empty"):
        key_from(f"file:{tmp_path / 'key'}")
