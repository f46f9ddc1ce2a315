"""Runs the detector: short texts inline, long ones in a small pool, so that one caller does not stop the others.

Law: a deadline or a crash is a failure of the stage (503), never 'nothing found' (INVARIANT 3). The cache keeps no
text: its key is a keyed hash, drawn anew at each start.
"""

import asyncio
import hashlib
import secrets
import time
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from ecluse.domain.errors import GatewayError
from ecluse.domain.finding import Classification
from ecluse.domain.request import Slot, SlotPath
from ecluse.domain.snapshot import Detector, Memory
from ecluse.edge.remembered import Remembered
from ecluse.passage.classify import classify

INLINE = 16 * 1024
"""Characters below which a request is searched in the event loop (decision 8)."""
DEADLINE = 20.0
KEPT = 2048


class Classifying:
    """The runner's way to the detector."""

    def __init__(self, workers: int = 2, deadline: float = DEADLINE) -> None:
        self._deadline = deadline
        self._pool = ThreadPoolExecutor(max_workers=workers, thread_name_prefix="classify")
        self._key = secrets.token_bytes(32)
        self._kept: OrderedDict[bytes, Classification] = OrderedDict()
        self._remembered = Remembered()

    async def classify(
        self, detector: Detector, slots: Sequence[Slot], unreadable: tuple[SlotPath, ...], organisation: str = ""
    ) -> Classification:
        """Search the slots, less what was searched for this organisation before.

        Raises GatewayError(classification_unavailable).
        """
        key = self._name(detector, slots, unreadable, organisation)
        memory = self._remembered.of(organisation)
        if (kept := self._kept.get(key)) is not None:
            self._kept.move_to_end(key)
            return kept
        if sum(len(slot.text) for slot in slots) < INLINE:
            found = classify(detector, slots, unreadable, memory=memory)
        else:
            found = await self._in_pool(detector, slots, unreadable, memory)
        self._kept[key] = found
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return found

    async def _in_pool(
        self, detector: Detector, slots: Sequence[Slot], unreadable: tuple[SlotPath, ...], memory: Memory
    ) -> Classification:
        """Search in the pool. The thread is told to stop when time is up or nobody waits any more."""
        ends = time.monotonic() + self._deadline
        left = False

        def stopped() -> bool:
            return left or time.monotonic() > ends

        work = asyncio.get_running_loop().run_in_executor(
            self._pool, classify, detector, slots, unreadable, stopped, memory
        )
        try:
            return await asyncio.wait_for(work, self._deadline)
        except TimeoutError:
            raise GatewayError("classification_unavailable", "it took too long") from None
        finally:
            left = True

    def _name(
        self, detector: Detector, slots: Sequence[Slot], unreadable: tuple[SlotPath, ...], organisation: str
    ) -> bytes:
        digest = hashlib.blake2b(key=self._key, digest_size=20)
        digest.update(f"{detector.version}\0{len(organisation)}\0{organisation}\0".encode())
        for slot in slots:
            text = slot.text.encode("utf-8", "surrogatepass")
            digest.update(f"{slot.path}\0{slot.role}\0{slot.maskable:d}{len(text)}\0".encode())
            digest.update(text)
        for path in unreadable:
            digest.update(f"\0{len(path)}\0{path}".encode())
        return digest.digest()

    def close(self) -> None:
        """Stop the pool."""
        self._pool.shutdown(wait=False, cancel_futures=True)
