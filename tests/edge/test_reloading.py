"""A gateway that takes changed settings and decisions while it serves: whole or not at all, without a restart."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import httpx2
import pytest
from typer.testing import CliRunner

from ecluse.app import clock, grounds
from ecluse.cli.main import app
from ecluse.edge.amendment import NOTHING
from ecluse.edge.amendments.office import Office, Who
from ecluse.edge.config import load
from ecluse.edge.stores.opening import open_reader
from tests.edge.gateway import HOUSE_RULE, OWN, Gateway, gateway

PRIVATE = "Please write to camille.lefevre@exemple.fr about the garden."
SOON = 15.0


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """One gateway before what one runs oneself; a declared class keeps it from one of its applications."""
    with gateway(tmp_path_factory.mktemp("reload"), (OWN,), extra=MODES) as made:
        yield made


@pytest.fixture
def apart(tmp_path: Path) -> Iterator[Gateway]:
    """A gateway of its own, for a test that leaves other rules in force behind it."""
    with gateway(tmp_path, (OWN,), extra=MODES) as made:
        yield made


MODES = """
[[organisations]]
id = "firm"
name = "A firm"
kind = "private"
[[organisations.applications]]
id = "notes"
name = "Notes"
purposes = ["notes"]
"""


def ask(served: Gateway, key: str, text: str) -> httpx2.Response:
    return httpx2.post(
        f"{served.url}/v1/chat/completions",
        headers={"authorization": f"Bearer {key}"},
        json={"model": "auto", "messages": [{"role": "user", "content": text}]},
        trust_env=False,
        timeout=20,
    )


def until(holds: Callable[[], bool], served: Gateway) -> None:
    ends = time.monotonic() + SOON
    while not holds():
        assert time.monotonic() < ends, served.log
        time.sleep(0.1)


def snapshot(served: Gateway) -> str:
    return str(httpx2.get(f"{served.url}/ready", trust_env=False).json()["snapshot"])


def decide(served: Gateway, *words: str) -> str:
    done = CliRunner().invoke(app, [*words, "--config", str(served.folder / "ecluse.toml")])
    assert done.exit_code == 0, done.output
    return done.stdout.split()[0]


def lodge(served: Gateway, key: str, entry: str, text: str) -> httpx2.Response:
    return httpx2.post(
        f"{served.url}/v1/contests",
        headers={"authorization": f"Bearer {key}"},
        json={
            "entry": entry,
            "reason": "a made-up address",
            "request": {"model": "auto", "messages": [{"role": "user", "content": text}]},
        },
        trust_env=False,
        timeout=20,
    )


def admin(served: Gateway) -> list[tuple[str, str]]:
    with closing(open_reader(served.state)) as trail:
        entries = [json.loads(data) for _, data, _ in trail.rows(0, trail.size())]
    return [(e["body"]["action"], e["body"]["actor"]) for e in entries if e["kind"] == "admin"]


def test_an_analysis_put_on_record_opens_and_a_broken_file_changes_nothing(served: Gateway) -> None:
    config = served.folder / "ecluse.toml"
    written = config.read_text(encoding="utf-8")
    key = served.key("notes")
    assert ask(served, key, PRIVATE).status_code == 403
    before = snapshot(served)
    config.write_text(written + "\nnonsense = [", encoding="utf-8")
    until(lambda: "was not taken" in served.log, served)
    assert snapshot(served) == before
    analysed = written.replace(
        'purposes = ["notes"]', 'purposes = ["notes"]\nanalyses = [{kind = "register_entry", reference = "R"}]'
    )
    config.write_text(analysed.replace('country = "FR"', 'country = "DE"'), encoding="utf-8")
    until(lambda: snapshot(served) != before, served)
    assert ask(served, key, PRIVATE).status_code == 200
    assert "[gateway] changed in the settings and will count from the next start" in served.log
    config.write_text(written, encoding="utf-8")
    until(lambda: snapshot(served) == before, served)
    assert ask(served, key, PRIVATE).status_code == 403


def test_a_contest_counts_within_seconds_is_on_the_trail_and_ends(served: Gateway) -> None:
    key = served.key("notes")
    refused = ask(served, key, PRIVATE)
    assert refused.status_code == 403
    entry = refused.headers["x-ecluse-entry"]
    lodged = lodge(served, key, entry, PRIVATE)
    assert lodged.status_code == 202, lodged.text
    matter = lodged.json()["contest"]
    assert lodge(served, key, entry, PRIVATE + " And +33 6 39 98 41 27.").status_code == 409
    assert lodge(served, served.key("mail"), entry, PRIVATE).status_code == 409
    assert lodge(served, key, "0" * 32, PRIVATE).status_code == 409
    assert ask(served, key, PRIVATE).status_code == 403
    decide(served, "contests", "accept", matter, "--ends", "2027-01-31", "--by", "B", "--role", "dpo")
    until(lambda: ask(served, key, PRIVATE).status_code == 200, served)
    assert ask(served, key, PRIVATE).headers["x-ecluse-contested"] == matter
    assert ask(served, key, "And to bob.durand@exemple.fr.").status_code == 403
    decide(served, "contests", "end", matter, "--by", "B", "--role", "dpo")
    until(lambda: ask(served, key, PRIVATE).status_code == 403, served)
    told = admin(served)
    assert {("contest_asked", "caller"), ("contest_granted", "dpo"), ("contest_ended", "dpo")} <= set(told)
    assert ("settings_taken", "settings") in told
    trail = b"".join(path.read_bytes() for path in served.state.glob("trail.db*"))
    assert b"camille.lefevre" not in trail


def test_entries_of_an_organisation_are_taken_and_a_wrong_file_keeps_those_in_force(served: Gateway) -> None:
    config, folder = served.folder / "ecluse.toml", served.folder / "own"
    written = config.read_text(encoding="utf-8")
    key, said = served.key("notes"), "What of Projet Aigue-Marine?"
    assert ask(served, key, said).status_code == 200
    folder.mkdir()
    own = folder / "projects.toml"
    entry = '[[entry]]\nname = "projects"\nkind = "project_name"\ndata_class = "classified"\nwords = ["Projet {}"]\n'
    own.write_text(entry.format("Aigue-Marine"), encoding="utf-8")
    config.write_text(f'{written}\n[recognition.firm]\nfolders = ["{folder}"]\n', encoding="utf-8")
    until(lambda: ask(served, key, said).status_code == 403, served)
    before = snapshot(served)
    own.write_text(entry.replace("words", "wrods"), encoding="utf-8")
    until(lambda: "did you mean `words`?" in served.log, served)
    assert snapshot(served) == before
    assert ask(served, key, said).status_code == 403
    config.write_text(written, encoding="utf-8")
    until(lambda: ask(served, key, said).status_code == 200, served)


@pytest.mark.long
def test_a_pack_of_ones_own_is_taken_and_a_wrong_one_keeps_what_is_in_force(served: Gateway) -> None:
    config, folder = served.folder / "ecluse.toml", served.folder / "packs"
    written = config.read_text(encoding="utf-8")
    key, said = served.key("notes"), "What is a lock?"
    assert ask(served, key, said).status_code == 200
    folder.mkdir()
    rule = (
        '@id("house.closed") @reason("Closed.") @reason_fr("Fermé.") @source("House") @basis("house")\n'
        '@mode("enforce") forbid (principal, action == Action::"infer", resource);\n'
    )
    own = folder / "house.cedar"
    own.write_text(rule, encoding="utf-8")
    config.write_text(f'{written}\n[rules]\nfolders = ["{folder}"]\n', encoding="utf-8")
    until(lambda: ask(served, key, said).status_code == 403, served)
    assert "house.closed" in ask(served, key, said).headers["x-ecluse-rules"]
    own.write_text(rule.replace("forbid", "permit"), encoding="utf-8")
    until(lambda: "only base.cedar permits" in served.log, served)
    assert ask(served, key, said).status_code == 403
    own.write_text(rule.replace("enforce", "observe"), encoding="utf-8")
    until(lambda: ask(served, key, said).status_code == 200, served)
    config.write_text(written, encoding="utf-8")


def test_rules_that_two_persons_published_decide_at_once_and_after_a_restart(apart: Gateway) -> None:
    key = apart.key("notes")
    assert ask(apart, key, "Good day").status_code == 200
    before = snapshot(apart)
    settings = load(apart.folder / "ecluse.toml")
    office = Office(settings, grounds(settings), clock(settings).now())
    content = office.composed(NOTHING, "firm", "house_rules", HOUSE_RULE)
    one, other = Who(name="A", role="dpo"), Who(name="B", role="security")
    draft = office.write(content, "a test", one).draft
    office.approve(draft, content.hash, other)
    assert ask(apart, key, "Good day").status_code == 200
    done = office.publish(draft, one)
    assert done.left == before
    until(lambda: snapshot(apart) != before, apart)
    refused = ask(apart, key, "Good day")
    assert (refused.status_code, "house_rules.nothing" in refused.text) == (403, True)
    assert ask(apart, apart.key("mail"), "Good day").status_code == 200
    assert snapshot(apart) == done.entered
    told = admin(apart)
    assert [one for one in told if one[0].startswith("rules_")] == [
        ("rules_written", "dpo"), ("rules_approved", "security"), ("rules_published", "dpo"),
    ]  # fmt: skip
    apart.stop()
    apart.start()
    assert ask(apart, key, "Good day").status_code == 403
