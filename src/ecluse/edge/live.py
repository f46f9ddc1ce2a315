"""What changes while the program runs: the current snapshot and the health of destinations.

Law: a snapshot past its end is rebuilt before it decides again; when that fails the old one stays, and refuses by
itself (`facts_expired`). Health only orders and skips choices, it never adds one.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from ecluse.domain.destination import Destination, DestinationId
from ecluse.domain.dialect import OutboundDialect
from ecluse.domain.effects import Moment
from ecluse.domain.errors import GatewayError
from ecluse.domain.ports import Clock
from ecluse.domain.snapshot import Snapshot
from ecluse.edge.keys import SecretResolver
from ecluse.passage.route import Failure, State, Success, health, observe

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
    ) -> None:
        self.clock = clock
        self.outbound = outbound
        self._build = build
        self._secrets = secrets
        self._snapshot = build()
        self._state = State()
        self._retry_at = 0

    def moment(self) -> Moment:
        """Return now, the current snapshot and the health of destinations."""
        now = self.clock.now()
        if now >= self._snapshot.valid_until and now >= self._retry_at:
            self.rebuild()
        return Moment(now=now, snapshot=self._snapshot, health=health(self._state, now))

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

    def saw_failure(self, id_: DestinationId) -> None:
        """Count a failure of a destination."""
        self._state = observe(self._state, Failure(destination=id_), self.clock.now())

    def saw_success(self, id_: DestinationId) -> None:
        """Count a success of a destination."""
        self._state = observe(self._state, Success(destination=id_), self.clock.now())
