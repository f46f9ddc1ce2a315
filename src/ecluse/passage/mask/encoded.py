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
_OCTET = r"[0-9A-Fa-f](?:(?<=0)x[0-9A-Fa-f]{2}|[0-9A-Fa-f])"
_DUMP = re.compile(rf"{_OCTET}(?:, ?|[ :])(?:{_OCTET}(?:, ?|[ :])){{4,}}{_OCTET}(?![0-9A-Za-z])")
"""Octets one by one: `4c 65 66`, `0x4c, 0x65`."""
_PREFIX = re.compile(r"0?[xX](?=[0-9A-Fa-f]{8})")
"""Before hexadecimal digits in code (`0x`), and in what PostgreSQL writes of octets (`\\x`)."""
_MARKS = re.compile(r"0x|[ ,:]")
_BREAKS = re.compile(r"[\r\n\\]+")
_READABLE = 0.8
_LATIN = re.compile(r"[\x20-\x7e\u00c0-\u00ff\s]+")
_LETTERS = 0.6
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
        if (packed.islower() and packed.isalpha()) or _MIXED.search(packed) is None:
            continue
        bare = _BREAKS.sub("", packed)
        for part in _parts(bare):
            for octets in _octets(part):
                said = _text(octets)
                if said:
                    yield Encoded(run.start(), run.end(), said)
    for dump in _DUMP.finditer(text):
        said = _text(bytes.fromhex(_MARKS.sub("", dump[0])))
        if said:
            yield Encoded(dump.start(), dump.end(), said)


def _parts(bare: str) -> Iterator[str]:
    """Yield a run, and what stands in it between two `/`: in a path, that is no letter of it."""
    yield bare
    steps = bare.split("/")
    if 1 < len(steps) <= _STEPS:
        for i in range(len(steps)):
            yield from ("/".join(steps[i:j]) for j in range(i + 1, len(steps) + 1) if (i, j) != (0, len(steps)))


def _octets(packed: str) -> Iterator[bytes]:
    bare = packed.rstrip("=")
    bare = _PREFIX.sub("", bare, count=1) if _PREFIX.match(bare) else bare
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
        return _latin(octets)
    readable = sum(character.isprintable() or character.isspace() for character in said)
    return said if readable >= _READABLE * len(said) else ""


def _latin(octets: bytes) -> str:
    """Read Latin-1, when nothing in it but its letters is beyond ASCII, and most is plain letters."""
    said = octets.decode("latin-1")
    plain = sum(character.isascii() and (character.isalpha() or character == " ") for character in said)
    return said if _LATIN.fullmatch(said) and plain >= _LETTERS * len(said) else ""
