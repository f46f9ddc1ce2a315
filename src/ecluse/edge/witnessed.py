"""The heads that are kept beside the trail: the high-water mark, and the newest checkpoint of each witness.

Law: a trail that is older than its mark, or not the one that the mark was signed over, is refused before anything is
written on it. The mark is at most a second behind; each file is replaced whole, and on the disk before it counts.
"""

import os
import secrets
from pathlib import Path

from ecluse.domain.errors import VerificationFailed
from ecluse.edge.keys import state as where
from ecluse.edge.stores.errors import TrailDamaged
from ecluse.passage.record.checkpoint import VerifierKey, verify
from ecluse.passage.record.merkle import frontier_at
from ecluse.passage.record.tiles import HashesAt, node_at


def witnessed(state: Path) -> list[str]:
    """Return the newest checkpoint that each witness cosigned, largest first. Nothing is verified here."""
    folder = where.witnessed(state)
    notes = [path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.note"))] if folder.is_dir() else []
    return sorted(notes, key=_size, reverse=True)


def beside(state: Path) -> list[str]:
    """Return the mark and what witnesses cosigned, unverified: read it before the trail, which grows."""
    path = where.head(state)
    return [*([path.read_text(encoding="utf-8")] if path.exists() else ()), *witnessed(state)]


def keep(path: Path, note: str) -> None:
    """Replace a file by a note, whole and on the disk, or leave it as it was."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            file.write(note)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def raise_mark(state: Path, note: str) -> None:
    """Keep a head as the mark beside the trail, unless one over more entries is there: a mark is never lowered."""
    path = where.head(state)
    if not path.exists() or _size(note) > _size(path.read_text(encoding="utf-8")):
        keep(path, note)


def check_mark(state: Path, key: VerifierKey, size: int, hashes: HashesAt) -> None:
    """Compare a trail of `size` entries with the heads that are kept beside it. Raises TrailDamaged."""
    for note in beside(state):
        try:
            head = verify(note, key)
        except VerificationFailed as error:
            raise TrailDamaged(f"a checkpoint kept beside the trail cannot be trusted: {error}. {REFUSED}") from error
        if head.size > size:
            why = f"the trail has {size} entries, but {head.size} were signed"
            if where.store(state).exists() and where.trail(state).exists():
                raise TrailDamaged(f"{why}: they are still in {where.trail(state)}. {UNCARRIED}")
            raise TrailDamaged(f"{why}: it was rolled back to an older copy. {REFUSED}")
        try:
            root = frontier_at(node_at(hashes), head.size).root()
        except LookupError as error:
            raise TrailDamaged(f"{error}. {REFUSED}") from error
        if root != head.root:
            raise TrailDamaged(f"the first {head.size} entries are not those that were signed. {REFUSED}")


UNCARRIED = "Carry them first: `ecluse migrate`, with the store.url of your settings as `--to`, and store.schema"
REFUSED = (
    "Nothing is served on it. Put the newest copy back; if that is lost, keep this folder as evidence and start a new "
    "log in a new state directory: a log that was shown to somebody cannot be shortened"
)


def _size(note: str) -> int:
    lines = note.split("\n", 2)
    return int(lines[1]) if len(lines) > 1 and lines[1].isascii() and lines[1].isdigit() else 0
