"""`ecluse explain`: one answer with the gateway, for a text, data classes, or an entry of the trail."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ecluse.cli.main import app
from ecluse.domain.caller import Purpose
from ecluse.domain.destination import Established
from ecluse.domain.finding import DataClass
from ecluse.domain.verdict import Action, Question
from ecluse.edge.behind import behind
from ecluse.packs import policies
from ecluse.packs.registry import establish, load
from ecluse.passage.decide import compile_rules
from tests.cli.test_contests import CAMILLE, DOMINIQUE, Desk
from tests.cli.test_past import AZURE, CALLER, OWN, run, sent, told, trail
from tests.passage.record import samples

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


# ------------------------------------------------------------------ the facts behind
def facts_of(document: Any, destination: str) -> dict[str, Any]:
    return {
        fact["fact"]: fact for row in document["rulings"] for fact in row["facts"] if row["destination"] == destination
    }


def test_each_fact_that_decided_is_told_with_its_source_date_and_confidence(tmp_path: Path) -> None:
    config = trail(tmp_path, [])
    words = ("--classes", "health", "-a", "crisis")
    document = told("explain", config, 0, *words)
    kept = facts_of(document, AZURE.destination)["no_retention"]
    assert (kept["holds"], kept["sources"][0]["as_of"][:2]) == (False, "20")
    assert kept["sources"][0]["confidence"] in {"high", "medium", "low", "unverified"}
    assert "processed in no promised place" in facts_of(document, AZURE.destination)["processing_in_eea"]["says"]
    own = facts_of(document, OWN.destination)
    assert (own["operated_by_caller"]["holds"], own["operated_by_caller"]["says"]) == (True, "you run it yourself")
    assert len(document["not_checked"]) > 3
    shown = run("explain", config, *words, "-l", "fr").stdout
    assert "vous l'exploitez vous-même" in " ".join(shown.split())
    assert document["reviews"]["base"]["by"] is None
    assert "Jeux de règles que personne n'a relus" in shown


def test_every_fact_that_a_shipped_rule_asks_of_has_its_words() -> None:
    """No rule can fire for a reason that explain has no words for, whatever it is asked of."""
    registry, today = load(), date(2026, 11, 24)
    sources = policies.load()
    destinations = establish(registry, today)
    rules = compile_rules(sources.schema, sources.policies, destinations=destinations, today=today).rules
    question = Question(
        application=CALLER.application, action=Action.INFER, purpose=Purpose("drafting"), classes=frozenset()
    )
    for destination in destinations.values():
        found = behind(rules, rules, question, destination, registry, today)
        assert all(one.en and one.fr and one.en != one.fr for one in found)
        assert {one.fact for one in found if one.holds} >= destination.established & {one.fact for one in found}
        unsourced = [one for one in found if isinstance(one.fact, Established) and not one.sources]
        assert all("on record" in one.en or one.en == "nobody but you has the request" for one in unsourced)


# ------------------------------------------------------------------ an entry of the trail
def test_an_entry_is_asked_again_on_the_facts_of_its_day(tmp_path: Path) -> None:
    config = trail(tmp_path, [sent(1, OWN, set()), sent(2, AZURE, {DataClass.HEALTH}), samples.intent(3)])
    document = told("explain", config, 0, "0")
    assert (document["entry"]["index"], document["entry"]["decided_alike"]) == (0, True)
    assert document["entry"]["same_ground"] is False  # the sample names a snapshot that never was
    document = told("explain", config, 0, sent(2, AZURE, set()).id)
    assert (document["entry"]["destination"], document["entry"]["decided_alike"]) == (AZURE.destination, False)
    assert document["classes"] == ["health"]
    assert any(reason["basis"] == "law" and reason["source"] for r in document["rulings"] for reason in r["reasons"])
    said = run("explain", config, "1", "-l", "fr").stdout
    assert "autre décision" in " ".join(said.split())


@pytest.mark.parametrize(
    ("named", "why"),
    [("7", "no such entry"), ("2", "is no longer in"), ("3", "decided nothing"), ("no-file", "for which application")],
)
def test_what_cannot_be_asked_again_refuses(tmp_path: Path, named: str, why: str) -> None:
    config = trail(tmp_path, [sent(1, OWN, set()), sent(2, OWN, set()), samples.intent(3), samples.admin(4)])
    result = run("explain", config, named)
    assert result.exit_code in {1, 2}
    assert why in " ".join(result.stderr.split())
