"""Where the docket is kept: a file of the state directory.

Law: every command that is given the directory reads and writes the docket that its gateway reads.
"""

from pathlib import Path

from ecluse.edge.docket import Docket
from ecluse.edge.keys import state as where
from ecluse.edge.keys.own import Secrets
from ecluse.edge.stores.docket_file import FileSteps


def any_docket(state: Path) -> bool:
    """Say whether a state directory has a docket, without making anything."""
    return where.docket(state).exists()


def docket_of(state: Path, own: Secrets) -> Docket:
    """Return the docket that the directory's gateway reads."""
    return Docket(FileSteps(where.docket(state)), own.signer())
