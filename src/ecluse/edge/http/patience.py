"""How long a connection may take to say what it wants: the server itself waits for ever, and at its end not at all.

Law: a connection whose headers are not complete in time is closed; it never held a place of a passage. When the server
ends, a connection that was taken is heard a moment longer: its request may be on its way, or here and not yet read.
"""

import asyncio
import signal
from types import FrameType
from typing import Any, ClassVar

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

LAST_CALL = 0.5
"""Seconds for which a connection that asks nothing is heard once the server ends."""
LOOKS = 3
"""Turns of the loop in which connections are taken that the kernel has already accepted, before the port is closed."""


class LastCalls(uvicorn.Server):
    """A server that takes the connections that callers already have, before it closes its port.

    A signal ends it, and is not raised again after its end: that would end the process before the trail is closed.
    """

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 - uvicorn's own words
        """Begin to end. A second interruption from a keyboard waits for nobody."""
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True

    async def shutdown(self, sockets: list[Any] | None = None) -> None:
        """Take them, then end as a server does."""
        for _ in range(LOOKS):
            await asyncio.sleep(0)
        await super().shutdown(sockets)


class PatientProtocol(HttpToolsProtocol):
    """HTTP/1.1 that is closed when a request's headers take longer than `header_seconds`."""

    header_seconds: ClassVar[float] = 10.0
    _late: asyncio.TimerHandle | None = None
    _ending: bool = False

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
        if self._ending and self.cycle is not None:
            self.cycle.keep_alive = False

    def shutdown(self) -> None:
        """Answer what is asked, and close what asks nothing in the next moment."""
        cycle: RequestResponseCycle | None = self.cycle
        self._ending = True
        if cycle is None or cycle.response_complete:
            self.loop.call_later(LAST_CALL, self._end)
        else:
            cycle.keep_alive = False

    def _end(self) -> None:
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is None or cycle.response_complete:
            self.transport.close()

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
