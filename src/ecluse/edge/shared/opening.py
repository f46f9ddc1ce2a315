"""Where limits and budgets are counted: in a file of this gateway, or on the server that replicas share.

Law: a password is named (`env:NAME`, or `file:PATH` that holds the address), never written.
"""

from pathlib import Path

from ecluse.edge.config import SettingsError, SharedSettings
from ecluse.edge.extras import load
from ecluse.edge.keys import SecretResolver
from ecluse.edge.keys import state as where
from ecluse.edge.shared.counters import Counters
from ecluse.edge.shared.kept import KeptCounters


def counters_of(shared: SharedSettings, state: Path) -> Counters:
    """Return where limits and budgets are counted. Raises SettingsError, SecretUnavailable or ExtraMissing."""
    if shared.url is None:
        return KeptCounters(where.spent(state))
    named = shared.url.startswith(("env:", "file:"))
    url = SecretResolver().resolve(shared.url).reveal() if named else shared.url
    if not named and "@" in url:
        raise SettingsError("shared.url: a password is named, never written: env:NAME or file:PATH that holds the URL")
    if not url.startswith(("valkey://", "valkeys://", "redis://", "rediss://", "unix://")):
        raise SettingsError("shared.url: write valkey://HOST:6379/0, or env:NAME or file:PATH that holds such a URL")
    made: Counters = load("ecluse.edge.shared.valkey", "valkey").ValkeyCounters(url, seconds=shared.seconds)
    return made
