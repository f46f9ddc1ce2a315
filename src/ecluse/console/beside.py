"""Work that may take longer than a page may wait: begun in a thread, waited for a moment, asked for again by its name.

Law: one piece of work of a name at a time; its result is shown once and then forgotten, so that none grows old here.
"""

import asyncio
from collections.abc import Callable
from typing import TypeVar, cast

from starlette.requests import Request

T = TypeVar("T")
PATIENCE = 0.1
"""Seconds that a page waits."""
MOST = 8
"""Pieces of work at once, under way or done and not asked for yet."""


class Busy(ValueError):
    """Too much is under way."""


async def beside(request: Request, name: str, work: Callable[[], T], *, quick: bool = True) -> T | None:
    """Return what `work` returned, or None while it is under way. Raises what it raised, or Busy.

    Work that cannot be `quick` is begun once the page had time to be answered, so that they do not slow one another.
    """
    task = begin(request, name, work, after=0.0 if quick else PATIENCE)
    done, _ = await asyncio.wait({task}, timeout=PATIENCE if quick else 0.0)
    if not done:
        return None
    _under_way(request).pop(name, None)
    return cast("T", task.result())


def begin(request: Request, name: str, work: Callable[[], object], after: float = 0.0) -> "asyncio.Task[object]":
    """Begin work, in so many seconds, unless it was begun. Raises Busy."""
    known = _under_way(request)
    if name not in known:
        for old in [other for other, one in known.items() if one.done()]:
            if len(known) >= MOST:
                del known[old]
        if len(known) >= MOST:
            raise Busy("too much is under way; come again in a moment")
        known[name] = asyncio.ensure_future(_in_a_thread(work, after))
        known[name].add_done_callback(_seen)
    return known[name]


async def _in_a_thread(work: Callable[[], object], after: float) -> object:
    await asyncio.sleep(after)
    return await asyncio.to_thread(work)


def waiting(request: Request, name: str) -> bool:
    """Say whether there is work of a name that nobody has seen the end of."""
    return name in _under_way(request)


def _seen(task: "asyncio.Task[object]") -> None:
    """Take note of an error, so that nobody who never came back for it is told on the terminal."""
    if not task.cancelled():
        task.exception()


def _under_way(request: Request) -> "dict[str, asyncio.Task[object]]":
    state = request.app.state
    if not hasattr(state, "beside"):
        state.beside = {}
    found: dict[str, asyncio.Task[object]] = state.beside
    return found
