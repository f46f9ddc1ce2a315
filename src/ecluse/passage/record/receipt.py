"""A receipt: one entry, its place in the log and the signed head over it, in one text (https://c2sp.org/tlog-proof).

Law: it is whole. The entry's bytes stand in the `extra` line, so that a public key is all that a reader needs besides.
It is read strictly, and reading believes nothing: `prove.receipt` verifies.
"""

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass

from ecluse.domain.errors import VerificationFailed
from ecluse.passage.record.checkpoint import unbase64

FIRST = "c2sp.org/tlog-proof@v1"
LONGEST_PATH = 63
LIMIT = 256 * 1024
"""Characters of a receipt that are read: the largest entry, the longest path and a note with many cosignatures."""
NUMBER = re.compile(r"0|[1-9][0-9]{0,18}")
HASH = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """An entry's canonical bytes, its index, the path from its leaf to the root, and the checkpoint's note."""

    entry: bytes
    index: int
    path: tuple[bytes, ...]
    note: str


def write_receipt(*, entry: bytes, index: int, path: Sequence[bytes], note: str) -> str:
    """Write a receipt."""
    lines = [FIRST, f"extra {_text(entry)}", f"index {index}", *map(_text, path), "", note]
    return "\n".join(lines)


def read_receipt(text: str) -> Receipt:
    """Read a receipt. Raises VerificationFailed for anything that is not spelt as one."""
    if len(text) > LIMIT:
        raise VerificationFailed("the receipt is too long")
    head, blank, note = text.partition("\n\n")
    lines = head.split("\n")
    if not blank or len(lines) < len(("first", "extra", "index")) or lines[0] != FIRST:
        raise VerificationFailed(f"not a receipt: it begins with {FIRST!r} and has an entry, an index and a checkpoint")
    extra, index = lines[1].removeprefix("extra "), lines[2].removeprefix("index ")
    if lines[1] == extra or lines[2] == index or not NUMBER.fullmatch(index):
        raise VerificationFailed("the receipt has no entry or no index")
    path = tuple(unbase64(line) for line in lines[3:])
    if len(path) > LONGEST_PATH or any(len(step) != HASH for step in path):
        raise VerificationFailed("the receipt's path is not made of hashes")
    return Receipt(entry=unbase64(extra), index=int(index), path=path, note=note)


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
