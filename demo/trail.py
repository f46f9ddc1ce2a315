"""Reads the trail, verifies it by Ecluse's own command, and breaks a copy of it.

Law: the trail itself is only read; the byte is flipped in a copy.
"""

import json
import shutil
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from demo.checks import Act, equal, shown
from demo.children import run
from demo.world import World
from ecluse.domain.trail import Entry, EntryId, EntryKind
from ecluse.edge.stores.reader import TrailReader
from ecluse.passage.record import parse

COMMAND = "ecluse trail verify"
PATIENCE = 5.0
LOOK = 0.02
"""Seconds."""


class Trail:
    """The trail of one world."""

    def __init__(self, world: World) -> None:
        self._world = world

    def entry(self, id_: str) -> Entry | None:
        """Look an entry up by its id; None when the trail does not have it, which is due before the reply."""
        with closing(self._open()) as reader:
            index = reader.index_of(EntryId(id_))
            if index is None:
                return None
            ((_, data, _),) = reader.rows(index, index + 1)
        return parse(data)

    def last_passage(self) -> list[Entry]:
        """Return the entries of the newest passage, once it has its outcome: that follows the reply by a moment."""
        until = time.monotonic() + PATIENCE
        with closing(self._open()) as reader:
            while True:
                size = reader.size()
                ((_, newest, _),) = reader.rows(size - 1, size)
                told = [parse(data) for _, data, _ in reader.of_passage(parse(newest).passage)]
                if told[-1].kind is EntryKind.OUTCOME or time.monotonic() > until:
                    return told
                time.sleep(LOOK)

    def _open(self) -> TrailReader:
        return TrailReader.open(self._world.state / "trail.db")

    def verify(self, state: Path) -> tuple[int, dict[str, Any]]:
        """Verify the trail of a state folder by Ecluse's command: exit code and what was said."""
        done = run("ecluse", ["trail", "verify", "--state-dir", str(state), "--json"])
        return done.returncode, json.loads(done.stdout or "null")

    def break_copy(self) -> tuple[Path, int]:
        """Copy the state folder, flip one bit of one entry in the copy, return the copy and the entry's index."""
        copy = self._world.folder / "tampered"
        shutil.copytree(self._world.state, copy, ignore=shutil.ignore_patterns("trail.db*"))
        with (
            closing(sqlite3.connect(self._world.state / "trail.db")) as whole,
            closing(sqlite3.connect(copy / "trail.db")) as broken,
        ):
            whole.backup(broken)
            index = flip_bit(broken)
            broken.commit()
        return copy, index


def flip_bit(database: sqlite3.Connection) -> int:
    """Flip the lowest bit of the middle byte of the middle entry; return the entry's index."""
    rows = database.execute("SELECT idx, entry FROM entries ORDER BY idx").fetchall()
    index, entry = rows[len(rows) // 2]
    flipped = bytearray(entry)
    flipped[len(flipped) // 2] ^= 1
    database.execute("UPDATE entries SET entry = ? WHERE idx = ?", (bytes(flipped), index))
    return int(index)


def verified(trail: Trail, world: World) -> Act:
    """Verify the trail, break a copy, and see the verifier name the entry."""
    code, report = trail.verify(world.state)
    copy, index = trail.break_copy()
    broken_code, fault = trail.verify(copy)
    return Act(
        id="trail",
        title="The trail verifies; one flipped bit in a copy, and the verifier names the entry",
        checks=(
            equal("the trail", holds(code, report), "holds", COMMAND),
            shown("entries", f"{report['size']}: {report['intents']} intents, {report['refusals']} refusals", COMMAND),
            shown("signed checkpoints", report["checkpoints"], COMMAND),
            shown("bit flipped in a copy", f"in entry {index}", "sqlite3"),
            equal("the copy", holds(broken_code, fault), "does not hold", COMMAND),
            equal("entry named", fault.get("entry"), index, COMMAND),
            shown("in words", fault.get("sentence", ""), COMMAND),
        ),
    )


def holds(code: int, told: dict[str, Any]) -> str:
    """Say in words what the exit code and the document agree on."""
    agreed = {(0, True): "holds", (1, False): "does not hold"}
    return agreed.get((code, told["holds"]), f"exit {code} beside holds={told['holds']}")
