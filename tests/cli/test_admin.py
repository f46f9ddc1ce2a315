"""`ecluse admin token`: a token is shown once, listed without being shown, and opens nothing once it is revoked."""

import json
from pathlib import Path

from typer.testing import CliRunner, Result

from ecluse.cli import admin


def run(state: Path, *words: str) -> Result:
    return CliRunner().invoke(admin.app, ["token", *words, "--state-dir", str(state)])


def test_a_token_is_made_listed_and_revoked(tmp_path: Path) -> None:
    made = run(tmp_path, "create", "--role", "dpo", "--name", "Anne", "--json")
    told = json.loads(made.stdout)
    assert told["token"].startswith("ecl_admin_")
    assert "Anne" not in run(tmp_path, "list").output
    assert "person_" in run(tmp_path, "list").output
    assert told["token"] not in run(tmp_path, "list").output
    assert run(tmp_path, "revoke", told["id"]).exit_code == 0
    [row] = json.loads(run(tmp_path, "list", "--json").stdout)
    assert (row["id"], row["role"], row["counts"], row["revoked"]) == (told["id"], "dpo", False, True)
    assert "token" not in row


def test_what_cannot_be_is_refused_with_what_to_do(tmp_path: Path) -> None:
    assert "ecluse admin token create" in run(tmp_path, "list").output
    assert run(tmp_path, "create", "--role", "king", "--name", "Anne").exit_code == 2
    assert "past" in run(tmp_path, "create", "--role", "dpo", "--name", "Anne", "--expires", "2020-01-01").output
    assert "name" in run(tmp_path, "create", "--role", "dpo", "--name", " ").output
    assert run(tmp_path, "revoke", "adm_none").exit_code == 1
