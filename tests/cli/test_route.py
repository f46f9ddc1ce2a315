"""`ecluse route explain`: the plan of a text or of classes, on a settings file."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ecluse.cli.main import app

OVH = "ovhcloud/ai-endpoints/gpt-oss-120b"
SCALEWAY = "scaleway/generative-apis/mistral-medium-3.5"
MISTRAL = "mistral/eu/mistral-large-3"
SETTINGS = f"""
[gateway]
hosted_on = "own_premises"
country = "FR"
unsafe_pinned_date = 2026-11-24

[destinations]
order = ["{SCALEWAY}", "{OVH}", "{MISTRAL}"]

[unsafe_simulators]
"{SCALEWAY}" = "http://127.0.0.1:10"
"{OVH}" = "http://127.0.0.1:11"
"{MISTRAL}" = "http://127.0.0.1:12"

[routing]
strategy = "cheapest"

[[organisations]]
id = "o"
name = "O"
kind = "private"
contracts = ["scaleway", "ovhcloud", "mistral"]
applications = [{{ id = "app", name = "App", purposes = ["drafting"] }}]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "ecluse.toml").write_text(SETTINGS, encoding="utf-8")
    (tmp_path / "text.txt").write_text("Le budget de la commune.", encoding="utf-8")
    return tmp_path


def run(folder: Path, *words: str) -> Result:
    config = str(folder / "ecluse.toml")
    return CliRunner().invoke(app, ["route", "explain", *words, "--application", "app", "--config", config])


def test_the_plan_has_its_order_its_scores_and_what_is_unknown(folder: Path) -> None:
    told = json.loads(run(folder, str(folder / "text.txt"), "--json").stdout)
    assert [(row["destination"], row["score"]) for row in told["order"]] == [
        (OVH, 160_000),
        (SCALEWAY, 3_000_000),
        (MISTRAL, None),
    ]
    assert (told["strategy"], told["attempts"], told["left_out"]) == ("cheapest", 2, {})


def test_a_supposed_loss_is_left_out_and_said(folder: Path) -> None:
    result = run(folder, str(folder / "text.txt"), "--down", OVH)
    assert f"down: {OVH}" in result.stdout
    assert run(folder, str(folder / "text.txt"), "--down", "nowhere").exit_code == 2


def test_no_class_is_public_data_and_a_word_that_is_none_asks_which_was_meant(folder: Path) -> None:
    assert run(folder, "--classes", "").exit_code == 0
    wrong = run(folder, "--classes", "helth")
    assert wrong.exit_code == 2
    assert "did you mean `health`?" in wrong.output
    assert '--classes "" is public data' in " ".join(run(folder).output.split())


def test_what_the_rules_refuse_has_no_plan(folder: Path) -> None:
    result = run(folder, "--classes", "credential")
    assert (result.exit_code, result.stdout) == (1, "")
