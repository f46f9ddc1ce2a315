"""Looks whether destinations that are down live again, so that no caller's request has to find out.

Law: off unless the owner turns it on; nothing of a caller and no credential is sent; a life sign makes a destination
one that may be tried, and only a whole answer to a real request makes it up.
"""

import asyncio
from typing import Protocol

from ecluse.domain.destination import Destination
from ecluse.edge.live import Live
from ecluse.passage.route import Alive, Failure


class LifeSigns(Protocol):
    """What can ask a destination whether it lives."""

    async def answers(self, destination: Destination) -> bool:
        """Say whether it answers at all."""


async def probe(live: Live, transport: LifeSigns, seconds: float) -> None:
    """Ask those that are down every `seconds`, for ever."""
    while True:
        await asyncio.sleep(seconds)
        for destination in live.ailing():
            alive = await transport.answers(destination)
            live.saw(Alive(destination=destination.id) if alive else Failure(destination=destination.id))
