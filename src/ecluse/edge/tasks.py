"""Background tasks that are kept and whose failure is heard.

Law: a bare task can be garbage-collected and its error lost; nothing else starts one.
"""

import asyncio
import sys
from collections.abc import Coroutine


class Tasks:
    """The background tasks of one program."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[object, object, None], name: str) -> asyncio.Task[None]:
        """Start `work` and keep it until it ends."""
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            print(f"ecluse: {task.get_name()} stopped: {type(error).__name__}", file=sys.stderr)  # noqa: T201 - stderr

    async def stop(self) -> None:
        """Cancel what still runs and wait for it."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
