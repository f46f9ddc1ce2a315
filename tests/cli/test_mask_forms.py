"""A masked document has all of its file but the values: ends of lines, numbers, escapes, the mark of UTF-8."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ecluse.cli.main import app

NAME = "Mme Éléonore Lefèvre"


def run(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("windows.txt", f"\ufeff{NAME}\r\n06 39 98 41 27\r\nfin\r\n"),
        ("old.md", f"{NAME}\rfin\r"),
        ("sheet.csv", f"\ufeffnom;note\r\n{NAME};a\r\nPaul Durand;b\r\n"),
        ("open.tsv", f"nom\tnote\n{NAME}\ta"),
        ("wide.csv", f"nom;note\n{NAME};{'a b ' * 40_000}\n"),
        ("exact.json", f'{{"nom":"{NAME}", "n": 12345678901234567890.10,"e":1e5,  "note": "\\u00e9\\ud800\\/"}}'),
        ("list.json", f'\ufeff["{NAME}",\r\n\t"nom: \\"x\\"", {{"a" : "b"}}]\r\n'),
    ],
)
def test_all_but_the_values_comes_out_as_it_went_in(tmp_path: Path, name: str, content: str) -> None:
    path, out, state = tmp_path / name, tmp_path / f"masked-{name}", tmp_path / "state"
    path.write_bytes(content.encode())
    done = run("mask", path, "--vault", tmp_path / "v", "--out", out, "--state-dir", state)
    assert done.exit_code == 0, done.output
    left = out.read_bytes().decode()
    before, _, after = content.partition(NAME)
    assert left.startswith(before)
    assert "Lefèvre" not in left
    if "Durand" not in content and "06" not in content:
        assert left.endswith(after)
    back = run("unmask", out, "--vault", tmp_path / "v", "--out", tmp_path / "back", "--state-dir", state)
    assert back.exit_code == 0, back.output
    assert (tmp_path / "back").read_bytes() == content.encode()


def test_half_a_character_beside_a_value_stays_an_escape(tmp_path: Path) -> None:
    path = tmp_path / "d.json"
    path.write_text(f'["{NAME} \\udc80"]', encoding="utf-8")
    done = run("mask", path)
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith('["Mme WOMAN_')
    assert done.stdout.endswith(' \\udc80"]')


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("d.json", f'{{"nom": "{NAME}", "nom": "Paul Durand"}}', "has a key twice"),
        ("d.json", "[" * 5_000 + "]" * 5_000, "nested more than 200 deep"),
        ("d.json", "[" * 300 + "]" * 300, "nested more than 200 deep"),
        ("d.csv", f'nom;n\n"{NAME}" x;b\n', "line 2 of the table cannot be read"),
    ],
)
def test_a_document_of_which_something_would_be_lost_refuses(tmp_path: Path, name: str, content: str, why: str) -> None:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    refused = run("mask", path, "--out", tmp_path / "out", "--vault", tmp_path / "v", "--state-dir", tmp_path / "s")
    assert refused.exit_code == 2
    assert why in refused.stderr
    assert not (tmp_path / "out").exists()
    assert not (tmp_path / "v").exists()
