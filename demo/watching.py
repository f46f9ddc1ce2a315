"""Reads what the simulators saw, what the trail says and what lies on the disk.

Law: silence is shown by counting: connections and requests before and after, in every simulator's own journal.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from demo.world import SIMULATORS, World
from simulators.journal import Line, read


@dataclass(frozen=True, slots=True)
class Mark:
    """How many lines each journal had at a moment."""

    lines: Mapping[str, int]


class Watch:
    """The journals of one world."""

    def __init__(self, world: World) -> None:
        self._world = world

    def mark(self) -> Mark:
        """Remember where every journal ends now."""
        return Mark({destination: len(read(self._world.journal(destination))) for destination in SIMULATORS})

    def since(self, mark: Mark, destination: str) -> tuple[Line, ...]:
        """Return what a simulator saw since a mark; the local model keeps no journal, so nothing of it."""
        if destination not in SIMULATORS:
            return ()
        return read(self._world.journal(destination))[mark.lines[destination] :]

    def called(self, mark: Mark) -> list[str]:
        """Name the destinations whose simulators saw a connection or a request since a mark."""
        seen = {"connection", "request"}
        return [
            destination
            for destination in SIMULATORS
            if any(line["event"] in seen for line in self.since(mark, destination))
        ]

    def bodies(self, mark: Mark, destination: str) -> list[str]:
        """Return the bodies of the requests that a simulator got since a mark."""
        return [str(line["body"]) for line in self.since(mark, destination) if line["event"] == "request"]

    def said(self, mark: Mark, destination: str) -> list[str]:
        """Return the texts that a simulator answered since a mark."""
        return [str(line["text"]) for line in self.since(mark, destination) if line["event"] == "said"]

    def holders(self, mark: Mark, values: Sequence[str]) -> list[str]:
        """Name the destinations whose simulators were sent one of the values since a mark."""
        return [name for name in SIMULATORS if found(values, self.bodies(mark, name))]


def found(values: Iterable[str], texts: Iterable[str]) -> list[str]:
    """Return the values that stand in one of the texts."""
    together = "\n".join(texts)
    return [value for value in values if value in together]


def kept(values: Sequence[str], folder: Path) -> list[str]:
    """Name the files under a folder that hold one of the values."""
    needles = [value.encode() for value in values]
    return [
        file.name
        for file in sorted(folder.rglob("*"))
        if file.is_file() and any(needle in file.read_bytes() for needle in needles)
    ]
