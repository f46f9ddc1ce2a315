"""`ecluse keys`: a key is shown once, listed without being shown, and refused once it is revoked."""

import asyncio
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from ecluse.cli import keys
from ecluse.domain.errors import CallerError
from ecluse.domain.snapshot import Instant
from ecluse.edge.clock import start_of
from ecluse.edge.keys import KeyRing, Secrets
from ecluse.edge.keys import state as where

NOW = start_of(date(2026, 11, 24))
SETTINGS = """
[[organisations]]
id = "town"
name = "A town"
kind = "local_authority"
teams = [{ id = "post", name = "Post" }]

[[organisations.applications]]
id = "mail"
name = "Letters"
purposes = ["drafting"]
team = "post"
"""


class StandingClock:
    """A clock that stands."""

    def now(self) -> Instant:
        return NOW


@pytest.fixture(autouse=True)
def _standing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "SystemClock", StandingClock)


def run(state: Path, *arguments: str) -> Result:
    return CliRunner().invoke(keys.app, [*arguments, "--state-dir", str(state)])


def told(state: Path, *arguments: str) -> Any:
    result = run(state, *arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_a_key_that_was_made_opens_and_one_that_was_revoked_does_not(tmp_path: Path) -> None:
    made = run(tmp_path, "create", "--application", "courrier")
    assert made.exit_code == 0
    secret = made.stdout.strip()
    assert "until it is revoked" in made.stderr
    assert secret not in made.stderr
    ring = KeyRing(where.keys(tmp_path), Secrets.open(tmp_path))
    application, key, _ = ring.authenticate(f"Bearer {secret}", NOW)
    assert application == "courrier"
    assert f"{key} of application courrier is revoked" in run(tmp_path, "revoke", key).stdout
    with pytest.raises(CallerError):
        ring.authenticate(f"Bearer {secret}", NOW)
    ring.close()


def test_an_application_that_is_not_on_record_is_refused_and_no_key_is_made(tmp_path: Path) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text(SETTINGS, encoding="utf-8")
    refused = run(tmp_path, "create", "--application", "mial", "--config", str(settings))
    assert (refused.exit_code, "did you mean mail?" in refused.stderr) == (2, True)
    assert "there are: mail" in run(tmp_path, "create", "--application", "nope", "--config", str(settings)).stderr
    assert told(tmp_path, "list") == []
    assert "nobody checks" not in run(tmp_path, "create", "--application", "mail", "--config", str(settings)).stderr


def test_without_settings_of_that_state_it_says_that_nobody_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert "nobody checks that nope exists" in run(tmp_path, "create", "--application", "nope").stderr
    (tmp_path / "ecluse.toml").write_text(SETTINGS, encoding="utf-8")
    assert "nobody checks that nope exists" in run(tmp_path, "create", "--application", "nope").stderr
    refused = run(tmp_path / ".ecluse" / "state", "create", "--application", "nope")
    assert (refused.exit_code, "there are: mail" in refused.stderr) == (2, True)


def test_the_list_says_how_each_key_stands_and_shows_none(tmp_path: Path) -> None:
    made = [told(tmp_path, "create", "--application", name, "--expires", "2026-11-24") for name in ("a", "b")]
    told(tmp_path, "revoke", made[0]["id"])
    listed = run(tmp_path, "list").stdout
    assert "revoked" in listed
    assert "counts until 2026-11-24" in listed
    assert not any(key["key"] in listed for key in made)
    assert sorted((key["application"], key["counts"], "key" in key) for key in told(tmp_path, "list")) == [
        ("a", False, False),
        ("b", True, False),
    ]


def test_looking_at_keys_makes_nothing(tmp_path: Path) -> None:
    state = tmp_path / "state"
    assert told(state, "list") == []
    assert "There is no key" in run(state, "list").stdout
    assert run(state, "revoke", "key_x").exit_code == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["--application", ""],
        ["--application", "a\nb"],
        ["--application", "a", "--expires", "tomorrow"],
        ["--application", "a", "--expires", "2026-11-23"],
        [],
    ],
    ids=str,
)
def test_create_refuses_what_it_cannot_do_and_says_why(tmp_path: Path, arguments: list[str]) -> None:
    result = run(tmp_path, "create", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr
    assert not where.keys(tmp_path).exists()


def test_keys_refuses_secrets_or_a_table_that_cannot_be_used(tmp_path: Path) -> None:
    run(tmp_path, "create", "--application", "a")
    where.keys(tmp_path).write_bytes(b"not a database, but long enough to be read as one" * 100)
    for arguments in (["list"], ["revoke", "key_x"], ["create", "--application", "a"]):
        assert run(tmp_path, *arguments).exit_code == 2
    where.secrets(tmp_path).chmod(0o644)
    assert "chmod 600" in run(tmp_path, "list").stderr


def test_a_rotated_key_counts_until_its_overlap_ends_and_the_new_one_goes_on(tmp_path: Path) -> None:
    old = told(tmp_path, "create", "--application", "town-mail")
    new = told(tmp_path, "rotate", old["id"], "--overlap-days", "3")
    assert (new["application"], new["expires"], new["until"]) == ("town-mail", None, "2026-11-27")
    ring = KeyRing(where.keys(tmp_path), Secrets.open(tmp_path))
    last, after = start_of(date(2026, 11, 28)) - 1, start_of(date(2026, 11, 28))
    for key in (old, new):
        assert ring.authenticate(f"Bearer {key['key']}", Instant(last))[1] == key["id"]
    assert ring.authenticate(f"Bearer {new['key']}", after)[1] == new["id"]
    with pytest.raises(CallerError):
        ring.authenticate(f"Bearer {old['key']}", after)
    ring.close()


def test_rotating_never_makes_a_key_last_longer(tmp_path: Path) -> None:
    old = told(tmp_path, "create", "--application", "town-mail", "--expires", "2026-11-25")
    told(tmp_path, "rotate", old["id"], "--overlap-days", "30")
    assert {key["id"]: key["expires"] for key in told(tmp_path, "list")}[old["id"]] == "2026-11-25"


def test_rotating_refuses_a_key_that_is_not_there_or_is_revoked(tmp_path: Path) -> None:
    assert run(tmp_path, "rotate", "key_nowhere").exit_code == 1
    old = told(tmp_path, "create", "--application", "town-mail")
    told(tmp_path, "revoke", old["id"])
    assert run(tmp_path, "rotate", old["id"]).exit_code == 1
    assert len(told(tmp_path, "list")) == 1


def test_a_key_is_narrowed_and_the_list_says_whose_and_what_for(tmp_path: Path) -> None:
    narrow = told(tmp_path, "create", "--application", "mail", "--scope", "embeddings", "--scope", "chat")
    assert (narrow["scopes"], narrow["used"], narrow["state"]) == (["chat", "embeddings"], None, "counts")
    ring = KeyRing(where.keys(tmp_path), Secrets.open(tmp_path))
    assert ring.authenticate(narrow["key"], NOW)[2] == {"chat", "embeddings"}
    asyncio.run(ring.end())
    config = tmp_path / "ecluse.toml"
    config.write_text(SETTINGS, encoding="utf-8")
    [row] = told(tmp_path, "list", "--config", str(config))
    assert (row["organisation"], row["team"], row["application"]) == ("town", "post", "mail")
    assert (row["used"], "key" in row) == ("2026-11-24T00:00:00.000Z", False)
    [line] = run(tmp_path, "list", "--config", str(config)).stdout.splitlines()
    assert "used 2026-11-24T00:00Z" in line
    assert line.endswith("town/post/mail  chat, embeddings")


def test_without_settings_the_organisation_is_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    told(tmp_path, "create", "--application", "mail")
    [row] = told(tmp_path, "list")
    assert (row["organisation"], row["team"]) == (None, None)
    assert run(tmp_path, "list", "--config", "other.toml").exit_code == 2


@pytest.mark.parametrize("scopes", [["telepathy"], ["all", "chat"]])
def test_create_refuses_scopes_that_no_key_can_have(tmp_path: Path, scopes: list[str]) -> None:
    words = [word for scope in scopes for word in ("--scope", scope)]
    assert run(tmp_path, "create", "--application", "mail", *words).exit_code == 2
    assert told(tmp_path, "list") == []


def test_a_rotated_key_keeps_its_scopes_and_its_last_day_unless_another_is_said(tmp_path: Path) -> None:
    old = told(tmp_path, "create", "--application", "a", "--scope", "chat", "--expires", "2027-06-30")
    new = told(tmp_path, "rotate", old["id"])
    later = told(tmp_path, "rotate", new["id"], "--expires", "2027-12-31")
    assert [(one["scopes"], one["expires"]) for one in (new, later)] == [
        (["chat"], "2027-06-30"),
        (["chat"], "2027-12-31"),
    ]
    assert run(tmp_path, "rotate", later["id"], "--expires", "2026-01-01").exit_code == 2
