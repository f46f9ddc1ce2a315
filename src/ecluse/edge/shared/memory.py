"""Counters of one process.

Law: nothing is awaited between the look and the taking, so that no two takers see the same room.
"""

from collections.abc import Sequence

from ecluse.domain.snapshot import Instant
from ecluse.edge.shared.counters import (
    LEASE,
    MINUTE,
    RATES,
    Claim,
    Measure,
    Short,
    ends,
    short_of,
    sliding,
    window,
)


class MemoryCounters:
    """Counts in memory; a restart counts from zero."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, Measure, str], int] = {}
        self._until: dict[tuple[str, Measure, str], Instant] = {}
        self._holders: dict[str, dict[str, Instant]] = {}
        self._swept = Instant(0)

    async def take(self, claims: Sequence[Claim], holder: str, now: Instant) -> Short | None:
        """Take every claim, or none."""
        self._sweep(now)
        for claim in claims:
            used, before = self._look(claim.scope, claim.measure, now)
            if used + claim.amount > claim.limit:
                return short_of(claim, used, before, now)
        for claim in claims:
            if claim.measure is Measure.CONCURRENT:
                self._holders.setdefault(claim.scope, {})[holder] = Instant(now + LEASE)
                continue
            name = (claim.scope, claim.measure, window(claim.measure, now))
            self._counts[name] = self._counts.get(name, 0) + claim.amount
            self._until[name] = Instant(ends(claim.measure, now) + MINUTE)
        return None

    async def give(self, claims: Sequence[Claim], holder: str, taken: Instant) -> None:
        """Change what was taken."""
        for claim in claims:
            if claim.measure is Measure.CONCURRENT:
                self._holders.get(claim.scope, {}).pop(holder, None)
                continue
            name = (claim.scope, claim.measure, window(claim.measure, taken))
            if name in self._counts:
                self._counts[name] = max(0, self._counts[name] + claim.amount)

    async def used(self, scope: str, measure: Measure, now: Instant) -> int:
        """Return what is in use."""
        return self._look(scope, measure, now)[0]

    async def close(self) -> None:
        """Nothing to let go of."""

    def _look(self, scope: str, measure: Measure, now: Instant) -> tuple[int, int]:
        """Return what is in use, and the last minute's count for a rate."""
        if measure is Measure.CONCURRENT:
            held = self._holders.get(scope, {})
            return sum(until > now for until in held.values()), 0
        here = self._counts.get((scope, measure, window(measure, now)), 0)
        if measure not in RATES:
            return here, 0
        before = self._counts.get((scope, measure, window(measure, Instant(now - MINUTE))), 0)
        return sliding(before, here, now), before

    def _sweep(self, now: Instant) -> None:
        """Forget, once a minute, what no longer counts."""
        if now - self._swept < MINUTE:
            return
        self._swept = now
        for name in [name for name, until in self._until.items() if until < now]:
            del self._until[name], self._counts[name]
        for scope, held in list(self._holders.items()):
            kept = {holder: until for holder, until in held.items() if until > now}
            if kept:
                self._holders[scope] = kept
            else:
                del self._holders[scope]
