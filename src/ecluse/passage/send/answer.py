"""The bytes of a provider's answer, cut into JSON values: a stream of events or one whole body, whichever it is.

Law: the first byte that is no white space tells, since no line of an event stream begins with a brace; so a provider
that answers a stream with a whole body, or with an error under status 200, is understood. What is no JSON is malformed.
"""

from collections.abc import Mapping

import msgspec

from ecluse.domain.errors import ProviderError
from ecluse.domain.request import Json
from ecluse.passage.send.sse import Frame, Frames

BODY = 16 * 1024 * 1024
"""Most bytes of an answer that is held whole."""
PADDING = 4 * 1024
"""Most bytes of white space before an answer begins."""
_BOM = b"\xef\xbb\xbf"


class Answer:
    """Gives the frames of one answer; a whole body is one frame without a name.

    `gathered` is whether the caller gets the answer whole: then it is bounded even if the provider streams it.
    """

    def __init__(self, *, gathered: bool, limit: int = BODY) -> None:
        self._gathered = gathered
        self._limit = limit
        self._size = 0
        self._start = b""
        self._frames: Frames | None = None
        self._body: bytearray | None = None

    def feed(self, chunk: bytes) -> list[Frame]:
        """Return the frames that `chunk` completes. Raises ProviderError beyond the caps."""
        self._size += len(chunk)
        if self._size > self._limit and (self._gathered or self._body is not None):
            raise ProviderError("upstream_malformed", f"body > {self._limit}")
        if self._frames is not None:
            return self._frames.feed(chunk)
        if self._body is not None:
            self._body += chunk
            return []
        self._start += chunk
        first = self._start.removeprefix(_BOM).lstrip(b" \t\r\n")[:1]
        if not first or (len(self._start) < len(_BOM) and _BOM.startswith(self._start)):
            if len(self._start) > PADDING:
                raise ProviderError("upstream_malformed", f"white space > {PADDING}")
            return []
        begun, self._start = self._start, b""
        if first == b"{":
            self._body = bytearray(begun.removeprefix(_BOM))
            return []
        self._frames = Frames()
        return self._frames.feed(begun)

    def end(self) -> list[Frame]:
        """Return what was left when the provider closed."""
        if self._frames is not None:
            return self._frames.end()
        if self._body is not None:
            return [Frame(b"", bytes(self._body))]
        return []


def read_object(data: bytes) -> Mapping[str, Json]:
    """Read one JSON object. Raises ProviderError."""
    try:
        value = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise ProviderError("upstream_malformed", "JSON") from None
    if not isinstance(value, dict):
        raise ProviderError("upstream_malformed", "JSON object")
    return value
