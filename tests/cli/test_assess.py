"""`ecluse assess` counts what is in a folder, and what an attacker still reads once each document is masked."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ecluse.cli.main import app

LETTER = (
    "Madame Jeanne Le Goff, née le 12 mars 1962, 29200 Brest. Écrire à breizh.ar@orange.fr, compte breizh.ar sur le "
    "serveur. Geboren am 12. März 1962. La patiente est diabétique."
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("corpus")
    (made / "dossier").mkdir()
    (made / "dossier" / "lettre.txt").write_text(LETTER, encoding="utf-8")
    rows = ["nom;sexe;code postal;année de naissance", *["x;F;29200;1962"] * 5, "y;M;35000;1980"]
    (made / "table.csv").write_text("\n".join(rows), encoding="utf-8")
    (made / "note.txt").write_text("Vu hier avec Le Goff, Jeanne au sujet du bail.", encoding="utf-8")
    (made / "son.bin").write_bytes(b"\0\1")
    (made / "lien").symlink_to("/etc/hostname")
    return made


def run(*arguments: str) -> str:
    done = CliRunner().invoke(app, ["assess", "--no-tagger", *arguments])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_a_folder_is_counted_masked_and_attacked(folder: Path) -> None:
    told: dict[str, Any] = json.loads(run("--corpus", str(folder), "--json"))
    assert told["documents"]["all"] == 5
    assert told["documents"]["nothing_read"] == 2
    assert told["unread"] == {"too_large": 1, "unknown_format": 1}
    assert told["kinds"]["birth_date"] == {"findings": 1, "documents": 1}
    assert told["classes"]["unreadable"] == 2
    assert told["left_in_clear"] == {"health": 1}
    assert told["people"]["name_left"] == 1
    assert told["rests"]["date_written_otherwise"]["documents"] == 1
    assert told["rests"]["login"]["documents"] == 1
    [combination] = [one for one in told["links"]["by"] if one["facts"] == ["postcode", "birth_year", "sex"]]
    assert (combination["records"], combination["unique"], combination["below_five"]) == (6, 1, 1)
    assert told["small"]


def test_a_report_holds_no_text_and_no_name_of_a_file_unless_asked(folder: Path, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    shown = run("--corpus", str(folder), "--html", str(page), "--json", "--language", "fr")
    for text in (shown, page.read_text(encoding="utf-8")):
        assert not any(word in text.lower() for word in ("goff", "lettre.txt", "breizh"))
    assert "n'est pas une preuve d'anonymat" in page.read_text(encoding="utf-8").replace("&#39;", "'")
    quoted = run("--corpus", str(folder), "--examples")
    assert "breizh.ar" in quoted
    assert "dossier/lettre.txt" in quoted


def test_the_report_is_said_in_two_languages(folder: Path) -> None:
    assert "What this report does not say" in run("--corpus", str(folder))
    assert "Ce que ce rapport ne dit pas" in run("--corpus", str(folder), "--language", "fr")


def test_a_document_that_cannot_be_masked_is_said_and_not_attacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.txt").write_text(LETTER, encoding="utf-8")
    monkeypatch.setattr("ecluse.scan.assess.document.SECONDS", -1.0)
    told = json.loads(run("--corpus", str(tmp_path), "--json"))
    assert told["documents"]["not_masked"] == {"classification_unavailable": 1}
    assert told["documents"]["masked"] == 0
    assert told["classes"] == {"unreadable": 1}


def test_a_folder_that_is_not_there_or_empty_refuses(tmp_path: Path) -> None:
    for where in (tmp_path, tmp_path / "nowhere"):
        done = CliRunner().invoke(app, ["assess", "--corpus", str(where)])
        assert done.exit_code == 2
