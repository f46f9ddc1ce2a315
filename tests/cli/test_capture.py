"""`ecluse capture`: nothing is shown or shredded that the trail does not say first, with who and why."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from ecluse.cli import capture
from ecluse.edge.capture.files import SafeFiles
from ecluse.edge.capture.safe import Content, Safe
from ecluse.edge.capture.wrapping import HeldKey
from ecluse.edge.clock import SystemClock
from tests.cli.test_trail import Trail
from tests.passage.record import samples

ENTRY = samples.intent(1).id
WHO = ("--by", "dpo", "--reason", "CASE-7")
SETTINGS = """
[gateway]
state_dir = "{state}"
[[organisations]]
id = "ville"
name = "V"
kind = "private"
[capture.ville]
key = "file:{key}"
days = 30
"""


class Desk:
    """A state directory that keeps a content, and the command line on it."""

    def __init__(self, folder: Path) -> None:
        self.trail = Trail(folder / "state")
        self.trail.write(1, 2)
        self.key = folder / "key"
        self.key.write_text("ab" * 32, encoding="utf-8")
        self._config = folder / "ecluse.toml"
        self._config.write_text(SETTINGS.format(state=self.trail.folder, key=self.key), encoding="utf-8")
        content = Content(prompt="the question", answer=None, withheld="the answer was cut off, or is too long")
        now = SystemClock().now()
        Safe(SafeFiles(self.trail.folder)).put(
            ENTRY, samples.ORGANISATION.id, content, HeldKey(bytes.fromhex("ab" * 32)), now=now, days=30
        )

    def run(self, *words: str) -> Result:
        return CliRunner().invoke(capture.app, [*words, "--config", str(self._config)])

    def acts(self) -> list[Any]:
        shown = self.trail.json("show", "--last", "100")
        return [one["body"] for one in shown if one["kind"] == "admin"]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_view_shows_the_content_and_stands_in_the_trail(desk: Desk) -> None:
    shown = desk.run("read", ENTRY, *WHO)
    assert shown.stdout == "the question\n\n(not kept: the answer was cut off, or is too long)\n", shown.output
    assert desk.acts() == [
        {
            "action": "capture_read",
            "actor": "dpo",
            "subject": ENTRY,
            "facts": {"why": "CASE-7", "organisation": "ville"},
        }
    ]
    assert json.loads(desk.run("read", ENTRY, *WHO, "--json").stdout)["prompt"] == "the question"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ((ENTRY, "--by", "Jeanne Martin", "--reason", "CASE-7"), 2),
        ((ENTRY, "--by", "dpo", "--reason", "because I like"), 2),
        ((ENTRY, "--by", "dpo"), 2),
        ((samples.intent(2).id, *WHO), 1),
        (("nothing", *WHO), 1),
    ],
    ids=str,
)
def test_a_view_without_a_reference_or_a_content_is_refused_and_leaves_no_entry(
    desk: Desk, words: tuple[str, ...], code: int
) -> None:
    told = desk.run("read", *words)
    assert (told.exit_code, "the question" in told.output) == (code, False)
    assert desk.acts() == []


def test_a_view_is_refused_when_the_trail_cannot_say_so(desk: Desk) -> None:
    desk.trail.tamper("UPDATE entries SET leaf = zeroblob(32) WHERE idx = 3")
    told = desk.run("read", ENTRY, *WHO)
    assert (told.exit_code, "the question" in told.output) == (2, False)


def test_a_view_under_another_key_is_refused(desk: Desk) -> None:
    desk.key.write_text("cd" * 32, encoding="utf-8")
    told = desk.run("read", ENTRY, *WHO)
    assert (told.exit_code, "the question" in told.output) == (2, False)
    assert [act["action"] for act in desk.acts()] == ["capture_read"]  # it was tried


def test_a_shredding_stands_in_the_trail_and_nothing_is_left_to_read(desk: Desk) -> None:
    assert desk.run("shred", *WHO).exit_code == 2
    assert json.loads(desk.run("shred", "--organisation", "ville", *WHO, "--json").stdout) == {"shredded": 1}
    assert [(act["action"], act["subject"]) for act in desk.acts()] == [("capture_shredded", "ville")]
    assert desk.run("read", ENTRY, *WHO).exit_code == 1
