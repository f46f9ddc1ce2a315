"""A dialect of chat and embeddings, with the other kinds of work that its servers do.

Law: each kind of work is one file that says its path, its fields and how its answer is read; all else (who pays, what a
failure means) is the dialect's own. What a dialect has no work for, it refuses by the name of the surface.
"""

from collections.abc import Callable, Mapping
from typing import Protocol

from ecluse.domain.destination import Destination
from ecluse.domain.dialect import OutboundDialect, Reader
from ecluse.domain.effects import Call
from ecluse.domain.errors import EcluseError
from ecluse.domain.request import Request, Surface
from ecluse.passage.send.openai_wire import plain_path

OWN = frozenset({Surface.CHAT, Surface.EMBEDDINGS})
"""What the dialect itself does."""


class Work(Protocol):
    """One kind of work on the provider's side."""

    def unsupported(self, request: Request) -> tuple[str, ...]:
        """Name the request's fields that it does not take."""

    def call(self, request: Request, destination: Destination, attempt: str, path: Callable[[str], str]) -> Call:
        """Write the request; `path` puts a path behind the destination's base URL."""

    def reader(self, request: Request) -> Reader:
        """Return the reader of one answer with status 200."""


class Wider:
    """An outbound dialect with more kinds of work."""

    def __init__(
        self,
        inner: OutboundDialect,
        works: Mapping[Surface, Work],
        path: Callable[[Destination, str], str] = plain_path,
    ) -> None:
        self.name = inner.name
        self._inner = inner
        self._works = works
        self._path = path

    def unsupported(self, request: Request) -> tuple[str, ...]:
        """Name the request's fields that this wire format does not take."""
        if request.surface in OWN:
            return self._inner.unsupported(request)
        work = self._works.get(request.surface)
        return (request.surface.value,) if work is None else work.unsupported(request)

    def call(self, request: Request, destination: Destination, attempt: str) -> Call:
        """Write the request for `destination`."""
        if request.surface in OWN:
            return self._inner.call(request, destination, attempt)
        work = self._works[request.surface]
        return work.call(request, destination, attempt, lambda path: self._path(destination, path))

    def auth_header(self, secret: str) -> tuple[str, str]:
        """Return the header that carries the secret."""
        return self._inner.auth_header(secret)

    def reader(self, request: Request) -> Reader:
        """Return the reader of one answer."""
        return self._inner.reader(request) if request.surface in OWN else self._works[request.surface].reader(request)

    def error(self, status: int, headers: Mapping[str, str], body: bytes) -> EcluseError:
        """Say what an answer other than 200 means."""
        return self._inner.error(status, headers, body)
