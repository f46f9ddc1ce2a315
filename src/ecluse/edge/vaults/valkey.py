"""Sealed vaults on a Valkey or Redis that replicas share (the extra `valkey`).

Law: the server sees names and sealed bytes, and lets go of them when they end. A server that does not answer in time is
away: nothing is taken for forgotten that may still be there.
"""

from valkey.asyncio import Valkey
from valkey.exceptions import ValkeyError

from ecluse.domain.snapshot import Instant
from ecluse.edge.vaults.sealed import VaultUnusable

PREFIX = "ecluse:vault:"
_SECONDS = 2.0
_SWAP = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PXAT', ARGV[3])
return 1
"""


class ValkeyVaults:
    """Vaults of one server."""

    def __init__(self, url: str, *, seconds: float = _SECONDS) -> None:
        """Connect when first asked."""
        self._client: Valkey = Valkey.from_url(url, socket_timeout=seconds, socket_connect_timeout=seconds)
        self._swap = self._client.register_script(_SWAP)

    async def put(self, name: str, record: bytes, *, expires: Instant) -> None:
        """Keep a record until it ends, in the place of one of the same name."""
        try:
            await self._client.set(PREFIX + name, record, pxat=expires)
        except (ValkeyError, OSError) as error:
            raise _away() from error

    async def get(self, name: str, *, now: Instant) -> bytes | None:  # noqa: ARG002 - its seal says whether it ended
        """Return a record that the server has not let go of."""
        try:
            record = await self._client.get(PREFIX + name)
        except (ValkeyError, OSError) as error:
            raise _away() from error
        return None if record is None else bytes(record)

    async def swap(self, name: str, before: bytes, record: bytes, *, expires: Instant) -> bool:
        """Put a record in the place of another, if that still stands there."""
        try:
            return bool(await self._swap(keys=[PREFIX + name], args=[before, record, expires]))
        except (ValkeyError, OSError) as error:
            raise _away() from error

    async def forget(self, name: str) -> bool:
        """Delete a record; say whether there was one."""
        try:
            return bool(await self._client.delete(PREFIX + name))
        except (ValkeyError, OSError) as error:
            raise _away() from error

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()


def _away() -> VaultUnusable:
    return VaultUnusable(
        "the server of the vaults does not answer, or lets nobody in: start it, or look at its address"
    )
