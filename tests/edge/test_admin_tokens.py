"""Admin tokens: one person in one role, kept as a keyed hash; what errs refuses."""

from datetime import date
from pathlib import Path

import pytest

from ecluse.domain.errors import CallerError, GatewayError
from ecluse.domain.snapshot import Instant
from ecluse.edge.admin_tokens import AdminTokens, TokensUnusable
from ecluse.edge.clock import start_of
from ecluse.edge.keys import KeyTable, Secrets, SecretsUnusable
from ecluse.edge.keys import state as where
from ecluse.edge.roles import Role
from ecluse.edge.stores.token_file import FileTokens

DAY = date(2026, 11, 24)
NOW = start_of(DAY)
AFTER = start_of(date(2026, 11, 25))


@pytest.fixture
def tokens(tmp_path: Path) -> AdminTokens:
    return AdminTokens(FileTokens(where.admin(tmp_path)), Secrets.open(tmp_path))


def test_a_token_stands_for_its_person_until_the_end_of_its_last_day(tokens: AdminTokens) -> None:
    made, secret = tokens.create(" Anne ", Role.DPO, NOW, DAY)
    assert (made.name, made.role) == ("Anne", Role.DPO)
    assert tokens.whose(secret.reveal(), Instant(AFTER - 1)) == made
    with pytest.raises(CallerError, match="invalid_admin_token"):
        tokens.whose(secret.reveal(), AFTER)


def test_the_table_has_no_token_and_is_its_owner_s_alone(tokens: AdminTokens, tmp_path: Path) -> None:
    _, secret = tokens.create("Anne", Role.ADMIN, NOW)
    assert secret.reveal().encode() not in where.admin(tmp_path).read_bytes()
    assert where.admin(tmp_path).stat().st_mode & 0o077 == 0


def test_a_revoked_token_and_an_api_key_are_refused(tokens: AdminTokens, tmp_path: Path) -> None:
    made, secret = tokens.create("Anne", Role.ADMIN, NOW)
    tokens.revoke(made.id)
    _, key = KeyTable(where.keys(tmp_path), Secrets.open(tmp_path)).create(DAY.isoformat(), NOW)  # type: ignore[arg-type] # any id
    for text in (secret.reveal(), key.reveal(), key.reveal().replace("ecl_live_", "ecl_admin_")):
        with pytest.raises(CallerError, match="invalid_admin_token"):
            tokens.whose(text, NOW)
    with pytest.raises(KeyError):
        tokens.revoke("adm_none")


@pytest.mark.parametrize("name", ["", " ", "a\nb", "x" * 81])
def test_a_name_that_is_none_is_refused(tokens: AdminTokens, name: str) -> None:
    with pytest.raises(TokensUnusable, match="name"):
        tokens.create(name, Role.ADMIN, NOW)


def test_a_table_that_cannot_be_read_refuses_everybody(tokens: AdminTokens, tmp_path: Path) -> None:
    _, secret = tokens.create("Anne", Role.ADMIN, NOW)
    where.admin(tmp_path).write_bytes(b"no table")
    with pytest.raises(GatewayError, match="keys_unavailable"):
        tokens.whose(secret.reveal(), NOW)


def test_lost_secrets_refuse_rather_than_orphan_the_tokens(tokens: AdminTokens, tmp_path: Path) -> None:
    tokens.create("Anne", Role.ADMIN, NOW)
    where.secrets(tmp_path).unlink()
    with pytest.raises(SecretsUnusable, match=r"admin\.db"):
        Secrets.open(tmp_path)
