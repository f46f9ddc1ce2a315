"""The demo's child processes: the local model, the simulators, Ecluse itself.

Law: a child is started in a session of its own, so that Ctrl-C reaches the demo alone; the demo ends every child that
it started, by its process id, whatever happened. Bytecode is not written, nor anything outside `.ecluse/`.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Any, NoReturn, Self

import httpx2

PATIENCE = 60.0
"""Seconds that a child has to get ready, on a busy machine."""
LEAVE = 8.0
"""Seconds that a child has to leave before it is killed."""
LEAVING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class ChildError(Exception):
    """A child did not start or ended too early; says which and shows the end of its log."""


@dataclass(slots=True)
class Child:
    """One running child. `out` is its standard output when it is read."""

    name: str
    process: subprocess.Popen[str]
    log: Path

    def first_line(self) -> Any:  # noqa: ANN401 - one line of JSON, of a shape that the child's module states
        """Wait for the line of JSON that says that it is ready."""
        assert self.process.stdout is not None  # noqa: S101 - started with a pipe
        line = self.process.stdout.readline()
        if not line:
            raise ChildError(self.told())
        return json.loads(line)

    def tell(self, command: Mapping[str, object]) -> None:
        """Send one line of JSON and wait until it is done."""
        assert self.process.stdin is not None  # noqa: S101 - started with a pipe
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()
        answer = self.first_line()
        if not answer["done"]:
            raise ChildError(f"{self.name}: {answer['why']}")

    def told(self) -> str:
        """Say how it ended, with the last lines of its log."""
        tail = "\n".join(self.log.read_text(errors="replace").splitlines()[-12:])
        return f"{self.name} did not stay up (exit {self.process.poll()}); the end of {self.log}:\n{tail}"

    def outlive(self) -> NoReturn:
        """Wait until it ends by itself, then raise ChildError."""
        self.process.wait()
        raise ChildError(self.told())

    def stop(self) -> None:
        """End it and wait."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(LEAVE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            _close(pipe)


def _close(pipe: IO[str] | None) -> None:
    if pipe is not None:
        with suppress(BrokenPipeError):
            pipe.close()


@dataclass(slots=True)
class Children:
    """Every child of the demo; leaving the `with` ends them all, the last started first."""

    folder: Path
    _running: list[Child] = field(default_factory=list)
    _before: dict[int, Any] = field(default_factory=dict)

    def start(
        self,
        name: str,
        module: str,
        *arguments: str,
        talks: bool = True,
        environment: Mapping[str, str] | None = None,
    ) -> Child:
        """Start `python -m module arguments`. One that `talks` is read and written line by line."""
        log = self.folder / f"{name}.log"
        with log.open("a") as err:
            process = subprocess.Popen(  # noqa: S603 - our own modules
                [sys.executable, "-m", module, *arguments],
                stdin=subprocess.PIPE if talks else subprocess.DEVNULL,
                stdout=subprocess.PIPE if talks else err,
                stderr=err,
                text=True,
                start_new_session=True,
                env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **(environment or {})},
            )
        child = Child(name, process, log)
        self._running.append(child)
        return child

    def stop(self, child: Child) -> None:
        """End one child."""
        child.stop()
        self._running.remove(child)

    def __enter__(self) -> Self:
        """Make SIGTERM and SIGHUP leave as Ctrl-C does, and Ctrl-C even where a shell had it ignored."""
        self._before = {number: signal.getsignal(number) for number in LEAVING}
        for number in LEAVING:
            signal.signal(number, _interrupted)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End every child; a second Ctrl-C does not cut that short."""
        for number in LEAVING:
            signal.signal(number, signal.SIG_IGN)
        while self._running:
            self._running.pop().stop()
        for was, previous in self._before.items():
            signal.signal(was, previous)


def _interrupted(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


def free_port() -> int:
    """Return a loopback port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def ready(child: Child, client: httpx2.Client, base: str) -> None:
    """Wait until a gateway answers that it is ready. Raises ChildError when it does not."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if child.process.poll() is not None:
            break
        try:
            if client.get(f"{base}/ready", timeout=2.0).status_code == httpx2.codes.OK:
                return
        except httpx2.TransportError:
            pass
        time.sleep(0.05)
    raise ChildError(child.told())


def run(module: str, arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Run `python -m module arguments` to its end and keep what it said."""
    return subprocess.run(  # noqa: S603 - our own modules
        [sys.executable, "-m", module, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
