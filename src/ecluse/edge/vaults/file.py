"""Sealed vaults as files of one folder, readable by their owner alone.

Law: a record is there whole or not at all. A name is a plain file name, or it is refused.
"""

import asyncio
import os
import secrets
import threading
from contextlib import suppress
from pathlib import Path

from ecluse.domain.snapshot import Instant
from ecluse.edge.vaults.sealed import VaultUnusable, plain

_END = slice(4, 12)
_MAGICS = (b"EVL1", b"EKC1")
"""How sealed vaults and sealed contents begin."""


class FileVaults:
    """Vaults in a folder."""

    def __init__(self, folder: Path) -> None:
        """Open nothing yet."""
        self._folder = folder
        self._swapping = threading.Lock()

    async def put(self, name: str, record: bytes, *, expires: Instant) -> None:  # noqa: ARG002 - the record has its end
        """Keep a record, in the place of one of the same name."""
        await asyncio.to_thread(self.write, name, record)

    async def get(self, name: str, *, now: Instant) -> bytes | None:  # noqa: ARG002 - its seal says whether it ended
        """Return a record."""
        return await asyncio.to_thread(self.read, name)

    async def swap(self, name: str, before: bytes, record: bytes, *, expires: Instant) -> bool:  # noqa: ARG002 - the record has its end
        """Put a record in the place of another, if that still stands there. Of one process: a folder has no more."""
        return await asyncio.to_thread(self.exchange, name, before, record)

    async def forget(self, name: str) -> bool:
        """Delete a record; say whether there was one."""
        return await asyncio.to_thread(self.delete, name)

    async def close(self) -> None:
        """Hold nothing."""

    def write(self, name: str, record: bytes) -> None:
        """Keep a record."""
        path = self._path(name)
        draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        try:
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(record)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        except OSError as error:
            with suppress(OSError):  # a folder that is none has no draft either
                draft.unlink()
            raise VaultUnusable(f"{path} cannot be written: {error.strerror}") from error

    def read(self, name: str) -> bytes | None:
        """Return a record."""
        path = self._path(name)
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise VaultUnusable(f"{path} cannot be read: {error.strerror}") from error

    def exchange(self, name: str, before: bytes, record: bytes) -> bool:
        """Put a record in the place of `before`; say whether that stood there."""
        with self._swapping:
            there = self.read(name) == before
            if there:
                self.write(name, record)
            return there

    def sweep(self, now: Instant) -> None:
        """Delete every record of the folder whose end has come."""
        for path in self._folder.glob("*") if self._folder.is_dir() else ():
            try:
                with path.open("rb") as file:
                    head = file.read(_END.stop)
            except OSError:
                continue
            if head.startswith(_MAGICS) and now >= int.from_bytes(head[_END], "big"):
                path.unlink(missing_ok=True)

    def delete(self, name: str) -> bool:
        """Delete a record; say whether there was one."""
        path = self._path(name)
        with self._swapping:
            try:
                path.unlink()
            except FileNotFoundError:
                return False
            except OSError as error:
                raise VaultUnusable(f"{path} cannot be deleted: {error.strerror}") from error
            return True

    def _path(self, name: str) -> Path:
        return self._folder / plain(name)
