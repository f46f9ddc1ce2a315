"""Hosted tools in what is asked again and reported: whoever received something is named, counted once, and judged."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ecluse.app import grounds
from ecluse.cli.main import app
from ecluse.cli.past import past_of
from ecluse.domain.caller import OrganisationId
from ecluse.domain.finding import DataClass
from ecluse.edge.config import load
from ecluse.edge.reports.gather import gather
from ecluse.edge.snapshots import build
from ecluse.prove.reports import Material, written
from tests.cli.test_past import OWN, sent
from tests.cli.tools_world import DAY, FACTS, called, world

NOT_READ = ('confidence = "high"', 'confidence = "unverified"')


def run(config: Path, code: int, command: str, *arguments: str) -> str:
    result = CliRunner().invoke(app, [command, *arguments, "--config", str(config)])
    assert result.exit_code == code, result.output
    return result.output


def told(config: Path, code: int, command: str, *arguments: str) -> Any:
    return json.loads(run(config, code, command, *arguments, "--json"))


def changed(config: Path, old: str, new: str) -> None:
    """Write other facts in place of those that the calls were made on."""
    path = config.parent / "facts" / "acme.toml"
    assert old in path.read_text(encoding="utf-8")
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


# ------------------------------------------------------------------ asked again
def test_a_call_with_a_tool_is_asked_again_with_it(tmp_path: Path) -> None:
    document = told(world(tmp_path, [called(1), sent(2, OWN, set())]), 0, "simulate")
    assert (document["decisions"], document["fates"]["same"]) == (2, 2)


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("brings = []", 'brings = ["personal"]', "base.register_entry"),
        ("brings = []", "", "base.unreadable"),
        (*NOT_READ, "hosted_tool_refused"),
        ('id = "acme/search"', 'id = "acme/other"', "hosted_tool_refused"),
    ],
)
def test_other_facts_about_a_tool_refuse_the_calls_that_it_had(tmp_path: Path, old: str, new: str, rule: str) -> None:
    config = world(tmp_path, [called(1)])
    config.write_text(config.read_text(encoding="utf-8").replace("register_entry", "ai_logs"), encoding="utf-8")
    changed(config, old, new)
    (change,) = told(config, 1, "simulate")["changes"]
    assert (change["fate"], change["recipients"]) == ("would_be_refused", ["acme/search"])
    assert rule in change["rules"]


def test_an_incident_and_an_explanation_name_who_else_received(tmp_path: Path) -> None:
    config = world(tmp_path, [called(1, brought=("payment",))])
    assert "openai/global/gpt-5.4" in run(config, 0, "explain", "0")
    changed(config, *NOT_READ)
    document = told(config, 1, "incident", "--since", "2026-01-01")
    (exposed,) = document["exposed"]
    assert (exposed["tools"], exposed["classes"]) == ({"acme/search": "acme"}, ["payment"])
    assert document["recipients"] == ["acme", "openai"]
    assert "hosted tool" in run(config, 1, "explain", "0")


def test_mended_facts_are_laid_over_those_of_the_settings(tmp_path: Path) -> None:
    config = world(tmp_path, [called(1)])
    mended = tmp_path / "mended"
    mended.mkdir()
    (mended / "acme.toml").write_text(FACTS.replace("brings = []", ""), encoding="utf-8")
    (change,) = told(config, 1, "simulate", "--registry", str(mended))["changes"]
    assert "base.unreadable" in change["rules"]


# ------------------------------------------------------------------ unplugged
@pytest.mark.parametrize("lost", ["acme", "JURISDICTION:US"])
def test_a_drill_unplugs_the_provider_of_a_tool(tmp_path: Path, lost: str) -> None:
    config = world(tmp_path, [called(1)])
    document = told(config, 1, "drill", "--without", lost, "--state-dir", str(tmp_path / "state"))
    assert "acme/search" in document["lost"]
    (seen,) = [one for one in document["applications"] if one["profile"] == "seen"]
    assert (seen["recipients"], seen["before"], seen["lost"]) == (["acme/search"], ["openai/global/gpt-5.4"], True)
    assert seen["says"] == "public data with acme/search: loses every destination."


def test_a_tool_that_opens_nothing_cannot_be_lost(tmp_path: Path) -> None:
    assert told(world(tmp_path, [], FACTS.replace(*NOT_READ)), 0, "drill", "--without", "acme")["lost"] == []


# ------------------------------------------------------------------ reports
@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    folder = tmp_path_factory.mktemp("tools")
    config = world(folder, [called(1, {DataClass.PERSONAL}), called(2), sent(3, OWN, set())])
    base = grounds(load(config))
    decisions = past_of(folder / "state", None, None)
    return gather(
        base.registry, build(base, DAY), base.applications, OrganisationId("ministry"), decisions, base.policies.reviews
    )


def rows(material: Material, kind: str) -> list[dict[str, str]]:
    tables = [one.table for one in written(kind, material, "en").sections if one.table]
    return [dict(zip(table.columns, row, strict=True)) for table in tables for row in table.rows]


def test_the_register_names_a_tool_as_a_recipient_and_counts_a_request_once(material: Material) -> None:
    (row,) = rows(material, "register")
    assert row["requests sent"] == "3"
    tool = "Acme Inc. (seat: US); sub-processors on record: Under Acme [acme/search, hosted tool: remote MCP server]"
    assert tool in row["recipients (d)"]
    assert "acme/search: anywhere (US)" in row["third countries and tool (e)"]


def test_the_transfers_have_the_tool_as_an_importer(material: Material) -> None:
    found = {row["destination"]: row for row in rows(material, "transfers")}
    tool = found["acme/search, hosted tool: remote MCP server"]
    assert (tool["law of third countries"], tool["data"], tool["requests as is"]) == ("IN, US", "personal data", "2")


def test_the_dora_rows_follow_the_chain_to_the_tool_and_to_those_under_it(material: Material) -> None:
    found = rows(material, "dora")
    chain = [(row["rank in the chain"], row["provider"], row["contract on record"]) for row in found]
    at = chain.index(("2", "Acme Inc.", "yes"))
    assert chain[at + 1] == ("3", "Under Acme", "unknown")
    assert [row["requests"] for row in found if "acme/search" in row["service"]] == ["2"]
    assert found[at]["service"] == "hosted tool: remote MCP server [acme/search]"


@pytest.mark.parametrize(
    ("kind", "says"), [("impact", "acme/search"), ("ai-act", "outil hébergé"), ("notice", "outil hébergé")]
)
def test_the_other_reports_name_the_tool_too(material: Material, kind: str, says: str) -> None:
    assert says in str(written(kind, material, "fr"))
