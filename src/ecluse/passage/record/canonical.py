"""An entry has exactly one spelling in bytes: what is hashed is what is stored, and what is stored reads back the same.

Law: JSON in UTF-8, keys in the order of their code points, no space, no float, no control character, at most 65,535
bytes (the limit of an entry in C2SP tlog-tiles). `parse` refuses every other spelling. Nothing is repaired.
"""

import re
from functools import lru_cache
from typing import Annotated, TypeAlias

import msgspec

from ecluse.domain.trail import ENTRY_LIMIT, SCHEMA_VERSION, Entry, EntryId, EntryKind, PassageId

LARGEST = 2**53 - 1
"""The largest integer that every JSON reader keeps exact (RFC 8259, section 6)."""

ENTRY_ID = re.compile(r"[0-9a-f]{32}")
PASSAGE_ID = re.compile(r"[0-9A-Za-z_-]{1,64}")
INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")
WORD = re.compile(r"[a-z][a-z0-9_]{0,63}")
UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Controls, line and paragraph separators, what turns the reading direction, and halves of characters."""
ESCAPE = re.compile(rb'\\[^"]')
"""What JSON escapes besides its two own characters is a control."""

_Integer: TypeAlias = Annotated[int, msgspec.Meta(ge=-LARGEST, le=LARGEST)]
_Scalar: TypeAlias = str | _Integer | bool | None
_Body: TypeAlias = dict[str, _Scalar | tuple[_Scalar, ...] | dict[str, _Scalar]]


class EntryRefused(ValueError):
    """It is no entry of schema v1 in its one spelling. Says which part, never its content."""


class _Wire(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    at: str
    body: _Body
    id: str
    kind: EntryKind
    passage: str
    version: int


_ENCODER = msgspec.json.Encoder(order="sorted")
_DECODER = msgspec.json.Decoder(_Wire)


def canonical(entry: Entry) -> bytes:
    """Return the one spelling of an entry, whose lists are tuples. Raises EntryRefused for what v1 cannot hold."""
    wire = _Wire(
        at=entry.at,
        body=entry.body,  # type: ignore[arg-type] # a mapping is encoded as the dict that reading gives back
        id=entry.id,
        kind=entry.kind,
        passage=entry.passage,
        version=entry.version,
    )
    try:
        data = _ENCODER.encode(wire)
    except (TypeError, OverflowError, UnicodeEncodeError):
        raise EntryRefused("a field is no text, integer, boolean or null, nor a flat list or map of them") from None
    back = _read(data)
    if back.body != entry.body:
        raise EntryRefused("a field would read back as something else")
    return data


def parse(data: bytes) -> Entry:
    """Read an entry back. Raises EntryRefused unless `data` is exactly what `canonical` writes."""
    wire = _read(data)
    return Entry(
        kind=wire.kind,
        id=EntryId(wire.id),
        passage=PassageId(wire.passage),
        at=wire.at,
        body=wire.body,
        version=wire.version,
    )


def _read(data: bytes) -> _Wire:
    if len(data) > ENTRY_LIMIT:
        raise EntryRefused(f"{len(data)} bytes are more than {ENTRY_LIMIT}")
    try:
        wire = _DECODER.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise EntryRefused("the bytes are not an entry of schema v1") from None
    _check_head(wire)
    if not (all(map(_is_word, wire.body)) and _is_printable(data)):
        raise EntryRefused("a field's name is not a plain word, or a text has a control character")
    if _ENCODER.encode(wire) != data:
        raise EntryRefused("the bytes are not in canonical form")
    return wire


def _check_head(wire: _Wire) -> None:
    if wire.version != SCHEMA_VERSION:
        raise EntryRefused(f"version {wire.version} is not {SCHEMA_VERSION}")
    if not ENTRY_ID.fullmatch(wire.id):
        raise EntryRefused("the id is not 32 lower-case hexadecimal digits")
    if not PASSAGE_ID.fullmatch(wire.passage):
        raise EntryRefused("the passage's id is not a plain token")
    if not INSTANT.fullmatch(wire.at):
        raise EntryRefused("the time is not UTC with milliseconds")


@lru_cache(maxsize=256)
def _is_word(name: str) -> bool:
    return WORD.fullmatch(name) is not None


def _is_printable(data: bytes) -> bool:
    """Whether canonical JSON has no unprintable character: those below U+0020 are escaped, others stand as they are."""
    if data.isascii() and b"\x7f" not in data and b"\\" not in data:
        return True
    return not (UNPRINTABLE.search(data.decode()) or ESCAPE.search(data.replace(b"\\\\", b"")))
