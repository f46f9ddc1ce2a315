"""Server-sent events from bytes, as they arrive.

Law: any split of the same bytes gives the same events. A line ends by LF, CR LF or CR; several `data` lines join with a
line feed; a comment is no event; one byte order mark at the start is dropped; UTF-8 is never decoded in pieces, since
lines are cut in bytes. Beyond LINE bytes a line, or an event's data, the answer is malformed (siege row 28). Reference:
WHATWG HTML, section 9.2.6, but for one leniency: an event that lacks its closing blank line at the end still counts.
"""

from typing import NamedTuple

from ecluse.domain.errors import ProviderError

LINE = 1024 * 1024
"""Most bytes of one line, and of one event's data."""
_BOM = b"\xef\xbb\xbf"


class Frame(NamedTuple):
    """One event: its name, empty when it has none, and its data."""

    event: bytes
    data: bytes


class Frames:
    """Cuts one answer into events."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._after_cr = False
        self._at_start = True
        self._event = b""
        self._data: list[bytes] = []
        self._size = 0

    def feed(self, chunk: bytes) -> list[Frame]:
        """Return the events that `chunk` completes. Raises ProviderError beyond the caps."""
        if self._after_cr and chunk:
            self._after_cr = False
            if chunk.startswith(b"\n"):
                chunk = chunk[1:]
        if b"\r" in chunk:
            self._after_cr = chunk.endswith(b"\r")
            chunk = chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        *lines, rest = chunk.split(b"\n")
        frames: list[Frame] = []
        for line in lines:
            self._line(self._whole(line) if self._held else line, frames)
        self._held += rest
        if len(self._held) > LINE:
            raise ProviderError("upstream_malformed", f"line > {LINE}")
        return frames

    def end(self) -> list[Frame]:
        """Return the event that was left open when the answer ended, if there is one."""
        frames: list[Frame] = []
        if self._held:
            self._line(self._whole(b""), frames)
        self._line(b"", frames)
        return frames

    def _whole(self, rest: bytes) -> bytes:
        """Join a line's end to its beginning, which came in earlier chunks."""
        line = bytes(self._held) + rest
        self._held.clear()
        return line

    def _line(self, line: bytes, frames: list[Frame]) -> None:
        if self._at_start:
            self._at_start = False
            line = line.removeprefix(_BOM)
        if len(line) > LINE:
            raise ProviderError("upstream_malformed", f"line > {LINE}")
        if not line:
            if self._data:
                frames.append(Frame(self._event, b"\n".join(self._data)))
            self._event, self._data, self._size = b"", [], 0
            return
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"data":
            self._size += len(value) + 1
            if self._size > LINE:
                raise ProviderError("upstream_malformed", f"event > {LINE}")
            self._data.append(value)
        elif name == b"event":
            self._event = value
