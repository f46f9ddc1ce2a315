"""The other way out: small requests that carry nothing of any caller, to addresses that the settings name.

Law: never content; a credential only to the server of tokens that its own file names. TLS is verified, redirects,
cookies and the environment's proxies are not followed, an answer is read up to a bound. What the gateway sends a
witness is hashes and signatures.
"""

import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from aiohttp import ClientError, ClientSession, ClientTimeout, DummyCookieJar, TCPConnector
from yarl import URL

from ecluse.edge.config import EgressSettings

LARGEST = 1024 * 1024
"""Bytes of an answer that are read."""


@lru_cache(maxsize=4)
def _context(bundle: str | None, changed: int) -> ssl.SSLContext:
    """Read certificates once for as long as their file stays as it is: it takes longer than a call."""
    del changed
    return ssl.create_default_context(cafile=bundle)


def _trusted(bundle: str | None) -> ssl.SSLContext:
    return _context(bundle, Path(bundle).stat().st_mtime_ns if bundle else 0)


class OutwardFailed(Exception):
    """The other side could not be asked, or its answer is too long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """An answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Outward:
    """Asks other programs. Made inside a running event loop."""

    def __init__(self, egress: EgressSettings, *, seconds: float = 10.0) -> None:
        self._proxy = URL(egress.proxy) if egress.proxy else None
        self._session = ClientSession(
            connector=TCPConnector(ssl=_trusted(egress.ca_bundle), limit=8),
            cookie_jar=DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            timeout=ClientTimeout(total=seconds),
            headers={"user-agent": "ecluse"},
        )

    async def get(self, url: str, headers: Sequence[tuple[str, str]] = ()) -> Answered:
        """Ask for what is at an address. Raises OutwardFailed."""
        return await self._ask("GET", url, None, headers)

    async def post(self, url: str, body: bytes, headers: Sequence[tuple[str, str]] = ()) -> Answered:
        """Send a body and return the answer. Raises OutwardFailed."""
        return await self._ask("POST", url, body, headers)

    async def close(self) -> None:
        """Close every connection."""
        await self._session.close()

    async def _ask(self, method: str, url: str, body: bytes | None, headers: Sequence[tuple[str, str]]) -> Answered:
        target = URL(url)
        proxy = self._proxy if target.scheme == "https" else None
        try:
            async with self._session.request(
                method, target, data=body, headers=list(headers), allow_redirects=False, proxy=proxy
            ) as answer:
                data = await answer.content.read(LARGEST + 1)
                while len(data) <= LARGEST and (more := await answer.content.read(LARGEST + 1 - len(data))):
                    data += more
                told = {name.lower(): value for name, value in answer.headers.items()}
                status = answer.status
        except (ClientError, TimeoutError, OSError) as error:
            raise OutwardFailed(type(error).__name__) from error
        if len(data) > LARGEST:
            raise OutwardFailed("the answer is too long")
        return Answered(status=status, headers=told, body=data)
