"""Which store of vaults an address names: a folder, a Valkey server or a PostgreSQL.

Law: a password is named (`env:NAME`, `file:PATH` that holds the address), never written. The two servers need their
extras, which are loaded only where they are asked for.
"""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from ecluse.domain.ports import VaultStore
from ecluse.edge.extras import load
from ecluse.edge.keys.resolver import SecretResolver, SecretUnavailable
from ecluse.edge.vaults.file import FileVaults
from ecluse.edge.vaults.sealed import VaultUnusable

POSTGRES = ("postgresql://", "postgres://")
VALKEY = ("valkey://", "valkeys://", "redis://", "rediss://", "unix://")
NAMED = ("env:", "file:")


def is_server(address: str) -> bool:
    """Tell whether an address is one of a server, or the name of one."""
    return address.startswith((*POSTGRES, *VALKEY, *NAMED))


def vaults_at(address: str) -> Callable[[], VaultStore]:
    """Return what opens the vaults at an address.

    Raises:
        VaultUnusable: An address of no store, one that has a password in it, or a name with nothing behind it.
        ExtraMissing: The library of the server is not installed.
    """
    named = address.startswith(NAMED)
    try:
        url = SecretResolver().resolve(address).reveal() if named else address
    except SecretUnavailable as error:
        raise VaultUnusable(f"{error.reference}: {error.why}") from None
    if not named and is_server(url) and urlsplit(url).password is not None:
        raise VaultUnusable("a password is named, never written: env:NAME or file:PATH that holds the whole address")
    if url.startswith(POSTGRES):
        postgres = load("ecluse.edge.vaults.postgres", "postgres").PostgresVaults
        return lambda: postgres(url)
    if url.startswith(VALKEY):
        valkey = load("ecluse.edge.vaults.valkey", "valkey").ValkeyVaults
        return lambda: valkey(url)
    if named or "://" in url:
        raise VaultUnusable("vaults are kept in a folder, at postgresql://HOST/DATABASE or at valkey://HOST:6379/0")
    return lambda: FileVaults(Path(url))
