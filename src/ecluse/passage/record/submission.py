"""What a log asks of a witness: 'this head continues the one that you know' (https://c2sp.org/tlog-witness).

Law: it is read strictly; nothing in it is believed before its signature and its proof have verified.
"""

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass

from ecluse.domain.errors import VerificationFailed
from ecluse.passage.record.checkpoint import unbase64

OLD = re.compile(r"old (0|[1-9][0-9]{0,18})")
LONGEST = 63
LIMIT = 128 * 1024
"""Bytes of a submission that are read."""
HASH = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """The size that the witness is thought to know, the consistency proof from there, and the newer checkpoint."""

    old: int
    path: tuple[bytes, ...]
    note: str


def write_submission(*, old: int, path: Sequence[bytes], note: str) -> str:
    """Write the body of `add-checkpoint`."""
    return "\n".join([f"old {old}", *(base64.b64encode(step).decode() for step in path), "", note])


def read_submission(text: str) -> Submission:
    """Read the body of `add-checkpoint`. Raises VerificationFailed for anything that is not spelt as one."""
    head, blank, note = text.partition("\n\n")
    first, *rest = head.split("\n")
    old = OLD.fullmatch(first)
    path = tuple(unbase64(line) for line in rest)
    if not blank or old is None or len(path) > LONGEST or any(len(step) != HASH for step in path):
        raise VerificationFailed("not a submission: an old size, hashes, an empty line and a checkpoint")
    return Submission(old=int(old[1]), path=path, note=note)
