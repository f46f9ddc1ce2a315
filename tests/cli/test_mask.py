"""`ecluse mask` and `ecluse unmask`: a document keeps its form, and comes back as it was when a vault was kept."""

import csv
import io
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ecluse.cli.main import app
from tests.scan.made import docx, pdf

LETTER = "Mme Éléonore Lefèvre, 06 39 98 41 27, e.lefevre@mairie.fr.\n\nE. Lefèvre est née le 12/03/1985.\n"
TABLE = 'nom;téléphone;note\n"Mme Éléonore Lefèvre";06 39 98 41 27;"a; b"\n"M. Paul Durand";06 39 98 41 28;c\n'
RECORD = {"patient": {"nom": "Mme Éléonore Lefèvre", "tel": "06 39 98 41 27"}, "n": 3, "ok": True, "vide": None}
VALUES = ("Lefèvre", "06 39 98 41 27", "lefevre", "12/03/1985", "Durand")


def run(*words: object, stdin: str | None = None) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words], input=stdin)


def write(folder: Path, name: str, content: str) -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("lettre.txt", LETTER),
        ("lettre.md", f"# Lettre\n\n- {LETTER}"),
        ("table.csv", TABLE),
        ("dossier.json", json.dumps(RECORD, ensure_ascii=False, indent=2) + "\n"),
    ],
)
def test_a_document_comes_back_from_its_vault(tmp_path: Path, name: str, content: str) -> None:
    path, vault, out = write(tmp_path, name, content), tmp_path / "v", tmp_path / f"masked-{name}"
    done = run("mask", path, "--vault", vault, "--out", out, "--state-dir", tmp_path / "state")
    assert done.exit_code == 0, done.output
    left = out.read_text(encoding="utf-8")
    assert not any(value in left for value in VALUES)
    assert "WOMAN_" in left
    assert b"Lef" not in vault.read_bytes()
    back = run("unmask", out, "--vault", vault, "--out", tmp_path / "back", "--state-dir", tmp_path / "state")
    assert back.exit_code == 0, back.output
    again = (tmp_path / "back").read_text(encoding="utf-8")
    if name.endswith(".csv"):
        assert [*csv.reader(io.StringIO(again), delimiter=";")] == [*csv.reader(io.StringIO(content), delimiter=";")]
    else:
        assert again == content


def test_without_a_vault_there_is_no_way_back_and_two_runs_share_nothing(tmp_path: Path) -> None:
    path = write(tmp_path, "lettre.txt", LETTER)
    one, other = run("mask", path), run("mask", path)
    assert "no way back" in one.stderr
    assert one.stdout != other.stdout
    assert not any(value in one.stdout for value in VALUES)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["lettre.txt"]


def test_an_answer_about_a_document_is_read_with_its_vault(tmp_path: Path) -> None:
    path, vault, state = write(tmp_path, "lettre.txt", LETTER), tmp_path / "v", tmp_path / "state"
    shown = run("mask", path, "--vault", vault, "--state-dir", state).stdout
    surrogate = shown.split(",")[0].removeprefix("Mme ")
    told = run(
        "unmask", "-", "--vault", vault, "--state-dir", state, stdin=f"Chère {surrogate.lower()}, PERSON_000000."
    )
    assert told.stdout == "Chère Éléonore Lefèvre, PERSON_000000."
    assert "1 put back; 1 look like surrogates" in told.stderr


def test_a_vault_that_is_forgotten_is_gone(tmp_path: Path) -> None:
    path, vault, state = write(tmp_path, "lettre.txt", LETTER), tmp_path / "v", tmp_path / "state"
    run("mask", path, "--vault", vault, "--state-dir", state)
    assert run("unmask", path, "--vault", vault, "--forget", "--state-dir", state).exit_code == 0
    assert not vault.exists()
    gone = run("unmask", path, "--vault", vault, "--state-dir", state)
    assert gone.exit_code == 2
    assert "does not come back" in gone.stderr


def test_a_vault_of_another_gateway_refuses(tmp_path: Path) -> None:
    path, vault = write(tmp_path, "lettre.txt", LETTER), tmp_path / "v"
    run("mask", path, "--vault", vault, "--state-dir", tmp_path / "state")
    refused = run("unmask", path, "--vault", vault, "--state-dir", tmp_path / "other")
    assert refused.exit_code == 2
    assert "state directory" in refused.stderr


def test_a_value_in_a_key_refuses_and_writes_nothing(tmp_path: Path) -> None:
    path = write(tmp_path, "d.json", json.dumps({"e.lefevre@mairie.fr": 1}))
    refused = run("mask", path, "--out", tmp_path / "out")
    assert refused.exit_code == 2
    assert "keys" in refused.stderr
    assert not (tmp_path / "out").exists()
    assert "lefevre" not in refused.output


def test_a_document_with_surrogates_of_their_own_formats_comes_back(tmp_path: Path) -> None:
    path, vault, out, state = write(tmp_path, "l.txt", LETTER), tmp_path / "v", tmp_path / "out", tmp_path / "state"
    asked = ("--form", "phone", "--form", "email", "--form", "date")
    done = run("mask", path, "--vault", vault, "--out", out, "--state-dir", state, *asked)
    assert done.exit_code == 0, done.output
    left = out.read_text(encoding="utf-8")
    assert not any(value in left for value in VALUES)
    assert "06 39 98" in left
    assert "@example.org" in left
    assert not any(word in left for word in ("PHONE_", "EMAIL_", "DATE_"))
    assert run("unmask", out, "--vault", vault, "--state-dir", state).stdout == LETTER


def test_a_format_that_is_not_known_is_named(tmp_path: Path) -> None:
    refused = run("mask", write(tmp_path, "l.txt", LETTER), "--form", "card")
    assert refused.exit_code == 2
    assert "there are: iban, phone, email, date" in refused.output


def test_what_is_no_json_is_said(tmp_path: Path) -> None:
    assert run("mask", write(tmp_path, "d.json", "{")).exit_code == 2


def test_what_no_mask_lifts_is_named_and_what_is_made_coarser_is_counted(tmp_path: Path) -> None:
    path = write(tmp_path, "d.txt", "Mme Éléonore Lefèvre, 42 ans, est diabétique sous insuline : diabète de type 2.")
    done = run("mask", path, "--generalise", "age")
    assert "40-49 ans" in done.stdout
    assert "1 values made coarser" in done.stderr
    assert "health" in done.stderr


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("lettre.docx", docx("Mme Éléonore Lefèvre, 06 39 98 41 27.", "E. Lefèvre est née le 12/03/1985.")),
        ("lettre.pdf", pdf("Mme Éléonore Lefèvre, 06 39 98 41 27, née le 12/03/1985.")),
    ],
)
def test_the_text_of_a_document_is_masked_and_comes_back(tmp_path: Path, name: str, data: bytes) -> None:
    path, vault, out, state = tmp_path / name, tmp_path / "v", tmp_path / "out.txt", tmp_path / "state"
    path.write_bytes(data)
    done = run("mask", path, "--vault", vault, "--out", out, "--state-dir", state)
    assert done.exit_code == 0, done.output
    left = out.read_text(encoding="utf-8")
    assert "WOMAN_" in left
    assert not any(value in left for value in VALUES)
    told = run("unmask", out, "--vault", vault, "--state-dir", state).stdout
    assert "Éléonore Lefèvre, 06 39 98 41 27" in told
    assert "12/03/1985" in told


def test_a_part_that_was_not_read_refuses_unless_it_may_be_left_out(tmp_path: Path) -> None:
    path = tmp_path / "lettre.docx"
    path.write_bytes(docx("Mme Éléonore Lefèvre", **{"word__embeddings__a.bin": b"\x00\x01\x02 not known"}))
    refused = run("mask", path, "--out", tmp_path / "out")
    assert refused.exit_code == 2
    assert "not read: " in refused.stderr
    assert not (tmp_path / "out").exists()
    done = run("mask", path, "--even-if-unread")
    assert done.exit_code == 0, done.output
    assert "not read: " in done.stderr
    assert "Mme WOMAN_" in done.stdout


def test_a_document_without_any_text_refuses(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"\x00\x01\x02")
    assert run("mask", path, "--even-if-unread").exit_code == 2
