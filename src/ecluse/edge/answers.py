"""Answers kept in memory for a while, as their providers gave them: with surrogates, never with what they stand for.

Law: bounded in bytes and in time, and gone with the process. It decides nothing: who may be given an answer is asked of
the rules each time. An answer that broke off was never handed here.
"""

import asyncio
from collections.abc import Callable

from ecluse.domain.effects import AnyAnswer, Done, Keep, Moment, Recall, Recalled
from ecluse.domain.snapshot import Instant

EVERY = 5.0
"""Seconds between two looks for what has ended."""
OVERHEAD = 256
"""Bytes that one more entry takes besides its answer, about."""


class Answers:
    """The answers of one process, the oldest first. `most` is how many bytes they take together; 0 keeps none."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held = 0
        self._kept: dict[str, Recalled] = {}
        self._ends: dict[str, Instant] = {}

    @property
    def held(self) -> int:
        """How many bytes are held."""
        return self._held

    def adopt(self, most: int) -> None:
        """Take another bound, and begin anew: what was kept under other settings is not given again."""
        self._most, self._held = most, 0
        self._kept.clear()
        self._ends.clear()

    def perform(self, effect: Recall | Keep, moment: Moment) -> AnyAnswer:
        """Look an answer up, or keep one."""
        self.forget(moment.now)
        if isinstance(effect, Keep):
            self._keep(effect, moment)
            return Done(moment=moment)
        kept = self._kept.get(effect.name)
        return Done(moment=moment) if kept is None else Recalled(moment=moment, data=kept.data, at=kept.at)

    def _keep(self, effect: Keep, moment: Moment) -> None:
        size = len(effect.data) + OVERHEAD
        if size > self._most:
            return
        self._drop(effect.name)
        while self._held + size > self._most:
            self._drop(next(iter(self._kept)))
        self._kept[effect.name] = Recalled(moment=moment, data=effect.data, at=moment.now)
        self._ends[effect.name] = Instant(moment.now + effect.seconds * 1000)
        self._held += size

    def _drop(self, name: str) -> None:
        kept = self._kept.pop(name, None)
        if kept is not None:
            del self._ends[name]
            self._held -= len(kept.data) + OVERHEAD

    def forget(self, now: Instant) -> None:
        """Drop what has ended; it was kept in the order of its end, since the settings give every answer one time."""
        while self._ends:
            name = next(iter(self._ends))
            if self._ends[name] > now:
                return
            self._drop(name)

    async def tidy(self, now: Callable[[], Instant]) -> None:
        """Drop what has ended while nobody asks, until cancelled."""
        while True:
            await asyncio.sleep(EVERY)
            self.forget(now())
