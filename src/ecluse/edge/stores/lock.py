"""One serving process per SQLite trail (decision 11), enforced by a lock on a file beside it.

Law: the lock belongs to the open file: the kernel drops it when the process dies, however it dies. POSIX only.
"""

import fcntl
import os
from pathlib import Path

from ecluse.edge.stores.errors import TrailInUse


class TrailLock:
    """The right to write one trail, held until `release`."""

    def __init__(self, trail: Path) -> None:
        """Take the lock. Raises TrailInUse, naming the process that has it."""
        path = trail.with_name(trail.name + ".lock")
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(self._descriptor, 20, 0).decode("ascii", "replace").strip() or "unknown"
            os.close(self._descriptor)
            raise TrailInUse(
                f"{trail} is served by another process (pid {holder}). Stop it, or give this one a state directory "
                "of its own: a SQLite trail has one serving process"
            ) from None
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        """Give the lock back. Idempotent."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
