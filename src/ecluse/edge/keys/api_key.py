"""The form of an API key: `ecl_live_`, 43 base62 digits of 256 random bits, 6 base62 digits of their CRC-32.

Law: the checksum is no secret and no protection; it lets scanners of leaked secrets tell a key from noise, and turns
away a mistyped key before any table is asked. With 256 bits a keyed hash is enough to store it: a slow hash would only
be a lever for denial of service.
"""

import secrets
from zlib import crc32

from ecluse.edge.keys.secret import Secret

PREFIX = "ecl_live_"
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
BODY = 43
"""62^43 is the first power above 2^256."""
CHECK = 6
LENGTH = len(PREFIX) + BODY + CHECK


def mint(prefix: str = PREFIX) -> Secret:
    """Return a new key, or another secret of its form under a prefix of its own."""
    body = prefix + _base62(int.from_bytes(secrets.token_bytes(32), "big"), BODY)
    return Secret(body + _checksum(body))


def well_formed(text: str, prefix: str = PREFIX) -> bytes | None:
    """Return the key as bytes when it has the form of one, else None. Costs the same for any text of any length."""
    if len(text) != len(prefix) + BODY + CHECK or not text.startswith(prefix) or not text.isascii():
        return None
    return text.encode() if _checksum(text[:-CHECK]) == text[-CHECK:] else None


def _checksum(body: str) -> str:
    return _base62(crc32(body.encode()), CHECK)


def _base62(number: int, width: int) -> str:
    digits: list[str] = []
    for _ in range(width):
        number, digit = divmod(number, len(ALPHABET))
        digits.append(ALPHABET[digit])
    return "".join(reversed(digits))
