"""The public keys of one identity provider, fetched beside the requests and kept in memory.

Law: only public keys that sign, each under one name; what else stands in a set is left out. A set that cannot be read
changes nothing; after an hour without one that can, nobody is believed.
"""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from ecluse.domain.errors import GatewayError
from ecluse.edge.identity_settings import Algorithm

EVERY = 300.0
"""Seconds between two looks."""
SOONEST = 10.0
"""Seconds between two looks that an unknown key's name, or a failure, asks for."""
STALE = 3600.0
"""Seconds after the last look that succeeded from which nobody is believed."""
MOST = 64
"""Keys of a set."""
LEAST_BITS = 2048
KINDS: Mapping[Algorithm, tuple[str, str | None]] = {
    Algorithm.RS256: ("RSA", None),
    Algorithm.PS256: ("RSA", None),
    Algorithm.ES256: ("EC", "P-256"),
    Algorithm.ES384: ("EC", "P-384"),
}
"""Which kind of key each algorithm takes."""

PublicKey = RSAKey | ECKey


class _Stated(msgspec.Struct, frozen=True):
    """What a key says of itself besides its numbers."""

    kty: str
    kid: str | None = None
    use: str | None = None
    alg: str | None = None
    crv: str | None = None
    d: str | None = None


class _Set(msgspec.Struct, frozen=True):
    keys: list[dict[str, Any]]


class Jwks:
    """Keeps the keys of one address. `fetch` returns the body of an answer, or raises OSError."""

    def __init__(self, fetch: Callable[[], Awaitable[bytes]], clock: Callable[[], float] = time.monotonic) -> None:
        self._fetch = fetch
        self._clock = clock
        self._keys: Mapping[str, tuple[_Stated, PublicKey]] = {}
        self._looked: float | None = None
        self._tried = float("-inf")
        self._wanted = asyncio.Event()

    def find(self, name: str, algorithm: Algorithm) -> PublicKey | None:
        """Return the key of a name, when it is one for the algorithm. Raises GatewayError while none can be known."""
        if self._looked is None or self._clock() - self._looked > STALE:
            self._wanted.set()
            raise GatewayError("identity_unavailable")
        found = self._keys.get(name)
        if found is None:
            self._wanted.set()
            return None
        stated, key = found
        kind, curve = KINDS[algorithm]
        fits = stated.kty == kind and (curve is None or stated.crv == curve) and stated.alg in {None, algorithm}
        return key if fits else None

    async def look(self) -> None:
        """Fetch the set once; one that cannot be had or read leaves what is known."""
        self._tried = self._clock()
        self._wanted.clear()
        with contextlib.suppress(OSError, msgspec.DecodeError):
            self._keys = _read(await self._fetch())
            self._looked = self._tried

    async def run(self) -> None:
        """Look again and again, sooner when asked for, until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(SOONEST)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(EVERY if self._looked == self._tried else SOONEST):
                    await self._wanted.wait()


def _read(body: bytes) -> dict[str, tuple[_Stated, PublicKey]]:
    """Return the keys that count, by name. Raises msgspec.DecodeError."""
    raw = msgspec.json.decode(body, type=_Set).keys[:MOST]
    stated = [(msgspec.convert(one, _Stated), one) for one in raw]
    names = Counter(one.kid for one, _ in stated)
    found: dict[str, tuple[_Stated, PublicKey]] = {}
    for said, one in stated:
        if said.kid is None or names[said.kid] > 1 or said.d is not None or said.use not in {None, "sig"}:
            continue
        key = _key(said, one)
        if key is not None:
            found[said.kid] = (said, key)
    return found


def _key(stated: _Stated, raw: dict[str, Any]) -> PublicKey | None:
    numbers = {name: value for name, value in raw.items() if name in {"kty", "n", "e", "crv", "x", "y"}}
    try:
        if stated.kty == "RSA":
            key = RSAKey.import_key(numbers)
            return key if key.raw_value.key_size >= LEAST_BITS else None
        return ECKey.import_key(numbers) if stated.kty == "EC" else None
    except (JoseError, ValueError, KeyError, TypeError):
        return None
