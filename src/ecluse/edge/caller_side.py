"""The connection to a caller, as the runner sees it.

Law: it is told, never asked: what a caller sent was read before a passage began.
"""

from collections.abc import Callable
from typing import Protocol

from ecluse.domain.effects import Headers


class CallerSide(Protocol):
    """The open connection to the caller."""

    @property
    def gone(self) -> bool:
        """Whether the caller left."""

    def on_gone(self, told: Callable[[], object] | None) -> None:
        """Tell `told` once when the caller leaves; None to stop."""

    async def reply(self, status: int, headers: Headers) -> None:
        """Send status and headers."""

    async def emit(self, data: bytes, *, last: bool) -> None:
        """Send bytes and return when the socket has drained."""

    def cut(self) -> None:
        """Break the connection off: what was sent is not an answer."""
