"""Counters on a Valkey or Redis that replicas share: one Lua script takes every claim or none.

Law: the server runs a script alone, so that no two takers see the same room. A server that does not answer in time is
away; nothing is retried, since a claim could then be taken twice.
"""

from collections.abc import Sequence

from valkey.asyncio import Valkey
from valkey.asyncio.retry import Retry
from valkey.backoff import NoBackoff
from valkey.exceptions import ValkeyError

from ecluse.domain.snapshot import Instant
from ecluse.edge.shared.counters import (
    LEASE,
    MINUTE,
    RATES,
    Claim,
    CountersAway,
    Measure,
    Short,
    ends,
    short_of,
    window,
)

PREFIX = "{ecluse}"
"""In braces, so that every key is in one slot of a cluster: a script may only touch one."""

TAKE = """
local now, minute = tonumber(ARGV[1]), tonumber(ARGV[2])
local function used(i)
  local kind = ARGV[5 * i]
  if kind == 'holders' then
    redis.call('ZREMRANGEBYSCORE', KEYS[2 * i - 1], '-inf', now)
    return redis.call('ZCARD', KEYS[2 * i - 1]), 0
  end
  local here = tonumber(redis.call('GET', KEYS[2 * i - 1]) or '0')
  if kind == 'total' then return here, 0 end
  local before = tonumber(redis.call('GET', KEYS[2 * i]) or '0')
  return here + math.floor(before * (minute - now % minute) / minute), before
end
local n = #KEYS / 2
for i = 1, n do
  local inuse, before = used(i)
  if inuse + tonumber(ARGV[5 * i + 2]) > tonumber(ARGV[5 * i + 1]) then
    return {i, string.format('%.0f', inuse), string.format('%.0f', before)}
  end
end
for i = 1, n do
  local key, amount, expires = KEYS[2 * i - 1], ARGV[5 * i + 2], ARGV[5 * i + 3]
  if ARGV[5 * i] == 'holders' then
    redis.call('ZADD', key, expires, ARGV[3])
  else
    redis.call('INCRBY', key, amount)
  end
  redis.call('PEXPIRE', key, ARGV[5 * i + 4])
end
return {0, '0', '0'}
"""
"""KEYS: for each claim its key and that of the minute before. ARGV: now, minute, holder, a blank; then for each claim
its kind, limit, amount, when a holder's lease ends, after how long the key may be forgotten (the gateway's clock may be
set to another day than the server's)."""

GIVE = """
for i = 1, #KEYS do
  if ARGV[i + 1] == 'holder' then
    redis.call('ZREM', KEYS[i], ARGV[1])
  elseif redis.call('EXISTS', KEYS[i]) == 1 and redis.call('INCRBY', KEYS[i], ARGV[i + 1]) < 0 then
    redis.call('SET', KEYS[i], '0', 'KEEPTTL')
  end
end
return 1
"""


class ValkeyCounters:
    """Counts on one server. `url` may hold a password; it is in no message."""

    def __init__(self, url: str, *, seconds: float = 0.5, prefix: str = PREFIX) -> None:
        once = Retry(NoBackoff(), 0)
        self._client = Valkey.from_url(url, socket_timeout=seconds, socket_connect_timeout=seconds, retry=once)
        self._prefix = prefix
        self._take = self._client.register_script(TAKE)
        self._give = self._client.register_script(GIVE)

    async def take(self, claims: Sequence[Claim], holder: str, now: Instant) -> Short | None:
        """Take every claim, or none and say which does not fit."""
        keys: list[str] = []
        words: list[str | int] = [now, MINUTE, holder, ""]
        for claim in claims:
            keys += [self._key(claim, now), self._key(claim, Instant(now - MINUTE))]
            words += [_kind(claim), claim.limit, claim.amount, now + LEASE, _lasts(claim, now)]
        try:
            index, used, before = await self._take(keys=keys, args=words)
        except (ValkeyError, OSError) as error:
            raise CountersAway from error
        return short_of(claims[index - 1], int(used), int(before), now) if index else None

    async def give(self, claims: Sequence[Claim], holder: str, taken: Instant) -> None:
        """Change what was taken."""
        keys = [self._key(claim, taken) for claim in claims]
        changes = ["holder" if claim.measure is Measure.CONCURRENT else str(claim.amount) for claim in claims]
        try:
            await self._give(keys=keys, args=[holder, *changes])
        except (ValkeyError, OSError) as error:
            raise CountersAway from error

    async def used(self, scope: str, measure: Measure, now: Instant) -> int:
        """Return what is in use."""
        probe = Claim(scope=scope, measure=measure, limit=-1, amount=0)
        short = await self.take((probe,), "", now)
        return short.used if short else 0

    async def close(self) -> None:
        """Let go of connections."""
        await self._client.aclose()

    def _key(self, claim: Claim, now: Instant) -> str:
        stretch = "" if claim.measure is Measure.CONCURRENT else window(claim.measure, now)
        return f"{self._prefix}:{claim.scope}:{claim.measure}:{stretch}"


def _kind(claim: Claim) -> str:
    if claim.measure is Measure.CONCURRENT:
        return "holders"
    return "rate" if claim.measure in RATES else "total"


def _lasts(claim: Claim, now: Instant) -> int:
    """Return after how many milliseconds the key may be forgotten."""
    return LEASE if claim.measure is Measure.CONCURRENT else ends(claim.measure, now) - now + MINUTE
