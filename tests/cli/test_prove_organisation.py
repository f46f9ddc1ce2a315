"""`ecluse prove --organisation`: the rules as one organisation of the settings composed them, its own packs too."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ecluse.cli.main import app

SETTINGS = """
gateway.unsafe_pinned_date = 2026-11-24
gateway.hosted_on = "own_premises"
gateway.country = "FR"
gateway.state_dir = "{folder}/state"
rules.folders = ["{folder}/rules"]
destinations.credentials = {{ "scaleway/generative-apis/gpt-oss-120b" = "env:KEY" }}

[[organisations]]
id = "firm"
name = "A firm"
kind = "private"
contracts = ["scaleway"]
modes = {{ "gdpr.transfer" = "observe", "neutrality.terms" = "enforce", "house.weekend" = "enforce" }}
[[organisations.applications]]
id = "notes"
name = "Notes"
purposes = ["notes"]

[[organisations.applications.exceptions]]
id = "D-1"
rule = "gdpr.training"
ground = "a contract is signed and not yet on file"
requested_by = "Camille Martin"
approved_by = "Dominique Petit"
starts = 2026-11-10
ends = 2027-06-30
destinations = ["scaleway/generative-apis/gpt-oss-120b"]

[[organisations]]
id = "shop"
name = "A shop"
kind = "private"
contracts = ["scaleway"]
[[organisations.applications]]
id = "till"
name = "Till"
purposes = ["notes"]
"""
HOUSE = """
@id("house.weekend") @reason("Not yet.") @reason_fr("Pas encore.") @source("House") @basis("house") @mode("enforce")
@opt_in("true")
forbid (principal, action == Action::"infer", resource)
unless { resource.established.contains(Established::"operated_by_caller") };
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "house.cedar").write_text(HOUSE, encoding="utf-8")
    path = tmp_path / "ecluse.toml"
    path.write_text(SETTINGS.format(folder=tmp_path), encoding="utf-8")
    return path


def told(config: Path, *words: str) -> tuple[int, Any]:
    done = CliRunner().invoke(app, [*words, "--config", str(config), "--json"])
    return done.exit_code, json.loads(done.stdout) if done.stdout else done.stderr


def test_a_rule_of_law_that_an_organisation_only_observes_breaks_its_invariant(config: Path) -> None:
    code, document = told(config, "prove", "--organisation", "firm")
    assert (code, document["organisation"]) == (1, "firm")
    assert "gdpr.transfer" in document["not_enforced"]
    assert not {"neutrality.terms", "house.weekend"} & set(document["not_enforced"])
    assert {one["invariant"] for one in document["broken"]} == {"inv.transfer"}
    assert {one["example"]["caller"]["kind"] for one in document["broken"]} == {"private"}
    assert sum(document["facts"].values()) > 100
    assert document["exceptions_left_out"] == [
        {"exception": "D-1", "rule": "gdpr.training", "application": "notes", "ends": "2027-06-30"}
    ]


@pytest.mark.long
def test_another_organisation_has_its_own_answer(config: Path) -> None:
    code, document = told(config, "prove", "--organisation", "shop")
    assert (code, document["holds"]) == (0, True)
    assert {"neutrality.terms", "house.weekend"} <= set(document["not_enforced"])


def test_a_rule_of_ones_own_refuses_for_whom_named_it_and_for_nobody_else(config: Path) -> None:
    refused = told(config, "explain", "-a", "notes", "--classes", "personal")[1]
    assert "house.weekend" in {reason["rule"] for reason in refused["reasons"]}
    other = told(config, "explain", "-a", "till", "--classes", "personal")[1]
    assert "house.weekend" not in {reason["rule"] for reason in other["reasons"]}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("permit (principal, action, resource);", "@id"),
        (HOUSE.replace("forbid", "permit").replace('@opt_in("true")\n', ""), "only base.cedar permits"),
    ],
)
def test_a_pack_of_ones_own_that_permits_refuses(config: Path, text: str, why: str) -> None:
    (config.parent / "rules" / "house.cedar").write_text(text, encoding="utf-8")
    done = CliRunner().invoke(app, ["prove", "--organisation", "shop", "--config", str(config)])
    assert done.exit_code == 2
    assert why in done.stderr


def test_an_organisation_or_a_folder_that_is_not_there_refuses(config: Path) -> None:
    code, said = told(config, "prove", "--organisation", "nobody")
    assert (code, "it has: firm, shop" in said) == (2, True)
    config.write_text(config.read_text(encoding="utf-8").replace('/rules"]', '/none"]'), encoding="utf-8")
    code, said = told(config, "prove", "--organisation", "shop")
    assert (code, "rules.folders" in said) == (2, True)
