"""`ecluse recognition`: entries are tried before they count, and hashes hold nothing that can be read."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ecluse.cli.main import app

SETTINGS = """
[[organisations]]
id = "firm"
name = "A firm"
kind = "private"
[[organisations.applications]]
id = "notes"
name = "Notes"
purposes = ["notes"]
[recognition.firm]
folders = ["own"]
key = "file:recognition.key"
"""
PLAN = " ".join(f"mot{n} phrase{n}" for n in range(12))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own").mkdir()
    (tmp_path / "ecluse.toml").write_text(SETTINGS, encoding="utf-8")
    (tmp_path / "recognition.key").write_text("k" * 64 + "\n", encoding="utf-8")
    (tmp_path / "own" / "words.toml").write_text(
        '[[entry]]\nname = "projects"\nkind = "project_name"\ndata_class = "trade_secret"\nwords = ["Aigue-Marine"]\n',
        encoding="utf-8",
    )
    return tmp_path


def run(*words: str, text: str | None = None) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["recognition", *words], input=text)
    return done.exit_code, done.output


def test_what_is_hashed_is_found_again_and_cannot_be_read(folder: Path) -> None:
    common = ("--organisation", "firm", "--data-class", "trade_secret")
    code, made = run("fingerprint", "-", *common, "--name", "plan", "--kind", "strategy", text=PLAN)
    assert code == 0
    assert "mot" not in made
    (folder / "own" / "plan.toml").write_text(made, encoding="utf-8")
    code, made = run("hash", "-", *common, "--name", "customers", "--kind", "customer_number", text="C-0012 3456\n")
    assert code == 0
    assert "3456" not in made
    (folder / "own" / "customers.toml").write_text(made, encoding="utf-8")
    code, checked = run("check", "--json")
    assert code == 0
    assert [row["entry"] for row in json.loads(checked)] == ["customers", "plan", "projects"]
    code, found = run("test", "-", "-o", "firm", "--json", text=f"client c00123456: {PLAN}")
    assert code == 0
    assert {name: len(rows) for name, rows in json.loads(found).items()} == {"customers": 1, "plan": 1, "projects": 0}


@pytest.mark.usefixtures("folder")
def test_a_text_in_which_nothing_is_found_leaves_with_1() -> None:
    code, said = run("test", "-", "-o", "firm", text="rien")
    assert code == 1
    assert "projects: nothing found" in said
    assert run("test", "-", "-o", "firm", text="aigue-marine")[0] == 0


def test_what_cannot_be_used_is_refused_with_what_to_do(folder: Path) -> None:
    hashing = ("hash", "-", "-o", "firm", "--name", "n", "--kind", "k", "--data-class", "personal")
    code, said = run(*hashing, text="C-0012 3456\n12\n")
    assert code == 2
    assert "line 2: a value has at least 6" in said
    code, said = run("fingerprint", "-", *hashing[2:], text="trop court")
    assert code == 2
    assert "12 words in a row" in said
    assert run("test", "-", "-o", "nobody", text="x")[0] == 2
    (folder / "own" / "words.toml").write_text("[[entry]]\nname = 'x'\n", encoding="utf-8")
    code, said = run("check")
    assert code == 2
    assert "words.toml, line 1" in said


def test_own_entries_count_where_a_command_is_told_whose_they_are(folder: Path) -> None:
    (folder / "own" / "staff.toml").write_text(
        '[[entry]]\nname = "staff"\nkind = "staff_code"\ndata_class = "personal"\npatterns = [\'\\bZQ-[0-9]{4}\\b\']\n',
        encoding="utf-8",
    )
    text = folder / "corpus" / "note.txt"
    text.parent.mkdir()
    text.write_text("Le projet Aigue-Marine, par ZQ-1234.", encoding="utf-8")

    def told(*words: str) -> str:
        done = CliRunner().invoke(app, list(words))
        assert done.exit_code == 0, done.output
        return done.stdout

    own = ("--organisation", "firm")
    assert json.loads(told("classify", str(text), "--json"))["classes"] == []
    assert json.loads(told("classify", str(text), "--json", *own))["classes"] == ["personal", "trade_secret"]
    assert "ZQ-1234" in told("mask", str(text))
    assert "ZQ-1234" not in told("mask", str(text), *own)
    assert "trade_secret" not in told("assess", "--corpus", str(text.parent), "--no-tagger", "--json")
    assert "trade_secret" in told("assess", "--corpus", str(text.parent), "--no-tagger", "--json", *own)


@pytest.mark.parametrize("command", [("classify",), ("mask", "-"), ("presidio",), ("assess", "--corpus", ".")])
def test_an_organisation_that_the_settings_do_not_have_refuses(folder: Path, command: tuple[str, ...]) -> None:
    assert folder.is_dir()
    done = CliRunner().invoke(app, [*command, "--organisation", "frim"], input="x")
    assert done.exit_code == 2
    assert "[recognition.frim] is not in the settings; there are: firm" in done.output
