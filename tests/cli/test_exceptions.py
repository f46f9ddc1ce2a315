"""`ecluse exceptions list` shows who lifted what until when, and tells a calendar when one ends."""

import json
from pathlib import Path

from typer.testing import CliRunner

from ecluse.cli.main import app
from tests.docs.markdown import fences, page

HOW_TO = fences(page("docs/how-to/make-an-exception.md"), "toml")[0]
HEAD = """
gateway.unsafe_pinned_date = 2026-11-24
destinations.credentials = { "scaleway/generative-apis/gpt-oss-120b" = "env:KEY" }
"""


def told(folder: Path, text: str, *options: str) -> tuple[int, str]:
    file = folder / "ecluse.toml"
    file.write_text(HEAD + text, encoding="utf-8")
    done = CliRunner().invoke(app, ["exceptions", "list", "--config", str(file), *options])
    return done.exit_code, done.output


def test_the_exception_of_the_how_to_is_shown_as_the_page_says(tmp_path: Path) -> None:
    code, said = told(tmp_path, HOW_TO)
    assert (code, said.strip()) == (0, fences(page("docs/how-to/make-an-exception.md"), "text")[0].strip())


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
