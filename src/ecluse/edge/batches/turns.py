"""When this process takes up batches: those that nobody runs, from any replica that began them or was running them.

Law: a batch whose process was not heard of is taken only after a while in which the store answered each look: when the
store was away, whoever ran the batch first has its turn to say that it is there.
"""

import asyncio
import time
from collections.abc import Callable

from ecluse.edge.batches.claims import Claims, Free
from ecluse.edge.batches.table import KeptUnusable

LOOK = 1.0
"""Seconds between two looks, and between two signs of life."""
GRACE = 4.0
"""Seconds that a batch must be seen left before it is taken."""


class Turns:
    """The looks of one process."""

    def __init__(self, claims: Claims) -> None:
        self._claims = claims
        self._seen: dict[str, tuple[int, float]] = {}

    async def run(self, take: Callable[[str, int], object], holds: Callable[[], bool]) -> None:
        """Look for what nobody runs, and say that this process is there while it `holds` something, until cancelled."""
        while True:
            try:
                if holds():
                    await asyncio.to_thread(self._claims.renew)
                free = await asyncio.to_thread(self._claims.free)
            except KeptUnusable:
                self._seen.clear()
            else:
                for one in self.due(free, time.monotonic()):
                    take(one.id, one.token)
            await asyncio.sleep(LOOK)

    def due(self, free: list[Free], now: float) -> list[Free]:
        """Return which of them to take."""
        self._seen = {
            one.id: seen if (seen := self._seen.get(one.id)) and seen[0] == one.token else (one.token, now)
            for one in free
        }
        return [one for one in free if not one.left or now - self._seen[one.id][1] >= GRACE]
