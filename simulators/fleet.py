"""Several simulators that start and stop together, and a way to run them beside a test.

    with running([Plan(...)]) as fleet:
        fleet["azure"].base_url, fleet["azure"].lines("connection"), fleet.down("azure")

Law: when the `with` ends, no port is open and no thread runs.
"""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from simulators.brain import Brain, Canned
from simulators.faults import Fault
from simulators.journal import Line
from simulators.simulator import Plan, Simulator

T = TypeVar("T")


class Fleet:
    """The simulators, from inside their event loop."""

    def __init__(self, plans: Sequence[Plan], brain: Brain, journals: Path | None = None) -> None:
        self.simulators = {plan.name: Simulator(plan, brain, journals) for plan in plans}
        self._brain = brain

    async def start(self) -> None:
        """Open every door."""
        for simulator in self.simulators.values():
            await simulator.door.open()

    async def stop(self) -> None:
        """Close everything."""
        for simulator in self.simulators.values():
            await simulator.stop()
        await self._brain.close()


@dataclass(frozen=True, slots=True)
class Seen:
    """One simulator, from outside its event loop."""

    simulator: Simulator

    @property
    def base_url(self) -> str:
        """The address that an SDK is given."""
        return self.simulator.base_url

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return self.simulator.door.port

    @property
    def key(self) -> str:
        """The key that it takes."""
        return self.simulator.plan.key

    def lines(self, event: str | None = None) -> tuple[Line, ...]:
        """Return its journal, or the lines of one event."""
        return self.simulator.journal.lines(event)


class Running:
    """Simulators that run in a thread of their own."""

    def __init__(self, fleet: Fleet, loop: asyncio.AbstractEventLoop) -> None:
        self._fleet = fleet
        self._loop = loop

    def __getitem__(self, name: str) -> Seen:
        return Seen(self._fleet.simulators[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._fleet.simulators)

    def down(self, name: str) -> None:
        """Close the simulator's door: connections to it are refused."""
        self._wait(self._fleet.simulators[name].door.close)

    def up(self, name: str) -> None:
        """Open it again, on the same port."""
        self._wait(self._fleet.simulators[name].door.open)

    def fault(self, name: str, fault: Fault | None) -> None:
        """Put a fault in force, or lift it."""
        self._fleet.simulators[name].faults.ask(fault)

    def _wait(self, work: Callable[[], Awaitable[T]]) -> T:
        async def run() -> T:
            return await work()

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(timeout=10)


@contextmanager
def running(plans: Sequence[Plan], brain: Brain | None = None, journals: Path | None = None) -> Iterator[Running]:
    """Run simulators in a thread until the block ends. Without a brain they answer with canned words."""
    fleet = Fleet(plans, brain or Canned(), journals)
    ready: Future[asyncio.AbstractEventLoop] = Future()
    leave = asyncio.Event()

    async def live() -> None:
        try:
            await fleet.start()
        except OSError as error:
            ready.set_exception(error)
            return
        ready.set_result(asyncio.get_running_loop())
        await leave.wait()
        await fleet.stop()

    thread = threading.Thread(target=lambda: asyncio.run(live()), name="simulators")
    thread.start()
    try:
        loop = ready.result(timeout=10)
        try:
            yield Running(fleet, loop)
        finally:
            loop.call_soon_threadsafe(leave.set)
    finally:
        thread.join()
