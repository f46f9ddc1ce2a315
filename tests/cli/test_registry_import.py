"""`ecluse registry import anssi`: what an authority's document says, compared with the record and written as facts."""

import json
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import typst
from typer.testing import CliRunner, Result

from ecluse.cli.main import app
from ecluse.edge.facts import registry_of
from ecluse.edge.ground_settings import FactSettings
from ecluse.packs.registry import establish
from tests.packs.registry.catalogue import KNOWN, OTHERS, catalogue, on_record

OUTSCALE = "outscale_iaas"
DESTINATION = "outscale/own-vm/mistral-small-4"
PAGE = """
#set page(width: 60cm, height: auto, margin: 1cm)
#set text(font: "DejaVu Sans Mono", size: 9pt)
#raw(sys.inputs.text, block: true)
"""


@pytest.fixture(autouse=True)
def _reader() -> None:
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not here: apt-get install poppler-utils")


def pdf(folder: Path, text: str) -> Path:
    """Set a text as PDF, column under column, as the catalogue is."""
    path = folder / "catalogue.pdf"
    path.write_bytes(typst.compile(PAGE.encode(), format="pdf", sys_inputs={"text": text.replace("\f", "")}))
    return path


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["registry", "import", "anssi", *map(str, arguments)])


def told(code: int, *arguments: str | Path) -> Any:
    result = run(*arguments, "--json")
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


def test_a_catalogue_that_says_what_is_on_record_changes_nothing(tmp_path: Path) -> None:
    document = told(0, pdf(tmp_path, catalogue([*KNOWN, *on_record(), *OTHERS])))
    assert {one["status"] for one in document["offers"]} == {"as_recorded"}
    assert {one["service"] for one in document["not_on_record"]} == {row.service for row in OTHERS}


def test_a_renewal_is_found_by_its_name_and_opens_again_once_its_facts_are_laid_over(tmp_path: Path) -> None:
    renewed = replace(KNOWN[3], begins="30/11/2026", ends="30/11/2029", decision="4000")
    text = catalogue([*KNOWN[:3], renewed, *KNOWN[4:], *on_record(), *OTHERS], updated="05/12/2026")
    folder = tmp_path / "own"
    folder.mkdir()
    document = told(1, pdf(tmp_path, text), "--out", folder / "anssi.toml")
    (changed,) = [one for one in document["offers"] if one["status"] == "changed"]
    assert (changed["offer"], changed["decision"]) == (OUTSCALE, "4000")
    known = registry_of(FactSettings(folders=[str(folder)]))
    day = date(2026, 12, 6)
    before, after = (establish(facts, day) for facts in (registry_of(FactSettings()), known))
    id_ = next(one for one in after if one == DESTINATION)
    assert "secnumcloud" not in before[id_].established
    assert "secnumcloud" in after[id_].established


def test_what_is_no_longer_listed_ends_on_the_day_of_the_catalogue(tmp_path: Path) -> None:
    text = catalogue([*KNOWN[:3], *KNOWN[4:], *on_record(), *OTHERS])
    folder = tmp_path / "own"
    folder.mkdir()
    document = told(1, pdf(tmp_path, text), "--out", folder / "anssi.toml")
    assert [one["offer"] for one in document["offers"] if one["status"] == "not_listed"] == [OUTSCALE]
    established = establish(registry_of(FactSettings(folders=[str(folder)])), date(2026, 11, 1))
    id_ = next(one for one in established if one == DESTINATION)
    assert "secnumcloud" not in established[id_].established


def test_a_file_that_is_no_catalogue_is_refused(tmp_path: Path) -> None:
    junk = tmp_path / "junk.pdf"
    junk.write_bytes(b"%PDF-1.7 nothing")
    assert run(junk).exit_code == 2
    assert "is not there" in run(tmp_path / "none.pdf").output
    other = run(pdf(tmp_path, "a letter"))
    assert other.exit_code == 2
    assert "is it ANSSI's catalogue" in other.output
