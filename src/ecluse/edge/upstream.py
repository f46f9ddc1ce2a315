"""The way out: the only importer of an HTTP client.

Law: the host always comes from the registry or the settings; redirects, cookies and the environment's proxies are
never followed; TLS is always verified; nothing is decompressed. An exchange that is closed, or a call that is cancelled
while it waits for its head, is cut at once (docs/adr/0005).
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping, Sequence

from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientResponse,
    ClientSession,
    ClientSSLError,
    ClientTimeout,
    ConnectionTimeoutError,
    DummyCookieJar,
    TCPConnector,
)
from yarl import URL

from ecluse.domain.destination import Destination, OperatedBy
from ecluse.domain.effects import Call
from ecluse.domain.errors import ProviderError
from ecluse.edge.config import EgressSettings, LimitSettings
from ecluse.edge.saying import say
from ecluse.edge.tls import Contexts, refused_as_stranger

PROBE = "/models"
SERVER_ERROR = 500
ASKING = 0.5
"""Seconds for which a server of one's own is asked why it broke a connection before its answer."""
KEEP_ALIVE = 4.0
"""Seconds an idle connection is kept: less than the five that many servers keep theirs, so that few are found dead."""


class UpstreamExchange:
    """An open answer. See `ports.Exchange`."""

    def __init__(self, response: ClientResponse, limit: int, first_seconds: float) -> None:
        self._response = response
        self._left = limit
        self._first_seconds = first_seconds
        self.status = response.status
        self.headers: Mapping[str, str] = {key.lower(): value for key, value in response.headers.items()}

    async def chunks(self) -> AsyncIterator[bytes]:
        """Iterate over the body as it arrives. Raises ProviderError, also beyond the size limit."""
        try:
            async with asyncio.timeout(self._first_seconds):
                data = await self._response.content.readany()
            while data:
                self._left -= len(data)
                if self._left < 0:
                    raise ProviderError("upstream_malformed", "the answer is larger than the limit")
                yield data
                data = await self._response.content.readany()
        except TimeoutError:
            raise ProviderError("upstream_timeout") from None
        except ClientError:
            raise ProviderError("upstream_error", "the connection broke") from None

    async def close(self) -> None:
        """Cut the connection if the body is not finished. Idempotent."""
        self._response.close()


class Upstream:
    """Sends calls. Implements `ports.Transport`. Made inside a running event loop."""

    def __init__(self, egress: EgressSettings, limits: LimitSettings) -> None:
        self._limits = limits
        self._proxy = URL(egress.proxy) if egress.proxy else None
        self._tls = Contexts(egress.ca_bundle, egress.tls)
        self._session = ClientSession(
            connector=TCPConnector(ssl=self._tls.common, limit=0, keepalive_timeout=KEEP_ALIVE),
            cookie_jar=DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            raise_for_status=False,
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding"),
            timeout=ClientTimeout(
                total=None, connect=None, sock_connect=limits.connect_seconds, sock_read=limits.idle_seconds
            ),
        )

    async def send(self, destination: Destination, call: Call, secret: Sequence[tuple[str, str]]) -> UpstreamExchange:
        """Send one call and return at the answer's head. Raises ProviderError."""
        url = URL(destination.base_url.rstrip("/") + call.path, encoded=True)
        remote = url.scheme == "https"
        try:
            async with asyncio.timeout(self._limits.head_seconds):
                response = await self._session.request(
                    call.method,
                    url,
                    data=call.body or None,
                    headers=[*call.headers, *secret, ("user-agent", "ecluse")],
                    allow_redirects=False,
                    proxy=self._proxy if remote else None,
                    ssl=self._tls.of(destination.id),
                )
        except TimeoutError as error:
            connected = not isinstance(error, ConnectionTimeoutError)
            raise ProviderError("upstream_timeout" if connected else "upstream_unreachable", sent=connected) from None
        except ClientError as error:
            raise await self._why(destination, url, error) from None
        exchange = UpstreamExchange(response, self._limits.answer_bytes, self._limits.first_seconds)
        if exchange.headers.get("content-encoding", "identity") != "identity":
            await exchange.close()
            raise ProviderError("upstream_malformed", "the answer is compressed")
        return exchange

    async def _why(self, destination: Destination, url: URL, error: ClientError) -> ProviderError:
        """Say why no answer began: a certificate that is not believed, on either side, is told from a lost line."""
        connected = not isinstance(error, ClientConnectorError)
        if isinstance(error, ClientSSLError) or isinstance(error.__cause__, ssl.SSLError):
            return self._unbelieved(destination, connected=connected)
        near = destination.operated_by is OperatedBy.CALLER and self._proxy is None
        reset = connected or isinstance(error.__cause__, ConnectionResetError)
        if near and reset and url.scheme == "https" and url.host and url.port:
            trusting = self._tls.of(destination.id)
            if await refused_as_stranger(url.host, url.port, trusting, ASKING):
                return self._unbelieved(destination, connected=connected)
        if connected:
            return ProviderError("upstream_error", "the connection broke")
        return ProviderError("upstream_unreachable", sent=False)

    def _unbelieved(self, destination: Destination, *, connected: bool) -> ProviderError:
        by = "it does not accept our certificate, or wants one" if connected else "its certificate is not believed"
        say(f"destination {destination.id}: TLS failed: {by}; see egress.tls and `ecluse doctor`")
        return ProviderError("upstream_tls", sent=connected)

    async def answers(self, destination: Destination) -> bool:
        """Ask for a list of models, with no credential and nothing of a caller: any answer below 500 is a life sign."""
        url = URL(destination.base_url.rstrip("/") + PROBE, encoded=True)
        proxy = self._proxy if url.scheme == "https" else None
        headers = [("accept", "application/json"), ("user-agent", "ecluse")]
        try:
            async with asyncio.timeout(self._limits.connect_seconds * 2):
                response = await self._session.get(
                    url, headers=headers, allow_redirects=False, proxy=proxy, ssl=self._tls.of(destination.id)
                )
        except (TimeoutError, ClientError):
            return False
        response.close()
        return response.status < SERVER_ERROR

    async def close(self) -> None:
        """Close every connection."""
        await self._session.close()
        await asyncio.sleep(0)  # a closed transport lets go of its socket in the loop's next turn
