"""`ecluse trail prove`, `verify --receipt` and `consistency`: what is taken away, and checked with a key alone."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ecluse.cli import trail
from ecluse.edge.keys import state as where
from tests.cli.test_trail import Trail
from tests.passage.record import samples


def elsewhere(*words: str) -> Result:
    """Run a command where there is no trail."""
    return CliRunner().invoke(trail.app, [*words, "--state-dir", "nowhere"])


@pytest.fixture
def kept(tmp_path: Path) -> Trail:
    made = Trail(tmp_path / "state")
    made.write(0, 5)
    return made


def test_a_receipt_is_written_once_and_verifies_where_there_is_no_trail(kept: Trail, tmp_path: Path) -> None:
    vkey = where.vkey(kept.folder).read_text(encoding="utf-8").strip()
    out = tmp_path / "entry.tlog-proof"
    assert kept.run("prove", "4", "--out", str(out)).exit_code == 0
    assert kept.run("prove", "4").stdout == kept.run("prove", samples.intent(2).id).stdout == out.read_text("utf-8")
    assert kept.run("prove", "4", "--out", str(out)).exit_code == 2
    told = elsewhere("verify", "--receipt", str(out), "--vkey", vkey)
    assert told.stdout.startswith("The receipt holds: intent of 2026-11-24T12:00:00.000Z, entry 4 of the 10")
    assert "La preuve est valable" in elsewhere("verify", "-l", "fr", "--receipt", str(out), "--vkey", vkey).stdout
    document = json.loads(elsewhere("verify", "--receipt", str(out), "--vkey", vkey, "--json").stdout)
    assert (document["holds"], document["index"], document["entry"]["id"]) == (True, 4, samples.intent(2).id)


def test_verify_refuses_a_receipt_that_was_touched(kept: Trail, tmp_path: Path) -> None:
    vkey = where.vkey(kept.folder).read_text(encoding="utf-8").strip()
    out = tmp_path / "entry.tlog-proof"
    out.write_text(kept.run("prove", "4").stdout.replace("index 4", "index 5"), encoding="utf-8")
    told = elsewhere("verify", "--receipt", str(out), "--vkey", vkey)
    assert (told.exit_code, told.stdout.split("\n")[0]) == (1, "The receipt does NOT hold.")
    told = elsewhere("verify", "--receipt", str(out), "--vkey", vkey, "--json")
    assert (told.exit_code, json.loads(told.stdout)["holds"]) == (1, False)


def test_prove_refuses_what_is_not_in_the_trail(kept: Trail) -> None:
    for name in ("10", "x" * 32, samples.passage_of(2)):
        result = kept.run("prove", name)
        assert (result.exit_code, result.stdout) == (1, "")


def test_a_log_that_grew_continues_the_one_before(kept: Trail, tmp_path: Path) -> None:
    before = tmp_path / "before"
    before.write_text(kept.run("checkpoint").stdout, encoding="utf-8")
    kept.write(10, 4)
    assert "The log of 18 entries continues that of 10" in kept.run("consistency", str(before)).stdout
    told = kept.json("consistency", "10", "18")
    assert (told["holds"], told["old"]["size"], told["new"]["size"]) == (True, 10, 18)
    assert kept.run("consistency", "18", "10").exit_code == 1
    assert "sizes near it: " in kept.run("consistency", "12345").stderr


def test_consistency_refuses_a_checkpoint_of_a_rewritten_log(kept: Trail, tmp_path: Path) -> None:
    older = where.trail(kept.folder).read_bytes()
    kept.write(10, 2)
    before = tmp_path / "before"
    before.write_text(kept.run("checkpoint").stdout, encoding="utf-8")
    where.trail(kept.folder).write_bytes(older)
    kept.write(20, 4)
    result = kept.run("consistency", str(before))
    assert result.exit_code == 1
    assert "does not continue" in result.stderr
