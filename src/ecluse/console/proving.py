"""The proof of a passage, for a browser that trusts nothing but the log's public key.

Law: it carries the entry's bytes, the path to the signed head and the head itself; the browser computes everything
again. An entry that no head covers yet has no proof, and it is said.
"""

import base64

from ecluse.console.ground import Ground
from ecluse.domain.errors import VerificationFailed
from ecluse.edge.stores.errors import StoreError
from ecluse.edge.stores.opening import Reader
from ecluse.passage.record import parse
from ecluse.passage.record.checkpoint import parse_vkey, verify
from ecluse.passage.record.merkle import inclusion, leaf_hash
from ecluse.prove.verify import Row


def proofs(ground: Ground, trail: Reader, rows: list[Row]) -> dict[str, object]:
    """Return the proof of each entry under the newest signed head."""
    note, vkey = trail.last_note() or "", ground.vkey()
    try:
        size = verify(note, parse_vkey(vkey)).size
    except VerificationFailed:
        size = 0
    entries = [_shown(trail, row, size) for row in rows]
    return {"format": "ecluse-proof-v1", "vkey": vkey, "note": note, "entries": entries}


def _shown(trail: Reader, row: Row, size: int) -> dict[str, object]:
    index, data, _ = row
    path: tuple[bytes, ...] = ()
    covered = index < size
    if covered:
        try:
            path = inclusion(trail.node, index, size)
        except StoreError:
            covered = False
    entry = parse(data)
    return {
        "index": index,
        "kind": entry.kind.value,
        "id": entry.id,
        "leaf": leaf_hash(data).hex(),
        "entry": base64.b64encode(data).decode(),
        "path": [base64.b64encode(step).decode() for step in path],
        "size": size if covered else 0,
    }
