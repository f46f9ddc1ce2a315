"""Files that callers of the gateway send to be classified: opened in processes of their own, a few at a time.

Law: the event loop waits, it does not read; who asks while all readers are busy waits for a turn, and is told 503 when
it does not come in time. A file that kills or outlasts its reader is unread with the reason, never empty.
"""

import asyncio
import threading
import time
from collections.abc import Mapping, Sequence

from ecluse.domain.document import File, Opened
from ecluse.domain.errors import GatewayError
from ecluse.domain.finding import DataClass
from ecluse.domain.request import Slot, SlotPath
from ecluse.scan.found import Reading
from ecluse.scan.labels import rule
from ecluse.scan.opening import Limits
from ecluse.scan.reading import Reader, ReaderFailed

AT_ONCE = 2
TURN = 20.0
"""Seconds that a caller waits for a reader."""
LIMITS = Limits(unfolded=64 * 2**20, free=16 * 2**20, seconds=20.0, memory=2**30, pictures=10)
"""Bounds of one call's file: tighter than at the command line, for others wait."""


class Readers:
    """Opens files for the gateway. A reader starts when it is first needed, and stays."""

    def __init__(self, labels: Mapping[str, DataClass], *, limits: Limits = LIMITS, at_once: int = AT_ONCE) -> None:
        self._labels = labels
        self._limits = limits
        self._idle = [Reader(limits) for _ in range(at_once)]
        self._all = tuple(self._idle)
        self._turns = asyncio.Semaphore(at_once)
        self._closed = threading.Event()

    async def unfold(self, files: Sequence[File]) -> Opened:
        """Open files one after the other. Raises GatewayError(classification_unavailable)."""
        return opened(await self.readings(files), self._labels)

    async def readings(self, files: Sequence[File], ends: float | None = None) -> list[Reading]:
        """Return what each file holds, as its reader told it; `ends` is until when it may, on the monotonic clock.

        Raises GatewayError(classification_unavailable) when no reader can be had, TimeoutError when one is not done.
        """
        left = None if ends is None else ends - time.monotonic()
        if left is not None and left <= 0:
            raise TimeoutError
        try:
            await asyncio.wait_for(self._turns.acquire(), TURN if left is None else min(TURN, left))
        except TimeoutError:
            raise GatewayError("classification_unavailable", "all readers of documents are busy") from None
        reader = self._idle.pop()
        reading = asyncio.ensure_future(asyncio.to_thread(self._read, reader, files))
        reading.add_done_callback(lambda done: self._give_back(reader, done))
        try:
            async with asyncio.timeout(None if ends is None else max(0.0, ends - time.monotonic())):
                return await asyncio.shield(reading)  # a caller who leaves does not leave a reader half way
        except ReaderFailed as error:
            raise GatewayError("classification_unavailable", str(error)) from None

    def _read(self, reader: Reader, files: Sequence[File]) -> list[Reading]:
        held: list[Reading] = []
        for n, file in enumerate(files):
            if self._closed.is_set():
                raise ReaderFailed("the gateway is stopping")
            held.append(reader.read(f"files/{n}/{named(file.name)}", file.data))
        return held

    def _give_back(self, reader: Reader, done: "asyncio.Future[list[Reading]]") -> None:
        if not done.cancelled():
            done.exception()  # it was told to whoever waited; nobody may be left to ask
        if self._closed.is_set():
            reader.close()
        self._idle.append(reader)
        self._turns.release()

    async def close(self) -> None:
        """Stop the processes."""
        self._closed.set()
        for reader in self._all:
            await asyncio.to_thread(reader.close)


def named(name: str) -> str:
    """Return a name that can stand in a path of a report: its last part, what can be printed of it, not too long."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(c if c.isprintable() else "\ufffd" for c in last)[:200] or "file"


def opened(readings: Sequence[Reading], table: Mapping[str, DataClass]) -> Opened:
    """Put readings of files together for the search. A part keeps its way; two parts of one way are told apart."""
    slots: list[Slot] = []
    unreadable: list[SlotPath] = []
    labelled: set[DataClass] = set()
    told: list[Mapping[str, object]] = []
    seen: dict[str, int] = {}
    for reading in readings:
        parts: list[dict[str, object]] = []
        for part in reading.parts:
            again = seen[part.path] = seen.get(part.path, 0) + 1
            path = part.path if again == 1 else f"{part.path} ({again})"
            slots.append(Slot(path=SlotPath(path), text=part.text))
            parts.append({"part": path, "characters": len(part.text), "how": part.how})
        ruled = rule(reading.labels, table, reading.parts)
        labelled |= {one.data_class for one in ruled if one.data_class is not None}
        unreadable += [SlotPath(one.path) for one in reading.unread]
        told.append(
            {
                "kind": reading.kind or "unknown",
                "parts": parts,
                "unread": [{"part": one.path, "why": one.why, "detail": one.detail} for one in reading.unread],
                "labels": [
                    {
                        "part": one.label.path,
                        "id": one.label.id,
                        "name": one.label.name,
                        "data_class": one.data_class or "unknown",
                    }
                    for one in ruled
                ],
            }
        )
    return Opened(
        slots=tuple(slots), unreadable=tuple(dict.fromkeys(unreadable)), labelled=frozenset(labelled), told=tuple(told)
    )
