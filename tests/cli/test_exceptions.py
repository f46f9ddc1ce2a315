"""`ecluse exceptions list` shows who lifted what until when, and tells a calendar when one ends."""

import json
import re
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ecluse.cli.main import app
from ecluse.edge.keys import Secrets
from ecluse.edge.stores.opening import open_reader
from ecluse.passage.record import parse
from tests.docs.markdown import fences, page

HOW_TO = fences(page("docs/how-to/make-an-exception.md"), "toml")[0]
HEAD = """
gateway.unsafe_pinned_date = 2026-11-24
destinations.credentials = { "scaleway/generative-apis/gpt-oss-120b" = "env:KEY" }
"""


def state(folder: Path) -> str:
    return f'gateway.state_dir = "{folder / "state"}"\n'


def told(folder: Path, text: str, *options: str) -> tuple[int, str]:
    file = folder / "ecluse.toml"
    file.write_text(HEAD + text, encoding="utf-8")
    done = CliRunner().invoke(app, ["exceptions", "list", "--config", str(file), *options])
    return done.exit_code, done.output


def test_the_exception_of_the_how_to_is_shown_as_the_page_says(tmp_path: Path) -> None:
    shown = fences(page("docs/how-to/make-an-exception.md"), "text")[0].strip()
    hidden = re.sub(r"person_[0-9a-f]{12}", "hidden", shown)
    assert hidden != shown
    assert told(tmp_path, state(tmp_path) + HOW_TO) == (0, f"{hidden}\n")
    Secrets.open(tmp_path / "state")
    code, said = told(tmp_path, state(tmp_path) + HOW_TO)
    assert (code, re.sub(r"person_[0-9a-f]{12}", "hidden", said.strip())) == (0, hidden)
    assert "person_" in said


def test_names_are_shown_once_the_trail_says_to_whom_and_why(tmp_path: Path) -> None:
    why = ("--names", "--reason", "CASE-7", "--by", "Dominique Petit", "--role", "dpo")
    code, said = told(tmp_path, state(tmp_path) + HOW_TO, *why)
    assert (code, "Camille Martin, Dominique Petit" in said) == (0, True)
    with closing(open_reader(tmp_path / "state")) as trail:
        (entry,) = [parse(data) for _, data, _ in trail.rows(0, trail.size())]
    assert (entry.body["action"], entry.body["actor"], entry.body["subject"]) == (
        "names_shown", "dpo", "exceptions list",
    )  # fmt: skip
    assert "Petit" not in str(entry.body)


@pytest.mark.parametrize(
    "options",
    [
        ("--names",),
        ("--names", "--by", "Dominique Petit", "--role", "dpo", "--reason", "a case of last week"),
        ("--names", "--role", "dpo", "--reason", "CASE-7"),
        ("--reason", "CASE-7"),
    ],
)
def test_names_without_reader_and_reason_refuses(tmp_path: Path, options: tuple[str, ...]) -> None:
    code, said = told(tmp_path, state(tmp_path) + HOW_TO, *options)
    assert (code, "Camille" in said) == (2, False)


def test_an_exception_that_ends_soon_or_has_ended_is_told_by_the_exit_code(tmp_path: Path) -> None:
    assert told(tmp_path, HOW_TO, "--within", "400")[0] == 1
    code, said = told(tmp_path, HOW_TO.replace("ends = 2027-06-30", "ends = 2026-11-20"), "--json")
    assert (code, json.loads(said)[0]["state"]) == (1, "ended")


def test_an_exception_from_the_floor_refuses(tmp_path: Path) -> None:
    code, said = told(tmp_path, HOW_TO.replace("cac.sren31", "dr.classified"))
    assert code == 2
    assert "nothing lifts it" in said


def test_no_exception_is_said_so(tmp_path: Path) -> None:
    assert told(tmp_path, "") == (0, "No rule is lifted for anybody.\n")
