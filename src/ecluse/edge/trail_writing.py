"""The trail of a state directory, written from beside the gateway: by a command, or by the console.

Law: one way. Whoever changes something opens the trail and writes; where a gateway serves it (a file has one writer),
that gateway is asked by what lies in the state directory, and waited for.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

from ecluse.domain.ports import Clock
from ecluse.edge.keys.own import Secrets
from ecluse.edge.stores.errors import TrailInUse
from ecluse.edge.stores.opening import ServedStore, stated, store_of
from ecluse.edge.witnessed import check_mark
from ecluse.passage.record.checkpoint import key_of

T = TypeVar("T")
PATIENCE = 15.0
"""Seconds that a gateway that serves is waited for."""
LOOK = 0.05
"""Seconds between two looks at whether it has written."""


def on_trail(state: Path, own: Secrets, clock: Clock, work: Callable[[ServedStore], Awaitable[T]]) -> T:
    """Open the trail, do the work on it, and close it under a newer head; for a thread without a loop.

    Raises TrailInUse where a gateway serves it, and StoreError, GatewayError, SecretsUnusable or ValueError.
    """

    async def run() -> T:
        signer = own.signer()
        mark = partial(check_mark, state, key_of(signer))
        store = store_of(stated(state), state, signer=signer, clock=clock, mark=mark)
        try:
            await store.start()
            return await work(store)
        finally:
            await store.close()

    return asyncio.run(run())


def on_trail_or_asked(
    state: Path,
    own: Secrets,
    clock: Clock,
    work: Callable[[ServedStore], Awaitable[None]],
    *,
    ask: Callable[[], None],
    written: Callable[[], bool],
) -> bool:
    """Write on the trail, or `ask` the gateway that serves it and wait until it has `written`; say whether it is there.

    Raises what `on_trail` raises but TrailInUse.
    """
    try:
        on_trail(state, own, clock, work)
    except TrailInUse:
        ask()
        ends = time.monotonic() + PATIENCE
        while not written():
            if time.monotonic() > ends:
                return False
            time.sleep(LOOK)
    return True
