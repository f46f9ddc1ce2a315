"""How long a connection may take to say what it wants: the server itself waits for ever.

Law: a connection whose headers are not complete in time is closed; it never held a place of a passage.
"""

import asyncio
from typing import ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle


class PatientProtocol(HttpToolsProtocol):
    """HTTP/1.1 that is closed when a request's headers take longer than `header_seconds`."""

    header_seconds: ClassVar[float] = 10.0
    _late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as the server has it
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Begin to wait with the first byte of another request."""
        cycle: RequestResponseCycle | None = self.cycle  # None before the first request, whatever its type says
        if self._late is None and (cycle is None or cycle.response_complete):
            self._wait()
        super().data_received(data)

    def on_headers_complete(self) -> None:
        """Wait no more: the body has its own limit."""
        self._enough()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more: nobody is there."""
        self._enough()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._late = self.loop.call_later(self.header_seconds, self.transport.close)

    def _enough(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None


def patient(seconds: float) -> type[PatientProtocol]:
    """Return the protocol with a limit of its own."""
    return type("PatientProtocol", (PatientProtocol,), {"header_seconds": seconds})
