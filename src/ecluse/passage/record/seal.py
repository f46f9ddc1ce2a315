"""Ids, salts and commitments: everything that looks like chance derives from one draw that the edge made.

Law: a commitment binds content without telling it. Without its salt, which stands beside the log and can be erased,
nobody can test a guess against it (decision 12).
"""

import hmac

from ecluse.domain.trail import EntryId

DRAW = 32
"""Bytes of a draw and of a salt."""


def derive(seed: bytes, label: str) -> bytes:
    """Return 32 bytes for one use, named by `label`, of a draw of 32 bytes (HMAC-SHA256 as in RFC 5869's expand)."""
    if len(seed) != DRAW:
        raise ValueError(f"a draw has {DRAW} bytes, not {len(seed)}")
    return hmac.digest(seed, label.encode(), "sha256")


def entry_id(seed: bytes, label: str) -> EntryId:
    """Return an opaque 128-bit id in 32 hexadecimal digits."""
    return EntryId(derive(seed, f"entry/{label}")[:16].hex())


def commitment(salt: bytes, content: bytes) -> str:
    """Return HMAC-SHA256(salt, content) in hexadecimal. `salt` has 32 bytes."""
    if len(salt) != DRAW:
        raise ValueError(f"a salt has {DRAW} bytes, not {len(salt)}")
    return hmac.digest(salt, content, "sha256").hex()
