"""The way out: the only importer of an HTTP client.

Law: the host always comes from the registry or the settings; redirects, cookies and the environment's proxies are
never followed; TLS is always verified; nothing is decompressed. An exchange that is closed, or a call that is cancelled
while it waits for its head, is cut at once (docs/adr/0005).
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path

from aiohttp import (
    ClientConnectionError,
    ClientConnectorError,
    ClientError,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    ConnectionTimeoutError,
    DummyCookieJar,
    TCPConnector,
)
from yarl import URL

from ecluse.domain.destination import Destination
from ecluse.domain.effects import Call
from ecluse.domain.errors import ProviderError
from ecluse.edge.config import EgressSettings, LimitSettings

PROBE = "/models"
SERVER_ERROR = 500
KEEP_ALIVE = 4.0
"""Seconds an idle connection is kept: less than the five that many servers keep theirs, so that few are found dead."""


class UpstreamExchange:
    """An open answer. See `ports.Exchange`."""

    def __init__(self, response: ClientResponse, limit: int) -> None:
        self._response = response
        self._left = limit
        self.status = response.status
        self.headers: Mapping[str, str] = {key.lower(): value for key, value in response.headers.items()}

    async def chunks(self) -> AsyncIterator[bytes]:
        """Iterate over the body as it arrives. Raises ProviderError, also beyond the size limit."""
        try:
            async for data in self._response.content.iter_any():
                self._left -= len(data)
                if self._left < 0:
                    raise ProviderError("upstream_malformed", "the answer is larger than the limit")
                yield data
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
        context = ssl.create_default_context(cafile=egress.ca_bundle)
        if egress.ca_bundle and not context.get_ca_certs():
            raise ValueError(f"{Path(egress.ca_bundle).name} has no certificate authority")
        self._session = ClientSession(
            connector=TCPConnector(ssl=context, limit=0, keepalive_timeout=KEEP_ALIVE),
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
                response = await self._session.post(
                    url,
                    data=call.body,
                    headers=[*call.headers, *secret, ("user-agent", "ecluse")],
                    allow_redirects=False,
                    proxy=self._proxy if remote else None,
                )
        except (ClientConnectorError, ConnectionTimeoutError):
            raise ProviderError("upstream_unreachable", sent=False) from None
        except TimeoutError:
            raise ProviderError("upstream_timeout") from None
        except (ClientConnectionError, ClientError):
            raise ProviderError("upstream_error", "the connection broke") from None
        exchange = UpstreamExchange(response, self._limits.answer_bytes)
        if exchange.headers.get("content-encoding", "identity") != "identity":
            await exchange.close()
            raise ProviderError("upstream_malformed", "the answer is compressed")
        return exchange

    async def answers(self, destination: Destination) -> bool:
        """Ask for a list of models, with no credential and nothing of a caller: any answer below 500 is a life sign."""
        url = URL(destination.base_url.rstrip("/") + PROBE, encoded=True)
        proxy = self._proxy if url.scheme == "https" else None
        headers = [("accept", "application/json"), ("user-agent", "ecluse")]
        try:
            async with asyncio.timeout(self._limits.connect_seconds * 2):
                response = await self._session.get(url, headers=headers, allow_redirects=False, proxy=proxy)
        except (TimeoutError, ClientError):
            return False
        response.close()
        return response.status < SERVER_ERROR

    async def close(self) -> None:
        """Close every connection."""
        await self._session.close()
        await asyncio.sleep(0)  # a closed transport lets go of its socket in the loop's next turn
