"""Amazon's binary event stream from bytes, as they arrive.

Law: any split of the same bytes gives the same messages; both checksums of each are checked; a message beyond MESSAGE
bytes, or one whose lengths do not fit each other, is malformed. Strings are the only headers that are read, the others
are stepped over. Reference: smithy.io, "Amazon Event Stream Specification".
"""

import zlib
from collections.abc import Mapping
from typing import NamedTuple

from ecluse.domain.errors import ProviderError

MESSAGE = 1024 * 1024
"""Most bytes of one message."""
_PRELUDE = 12
_CRC = 4
_STRING = 7
_SIZES = {0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16}
"""Bytes of each kind of header value that has a fixed size: booleans, integers, a timestamp, a UUID."""
_COUNTED = frozenset({6, _STRING})
"""Byte strings and strings, which have their length before them."""


class Message(NamedTuple):
    """One message: its headers that are strings, and its payload."""

    headers: Mapping[str, str]
    payload: bytes


class Messages:
    """Cuts one answer into messages."""

    def __init__(self) -> None:
        self._held = bytearray()

    def feed(self, chunk: bytes) -> list[Message]:
        """Return the messages that `chunk` completes. Raises ProviderError."""
        self._held += chunk
        found: list[Message] = []
        while len(self._held) >= _PRELUDE:
            size, headers = _prelude(bytes(self._held[:_PRELUDE]))
            if len(self._held) < size:
                break
            whole = bytes(self._held[:size])
            del self._held[:size]
            if zlib.crc32(whole[:-_CRC]) != int.from_bytes(whole[-_CRC:], "big"):
                raise ProviderError("upstream_malformed", "checksum")
            found.append(Message(_headers(whole[_PRELUDE : _PRELUDE + headers]), whole[_PRELUDE + headers : -_CRC]))
        return found

    def end(self) -> None:
        """Say that no more comes. Raises ProviderError for a message that was cut."""
        if self._held:
            raise ProviderError("upstream_malformed", "cut short")


def _prelude(prelude: bytes) -> tuple[int, int]:
    """Return the bytes of the message, and of its headers."""
    size, headers, crc = (int.from_bytes(prelude[at : at + 4], "big") for at in (0, 4, 8))
    if zlib.crc32(prelude[:8]) != crc:
        raise ProviderError("upstream_malformed", "checksum")
    if size > MESSAGE or headers + _PRELUDE + _CRC > size:
        raise ProviderError("upstream_malformed", "length")
    return size, headers


def _headers(data: bytes) -> Mapping[str, str]:
    found: dict[str, str] = {}
    at = 0
    while at < len(data):
        name, at = _counted(data, at, 1)
        kind = data[at] if at < len(data) else -1
        at += 1
        if kind in _COUNTED:
            value, at = _counted(data, at, 2)
            if kind == _STRING:
                found[_text(name)] = _text(value)
        elif kind in _SIZES:
            at += _SIZES[kind]
        else:
            raise ProviderError("upstream_malformed", "header")
    if at > len(data):
        raise ProviderError("upstream_malformed", "header")
    return found


def _counted(data: bytes, at: int, width: int) -> tuple[bytes, int]:
    start = at + width
    stop = start + int.from_bytes(data[at:start], "big")
    if stop > len(data):
        raise ProviderError("upstream_malformed", "header")
    return data[start:stop], stop


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise ProviderError("upstream_malformed", "header") from None
