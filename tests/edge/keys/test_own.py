"""The gateway's own secrets, made once and never in place of lost ones."""

import copy
import logging
import pickle
import threading
from pathlib import Path

import pytest

from ecluse.domain.caller import OrganisationId
from ecluse.edge.keys import Secret, Secrets, SecretsUnusable, make_secrets
from ecluse.edge.keys import state as where
from ecluse.passage.record.checkpoint import key_of, parse_vkey


def test_secrets_are_made_once_and_read_back(tmp_path: Path) -> None:
    state = tmp_path / "new" / "state"
    first, again = Secrets.open(state), Secrets.open(state)
    town = OrganisationId("ville")
    assert first.origin == again.origin
    assert first.masking_key(town) == again.masking_key(town)
    assert first.index_of(b"key") == again.index_of(b"key")
    assert first.signer().public() == again.signer().public()
    assert {path.name: path.stat().st_mode & 0o777 for path in state.iterdir()} == {
        "secrets": 0o600,
        "trail.vkey": 0o644,
    }
    assert state.stat().st_mode & 0o777 == 0o700


def test_each_organisation_and_each_installation_has_keys_of_its_own(tmp_path: Path) -> None:
    one, other = Secrets.open(tmp_path / "one"), Secrets.open(tmp_path / "other")
    keys = {own.masking_key(OrganisationId(name)) for own in (one, other) for name in ("a", "b")}
    assert len(keys) == 4
    assert {len(key) for key in keys} == {32}
    assert one.origin != other.origin
    assert one.index_of(b"key") != other.index_of(b"key")


def test_the_public_key_stands_beside_and_verifies(tmp_path: Path) -> None:
    own = Secrets.open(tmp_path)
    published = where.vkey(tmp_path).read_text(encoding="utf-8").strip()
    assert parse_vkey(published) == key_of(own.signer())
    assert published.startswith("ecluse.local/")


def test_two_processes_that_start_together_agree(tmp_path: Path) -> None:
    origins: list[str] = []
    threads = [threading.Thread(target=lambda: origins.append(Secrets.open(tmp_path).origin)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(origins), len(set(origins))) == (8, 1)
    assert {path.name for path in tmp_path.iterdir()} == {"secrets", "trail.vkey"}


def test_open_refuses_secrets_that_others_can_read(tmp_path: Path) -> None:
    Secrets.open(tmp_path)
    where.secrets(tmp_path).chmod(0o640)
    with pytest.raises(SecretsUnusable, match="chmod 600"):
        Secrets.open(tmp_path)


@pytest.mark.parametrize("kept", ["trail.db", "keys.db"])
def test_open_refuses_to_replace_secrets_that_are_lost(tmp_path: Path, kept: str) -> None:
    (tmp_path / kept).touch()
    with pytest.raises(SecretsUnusable, match="put it back from a backup"):
        Secrets.open(tmp_path)
    assert not where.secrets(tmp_path).exists()


@pytest.mark.parametrize(
    "change",
    [
        ("version = 1", "version = 2"),
        ("version = 1", ""),
        ("pepper", "salt"),
        ('pepper = "', 'pepper = "x'),
        ("version = 1", "version = 1\nmore = 1"),
        ("version = 1", "= = ="),
    ],
    ids=lambda change: change[1],
)
def test_open_refuses_a_malformed_file_without_showing_it(tmp_path: Path, change: tuple[str, str]) -> None:
    Secrets.open(tmp_path)
    path = where.secrets(tmp_path)
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(*change, 1), encoding="utf-8")
    with pytest.raises(SecretsUnusable) as error:
        Secrets.open(tmp_path)
    secrets = [line.split('"')[1] for line in text.splitlines() if '"' in line]
    assert not any(secret in str(error.value) for secret in secrets)


def test_open_refuses_a_place_where_it_cannot_write(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SecretsUnusable, match="cannot be used"):
        Secrets.open(tmp_path / "file" / "state")


def test_a_secret_has_no_readable_form(caplog: pytest.LogCaptureFixture) -> None:
    secret = Secret("sk-canary")
    logging.getLogger("test").warning("%s %r", secret, secret)
    seen = [repr(secret), str(secret), f"{secret}", f"{secret!r:>9}", f"{[secret]}", caplog.text]
    assert not any("canary" in text for text in seen)
    assert secret.reveal() == "sk-canary"
    assert (secret == Secret("sk-canary"), secret == Secret("other"), secret == "sk-canary") == (True, False, False)
    for leak in (pickle.dumps, copy.deepcopy, hash):
        with pytest.raises(TypeError):
            leak(secret)


def test_the_secrets_have_no_readable_form(tmp_path: Path) -> None:
    own = Secrets.open(tmp_path)
    text = where.secrets(tmp_path).read_text(encoding="utf-8")
    hidden = [line.split('"')[1] for line in text.splitlines() if '"' in line and not line.startswith("origin")]
    assert len(hidden) == 3
    seen = repr(own) + repr(own.signer()) + where.vkey(tmp_path).read_text(encoding="utf-8")
    assert not any(secret in seen or bytes.fromhex(secret) in seen.encode() for secret in hidden)


def test_replicas_adopt_the_secrets_of_one_file_and_are_then_the_same(tmp_path: Path) -> None:
    file = tmp_path / "given"
    vkey = make_secrets(file)
    file.chmod(0o440)
    states = [tmp_path / "one", tmp_path / "two"]
    assert [Secrets.adopt(state, file) for state in (*states, *states)] == [True, True, False, False]
    one, two = (Secrets.open(state) for state in states)
    assert one.same_as(two)
    assert key_of(two.signer()).vkey == vkey == where.vkey(states[0]).read_text(encoding="utf-8").strip()
    assert where.secrets(states[0]).stat().st_mode & 0o777 == 0o600


def test_adopt_refuses_to_take_the_place_of_other_secrets(tmp_path: Path) -> None:
    file, state = tmp_path / "given", tmp_path / "state"
    make_secrets(file)
    before = Secrets.open(state)
    kept = where.secrets(state).read_bytes()
    with pytest.raises(SecretsUnusable, match="has other secrets, and stays as it is"):
        Secrets.adopt(state, file)
    assert where.secrets(state).read_bytes() == kept
    assert not before.same_as(Secrets.open(tmp_path / "third"))
    with pytest.raises(SecretsUnusable, match="is there already"):
        make_secrets(file)


def test_adopt_puts_back_lost_secrets_and_refuses_those_of_another_log(tmp_path: Path) -> None:
    own, other, state = tmp_path / "own", tmp_path / "other", tmp_path / "state"
    make_secrets(own)
    make_secrets(other)
    Secrets.adopt(state, own)
    where.trail(state).touch()
    where.secrets(state).unlink()
    with pytest.raises(SecretsUnusable, match="is of another log"):
        Secrets.adopt(state, other)
    assert Secrets.adopt(state, own)
    where.secrets(state).unlink()
    where.vkey(state).unlink()
    with pytest.raises(SecretsUnusable, match="put it back from a backup"):  # nothing tells whose the trail is
        Secrets.adopt(state, own)


@pytest.mark.parametrize("text", [b"", b"\xff\xfe", b"version = 2", b'version = 1\norigin = "a"'])
def test_adopt_refuses_what_is_no_secrets_file(tmp_path: Path, text: bytes) -> None:
    file, state = tmp_path / "given", tmp_path / "state"
    file.write_bytes(text)
    with pytest.raises(SecretsUnusable, match="not a secrets file of this version"):
        Secrets.adopt(state, file)
    assert not state.exists()
