"""`ecluse exposure`: who can compel, and the 2024 case supposed and computed."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from ecluse.cli.main import app

THE_2024_CASE = "microsoft converts 15 MEUR in mistral_ai at 20 GEUR post-money"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["exposure", *arguments, "--date", "2026-11-24"])


def told(*arguments: str) -> Any:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_the_2024_case_changes_no_verdict() -> None:
    document = told("mistral/eu/mistral-large-3", "--if", THE_2024_CASE)
    assert document["if"]["share"] == pytest.approx(0.075)
    assert (document["if"]["verdicts"]["opened"], document["if"]["verdicts"]["closed"]) == ([], [])
    assert document["if"]["verdicts"]["questions"] > 10_000_000_000
    before, after = (part["shares"][0]["capital"]["single"] for part in (document, document["if"]))
    assert (before[0], after[0]) == (0, 0.075)


def test_a_conversion_that_matters_names_the_verdicts_that_change() -> None:
    result = run("scaleway", "--if", "microsoft converts 15 MEUR in scaleway at 40 MEUR post-money", "-l", "fr")
    assert "Supposons : microsoft converts" in result.output
    assert "     microsoft, capital 37,5 %" in result.output
    assert "equity" not in result.output
    assert result.exit_code == 0
    assert "échec" in result.stdout
    assert "FERMÉ, infer" in result.stdout
    assert "désormais refusé : " in result.stdout
    assert "OUVERT : aucune." in result.stdout
    assert "scaleway/generative-apis/mistral-medium-3.5" in result.stdout


def test_french_writes_decimals_with_a_comma() -> None:
    says = run("mistral_ai", "--if", THE_2024_CASE, "-l", "fr").stdout
    assert "= 0,075 %" in says
    assert "seul 0,075..100 %" in says
    assert "asml, capital de 10,9917 à 11,1916 %" in says
    assert not re.search(r"\d\.\d+(?:\.\.\d| %| à)", says)


def test_the_graph_is_written_as_svg(tmp_path: Path) -> None:
    picture = tmp_path / "graph.svg"
    assert run("mistral_ai", "--graph", str(picture)).exit_code == 0
    text = picture.read_text(encoding="utf-8")
    assert text.startswith("<svg")
    assert "Microsoft Corporation" in text
    assert "sub-processor" in text
    assert run("mistral_ai", "--graph", str(tmp_path / "no" / "graph.svg")).exit_code == 2
    assert "--graph FILE.svg" in run("mistral_ai", "--graph", "svg").output


def test_what_is_not_on_record_or_cannot_be_read_refuses() -> None:
    missing = run("nobody")
    assert missing.exit_code == 1
    assert "no destination, tool or entity" in missing.stderr
    assert run("scaleway", "--if", "microsoft buys scaleway").exit_code == 2
