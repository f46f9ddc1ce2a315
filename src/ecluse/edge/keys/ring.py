"""Who presents this key? Answered from memory, as the table on disk is now.

Law: one refusal for every cause, word for word: malformed, unknown, expired and revoked cannot be told apart. A text
that has not the form of a key costs no look-up; every text that has it costs the same. When the table cannot be read,
nobody passes.
"""

import asyncio
import contextlib
import hmac
import sqlite3
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from ecluse.domain.caller import EVERYTHING, ApplicationId, Key, KeyId, KeyScope
from ecluse.domain.errors import CallerError, GatewayError
from ecluse.domain.snapshot import Instant
from ecluse.edge.keys.api_key import LENGTH, mint, well_formed
from ecluse.edge.keys.own import Secrets
from ecluse.edge.keys.secret import Secret
from ecluse.edge.keys.table import KeysUnusable, KeyTable, check, read, renewed
from ecluse.passage.record import timestamp

SCHEME = "bearer "
NEVER = Instant(2**63)
STEP = 10 * 60 * 1000
"""Milliseconds to which the last use of a key is kept: each key is written at most once in that time."""
EVERY = 1.0
"""Seconds between two looks at a table that is elsewhere."""
TELL = 60.0
"""Seconds between two times at which the last uses are written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a ring keeps of a key. `ends` is the first instant at which it does not count."""

    index: bytes
    application: ApplicationId
    key: KeyId
    ends: Instant
    scopes: frozenset[KeyScope] = EVERYTHING


NOBODY = Known(index=b"\x00" * 32, application=ApplicationId(""), key=KeyId(""), ends=Instant(0))
"""Stands in for a key that is not there, so that it takes the same steps."""


class Ring(ABC):
    """The keys that a gateway knows, wherever they are kept."""

    def __init__(self, own: Secrets) -> None:
        self._own = own
        self._known: Mapping[bytes, Known] = {}
        self._lent: dict[bytes, Known] = {}
        self._used: dict[KeyId, int] = {}
        self._written: dict[KeyId, int] = {}

    def authenticate(self, header: str | None, now: Instant) -> tuple[ApplicationId, KeyId, frozenset[KeyScope]]:
        """Return the application and the key behind `Bearer KEY`, or `KEY` alone, and what the key may be used for.

        Raises CallerError('invalid_api_key'), or GatewayError when the table cannot be read.
        """
        key = _presented(header)
        if key is None:
            raise CallerError("invalid_api_key")
        index = self._own.index_of(key)
        found = self._lent.get(index) or self._table().get(index, NOBODY)
        if not hmac.compare_digest(found.index, index) or now >= found.ends:
            raise CallerError("invalid_api_key")
        self._used[found.key] = now // STEP
        return found.application, found.key, found.scopes

    def counts(self, application: ApplicationId, key: KeyId, now: Instant) -> bool:
        """Say whether a key counts now, for what is done on its behalf later. Raises GatewayError."""
        known = [*self._lent.values(), *self._table().values()]
        return any(one.key == key and one.application == application and now < one.ends for one in known)

    def lend(self, application: ApplicationId, name: KeyId) -> Secret:
        """Make a key that lives in this process alone, for a part of it that asks on a person's behalf."""
        secret = mint()
        index = self._own.index_of(secret.reveal().encode())
        self._lent[index] = Known(index=index, application=application, key=name, ends=NEVER)
        return secret

    async def keep(self) -> None:
        """Keep the keys as they are elsewhere, and there when each was last used; until cancelled."""
        due = time.monotonic() + TELL
        while True:
            await asyncio.sleep(EVERY)
            await self._look()
            if time.monotonic() >= due:
                await self.tell()
                due = time.monotonic() + TELL

    async def tell(self) -> None:
        """Write when keys were last used, where that changed; what cannot be written now is written the next time."""
        lent = {one.key for one in self._lent.values()}
        fresh = {key: step for key, step in self._used.items() if self._written.get(key) != step and key not in lent}
        if not fresh:
            return
        try:
            await self._write({key: timestamp(Instant(step * STEP)) for key, step in fresh.items()})
        except KeysUnusable:
            return
        self._written |= fresh

    @abstractmethod
    async def end(self) -> None:
        """Let go of the table."""

    @abstractmethod
    async def _write(self, used: Mapping[KeyId, str]) -> None:
        """Write when keys were last used. Raises KeysUnusable."""

    @abstractmethod
    async def _look(self) -> None:
        """Look at the table anew, where that is not done with each question."""

    @abstractmethod
    def _table(self) -> Mapping[bytes, Known]:
        """Return the table as it counts now. Raises GatewayError when it cannot be read."""


class KeyRing(Ring):
    """The keys of one process: those of its state directory's file, as the file is now."""

    def __init__(self, path: Path, own: Secrets) -> None:
        super().__init__(own)
        self._path = path
        self._db: sqlite3.Connection | None = None
        self._seen: tuple[int, int, int] | None = None

    async def end(self) -> None:
        """Write when keys were last used, and let go of the table."""
        await self.tell()
        self.close()

    async def _look(self) -> None:
        """Do nothing: the file is looked at with each request."""

    async def _write(self, used: Mapping[KeyId, str]) -> None:
        await asyncio.to_thread(KeyTable(self._path, self._own).saw, used)

    def close(self) -> None:
        """Let go of the file; the next question opens it again."""
        if self._db is not None:
            with contextlib.suppress(sqlite3.Error):
                self._db.close()
        self._db, self._seen, self._known = None, None, {}

    def _table(self) -> Mapping[bytes, Known]:
        """Return the table, read anew when another process changed or replaced the file."""
        try:
            status = self._path.stat()
            if self._db is None or self._seen is None or self._seen[:2] != (status.st_dev, status.st_ino):
                self.close()
                self._db = renewed(self._path)
                check(self._db, self._path)
            seen = (status.st_dev, status.st_ino, int(self._db.execute("PRAGMA data_version").fetchone()[0]))
            if seen != self._seen:
                self._known = known(read(self._db))
                self._seen = seen
        except FileNotFoundError:
            self.close()  # no table, no key
        except (sqlite3.Error, OSError, KeysUnusable) as error:
            self.close()
            raise GatewayError("internal_error", "the table of keys cannot be read") from error
        return self._known


def _presented(header: str | None) -> bytes | None:
    if header is None or len(header) > len(SCHEME) + LENGTH:
        return None
    return well_formed(header[len(SCHEME) :] if header[: len(SCHEME)].lower() == SCHEME else header)


def known(keys: Iterable[Key]) -> Mapping[bytes, Known]:
    """Return what a ring keeps of these keys, by their keyed hashes."""
    return {key.index: _known(key) for key in keys}


def _known(key: Key) -> Known:
    ends = NEVER
    if key.expires is not None:
        after = datetime.combine(date.fromisoformat(key.expires) + timedelta(days=1), datetime.min.time(), tzinfo=UTC)
        ends = Instant(int(after.timestamp()) * 1000)
    if key.revoked:
        ends = Instant(0)
    return Known(index=key.index, application=key.application, key=key.id, ends=ends, scopes=key.scopes)
