"""Where API keys are kept: a file of the state directory, or the PostgreSQL that its gateway's trail is on.

Law: one of the two, never both. A gateway that starts on PostgreSQL takes the file's keys over and puts the file
aside, so that a key that is revoked later does not count again from a file left behind.
"""

import asyncio
import contextlib
from pathlib import Path

from ecluse.domain.errors import GatewayError
from ecluse.edge.config import StoreSettings
from ecluse.edge.extras import load
from ecluse.edge.keys import state as where
from ecluse.edge.keys.own import Secrets
from ecluse.edge.keys.ring import KeyRing, Ring
from ecluse.edge.keys.table import Keys, KeysUnusable, KeyTable
from ecluse.edge.stores.errors import StoreError
from ecluse.edge.stores.opening import stated, url_of

POSTGRES = "ecluse.edge.stores.postgres.keys"


def any_table(state: Path) -> bool:
    """Say whether a state directory has a table of keys, without making anything."""
    return where.keys(state).exists() or where.store(state).exists()


def table_of(state: Path, own: Secrets) -> Keys:
    """Return the table that the directory's gateway reads. Raises KeysUnusable."""
    try:
        named = stated(state)
        if named.url is None:
            return KeyTable(where.keys(state), own)
        made: Keys = load(POSTGRES, "postgres").PostgresKeys(url_of(named.url), named.schema, own)
    except (ValueError, GatewayError, StoreError) as error:
        raise KeysUnusable(f"{where.store(state)} names a store that cannot be used: {error}") from error
    return made


async def open_ring(named: StoreSettings, state: Path, own: Secrets) -> Ring:
    """Return the keys to serve with. Raises KeysUnusable, StoreError, SettingsError, GatewayError or ExtraMissing."""
    if named.url is None:
        return KeyRing(where.keys(state), own)
    module, url = load(POSTGRES, "postgres"), url_of(named.url)
    await asyncio.to_thread(carry_keys, named, state, own)
    ring = module.PostgresRing(url, named.schema, own)
    await ring.begin()
    made: Ring = ring
    return made


def carry_keys(named: StoreSettings, state: Path, own: Secrets) -> int:
    """Take over the keys of a file, and put the file aside; return how many it had. Raises KeysUnusable."""
    path = where.keys(state)
    if named.url is None or not path.exists():
        return 0
    keys = KeyTable(path, own).list()
    load(POSTGRES, "postgres").PostgresKeys(url_of(named.url), named.schema, own).adopt(keys)
    with contextlib.suppress(FileNotFoundError):
        path.rename(path.with_name(f"{path.name}.carried"))
    return len(keys)
