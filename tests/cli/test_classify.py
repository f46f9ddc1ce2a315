"""`ecluse classify` tells of any file what is in it, and what could not be read."""

import json
from pathlib import Path

from typer.testing import CliRunner

from ecluse.cli.main import app
from tests.scan.made import GUID, docx, msip, zipped

IBAN = "FR7630004008210001234567849"


def test_a_document_in_an_archive_is_told_with_its_way_its_label_and_what_is_unread(tmp_path: Path) -> None:
    file = tmp_path / "a.zip"
    file.write_bytes(zipped({"lettre.docx": docx(f"IBAN {IBAN}", docProps__custom=msip()), "x.bin": b"\0\1"}))
    config = tmp_path / "ecluse.toml"
    config.write_text(f'[classification]\ntagger = false\n[classification.labels]\n"{GUID}" = "restricted"\n')
    done = CliRunner().invoke(app, ["classify", "--json", "--config", str(config), str(file)])
    told = json.loads(done.stdout)
    assert told["classes"] == ["payment", "restricted", "unreadable"]
    [found] = told["findings"]
    assert found["part"] == "a.zip/lettre.docx/word/document.xml"
    assert found["text"] == IBAN
    assert [(one["part"], one["why"]) for one in told["unread"]] == [("a.zip/x.bin", "unknown_format")]
    assert told["labels"][0]["data_class"] == "restricted"


def test_a_text_is_read_from_standard_input_and_shown_as_a_page() -> None:
    done = CliRunner().invoke(app, ["classify", "--html", "--language", "fr", "-"], input=f"IBAN {IBAN}")
    assert done.exit_code == 0
    assert f"{IBAN}</mark>" in done.stdout


def test_a_file_that_is_not_there_is_said() -> None:
    done = CliRunner().invoke(app, ["classify", "nowhere.docx"])
    assert done.exit_code == 2
    assert "nowhere.docx cannot be read: No such file or directory" in done.stderr


def test_a_folder_is_refused_and_the_command_for_folders_named(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["classify", str(tmp_path)])
    assert done.exit_code == 2
    assert "ecluse assess --corpus" in done.stderr


def test_a_narrow_table_cuts_no_value_and_no_part(tmp_path: Path) -> None:
    file = tmp_path / "a.zip"
    file.write_bytes(zipped({"dossier/lettre-de-la-mairie.txt": f"IBAN {IBAN}".encode(), "b.txt": b"rien"}))
    done = CliRunner().invoke(app, ["classify", str(file)], env={"COLUMNS": "80"})
    assert done.exit_code == 0
    columns = [line.split("│") for line in done.stdout.splitlines() if line.startswith("│")]
    assert "".join(row[2].strip() for row in columns) == IBAN
    where = "".join(row[1].strip() for row in columns)
    assert "a.zip/dossier/lettre-de-la-mairie.txt" in where
