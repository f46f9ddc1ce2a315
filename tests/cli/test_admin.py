"""`ecluse admin token`: a token is shown once, listed without being shown, and opens nothing once it is revoked."""

import asyncio
import json
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ecluse.cli import admin
from ecluse.edge.clock import SystemClock
from ecluse.edge.key_changes import Asked, tell
from ecluse.edge.keys import Secrets
from ecluse.edge.keys import state as where
from ecluse.edge.stores.lock import TrailLock
from ecluse.edge.stores.opening import open_reader
from ecluse.edge.stores.sqlite import SqliteStore
from ecluse.passage.record import parse


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


def serve(state: Path) -> list[dict[str, object]]:
    """Tell what was asked for, as a gateway does; return the administrative entries."""

    async def work() -> None:
        store = SqliteStore(where.trail(state), signer=Secrets.open(state).signer(), clock=SystemClock())
        await store.start()
        await tell(Asked(where.key_changes(state)), store, SystemClock())
        await store.close()

    asyncio.run(work())
    with closing(open_reader(state)) as trail:
        return [dict(parse(data).body) for _, data, _ in trail.rows(0, trail.size())]


def test_what_is_made_or_revoked_is_on_the_trail_without_the_person_s_name(tmp_path: Path) -> None:
    made = json.loads(run(tmp_path, "create", "--role", "dpo", "--name", "Anne Martin", "--json").stdout)
    serve(tmp_path)
    assert run(tmp_path, "revoke", made["id"]).exit_code == 0
    run(tmp_path, "revoke", "adm_none")
    created, revoked = serve(tmp_path)
    assert created == {
        "action": "admin_token_created",
        "actor": "command_line",
        "subject": made["id"],
        "facts": {"role": "dpo", "expires": None},
    }
    assert (revoked["action"], revoked["subject"]) == ("admin_token_revoked", made["id"])
    assert b"Anne" not in where.trail(tmp_path).read_bytes()


def test_a_trail_that_is_not_written_refuses_the_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = json.loads(run(tmp_path, "create", "--role", "dpo", "--name", "Anne", "--json").stdout)
    serve(tmp_path)
    monkeypatch.setattr("ecluse.edge.trail_writing.PATIENCE", 0.1)
    lock = TrailLock(where.trail(tmp_path))
    try:
        for words in (("create", "--role", "admin", "--name", "Louis"), ("revoke", made["id"])):
            told = run(tmp_path, *words)
            assert (told.exit_code, "nothing was changed" in told.output) == (2, True), told.output
    finally:
        lock.release()
    [row] = json.loads(run(tmp_path, "list", "--json").stdout)
    assert (row["id"], row["revoked"]) == (made["id"], False)
