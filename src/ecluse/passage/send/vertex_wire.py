"""A maker's own format inside Vertex AI: the same body by `rawPredict`, under the maker's name.

Law: only the path, the credential and what `rewrite` says differ from the maker's own API.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

import msgspec

from ecluse.domain.destination import Destination
from ecluse.domain.dialect import OutboundDialect, Reader
from ecluse.domain.effects import Call
from ecluse.domain.errors import EcluseError
from ecluse.domain.request import Json, Request, Surface
from ecluse.passage.send.openai_wire import bearer


class RawPredict:
    """`maker` is who publishes the model; `rewrite` changes the body that the maker's own API would get."""

    def __init__(
        self,
        *,
        name: str,
        inner: OutboundDialect,
        maker: str,
        rewrite: Callable[[dict[str, Json]], dict[str, Json]],
        drops: frozenset[str] = frozenset(),
    ) -> None:
        self.name = name
        self._inner = inner
        self._maker = maker
        self._rewrite = rewrite
        self._drops = drops

    def unsupported(self, request: Request) -> tuple[str, ...]:
        """Name the request's fields that this wire format does not take."""
        if request.surface is not Surface.CHAT:
            return (request.surface.value,)
        return self._inner.unsupported(request)

    def call(self, request: Request, destination: Destination, attempt: str) -> Call:
        """Write the request for `destination`."""
        call = self._inner.call(request, destination, attempt)
        verb = "streamRawPredict" if request.stream else "rawPredict"
        return replace(
            call,
            path=f"/publishers/{self._maker}/models/{destination.wire_model}:{verb}",
            headers=tuple((name, value) for name, value in call.headers if name not in self._drops),
            body=msgspec.json.encode(self._rewrite(msgspec.json.decode(call.body))),
        )

    def auth_header(self, secret: str) -> tuple[str, str]:
        """Return the header that carries the token."""
        return bearer(secret)

    def reader(self, request: Request) -> Reader:
        """Return the reader of one answer."""
        return self._inner.reader(request)

    def error(self, status: int, headers: Mapping[str, str], body: bytes) -> EcluseError:
        """Say what an answer other than 200 means."""
        return self._inner.error(status, headers, body)
