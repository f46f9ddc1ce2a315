"""Texts that stand in a text as base64 or as hexadecimal digits.

Law: a copy in another alphabet is a copy. Only what decodes to text is one; the search costs what the text costs.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from typing import NamedTuple

_LINE = r"[A-Za-z0-9+/_\-]{16,}"
_RUN = re.compile(rf"{_LINE}(?:\\?\r?\n{_LINE})*(?:\\?\r?\n)?[A-Za-z0-9+/_\-]*={{0,2}}|[A-Za-z0-9+/_\-]{{6,}}={{0,2}}")
_MIXED = re.compile(r"[a-z\-_]+[A-Z0-9+/]|[A-Z0-9+/]+[a-z]|[0-9]")
"""Prose is all small letters, or begins with one capital: base64 of text is neither, nor are hexadecimal digits."""
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2}){4,}")
_BREAKS = re.compile(r"[\r\n\\]+")
_READABLE = 0.8
_STEPS = 8


class Encoded(NamedTuple):
    """What `[start, end)` of a text says."""

    start: int
    end: int
    text: str


def encoded(text: str) -> Iterator[Encoded]:
    """Yield the runs of a text that say another text."""
    for run in _RUN.finditer(text):
        packed = run[0]
        if _MIXED.search(packed) is None:
            continue
        bare = _BREAKS.sub("", packed)
        for part in _parts(bare):
            for octets in _octets(part):
                said = _text(octets)
                if said:
                    yield Encoded(run.start(), run.end(), said)


def _parts(bare: str) -> Iterator[str]:
    """Yield a run, and what stands in it between two `/`: in a path, that is no letter of it."""
    yield bare
    steps = bare.split("/")
    if 1 < len(steps) <= _STEPS:
        for i in range(len(steps)):
            yield from ("/".join(steps[i:j]) for j in range(i + 1, len(steps) + 1) if (i, j) != (0, len(steps)))


def _octets(packed: str) -> Iterator[bytes]:
    bare = packed.rstrip("=")
    if _HEX.fullmatch(bare):
        yield bytes.fromhex(bare)
    letters = bare.translate({45: 43, 95: 47})
    letters = letters[: len(letters) - (len(letters) % 4 == 1)]
    try:
        yield base64.b64decode(letters + "=" * (-len(letters) % 4))
    except binascii.Error:
        return


def _text(octets: bytes) -> str:
    """Read UTF-8, or UTF-16 of Latin text; nothing when it is no text."""
    zeros = octets.count(0) * 3 >= len(octets)
    octets = octets[: len(octets) & ~1] if zeros else octets
    try:
        said = octets.decode(("utf-16-be" if octets[0] == 0 else "utf-16-le") if zeros and octets else "utf-8")
    except UnicodeDecodeError:
        return ""
    readable = sum(character.isprintable() or character.isspace() for character in said)
    return said if readable >= _READABLE * len(said) else ""
