"""`ecluse explain`: one answer with the gateway, for a text, data classes, or an entry of the trail."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ecluse.cli.main import app
from tests.cli.test_contests import CAMILLE, DOMINIQUE, Desk

TEXT = "Write to camille.martin@exemple.fr about the meeting."


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def explained(desk: Desk, *words: str) -> Any:
    done = CliRunner().invoke(app, ["explain", *words, "--config", str(desk.file), "--json"])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def written(desk: Desk, text: str) -> str:
    file = desk.folder / "text.txt"
    file.write_text(text, encoding="utf-8")
    return str(file)


def test_what_two_persons_agreed_is_not_sensitive_is_left_out_as_the_gateway_does(desk: Desk) -> None:
    text = written(desk, TEXT)
    assert explained(desk, text, "-a", "mail")["findings"] == {"email": 1}
    matter = desk.done("contests", "open", text, "-a", "mail", "--reason", "A made-up address", *CAMILLE)
    desk.done("contests", "accept", matter, "--ends", "2027-01-31", *DOMINIQUE)
    assert explained(desk, text, "-a", "mail")["contested"] == []  # not on the trail yet
    desk.serve()
    document = explained(desk, text, "-a", "mail")
    assert (document["findings"], document["contested"]) == ({}, [matter])
    other = written(desk, TEXT.replace("camille.martin@", "dominique.petit@"))
    assert explained(desk, other, "-a", "mail")["findings"] == {"email": 1}
    desk.done("contests", "end", matter, *DOMINIQUE)
    desk.serve()
    assert explained(desk, text, "-a", "mail")["findings"] == {"email": 1}
