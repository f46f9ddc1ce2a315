"""`ecluse mask` and `ecluse unmask` with a vault at a real server: sealed there, with an end, forgotten by its name."""

import asyncio
import re
from pathlib import Path
from zipfile import ZipFile

import asyncpg
import pytest
from typer.testing import CliRunner, Result
from valkey.asyncio import Valkey

from ecluse.cli.main import app
from ecluse.edge.vaults.valkey import PREFIX
from tests.scan.made import docx

LETTER = "Mme Éléonore Lefèvre, 06 39 98 41 27, e.lefevre@mairie.fr.\n"
VALUES = (b"Lef", "Éléonore".encode(), b"06 39", b"WOMAN_")


def run(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture(params=["server", "database"])
def url(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(request.param))


def text_in(path: Path) -> str:
    with ZipFile(path) as package:
        return package.read("word/document.xml").decode()


def kept(url: str, name: str) -> tuple[bytes | None, int]:
    """Return what a server has under a name, and in how many days it ends."""

    async def ask() -> tuple[bytes | None, int]:
        if url.startswith("redis"):
            client: Valkey = Valkey.from_url(url)
            record, left = await client.get(f"{PREFIX}document.{name}"), await client.pttl(f"{PREFIX}document.{name}")
            await client.aclose()
            return record, round(left / 86_400_000)
        connection = await asyncpg.connect(url)
        row = await connection.fetchrow(
            "SELECT record, (expires / 1000 - extract(epoch FROM now())) / 86400 AS days FROM vaults WHERE name = $1",
            f"document.{name}",
        )
        await connection.close()
        return (None, 0) if row is None else (bytes(row["record"]), round(row["days"]))

    return asyncio.run(ask())


def test_a_document_comes_back_from_a_server_which_never_sees_it(url: str, tmp_path: Path) -> None:
    path, out, back = tmp_path / "l.txt", tmp_path / "masked.txt", tmp_path / "back.txt"
    path.write_text(LETTER, encoding="utf-8")
    common = ("--vault", url, "--name", "letter-12", "--state-dir", tmp_path / "state")
    done = run("mask", path, *common, "--out", out, "--days", 3)
    assert done.exit_code == 0, done.output
    assert "the vault is letter-12" in done.stderr
    record, days = kept(url, "letter-12")
    assert record is not None
    assert not any(value in record for value in VALUES)
    assert days == 3
    undone = run("unmask", out, *common, "--out", back, "--forget")
    assert undone.exit_code == 0, undone.output
    assert back.read_text(encoding="utf-8") == LETTER
    assert kept(url, "letter-12")[0] is None
    gone = run("unmask", out, *common)
    assert gone.exit_code == 2
    assert "does not come back" in gone.stderr


def test_a_package_comes_back_under_a_name_that_was_drawn_and_is_forgotten_alone(url: str, tmp_path: Path) -> None:
    path, out, back = (tmp_path / f"{name}.docx" for name in ("a", "b", "c"))
    path.write_bytes(docx("Mme Éléonore Lefèvre, 06 39 98 41 27."))
    common = ("--vault", url, "--state-dir", tmp_path / "state")
    done = run("mask", path, *common, "--out", out)
    assert done.exit_code == 0, done.output
    name = re.search(r"the vault is ([0-9a-f]{16})\n", done.stderr)
    assert name is not None
    assert run("unmask", out, *common, "--name", name[1], "--out", back).exit_code == 0
    assert text_in(back) == text_in(path)
    assert "Lef" not in text_in(out)
    assert "is deleted" in run("unmask", *common, "--name", name[1], "--forget").stderr
    assert "was not there" in run("unmask", *common, "--name", name[1], "--forget").stderr


def test_a_vault_of_another_gateway_at_the_same_server_refuses(url: str, tmp_path: Path) -> None:
    path = tmp_path / "l.txt"
    path.write_text(LETTER, encoding="utf-8")
    assert run("mask", path, "--vault", url, "--name", "x", "--state-dir", tmp_path / "one").exit_code == 0
    refused = run("unmask", path, "--vault", url, "--name", "x", "--state-dir", tmp_path / "two")
    assert refused.exit_code == 2
    assert "state directory" in refused.stderr


def test_a_server_by_the_name_of_a_secret(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "l.txt"
    path.write_text(LETTER, encoding="utf-8")
    monkeypatch.setenv("VAULTS", url)
    common = ("--vault", "env:VAULTS", "--name", "y", "--state-dir", tmp_path / "state")
    assert run("mask", path, *common, "--out", tmp_path / "out").exit_code == 0
    assert run("unmask", tmp_path / "out", *common).stdout == LETTER


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--vault", "postgresql://u:secret@127.0.0.1/db", "--name", "a"), "never written"),
        (("--vault", "redis://:secret@127.0.0.1:1/0", "--name", "a"), "never written"),
        (("--vault", "postgresql://u@127.0.0.1:1/db", "--name", "a"), "does not answer"),
        (("--vault", "valkey://127.0.0.1:1/0", "--name", "a"), "does not answer"),
        (("--vault", "mysql://127.0.0.1/db"), "postgresql://HOST/DATABASE"),
        (("--vault", "env:NOTHING_IS_HERE"), "NOTHING_IS_HERE"),
        (("--vault", "valkey://127.0.0.1:1/0", "--name", "a/b"), "letters, digits"),
        (("--vault", "v", "--name", "a"), "a file has its own name"),
        (("--name", "a"), "--vault"),
    ],
)
def test_a_vault_that_cannot_be_kept_refuses_and_nothing_is_written(
    words: tuple[str, ...], why: str, tmp_path: Path
) -> None:
    path, out = tmp_path / "l.txt", tmp_path / "out.txt"
    path.write_text(LETTER, encoding="utf-8")
    refused = run("mask", path, *words, "--out", out, "--state-dir", tmp_path / "state")
    assert refused.exit_code == 2
    assert why in refused.stderr
    assert "secret" not in refused.output
    assert not out.exists()


def test_unmask_without_a_file_or_a_name_refuses(tmp_path: Path) -> None:
    assert "--forget" in run("unmask", "--vault", tmp_path / "v").stderr
    assert "--name" in run("unmask", "-", "--vault", "valkey://127.0.0.1:1/0").stderr
