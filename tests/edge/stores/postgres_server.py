"""A real PostgreSQL for tests, in a folder of its own, on a free port of loopback; ended when the tests are."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

ANSWERS = 60


@dataclass(frozen=True)
class Server:
    folder: Path
    port: int
    options: str

    @property
    def url(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        self._ctl("-l", str(self.folder / "log"), "-o", self.options, "start")

    def stop(self) -> None:
        self._ctl("-m", "immediate", "stop")

    def _ctl(self, *words: str) -> None:
        _run([str(programs() / "pg_ctl"), "-D", str(self.folder / "data"), "-w", *words])


def programs() -> Path:
    """Return the folder of initdb and pg_ctl; install it where that can be done, else skip, out loud."""
    if (found := _found()) is None and os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "install", "-y", "-q", "postgresql"], capture_output=True, timeout=300, check=False)
        found = _found()
    if found is None:
        pytest.skip("SKIPPED OUT LOUD: no PostgreSQL here, so its store is not tested")
    return found


def _found() -> Path | None:
    known = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    there = shutil.which("initdb")
    return known[-1].parent if known else Path(there).parent if there else None


def _as_owner(words: Sequence[str]) -> list[str]:
    """PostgreSQL does not run as root."""
    return ["runuser", "-u", "postgres", "--", *words] if os.geteuid() == 0 else list(words)


@contextmanager
def postgres_server(*, durable: bool = False) -> Iterator[Server]:
    folder, bin_ = Path(tempfile.mkdtemp(prefix="ecluse-pg-")), programs()
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = int(free.getsockname()[1])
        options = [f"-p {port}", "-c listen_addresses=127.0.0.1", f"-k {folder}", "-c max_connections=200"]
        options += [] if durable else ["-c fsync=off"]
        init = [str(bin_ / "initdb"), "-D", str(folder / "data"), "-U", "postgres", "-A", "trust", "-N", "-E", "UTF8"]
        _run(init)
        server = Server(folder=folder, port=port, options=" ".join(options))
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(words: Sequence[str]) -> None:
    done = subprocess.run(
        _as_owner(words), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=ANSWERS, check=False, cwd="/"
    )
    assert done.returncode == 0, done.stderr.decode(errors="replace")
