"""The table of keys on disk: what a key may be used for stays with it, and a table of an earlier version is renewed."""

import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from ecluse.domain.caller import EVERYTHING, ApplicationId, KeyId, KeyScope
from ecluse.domain.errors import GatewayError
from ecluse.edge.clock import start_of
from ecluse.edge.keys import KeyRing, KeysUnusable, KeyTable, Secrets
from ecluse.edge.keys import state as where
from ecluse.edge.keys.api_key import mint
from ecluse.edge.keys.table import APPLICATION_ID

NOW = start_of(date(2026, 11, 24))
TOWN = ApplicationId("town-mail")
FIRST = f"""
PRAGMA application_id = {APPLICATION_ID};
PRAGMA user_version = 1;
CREATE TABLE keys (
    id TEXT PRIMARY KEY, application TEXT NOT NULL, hash BLOB NOT NULL UNIQUE, created TEXT NOT NULL,
    expires TEXT, revoked INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
"""
"""The table as schema 1 had it."""


def old_table(state: Path) -> str:
    """Make a table of schema 1 with one key; return the key."""
    secret = mint().reveal()
    hashed = Secrets.open(state).index_of(secret.encode())
    with closing(sqlite3.connect(where.keys(state))) as db:
        db.executescript(FIRST)
        db.execute(
            "INSERT INTO keys VALUES ('key_old', 'town-mail', ?, '2026-01-01T00:00:00.000Z', NULL, 0)", (hashed,)
        )
        db.commit()
    return secret


def test_a_key_of_an_earlier_version_goes_on_counting_for_everything(tmp_path: Path) -> None:
    secret = old_table(tmp_path)
    ring = KeyRing(where.keys(tmp_path), Secrets.open(tmp_path))
    assert ring.authenticate(secret, NOW) == (TOWN, KeyId("key_old"), EVERYTHING)
    ring.close()
    [key] = KeyTable(where.keys(tmp_path), Secrets.open(tmp_path)).list()
    assert (key.id, key.scopes, key.used) == ("key_old", EVERYTHING, None)


def test_a_table_of_an_earlier_version_takes_narrow_keys(tmp_path: Path) -> None:
    old_table(tmp_path)
    table = KeyTable(where.keys(tmp_path), Secrets.open(tmp_path))
    narrow, _ = table.create(TOWN, NOW, scopes=frozenset({KeyScope.CHAT, KeyScope.OCR}))
    assert [key.scopes for key in table.list()] == [EVERYTHING, narrow.scopes]


def test_a_table_of_a_later_version_refuses_and_stays_as_it_is(tmp_path: Path) -> None:
    old_table(tmp_path)
    with closing(sqlite3.connect(where.keys(tmp_path))) as db:
        db.execute("PRAGMA user_version = 99")
    before = where.keys(tmp_path).read_bytes()
    with pytest.raises(KeysUnusable):
        KeyTable(where.keys(tmp_path), Secrets.open(tmp_path)).list()
    with pytest.raises(GatewayError):
        KeyRing(where.keys(tmp_path), Secrets.open(tmp_path)).authenticate(mint().reveal(), NOW)
    assert where.keys(tmp_path).read_bytes() == before


def test_a_scope_that_is_not_known_refuses_every_key(tmp_path: Path) -> None:
    table = KeyTable(where.keys(tmp_path), Secrets.open(tmp_path))
    _, secret = table.create(TOWN, NOW)
    with closing(sqlite3.connect(where.keys(tmp_path))) as db:
        db.execute("UPDATE keys SET scopes = 'chat,telepathy'")
        db.commit()
    with pytest.raises(GatewayError):
        KeyRing(where.keys(tmp_path), Secrets.open(tmp_path)).authenticate(secret.reveal(), NOW)


@pytest.mark.parametrize("scopes", [frozenset(), frozenset({KeyScope.ALL, KeyScope.CHAT})])
def test_a_key_for_nothing_or_for_all_and_some_refuses_to_be_made(tmp_path: Path, scopes: frozenset[KeyScope]) -> None:
    table = KeyTable(where.keys(tmp_path), Secrets.open(tmp_path))
    with pytest.raises(ValueError, match="scopes"):
        table.create(TOWN, NOW, scopes=scopes)
    assert table.list() == ()
