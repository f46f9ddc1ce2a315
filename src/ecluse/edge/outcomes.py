"""The outcomes of passages, written when the trail takes them.

Law: an outcome that the trail cannot take now is tried again for some minutes, as long as this process runs, and once
more at its end: what a call used would be missing otherwise. What is still not written then becomes `interrupted` at
the next start. An entry has its id, so that one that was written after all is not written twice.
"""

import asyncio
import contextlib

from ecluse.domain.errors import GatewayError
from ecluse.domain.ports import Store
from ecluse.domain.trail import Entry
from ecluse.edge.saying import report, say
from ecluse.edge.tasks import Tasks

PAUSES = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0, 60.0, 60.0)
"""Seconds before each try but the first."""
LAST = 5.0
"""Seconds for the last try of all, at the end."""
MOST = 4096
"""Outcomes that wait at once; one that comes then is not tried again."""


class Outcomes:
    """Writes outcomes to one store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._tasks = Tasks()
        self._waiting: dict[str, Entry] = {}

    async def append(self, outcome: Entry) -> None:
        """Write an outcome, or keep it to try again."""
        try:
            await self._store.append(outcome)
        except GatewayError as error:
            report(error)
            if len(self._waiting) < MOST:
                self._waiting[outcome.id] = outcome
                self._tasks.start(self._again(outcome), "an outcome")

    async def close(self) -> None:
        """Try what waits once more, and wait no longer."""
        await self._tasks.stop()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LAST):
                await asyncio.gather(*(self._written(outcome) for outcome in list(self._waiting.values())))
        if self._waiting:
            say(f"{len(self._waiting)} outcomes could not be written: they become `interrupted` at the next start")

    async def _again(self, outcome: Entry) -> None:
        for pause in PAUSES:
            await asyncio.sleep(pause)
            if await self._written(outcome):
                return
        del self._waiting[outcome.id]
        say("an outcome could not be written for minutes: it becomes `interrupted` at the next start")

    async def _written(self, outcome: Entry) -> bool:
        try:
            await self._store.append(outcome)
        except GatewayError:
            return False
        del self._waiting[outcome.id]
        return True
