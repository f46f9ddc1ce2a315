"""`ecluse doctor`: each fault of a set-up is named with what to do, and the ceiling is what the rules say."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from ecluse.cli.main import app
from ecluse.edge.keys import Secrets
from ecluse.edge.keys import state as where
from simulators.fleet import running
from tests.edge.gateway import SCALEWAY, Gateway, plans
from tests.edge.shared.redis_server import redis_server
from tests.edge.stores.postgres_server import postgres_server

GATEWAY = """
[gateway]
hosted_on = "own_premises"
backs_up_on = "own_premises"
country = "FR"
unsafe_pinned_date = 2026-11-24
state_dir = "{state}"
"""
REST = """
[destinations]
order = ["outscale/own-vm/mistral-small-4", "scaleway/generative-apis/mistral-medium-3.5"]

[destinations.base_urls]
"outscale/own-vm/mistral-small-4" = "http://127.0.0.1:9"

[destinations.credentials]
"scaleway/generative-apis/mistral-medium-3.5" = "env:ECLUSE_TEST_KEY"

[[organisations]]
id = "ministry"
name = "A ministry"
kind = "state_administration"
contracts = ["scaleway"]

[[organisations.applications]]
id = "crisis"
name = "Crisis centre"
purposes = ["drafting"]
declared = ["sren31"]
analyses = [{ kind = "sren31", reference = "1" }]

[[organisations.applications]]
id = "press"
name = "Press releases"
purposes = ["drafting"]
"""
OWN = "outscale/own-vm/mistral-small-4"
REMOTE = "scaleway/generative-apis/mistral-medium-3.5"


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ECLUSE_TEST_KEY", "sk-not-shown-anywhere")
    path = tmp_path / "ecluse.toml"
    path.write_text(GATEWAY.format(state=tmp_path / "state") + REST, encoding="utf-8")
    return path


def run(settings: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["doctor", "--config", str(settings), *arguments])


def told(settings: Path) -> Any:
    result = run(settings, "--json")
    assert result.exit_code in {0, 1}, result.output
    return json.loads(result.stdout)


def remarks(settings: Path, grade: str) -> dict[str, str]:
    return {one["about"]: one["says"] for one in told(settings)["remarks"] if one["grade"] == grade}


def level(document: Any, application: str, data_class: str | None) -> Any:
    return next(one for one in document["ceiling"] if one["application"] == application and one["class"] == data_class)


def changed(settings: Path, old: str, new: str) -> Path:
    text = settings.read_text(encoding="utf-8")
    assert old in text
    settings.write_text(text.replace(old, new), encoding="utf-8")
    return settings


def test_all_that_is_to_be_mended_has_a_next_step_and_an_exit_code(settings: Path) -> None:
    result = run(settings, "--json")
    assert result.exit_code == 1
    mend = [one for one in json.loads(result.stdout)["remarks"] if one["grade"] == "mend"]
    assert [one["about"] for one in mend] == ["unsafe"]
    assert mend[0]["next_step"]


def test_a_secret_is_asked_for_and_never_shown(settings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "sk-not-shown" not in run(settings).output
    assert "can be read" in remarks(settings, "good")["credential"]
    monkeypatch.delenv("ECLUSE_TEST_KEY")
    assert "no such variable" in remarks(settings, "mend")["credential"]


def test_an_unknown_place_is_to_be_mended_and_holds_public_data_only(settings: Path) -> None:
    changed(settings, 'hosted_on = "own_premises"', 'hosted_on = "unknown"')
    document = told(settings)
    assert "place" in {one["about"] for one in document["remarks"] if one["grade"] == "mend"}
    assert not level(document, "press", "health")["held"]
    assert level(document, "press", None)["held"]


def test_what_an_application_declares_counts_in_each_row_of_its_ceiling(settings: Path) -> None:
    document = told(settings)
    assert [one["id"] for one in level(document, "press", None)["destinations"]] == [OWN, REMOTE]
    assert [one["id"] for one in level(document, "crisis", None)["destinations"]] == [OWN]


def test_the_ceiling_names_the_rules_that_refuse(settings: Path) -> None:
    document = told(settings)
    assert level(document, "press", "classified") == {
        "application": "press",
        "class": "classified",
        "held": False,
        "destinations": [],
        "refused_by": ["dr.classified"],
    }


def test_a_listener_on_every_address_and_a_lowered_rule_are_weighed(settings: Path) -> None:
    changed(settings, "[gateway]", '[server]\nhost = "0.0.0.0"\n[gateway]')
    changed(settings, 'contracts = ["scaleway"]', 'contracts = ["scaleway"]\nmodes = { "gdpr.transfer" = "observe" }')
    weighed = remarks(settings, "weigh")
    assert "plain HTTP" in weighed["server"]
    assert "gdpr.transfer = observe" in weighed["rules"]


def test_a_state_directory_that_others_read_and_a_broken_trail_are_to_be_mended(settings: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir(exist_ok=True)
    (state / "trail.db").write_bytes(b"not a trail")
    state.chmod(0o755)
    mend = remarks(settings, "mend")
    assert "can be read by other accounts" in mend["state"]
    assert "cannot be read" in mend["trail"]


def test_settings_that_do_not_load_are_refused_with_what_to_mend(settings: Path) -> None:
    changed(settings, REMOTE, "scaleway/nothing")
    result = run(settings)
    assert result.exit_code == 2
    assert "not in the registry" in result.output


def test_it_speaks_french(settings: Path) -> None:
    output = run(settings, "--language", "fr").output
    assert "à corriger" in output
    assert "Non examinés" in output


def test_counters_that_do_not_answer_are_to_be_mended(settings: Path, tmp_path: Path) -> None:
    changed(settings, "[destinations]\n", '[shared]\nurl = "redis://127.0.0.1:9/0"\n\n[destinations]\n')
    assert "does not answer" in remarks(settings, "mend")["counters"]
    with redis_server(tmp_path) as server:
        changed(settings, "redis://127.0.0.1:9/0", server.url)
        assert "answers" in remarks(settings, "good")["counters"]
    changed(settings, server.url, "env:ECLUSE_NO_SUCH_URL")
    assert "cannot be asked" in remarks(settings, "mend")["counters"]


def test_what_budgets_have_spent_and_cannot_be_read_is_to_be_mended(settings: Path, tmp_path: Path) -> None:
    spent = tmp_path / "state" / "spent"
    assert "counters" not in remarks(settings, "mend")
    spent.parent.mkdir(exist_ok=True)
    spent.write_bytes(b"not a line of ours\n")
    assert "cannot be read" in remarks(settings, "mend")["counters"]


def test_a_trail_in_postgresql_is_looked_at_where_it_is(settings: Path) -> None:
    changed(settings, "[destinations]\n", '[store]\nurl = "postgresql://postgres@127.0.0.1:9/x"\n\n[destinations]\n')
    assert remarks(settings, "good").get("trail") is None
    state = settings.parent / "state"
    Secrets.open(state)
    where.vkey(state).write_text("a key", encoding="utf-8")
    assert "cannot be read" in remarks(settings, "mend")["trail"]


@pytest.mark.long
def test_a_trail_in_postgresql_verifies_from_the_doctor(tmp_path: Path) -> None:
    with postgres_server() as server, running(plans([SCALEWAY])) as fleet:
        made = Gateway(folder=tmp_path, fleet=fleet, order=(SCALEWAY,), extra=f'[store]\nurl = "{server.url}"\n')
        made.start()
        try:
            with made.client(made.key("mail")) as client:
                time.sleep(1.5)  # the gateway looks for keys once a second
                client.chat.completions.create(model="auto", messages=[{"role": "user", "content": "Bonjour"}])
            told = json.loads(made.command("doctor", "--config", str(tmp_path / "ecluse.toml"), "--json").stdout)
        finally:
            made.stop()
    assert any("in PostgreSQL" in one["says"] for one in told["remarks"] if one["grade"] == "good")
