"""`ecluse prove` and `ecluse diff`: what they print, and how they end."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from ecluse.cli import diff, prove
from ecluse.cli.main import app
from ecluse.edge.extras import ExtraMissing
from ecluse.packs.policies.load import BUILT_IN
from ecluse.prove.confirm import EngineDisagrees

DATE = ("--date", "2026-11-24")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments, *DATE])


def told(*arguments: str, code: int = 0) -> Any:
    result = run(*arguments, "--json")
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """Return a folder with the shipped rules, to be written otherwise."""
    folder = tmp_path / "rules"
    folder.mkdir()
    for path in BUILT_IN.glob("*.cedar"):
        shutil.copy(path, folder / path.name)
    return folder


def rewrite(folder: Path, pack: str, old: str, new: str) -> None:
    path = folder / f"{pack}.cedar"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture(scope="module")
def shipped() -> Any:
    """What is proven of the shipped rules, over the registry and over any destination: one run for two tests."""
    return told("prove", "--symbolic")


def test_the_shipped_rules_are_proven(shipped: Any) -> None:
    document = shipped
    assert document["holds"]
    assert document["broken"] == document["facts_without_ground"] == document["classes_that_widen"] == []
    assert document["unknown_providers"] == []
    assert sum(document["facts"].values()) > 100
    assert document["plans"] > 10_000
    assert document["reviews"]["base"] == {"by": None, "on": None, "written": "2026-11-24"}
    assert len(document["invariants"]) > 15


def test_a_broken_invariant_is_said_in_french_and_ends_with_one(copied: Path) -> None:
    rewrite(copied, "cloud_au_centre", 'Established::"on_own_premises"]', 'Established::"processing_in_eu"]')
    result = run("prove", "--policies", str(copied), "--language", "fr")
    assert result.exit_code == 1
    assert "VIOLÉ inv.sren31_state" in result.stdout
    assert "pourrait envoyer les données d'une sensibilité particulière à" in result.stdout
    assert "Tous sont respectés" not in result.stdout


def test_an_invariant_of_ones_own_is_proven_too(tmp_path: Path) -> None:
    text = (
        '@id("inv.no_deepseek") @reason("Nothing goes to DeepSeek.") @reason_fr("Rien ne va chez DeepSeek.")\n'
        '@source("house") @basis("house") @mode("enforce")\n'
        'forbid (principal, action == Action::"infer", resource) when { resource.provider == Provider::"deepseek" };\n'
    )
    (tmp_path / "own.cedar").write_text(text, encoding="utf-8")
    (item,) = told("prove", "--invariants", str(tmp_path), code=1)["broken"]
    assert item["invariant"] == "inv.no_deepseek"
    assert item["example"]["where"] == ["deepseek/api/deepseek-v4.1-flash"]
    assert item["example"]["classes"] == []


def test_rules_that_do_not_load_and_engines_that_differ_end_with_two(
    copied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def differs(*_: object, **__: object) -> None:
        raise EngineDisagrees("ours permits, Cedar does not")

    monkeypatch.setattr(prove, "show", differs)
    assert run("prove").exit_code == 2
    (copied / "base.cedar").write_text("permit;", encoding="utf-8")
    result = run("prove", "--policies", str(copied))
    assert result.exit_code == 2
    assert "base.cedar" in result.stderr
    assert run("prove", "--policies", str(copied / "nothing")).exit_code == 2


def test_a_difference_is_told_by_destination_with_a_witness(copied: Path) -> None:
    rewrite(copied, "gdpr_transfers", 'Established::"processing_in_adequate", ', "")
    document = told("diff", "shipped", str(copied), code=1)
    assert document["opened"] == []
    (sending, *_) = document["closed"]
    assert all(name.startswith(("mistral/eu/", "openai/eu/")) for name in sending["where"])
    assert "could send" in sending["example"]["says"]
    assert (document["date"], sending["action"]) == ("2026-11-24", "infer")


def test_a_difference_that_no_destination_on_record_shows_is_told_with_the_facts_that_show_it(copied: Path) -> None:
    rewrite(copied, "hds", "resource.non_eu_share_max > 39", "resource.non_eu_share_max > 47")
    plain = run("diff", "shipped", str(copied))
    assert plain.exit_code == 0
    assert "Written otherwise: hds.control." in plain.stdout
    result = run("diff", "shipped", str(copied), "--symbolic")
    assert result.exit_code == 1
    assert "OPENED" not in plain.stdout.replace("OPENED: none", "")
    assert "could send health data to a destination that anyone may add." in result.stdout
    assert "held from outside the Union up to 4" in result.stdout


def test_rules_that_cannot_be_compared_end_with_two(monkeypatch: pytest.MonkeyPatch) -> None:
    def differs(*_: object) -> None:
        raise EngineDisagrees("not confirmed")

    monkeypatch.setattr(diff, "compare", differs)
    assert run("diff", "shipped", "shipped").exit_code == 2


def test_prove_says_what_holds_of_any_destination(shipped: Any) -> None:
    document = shipped
    assert document["any_destination"]["holds"]
    assert document["any_destination"]["broken"] == []


def test_a_missing_solver_refuses_with_the_words_that_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(module: str, extra: str) -> None:
        raise ExtraMissing(f'{module}; `pip install "ecluse[{extra}]"` installs it')

    monkeypatch.setattr(prove, "load_extra", missing)
    result = run("prove", "--symbolic")
    assert result.exit_code == 2
    assert 'pip install "ecluse[prove]"' in result.output


def test_a_lost_floor_and_a_provider_that_is_not_on_record_are_told_though_no_verdict_changes(copied: Path) -> None:
    kept = 'R5")\n@basis("house")\n@mode("enforce")\n'
    rewrite(copied, "base", kept + '@floor("true")\n', kept)
    (copied / "house_rules.cedar").write_text(
        """@id("house_rules.none") @reason("Nothing there.") @reason_fr("Rien.") @source("A test") @basis("house")
@mode("enforce") forbid (principal, action in [Action::"infer", Action::"embed"], resource)
when { resource.provider == Provider::"azzure" };""",
        encoding="utf-8",
    )
    result = run("prove", "--policies", str(copied), "-l", "fr")
    assert result.exit_code == 1
    assert "VIOLÉ inv.credential" in result.stdout
    assert result.stdout.count("VIOLÉ") == 1
    assert "n'a plus @floor" in result.stdout
    assert "house_rules.none nomme le prestataire azzure" in result.stdout
    assert "vouliez-vous dire azure ?" in result.stdout
