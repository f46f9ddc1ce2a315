"""What a simulator saw, line by line: each connection, request, answer and end.

Law: a line is on disk before its effect can be seen from outside, so that a missing line is a proof of silence. Secrets
are not written: of `authorization` and `api-key` only their presence is.
"""

import json
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

Fact: TypeAlias = "None | bool | int | float | str | list[Fact] | dict[str, Fact]"
Line: TypeAlias = Mapping[str, Fact]

SECRET_HEADERS = frozenset({"authorization", "api-key", "cookie"})


class Journal:
    """One simulator's record, in memory and, when a file is given, on disk. Safe to read from another thread."""

    def __init__(self, file: Path | None = None) -> None:
        self._lock = threading.Lock()
        self._lines: list[Line] = []
        self._file = file.open("a", encoding="utf-8") if file else None

    def write(self, event: str, **facts: Fact) -> Line:
        """Add one line, and return it."""
        line: Line = {"event": event, **facts}
        with self._lock:
            self._lines.append(line)
            if self._file:
                self._file.write(json.dumps(line, ensure_ascii=False) + "\n")
                self._file.flush()
        return line

    def lines(self, event: str | None = None) -> tuple[Line, ...]:
        """Return the lines so far, or those of one event."""
        with self._lock:
            return tuple(line for line in self._lines if event in (None, line["event"]))

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._file:
                self._file.close()
                self._file = None


def read(file: Path) -> tuple[Line, ...]:
    """Read the lines of a journal on disk; those of a journal that was never written are none."""
    if not file.exists():
        return ()
    return tuple(json.loads(line) for line in file.read_text(encoding="utf-8").splitlines())


def presentable(headers: Mapping[str, str]) -> dict[str, Fact]:
    """Return headers with secrets replaced by `present`."""
    return {name: "present" if name in SECRET_HEADERS else value for name, value in headers.items()}
