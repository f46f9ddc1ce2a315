"""The event loop that speaks to PostgreSQL, in a thread of its own.

Law: a gateway's loop never waits for the database but where it asks to; a reader without a loop can ask too. What goes
wrong with nobody waiting, as connections that a pool closes by itself do, is one line, told once.
"""

import asyncio
import logging
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

from ecluse.edge.saying import say

T = TypeVar("T")
PATIENCE = 10.0
"""Seconds that a reader waits for an answer."""
MINUTE = 60.0


class _OneLine(logging.Handler):
    """What asyncpg says by itself, without the frames of its errors, the same at most once a minute."""

    _told, _at = "", 0.0

    def emit(self, record: logging.LogRecord) -> None:
        """Say it in one line."""
        name = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else record.levelname.lower()
        line = f"PostgreSQL: {record.getMessage()} ({name})"
        if line != self._told or record.created - self._at >= MINUTE:
            self._told, self._at = line, record.created
            say(line)


def _heard() -> None:
    """Have asyncpg's own log in the gateway's form. Idempotent."""
    log = logging.getLogger("asyncpg")
    if not any(isinstance(one, _OneLine) for one in log.handlers):
        log.addHandler(_OneLine(logging.WARNING))
        log.propagate = False


class Bridge:
    """One loop in one thread."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        _heard()
        self.loop.set_exception_handler(self._unasked)
        self._told = ""
        self._thread = threading.Thread(target=self._run, name="ecluse-postgres", daemon=True)
        self._thread.start()

    def wait(self, work: Coroutine[Any, Any, T], patience: float = PATIENCE) -> T:
        """Run `work` there and wait for it; never from that loop itself."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(patience)

    async def ask(self, work: Coroutine[Any, Any, T]) -> T:
        """Run `work` there and await it here."""
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self.loop))

    def stop(self) -> None:
        """Stop the loop and its thread. Idempotent."""
        if self._thread.is_alive():
            self.wait(_last_turns())
            self.loop.call_soon_threadsafe(self.loop.stop)
            self._thread.join()
            self.loop.close()

    def _unasked(self, _: asyncio.AbstractEventLoop, told: dict[str, Any]) -> None:
        line = f"PostgreSQL: {told.get('message', 'something went wrong')} ({type(told.get('exception')).__name__})"
        if line != self._told:
            self._told = line
            say(line)

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()


async def _last_turns() -> None:
    """End what still runs, and let closed connections go of their sockets."""
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
    await asyncio.sleep(0.01)
