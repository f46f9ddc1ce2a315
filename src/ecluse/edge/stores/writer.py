"""The one thread that writes the trail, and group commit without an artificial window.

Law: whatever arrives while a flush is under way is the next batch; a waiter is answered only once its entry is on the
disk. When the disk fails every waiter is refused, and so is the next one, until a batch succeeds again.
"""

import asyncio
import contextlib
import sqlite3
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

from ecluse.domain.errors import GatewayError
from ecluse.edge.stores.errors import StoreError
from ecluse.edge.stores.file import Line, TrailFile

SEAL_EVERY = 0.2
"""Seconds between two signed heads at most; a lone entry is sealed in its own transaction."""
RETRY_EVERY = 0.25
"""Seconds between two attempts to open a file that failed."""
BATCH = 2048

Waiter = asyncio.Future[None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One line, and who waits for it."""

    line: Line
    loop: asyncio.AbstractEventLoop
    waiter: Waiter


class Writer:
    """Takes jobs from any thread, writes them in order."""

    def __init__(self, file: TrailFile) -> None:
        self._file = file
        self._ready = threading.Condition()
        self._pending: list[Job] = []
        self._batch: list[Job] = []
        self._stopping = False
        self._sealed_at = -SEAL_EVERY
        self._retry_at = 0.0
        self.failing = False
        """Whether the last write failed. Then a write of nothing is tried again and again, until one succeeds."""
        self._thread = threading.Thread(target=self._run, name="ecluse-trail", daemon=True)
        self._thread.start()

    def put(self, job: Job) -> None:
        """Queue one job. Raises GatewayError once the writer has stopped."""
        with self._ready:
            if self._stopping:
                raise GatewayError("trail_unavailable")
            self._pending.append(job)
            self._ready.notify()

    def stop(self) -> None:
        """Write what is queued, seal, close the file, and return when the thread has ended. Idempotent."""
        with self._ready:
            self._stopping = True
            self._ready.notify()
        self._thread.join()

    def _run(self) -> None:
        try:
            while self._turn():
                pass
        finally:
            # Reached by `stop`, or by an error of ours: nobody may be left waiting.
            with self._ready:
                self._stopping = True
                left, self._pending = self._batch + self._pending, []
            answer(left, ["the writer stopped"] * len(left))
            self._file.close()

    def _turn(self) -> bool:
        """Write one batch or one head; return whether there is more to do."""
        self._batch, stopping = self._take()
        if self._batch or self._file.unsealed or (self.failing and not stopping):
            seal = stopping or time.monotonic() - self._sealed_at >= SEAL_EVERY
            answer(self._batch, self._commit([job.line for job in self._batch], seal=seal))
        more = bool(self._batch) or not stopping
        self._batch = []
        return more

    def _take(self) -> tuple[list[Job], bool]:
        with self._ready:
            while not self._pending and not self._stopping:
                wait = self._wait()
                if wait is not None and wait <= 0:
                    break
                self._ready.wait(wait)
            batch, self._pending = self._pending[:BATCH], self._pending[BATCH:]
            return batch, self._stopping

    def _wait(self) -> float | None:
        """Return the seconds until there is something to do without anything new; None for ever."""
        if self.failing:
            return self._retry_at - time.monotonic()
        return self._sealed_at + SEAL_EVERY - time.monotonic() if self._file.unsealed else None

    def _commit(self, lines: Sequence[Line], *, seal: bool) -> Sequence[str | None]:
        """Write a batch; for each line None, or why not."""
        now = time.monotonic()
        if seal:
            self._sealed_at = now
        if now < self._retry_at:
            return ["the trail could not be written a moment ago"] * len(lines)
        try:
            refused = self._file.commit(lines, seal=seal)
        except (sqlite3.Error, StoreError, OSError) as error:
            self.failing = True
            self._retry_at = time.monotonic() + RETRY_EVERY
            return [type(error).__name__] * len(lines)
        if self.failing and not lines:
            self._file.close()  # the next batch finds a file that is opened and checked anew, as after any error
        self.failing = False
        return refused


def answer(jobs: Sequence[Job], refused: Sequence[str | None]) -> None:
    """Tell each waiter, with one call per event loop."""
    answers: dict[asyncio.AbstractEventLoop, list[tuple[Waiter, str | None]]] = {}
    for job, why in zip(jobs, refused, strict=True):
        answers.setdefault(job.loop, []).append((job.waiter, why))
    for loop, told in answers.items():
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits there any more
            loop.call_soon_threadsafe(_resolve, told)


def _resolve(answers: Sequence[tuple[Waiter, str | None]]) -> None:
    for waiter, why in answers:
        if waiter.done():
            continue
        if why is None:
            waiter.set_result(None)
        else:
            waiter.set_exception(GatewayError("trail_unavailable"))
