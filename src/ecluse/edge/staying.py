"""Waits for something as long as the caller is there.

Law: a caller who leaves stops what is awaited for it, at once; whoever cancels from outside is not taken for one.
"""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from ecluse.edge.caller_side import CallerSide

T = TypeVar("T")


class LeftError(Exception):
    """The caller left while something was awaited."""


async def while_here(caller: CallerSide, work: Awaitable[T], *, within: float | None = None) -> T:
    """Await `work`; when the caller leaves first, stop it and raise LeftError.

    `within` so many seconds, where the work is to write to the caller: who does not read counts as one who left.
    """
    if caller.gone:
        _discard(work)
        raise LeftError
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - a coroutine runs in a task
    left = False

    def leave() -> None:
        nonlocal left
        left = True
        task.cancel()

    caller.on_gone(leave)
    timer = None if within is None else task.get_loop().call_later(within, leave)
    try:
        return await work
    except asyncio.CancelledError:
        if left and task.uncancel() == 0:
            raise LeftError from None
        raise
    finally:
        caller.on_gone(None)
        if timer is not None:
            timer.cancel()


def _discard(work: Awaitable[object]) -> None:
    close = getattr(work, "close", None)
    if close is not None:
        close()
