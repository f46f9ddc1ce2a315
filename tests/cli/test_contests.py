"""`ecluse exceptions` and `ecluse contests` : asked for by one person, decided by another, shown with their state."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ecluse.cli.main import app
from ecluse.edge.keys import Secrets
from ecluse.edge.stores.beside import docket_of
from tests.cli.test_exceptions import HEAD, HOW_TO

SCALEWAY = "scaleway/generative-apis/gpt-oss-120b"
ASK = ("--application", "mail", "--rule", "cac.sren31", "--destination", SCALEWAY, "--ground", "A project under way")
CAMILLE, DOMINIQUE = ("--by", "Camille Martin", "--role", "owner"), ("--by", "Dominique Petit", "--role", "dpo")


class Desk:
    """A settings file and the commands on it."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "ecluse.toml"
        self.state = folder / "state"
        text = HEAD + f'gateway.state_dir = "{self.state}"\nclassification.tagger = false\n' + HOW_TO
        self.file.write_text(text.replace('id = "D-2026-14"', 'id = "D-1"'), encoding="utf-8")
        self.folder = folder

    def run(self, *words: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, [*words, "--config", str(self.file)])
        return done.exit_code, done.output

    def done(self, *words: str) -> str:
        code, said = self.run(*words)
        assert code == 0, said
        return said.split()[0]

    def serve(self) -> None:
        """Do what the gateway does with new steps."""
        docket = docket_of(self.state, Secrets.open(self.state))
        for seq, _ in docket.untold():
            docket.told(seq)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_an_exception_is_asked_for_by_one_and_approved_by_another(desk: Desk) -> None:
    matter = desk.done("exceptions", "request", *ASK, "--ends", "2027-05-31", *CAMILLE)
    assert desk.run("exceptions", "approve", matter, *CAMILLE)[0] == 2
    desk.done("exceptions", "approve", matter, *DOMINIQUE)
    assert "(not on the trail yet)" in desk.run("exceptions", "list")[1]
    desk.serve()
    said = desk.run("exceptions", "list")[1]
    assert f"{matter} in force, 2026-11-24 to 2027-05-31: mail without cac.sren31 to {SCALEWAY}" in said
    desk.done("exceptions", "end", matter, *CAMILLE)
    desk.serve()
    assert matter not in desk.run("exceptions", "list")[1]


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"--rule": "dr.classified"}, "nothing lifts it"),
        ({"--rule": "no.such"}, "there is no rule"),
        ({"--application": "nobody"}, "no application"),
        ({"--ends": "2030-01-01"}, "lasts"),
        ({"--ground": " "}, "are all stated"),
    ],
)
def test_an_exception_that_cannot_be_refuses_when_it_is_asked_for(desk: Desk, asked: dict[str, str], why: str) -> None:
    stated = dict(zip(ASK[::2], ASK[1::2], strict=True)) | {"--ends": "2027-05-31"} | asked
    code, said = desk.run("exceptions", "request", *(word for pair in stated.items() for word in pair), *CAMILLE)
    assert code == 2
    assert why in said


def test_a_contest_is_opened_on_a_text_and_accepted_until_a_day(desk: Desk) -> None:
    text = desk.folder / "text.txt"
    text.write_text("Write to camille.martin@exemple.fr with the password: hunter2-Zx9!", encoding="utf-8")
    words = ("contests", "open", str(text), "-a", "mail", "--reason", "A made-up address", *CAMILLE)
    matter = desk.done(*words)
    code, said = desk.run("contests", "list")
    assert (code, "email" in said, "password" in said) == (1, True, False)
    assert desk.run("contests", "accept", matter, "--ends", "2028-01-01", *DOMINIQUE)[0] == 2
    desk.done("contests", "accept", matter, "--ends", "2027-01-31", *DOMINIQUE)
    code, said = desk.run("contests", "list", "--json")
    (row,) = json.loads(said)
    assert (code, row["state"], row["ends"]) == (0, "granted", "2027-01-31")
    assert row["decided_by"].startswith("person_")
    names = ("--names", "--reason", "CASE-7", *DOMINIQUE)
    (row,) = json.loads(desk.run("contests", "list", "--json", *names)[1])
    assert row["decided_by"] == "Dominique Petit (dpo)"
    kept = (desk.state / "docket.db").read_bytes()
    assert b"camille.martin@" not in kept
    desk.done("contests", "end", matter, *DOMINIQUE)
    assert "Nothing is contested." in desk.run("contests", "list")[1]


def test_a_text_in_which_nothing_can_be_contested_refuses(desk: Desk) -> None:
    text = desk.folder / "text.txt"
    text.write_text("The password: hunter2-Zx9!", encoding="utf-8")
    code, said = desk.run("contests", "open", str(text), "-a", "mail", "--reason", "no", *CAMILLE)
    assert code == 2
    assert "nothing in it can be contested" in said


def test_a_contest_that_is_turned_down_counts_for_nothing(desk: Desk) -> None:
    text = desk.folder / "text.txt"
    text.write_text("Write to camille.martin@exemple.fr", encoding="utf-8")
    matter = desk.done("contests", "open", str(text), "-a", "mail", "--reason", "no", *CAMILLE)
    desk.done("contests", "reject", matter, *DOMINIQUE)
    assert matter in desk.run("contests", "list", "--all")[1]
