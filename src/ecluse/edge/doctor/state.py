"""The state directory: who can read it, how much room is left, whether the trail in it is whole.

Law: it only reads. It makes no file, no secret and no lock, so that it may run beside a serving gateway.
"""

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from ecluse.domain.errors import VerificationFailed
from ecluse.edge.config import StoreSettings
from ecluse.edge.doctor.remark import Grade, Remark
from ecluse.edge.keys import state as where
from ecluse.edge.stores.errors import StoreError, TrailUnreadable
from ecluse.edge.stores.opening import reader_at
from ecluse.passage.record.checkpoint import parse_vkey
from ecluse.prove.faults import TrailFault
from ecluse.prove.verify import verify_trail

LITTLE = 1 << 30
"""Bytes: under one gibibyte of room a trail that grows is a concern."""
OTHERS = stat.S_IRWXG | stat.S_IRWXO


def state_remarks(state: Path, store: StoreSettings) -> Iterator[Remark]:
    """Look at a state directory, and at the trail where the settings say that it is."""
    if not state.is_dir():
        yield Remark(
            about="state",
            grade=Grade.WEIGH,
            says=f"{state} does not exist yet",
            next_step="`ecluse keys create` or `ecluse serve` makes it; back it up from then on",
        )
        return
    yield from _rights(state)
    yield _room(state)
    yield _trail(state, store)


def _rights(state: Path) -> Iterator[Remark]:
    for path in (state, where.secrets(state), where.keys(state), where.trail(state)):
        if not path.exists():
            continue
        if path.stat().st_mode & OTHERS and (path == state or path == where.secrets(state)):
            mode = "700" if path == state else "600"
            yield Remark(
                about="state",
                grade=Grade.MEND,
                says=f"{path} can be read by other accounts of this machine",
                next_step=f"chmod {mode} {path}",
            )
        elif not os.access(path, os.R_OK | os.W_OK):
            yield Remark(
                about="state",
                grade=Grade.MEND,
                says=f"{path} cannot be read and written by this account",
                next_step=f"run as its owner, or chown it: the owner is uid {path.stat().st_uid}",
            )


def _room(state: Path) -> Remark:
    free = shutil.disk_usage(state).free
    says = f"{free / (1 << 30):.1f} GiB free where {state} is"
    if free < LITTLE:
        return Remark(
            about="disk",
            grade=Grade.MEND,
            says=says,
            next_step="make room: without a durable intent nothing is sent (503 trail_unavailable)",
        )
    return Remark(about="disk", grade=Grade.GOOD, says=says)


def _trail(state: Path, store: StoreSettings) -> Remark:
    if not (where.vkey(state) if store.url else where.trail(state)).exists():
        return Remark(about="trail", grade=Grade.GOOD, says="no entry yet")
    try:
        reader = reader_at(store, state)
        try:
            key = parse_vkey(where.vkey(state).read_text(encoding="utf-8").strip())
            rows, notes = reader.everything()
            report = verify_trail(rows, notes, key, against=[])
        finally:
            reader.close()
    except TrailUnreadable as error:
        return Remark(
            about="trail",
            grade=Grade.MEND,
            says=f"the trail cannot be read: {error}",
            next_step="see that its store answers and that this account may read it; copy one that is damaged first",
        )
    except (TrailFault, VerificationFailed, StoreError, OSError, ValueError) as error:
        return Remark(
            about="trail",
            grade=Grade.MEND,
            says=f"the trail does not verify: {error}",
            next_step="stop, keep a copy of the state directory, and run `ecluse trail verify`",
        )
    kept = "in PostgreSQL" if store.url else "in the state directory"
    return Remark(about="trail", grade=Grade.GOOD, says=f"verifies: {report.size} entries, {kept}")
