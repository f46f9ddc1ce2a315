"""`ecluse trail`: exit codes, sentences in two languages, one JSON document, and which entry is wrong."""

import asyncio
import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from ecluse.cli import trail
from ecluse.domain.snapshot import Instant
from ecluse.edge.keys import Secrets
from ecluse.edge.keys import state as where
from ecluse.edge.stores.sqlite import SqliteStore
from ecluse.edge.witnessed import raise_mark
from tests.passage.record import samples


class StandingClock:
    """A clock that stands."""

    def now(self) -> Instant:
        return samples.NOW


class Trail:
    """A state directory with a trail, and the command line on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._own = Secrets.open(folder)

    def write(self, first: int, count: int) -> None:
        async def work() -> None:
            store = SqliteStore(where.trail(self.folder), signer=self._own.signer(), clock=StandingClock())
            await store.start()
            for number in range(first, first + count):
                await store.append(samples.intent(number))
                await store.append(samples.outcome(number))
            await store.close()

        asyncio.run(work())

    def run(self, *arguments: str) -> Result:
        return CliRunner().invoke(trail.app, [*arguments, "--state-dir", str(self.folder)])

    def json(self, *arguments: str, code: int = 0) -> Any:
        result = self.run(*arguments, "--json")
        assert result.exit_code == code, result.output
        return json.loads(result.stdout)

    def tamper(self, statement: str) -> None:
        with sqlite3.connect(where.trail(self.folder)) as db:
            db.execute(statement)
        db.close()


@pytest.fixture
def kept(tmp_path: Path) -> Trail:
    made = Trail(tmp_path / "state")
    made.write(0, 5)
    return made


def test_a_trail_that_holds_says_so_with_what_it_does_not_show(kept: Trail) -> None:
    english, french = kept.run("verify"), kept.run("verify", "--language", "fr")
    assert (english.exit_code, french.exit_code) == (0, 0)
    assert english.stdout.startswith("The trail holds: 10 entries")
    assert "5 intents, 0 refusals, 5 outcomes" in english.stdout
    assert "not that what it says is true" in english.stdout
    assert "not under a signed checkpoint" not in english.stdout
    assert french.stdout.startswith("Le registre est intact : 10 entrées")
    assert where.vkey(kept.folder).read_text(encoding="utf-8").strip() in french.stdout


def test_verify_prints_one_json_document(kept: Trail) -> None:
    report = kept.json("verify")
    assert (report["holds"], report["size"], report["open"], report["unsealed"]) == (True, 10, 0, 0)


def test_verify_refuses_an_edited_trail_and_names_the_entry(kept: Trail) -> None:
    kept.tamper("UPDATE entries SET entry = CAST(replace(CAST(entry AS TEXT), 'done', 'gone') AS BLOB) WHERE idx = 3")
    english, french = kept.run("verify"), kept.run("verify", "-l", "fr")
    assert (english.exit_code, french.exit_code) == (1, 1)
    assert "The trail does NOT hold.\nEntry 3: its bytes are not those that were hashed" in english.stdout
    assert "Le registre n'est PAS intact.\nEntrée 3 : ses octets" in french.stdout
    told = kept.json("verify", code=1)
    assert (told["holds"], told["fault"], told["entry"]) == (False, "leaf", 3)


def test_a_rollback_to_an_older_copy_shows_against_a_checkpoint_that_was_kept(kept: Trail, tmp_path: Path) -> None:
    older = where.trail(kept.folder).read_bytes()
    kept.write(10, 2)
    note = tmp_path / "note"
    note.write_text(kept.run("checkpoint").stdout, encoding="utf-8")
    assert kept.run("verify", "--against", str(note)).exit_code == 0
    where.trail(kept.folder).write_bytes(older)
    assert kept.run("verify").exit_code == 0
    told = kept.json("verify", "--against", str(note), code=1)
    assert (told["fault"], told["entry"]) == ("rolled_back", 10)


def test_a_rollback_to_an_older_copy_shows_against_the_head_that_is_kept_beside_it(kept: Trail) -> None:
    older = where.trail(kept.folder).read_bytes()
    kept.write(10, 2)
    raise_mark(kept.folder, kept.run("checkpoint").stdout)
    assert (kept.json("verify")["holds"], kept.json("verify")["against"]) == (True, 0)
    where.trail(kept.folder).write_bytes(older)
    told = kept.json("verify", code=1)
    assert (told["fault"], told["entry"]) == ("behind_mark", 10)
    assert "rolled back to an older copy" in told["sentence"]
    where.trail(kept.folder).unlink()
    kept.write(20, 7)
    assert kept.json("verify", code=1)["fault"] == "beside_mark"
    where.head(kept.folder).write_text("no note", encoding="utf-8")
    assert kept.json("verify", code=1)["fault"] == "mark"
    where.head(kept.folder).write_bytes(b"\xff")
    assert kept.run("verify").exit_code == 2


def test_verify_refuses_another_key_than_the_one_that_was_given(kept: Trail, tmp_path: Path) -> None:
    other = where.vkey(Trail(tmp_path / "other").folder)
    assert kept.json("verify", "--vkey", str(other), code=1)["fault"] == "note"
    own = where.vkey(kept.folder).read_text(encoding="utf-8").strip()
    assert kept.run("verify", "--vkey", own).exit_code == 0
    assert kept.run("verify", "--vkey", own[:-4] + "AAAA").exit_code == 2


def test_an_entry_is_shown_by_its_index_its_id_or_its_passage(kept: Trail) -> None:
    intent = samples.intent(2)
    for name in ("4", intent.id):
        (told,) = kept.json("show", name)
        assert (told["index"], told["kind"], told["id"]) == (4, "intent", intent.id)
        assert told["body"]["destination"] == samples.HERE
    assert [entry["kind"] for entry in kept.json("show", samples.passage_of(2))] == ["intent", "outcome"]
    assert [entry["index"] for entry in kept.json("show", "--last", "3")] == [7, 8, 9]
    text = kept.run("show", "4").stdout
    assert text.startswith(f"index 4  kind intent  at 2026-11-24T12:00:00.000Z  id {intent.id}")
    assert "    counts: french_nir 1, person 2\n" in text
    assert "    masked: no\n" in text


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["show"], 2),
        (["show", "1", "--last", "1"], 2),
        (["show", "10"], 1),
        (["show", "-1"], 2),
        (["show", "9" * 40], 1),
        (["show", "x" * 32], 1),
        (["show", "' OR 1=1--"], 1),
        (["verify", "--against", "no such file"], 2),
        (["verify", "--language", "de"], 2),
    ],
    ids=str,
)
def test_trail_refuses_what_it_cannot_do_and_says_why(kept: Trail, arguments: list[str], code: int) -> None:
    result = kept.run(*arguments)
    assert (result.exit_code, result.stdout) == (code, "")
    assert result.stderr


def test_a_checkpoint_is_a_note_and_nothing_else(kept: Trail) -> None:
    note = kept.run("checkpoint").stdout
    assert note.split("\n")[1] == "10"
    told = kept.json("checkpoint")
    assert (told["note"], told["size"], told["origin"]) == (note, 10, note.split("\n")[0])


def test_trail_refuses_a_folder_without_a_trail(tmp_path: Path) -> None:
    for command in ("verify", "checkpoint"):
        result = CliRunner().invoke(trail.app, [command, "--state-dir", str(tmp_path / "nowhere")])
        assert result.exit_code == 2
        assert "trail" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_empty_trail_holds_and_has_no_checkpoint(tmp_path: Path) -> None:
    empty = Trail(tmp_path)
    empty.write(0, 0)
    assert empty.json("verify")["size"] == 0
    assert "Written from" not in empty.run("verify").stdout
    assert empty.run("checkpoint").exit_code == 1
