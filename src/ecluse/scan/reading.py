"""Documents read by a process that may die of them.

Law: a file that takes too long, or that kills its reader, is one unread part with the reason; the next file finds a new
reader. Nothing is kept.
"""

import os
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress
from types import TracebackType
from typing import Self

import msgspec

from ecluse.scan.found import Asked, Reading, Unread, Why
from ecluse.scan.kinds import Kind, is_plain
from ecluse.scan.opening import Limits, Read
from ecluse.scan.plain import read_text
from ecluse.scan.unfold import unfold

_START = 60.0
_PASSED_ON = ("PATH", "PYTHONPATH", "PYTHONPYCACHEPREFIX", "TESSDATA_PREFIX", "SYSTEMROOT", "TMPDIR")
_LARGEST = 512 * 2**20
_PLAIN: dict[Kind, Read] = {Kind.TEXT: read_text}
"""What is read in this process: a text that stands as it is, of which nothing can be hostile."""


class ReaderFailed(OSError):
    """The process that reads documents cannot be started."""


class Reader:
    """Reads documents, one at a time."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Stop the process."""
        self.close()

    def read(self, name: str, data: bytes) -> Reading:
        """Return what a file holds. Raises ReaderFailed."""
        if is_plain(data, name):
            return unfold(name, data, self._limits, _PLAIN)
        if len(data) > self._limits.unfolded:
            return _lost(name, Why.TOO_LARGE)
        process = self._running()
        if not self._put(process, msgspec.msgpack.encode(Asked(name=name, data=data)), self._limits.seconds):
            self.close()
            return _lost(name, Why.BROKEN, "its reader stopped")
        body, late = self._get(process, self._limits.seconds)
        if body is None:
            self.close()
            return _lost(name, Why.TOO_LONG if late else Why.BROKEN, "" if late else "its reader stopped")
        return msgspec.msgpack.decode(body, type=Reading)

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self.close()
        process = subprocess.Popen(
            [sys.executable, "-m", "ecluse.scan.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            env={key: os.environ[key] for key in _PASSED_ON if key in os.environ},
        )
        self._process = process
        self._put(process, msgspec.msgpack.encode(self._limits), _START)
        if self._get(process, _START)[0] is None:
            self.close()
            raise ReaderFailed(
                "the process that reads documents does not start; `python -m ecluse.scan.child` says why"
            )
        return process

    def _put(self, process: subprocess.Popen[bytes], body: bytes, seconds: float) -> bool:
        """Write a message; say whether it was taken in time."""
        assert process.stdin is not None  # noqa: S101 - it was asked for
        file = process.stdin.fileno()
        os.set_blocking(file, False)
        left = memoryview(len(body).to_bytes(8, "big") + body)
        ends = time.monotonic() + seconds
        while left:
            _, ready, _ = select.select([], [file], [], max(0.0, ends - time.monotonic()))
            if not ready:
                return False
            try:
                left = left[os.write(file, left) :]
            except BlockingIOError:
                continue
            except OSError:
                return False
        return True

    def _get(self, process: subprocess.Popen[bytes], seconds: float) -> tuple[bytes | None, bool]:
        """Return a message, or None and whether it was only late."""
        assert process.stdout is not None  # noqa: S101 - it was asked for
        file = process.stdout.fileno()
        ends = time.monotonic() + seconds
        held = bytearray()
        size = 8
        while len(held) < size:
            ready, _, _ = select.select([file], [], [], max(0.0, ends - time.monotonic()))
            if not ready:
                return None, True
            piece = os.read(file, 2**20)
            if not piece:
                return None, False
            held += piece
            if len(held) >= 8 and size == 8:  # noqa: PLR2004 - the length of a length
                size = 8 + int.from_bytes(held[:8], "big")
                if size > _LARGEST:
                    return None, False
        return bytes(held[8:size]), False

    def close(self) -> None:
        """Stop the process, whatever it does."""
        process, self._process = self._process, None
        if process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # with it what it started: a tesseract, perhaps
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()


def _lost(name: str, why: Why, detail: str = "") -> Reading:
    return Reading(kind="", unread=[Unread(path=name, why=why, detail=detail)])
