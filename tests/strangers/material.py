"""A log of 42 entries, its receipts and its export, for verifiers that share no code with ours."""

from ecluse.domain.trail import Checkpoint
from ecluse.edge.keys import Ed25519Signer
from ecluse.passage.record import canonical
from ecluse.passage.record.checkpoint import key_of, sign
from ecluse.passage.record.export import checkpoint_line, json_line
from ecluse.passage.record.merkle import Frontier, in_memory, inclusion, leaf_hash
from ecluse.passage.record.receipt import write_receipt
from tests.passage.record import samples

SIGNER = Ed25519Signer("ecluse.local/0011223344556677", bytes(range(32)))
KEY = key_of(SIGNER).vkey
DATA = [canonical(entry) for entry in samples.passages(20)]
LEAVES = [leaf_hash(data) for data in DATA]


def head(size: int, *, forked: bool = False) -> str:
    leaves = [*LEAVES[:3], leaf_hash(b"rewritten"), *LEAVES[4:]] if forked else LEAVES
    root = Frontier().extend(leaves[:size]).root()
    return sign(Checkpoint(origin=SIGNER.name, size=size, root=root), SIGNER)


NOTE = head(len(DATA))
OLD = head(7)


def receipt(index: int) -> str:
    path = inclusion(in_memory(LEAVES), index, len(LEAVES))
    return write_receipt(entry=DATA[index], index=index, path=path, note=NOTE)


def export() -> str:
    return "".join(json_line(index, data) for index, data in enumerate(DATA)) + checkpoint_line(NOTE)
