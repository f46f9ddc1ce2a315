"""What stands where in the state directory.

Law: the directory is its owner's alone. `trail.vkey` is the one file that is made to be given away.
"""

from pathlib import Path

DEFAULT = Path(".ecluse/state")


def trail(state: Path) -> Path:
    """The trail."""
    return state / "trail.db"


def keys(state: Path) -> Path:
    """The API keys' hashes: another file than the trail, since another process writes it (decision 11)."""
    return state / "keys.db"


def key_changes(state: Path) -> Path:
    """Changes of keys that the gateway is asked to put on its trail."""
    return state / "key_changes.db"


def admin(state: Path) -> Path:
    """The hashes of the tokens that open the admin API."""
    return state / "admin.db"


def docket(state: Path) -> Path:
    """The exceptions and contests that persons ask for and decide."""
    return state / "docket.db"


def drafts(state: Path) -> Path:
    """The drafts of the rules, and what was published of them."""
    return state / "rules.db"


def kept(state: Path) -> Path:
    """Files and batches that wait for their end: sealed."""
    return state / "kept.db"


def secrets(state: Path) -> Path:
    """The gateway's own secrets."""
    return state / "secrets"


def vkey(state: Path) -> Path:
    """The public half of the key that signs the trail's heads."""
    return state / "trail.vkey"


def head(state: Path) -> Path:
    """The newest signed head as of a moment ago: the mark below which the trail may not fall."""
    return state / "trail.head"


def witnessed(state: Path) -> Path:
    """A folder with the newest checkpoint that each witness cosigned."""
    return state / "witnessed"


def usage(state: Path) -> Path:
    """Sums of usage, derived from the trail: may be deleted, and is made anew."""
    return state / "usage.db"


def spent(state: Path) -> Path:
    """What budgets in euros have spent, where no server counts for several replicas."""
    return state / "spent"


def captured(state: Path) -> Path:
    """What is kept of prompts and answers, sealed."""
    return state / "capture.db"


def capture_keys(state: Path) -> Path:
    """The wrapped key of each: another file, which no backup should have."""
    return state / "capture.keys"


def store(state: Path) -> Path:
    """Names the PostgreSQL that keeps the trail, when one does."""
    return state / "store"
