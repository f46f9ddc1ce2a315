"""What changes while the program runs: the current snapshot and the health of destinations.

Law: a snapshot past its end is rebuilt before it decides again; when that fails the old one stays, and refuses by
itself (`facts_expired`). Health only orders and skips choices, it never adds one.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from ecluse.domain.destination import Destination, DestinationId
from ecluse.domain.dialect import OutboundDialect
from ecluse.domain.effects import Health, Moment
from ecluse.domain.errors import GatewayError
from ecluse.domain.ports import Clock
from ecluse.domain.snapshot import Instant, Snapshot
from ecluse.edge.keys import SecretResolver
from ecluse.passage.route import Seen, State, health, observe, steady_until

Secret: TypeAlias = Callable[[], Sequence[tuple[str, str]]]
RETRY_REBUILD = 5_000
"""Milliseconds between two tries to rebuild an expired snapshot."""


class Live:
    """The moving parts that a moment is made of."""

    def __init__(
        self,
        *,
        clock: Clock,
        build: Callable[[], Snapshot],
        outbound: Mapping[str, OutboundDialect],
        secrets: SecretResolver,
        extra_percent: int = 10,
    ) -> None:
        self.clock = clock
        self.outbound = outbound
        self._build = build
        self._secrets = secrets
        self._snapshot = build()
        self._state = State(percent=extra_percent, filled=clock.now())
        self._health, self._steady = Health(), Instant(0)
        self._retry_at = 0

    def moment(self) -> Moment:
        """Return now, the current snapshot and the health of destinations."""
        now = self.clock.now()
        if now >= self._snapshot.valid_until and now >= self._retry_at:
            self.rebuild()
        if now >= self._steady:
            self._health, self._steady = health(self._state, now), steady_until(self._state, now)
        return Moment(now=now, snapshot=self._snapshot, health=self._health)

    def rebuild(self) -> None:
        """Make the snapshot anew. On failure the old one stays, and past its end it refuses everything."""
        self._retry_at = self.clock.now() + RETRY_REBUILD
        try:
            self._snapshot = self._build()
        except (ValueError, OSError, GatewayError):
            return

    def way_to(self, id_: DestinationId) -> tuple[Destination, Secret]:
        """Return the destination as it is now on record, and how to present its credential."""
        destination = self._snapshot.destinations.get(id_)
        if destination is None:
            raise GatewayError("policy_unavailable", "the destination left the registry")

        def secret() -> Sequence[tuple[str, str]]:
            if destination.credential is None:
                return ()
            value = self._secrets.resolve(destination.credential)
            return (self.outbound[destination.dialect].auth_header(value.reveal()),)

        return destination, secret

    def ailing(self) -> tuple[Destination, ...]:
        """Return the destinations in use that are down, or on trial."""
        seen = health(self._state, self.clock.now())
        known = self._snapshot.destinations
        return tuple(known[id_] for id_ in sorted(seen.down | seen.trial) if id_ in known)

    def saw(self, event: Seen) -> None:
        """Take note of what became of a call."""
        self._state = observe(self._state, event, self.clock.now())
        self._steady = Instant(0)
