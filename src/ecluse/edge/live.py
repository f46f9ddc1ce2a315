"""What changes while the program runs: the current snapshot and the health of destinations.

Law: a snapshot past its end is rebuilt before it decides again; when that fails the old one stays, and refuses by
itself (`facts_expired`). The next one is made ahead of time, off the event loop. Health only orders and skips choices,
it never adds one.
"""

import asyncio
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import TypeAlias

from ecluse.domain.destination import Destination, DestinationId
from ecluse.domain.dialect import OutboundDialect
from ecluse.domain.effects import Health, Moment
from ecluse.domain.errors import GatewayError
from ecluse.domain.ports import Clock
from ecluse.domain.snapshot import Instant, Snapshot
from ecluse.edge.clock import day_of
from ecluse.edge.keys import SecretResolver
from ecluse.edge.meters import Meters
from ecluse.edge.signing import Bearer, Bearers, Present, Signer, signers
from ecluse.passage.route import Seen, State, health, observe, steady_until

Secret: TypeAlias = Callable[[], Present]
RETRY_REBUILD = 5_000
"""Milliseconds between two tries to rebuild an expired snapshot."""
AHEAD = 10 * 60 * 1_000
"""Milliseconds before its end at which a snapshot's successor is made."""
LOOK = 1.0
"""Seconds between two looks at what is to be made ready."""

NAP = 0.01
"""Seconds between two pieces of the comparison of rules."""

Activate: TypeAlias = Callable[[Snapshot, Callable[[], bool]], str | None]
"""Holds the folded rules of a snapshot against Cedar and lets them decide; says what differs, if something does."""


def _leave_to_cedar(snapshot: Snapshot, stopped: Callable[[], bool]) -> str | None:
    """Activate nothing."""
    del snapshot, stopped
    return None


class Live:
    """The moving parts that a moment is made of."""

    def __init__(
        self,
        *,
        clock: Clock,
        build: Callable[[date], Snapshot],
        outbound: Mapping[str, OutboundDialect],
        secrets: SecretResolver,
        extra_percent: int = 10,
        signers: Callable[[Iterable[Destination]], Mapping[str, Signer]] = signers,
        meters: Meters | None = None,
        activate: Activate = _leave_to_cedar,
        bearers: Bearers | None = None,
    ) -> None:
        self.clock = clock
        self.outbound = outbound
        self._build = build
        self._activate = activate
        self._meters = meters
        self._bearers = bearers
        self._secrets = secrets
        self._snapshot = build(day_of(clock.now()))
        self._find_signers = signers
        self._signers = signers(self._snapshot.destinations.values())
        self._next: Snapshot | None = None
        self._held: tuple[Snapshot, ...] = ()
        self._stopped = False
        self._state = State(percent=extra_percent, filled=clock.now())
        self._health, self._steady = Health(), Instant(0)
        self._retry_at = 0

    def moment(self) -> Moment:
        """Return now, the current snapshot and the health of destinations."""
        now = self.clock.now()
        if now >= self._snapshot.valid_until:
            if self._next is not None and now < self._next.valid_until:
                self._snapshot, self._next = self._next, None
            elif now >= self._retry_at:
                self.rebuild()
        if now >= self._steady:
            self._health, self._steady = health(self._state, now), steady_until(self._state, now)
        return Moment(now=now, snapshot=self._snapshot, health=self._health)

    def rebuild(self) -> None:
        """Make the snapshot anew. On failure the old one stays, and past its end it refuses everything."""
        self._retry_at = self.clock.now() + RETRY_REBUILD
        try:
            self._snapshot = self._build(day_of(self.clock.now()))
        except (ValueError, OSError, GatewayError):
            return

    # ------------------------------------------------------------------ off the event loop
    async def keep(self) -> None:
        """Have the rules folded, and the next snapshot made before this one ends. Runs until it is cancelled."""
        try:
            while True:
                await asyncio.sleep(LOOK)
                await self._fold(self._snapshot)
                await self._make_next()
        finally:
            self._stopped = True  # a thread cannot be cancelled: it is told

    async def _fold(self, snapshot: Snapshot) -> None:
        """Let the folded rules of a snapshot decide, once they were held against Cedar. Each snapshot is held once."""
        if not any(held is snapshot for held in self._held):
            self._held = (*self._held[-2:], snapshot)
            difference = await asyncio.to_thread(self._activate, snapshot, self._nap)
            if difference is not None:
                _say(f"the folded rules and Cedar differ ({difference}); Cedar decides")
        if self._meters is not None:
            self._meters.folded.set(float(self._snapshot.rulebook.is_folded))

    def _nap(self) -> bool:
        """Let others come to turn, and say whether to stop. For the thread that compares rules.

        It computes for a quarter of a second in all: without naps each turn of the event loop waits for it.
        """
        time.sleep(NAP)
        return self._stopped

    async def _make_next(self) -> None:
        ends, now = self._snapshot.valid_until, self.clock.now()
        if self._next is not None or now < ends - AHEAD or now < self._retry_at:
            return
        self._retry_at = now + RETRY_REBUILD
        build = self._build
        try:
            made = await asyncio.to_thread(build, day_of(ends))
        except (ValueError, OSError, GatewayError):
            return
        await self._fold(made)
        if build is self._build:  # else other settings were taken meanwhile
            self._next = made

    async def adopt(self, build: Callable[[date], Snapshot], made: Snapshot) -> None:
        """Decide by another snapshot from the next request on: folded before it counts, swapped in one move."""
        found = self._find_signers(made.destinations.values())
        await self._fold(made)
        self._build, self._snapshot, self._next, self._signers = build, made, None, found

    def distrust(self, snapshot: Snapshot) -> None:
        """Let Cedar decide from now on: the folded rules of this snapshot were seen to differ from it."""
        self._activate = _leave_to_cedar
        for known in (snapshot, self._snapshot, self._next):
            if known is not None:
                known.rulebook.distrust()
                known.answered.clear()
        if self._meters is not None:
            self._meters.folded.set(0.0)

    def way_to(self, id_: DestinationId) -> tuple[Destination, Secret]:
        """Return the destination as it is now on record, and how to present its credential."""
        destination = self._snapshot.destinations.get(id_)
        if destination is None:
            raise GatewayError("policy_unavailable", "the destination left the registry")

        def secret() -> Present:
            if destination.credential is None:
                return lambda _call: ()
            signer = self._signers.get(destination.dialect)
            present = signer.ready(destination, self._secrets) if signer is not None else None
            if present is not None:
                return present
            value = self._secrets.resolve(destination.credential)
            outbound = self.outbound[destination.dialect]
            carried = ("authorization", f"Bearer {value.reveal()}") if destination.bearer else None
            header = carried or outbound.auth_header(value.reveal())
            return lambda _call: (header,)

        return destination, secret

    async def bearer(self, destination: Destination) -> Bearer | None:
        """Return the token that another server gives for a credential; None if it is none. Raises SecretUnavailable."""
        return None if self._bearers is None else await self._bearers.ready(destination)

    def ailing(self) -> tuple[Destination, ...]:
        """Return the destinations in use that are down, or on trial."""
        seen = health(self._state, self.clock.now())
        known = self._snapshot.destinations
        return tuple(known[id_] for id_ in sorted(seen.down | seen.trial) if id_ in known)

    def saw(self, event: Seen) -> None:
        """Take note of what became of a call."""
        self._state = observe(self._state, event, self.clock.now())
        self._steady = Instant(0)


def _say(line: str) -> None:
    print(f"ecluse: {line}", file=sys.stderr, flush=True)  # noqa: T201 - the log is stderr
