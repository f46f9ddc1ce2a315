"""Strict JSON, because what is read here is what is scanned, and what is scanned is all that is sent (decision 6).

Law: one reading only. Refused: a key twice in one object at any depth, NaN and infinities, integers beyond 64 bits,
lone surrogates, bytes that are not UTF-8, nesting beyond DEPTH, more than CONTAINERS objects and arrays or VALUES
members. The shape is counted before anything is built, so that a small body cannot make a large memory (siege row 25).
"""

import json
from typing import Any

import msgspec

from ecluse.domain.errors import CallerError
from ecluse.domain.request import Json

DEPTH = 64
CONTAINERS = 50_000
VALUES = 200_000
_INT_LOW, _INT_HIGH = -(2**63), 2**63 - 1
_SMALL = 2 * CONTAINERS
"""A body of so many bytes or fewer cannot break the two counts: they need two bytes a value."""
_NOT_MARKS = bytes(byte for byte in range(256) if byte not in b'"{}[]:,')


def decode(body: bytes) -> Json:
    """Read one JSON value. Raises CallerError `invalid_json` or `duplicate_key`."""
    written = _written(body) if len(body) > _SMALL else None
    try:
        value: Json = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise CallerError("invalid_json") from None
    except RecursionError:
        raise _too("depth", DEPTH) from None
    built = _built(value)
    if built not in (written, body.count(b":")) and built != _written(body):
        raise CallerError("duplicate_key")
    return value


def decode_text(text: str) -> tuple[Json, bool]:
    """Read a string that may hold JSON, as tool arguments do; return (value, True), or (text, False) if it is none.

    What a lenient parser would read and this one does not is refused: a value could hide in it behind escapes.
    """
    try:
        return decode(text.encode()), True
    except UnicodeEncodeError:
        raise CallerError("invalid_json") from None
    except CallerError:
        if _lenient(text):
            raise
        return text, False


def _written(body: bytes) -> int:
    """Count how many members objects have as written, one that is written twice being two; check the limits.

    A colon outside strings is a member. Removing escaped pairs first leaves only quotes that open or close a string;
    where the body is no JSON the count means nothing, and decoding refuses it.
    """
    if b"\\" in body:
        body = body.replace(b"\\\\", b"").replace(b'\\"', b"")
    marks = body.translate(None, _NOT_MARKS)
    if marks.count(b'"') > 4 * VALUES:
        raise _too("values", VALUES)
    outside = b"".join(marks.split(b'"')[::2])
    if outside.count(b"{") + outside.count(b"[") > CONTAINERS:
        raise _too("objects and arrays", CONTAINERS)
    members = outside.count(b":")
    if outside.count(b",") + members > VALUES:
        raise _too("values", VALUES)
    return members


def _built(root: Json) -> int:
    """Count the members of every object that was built, level by level; check depth and integers on the way."""
    count = 0
    level: list[Any] = [[root]]
    for _ in range(DEPTH + 1):
        below: list[Any] = []
        for node in level:
            children = node
            if type(node) is dict:
                count += len(node)
                children = node.values()
            for child in children:
                kind = type(child)
                if kind is dict or kind is list:
                    if child:
                        below.append(child)
                elif kind is int and not _INT_LOW <= child <= _INT_HIGH:
                    raise CallerError("invalid_json", "integer > 64 bit")
        if not below:
            return count
        level = below
    raise _too("depth", DEPTH)


def _lenient(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _too(what: str, limit: int) -> CallerError:
    return CallerError("invalid_json", f"{what} > {limit}")
