"""The way to the simulators while a month is written: each call is handed over in this process, no port is open.

Law: it is the runner's transport: it gets what would leave, checked by the simulators as by the provider; a destination
that is out at that hour is unreachable, as a closed port is. The clock moves by what an answer takes.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, date, datetime

from demo.worlds.clerk import Clerk, seconds_of
from demo.worlds.ground import World, path_of
from demo.worlds.play import Outage
from ecluse.domain.destination import Destination
from ecluse.domain.effects import Call
from ecluse.domain.errors import ProviderError
from ecluse.domain.snapshot import Instant
from ecluse.edge.clock import day_of
from simulators.connections import Ask, Reply
from simulators.simulator import Plan, Simulator

SECOND = 1000


class MonthClock:
    """A clock that stands where it is put, and moves when an answer takes its time."""

    def __init__(self, start: Instant) -> None:
        self._now = start

    def now(self) -> Instant:
        """Return milliseconds since the epoch, UTC."""
        return self._now

    def go_to(self, moment: Instant) -> None:
        """Go to a moment, never back."""
        self._now = max(self._now, moment)

    def pass_by(self, seconds: float) -> None:
        """Let seconds pass."""
        self._now = Instant(self._now + int(seconds * SECOND))

    @property
    def today(self) -> date:
        """The day, UTC."""
        return day_of(self._now)


class Exchange:
    """A simulator's answer. See `ecluse.domain.ports.Exchange`."""

    def __init__(self, reply: Reply) -> None:
        self.status = reply.status
        self.headers: Mapping[str, str] = dict(reply.headers)
        self._body = reply.body

    async def chunks(self) -> AsyncIterator[bytes]:
        """Iterate over the body."""
        if isinstance(self._body, bytes):
            yield self._body
            return
        async for piece in self._body:
            yield piece

    async def close(self) -> None:
        """Hold nothing."""


class Wire:
    """Implements `ecluse.domain.ports.Transport` over simulators in this process."""

    def __init__(self, world: World, clock: MonthClock) -> None:
        clerk = Clerk()
        self._clock = clock
        self._outages = world.play.outages
        self._simulators = {
            stand.destination: Simulator(
                Plan(
                    name=stand.name,
                    kind=stand.kind,
                    key=stand.key,
                    models=frozenset({stand.model}),
                    region=stand.region,
                ),
                clerk,
            )
            for stand in world.stands
        }

    async def send(self, destination: Destination, call: Call, secret: Sequence[tuple[str, str]]) -> Exchange:
        """Hand a call to its simulator. Raises ProviderError for one that is out."""
        if any(is_out(one, destination.id, self._clock.now()) for one in self._outages):
            raise ProviderError("upstream_unreachable", sent=False)
        self._clock.pass_by(seconds_of(call.body))
        headers = {name.lower(): value for name, value in (*call.headers, *secret)}
        ask = Ask(
            method="POST",
            target=path_of(destination.base_url, call.path),
            headers=headers,
            body=call.body,
            connection=0,
        )
        return Exchange(await self._simulators[destination.id].respond(ask))

    async def close(self) -> None:
        """Close the simulators."""
        for simulator in self._simulators.values():
            await simulator.stop()


def is_out(outage: Outage, destination: str, now: Instant) -> bool:
    """Say whether a destination is out at a moment."""
    return outage.destination == destination and stamp(outage.begins) <= now < stamp(outage.ends)


def stamp(moment: datetime) -> int:
    """Return milliseconds since the epoch; a moment without a zone is UTC."""
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * SECOND)
