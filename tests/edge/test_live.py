"""What moves while the program runs: who decides, and the snapshot that follows, made off the event loop."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date

import pytest

from ecluse.domain.snapshot import Instant, Snapshot, SnapshotId
from ecluse.edge import live as live_module
from ecluse.edge.clock import day_of, start_of
from ecluse.edge.keys import SecretResolver
from ecluse.edge.live import AHEAD, Live
from ecluse.edge.meters import Meters
from tests.passage.play import Rules, snapshot

DAY = date(2026, 11, 24)
NEXT = start_of(date(2026, 11, 25))


@dataclass
class FakeClock:
    at: Instant

    def now(self) -> Instant:
        return self.at


@dataclass
class World:
    """A live part with its clock, and the days for which a snapshot was built."""

    clock: FakeClock
    built: list[date] = field(default_factory=list)
    says: str | None = None
    breaks: bool = False
    meters: Meters = field(default_factory=Meters)

    def build(self, day: date) -> Snapshot:
        self.built.append(day)
        if self.breaks and len(self.built) > 1:
            raise ValueError("the settings changed")
        rules = Rules()
        rules.is_folded = False
        ends = start_of(date.fromordinal(day.toordinal() + 1))
        return replace(snapshot(rules=rules, valid_until=ends), id=SnapshotId(day.isoformat()))

    def activate(self, made: Snapshot, stopped: Callable[[], bool]) -> str | None:
        assert not stopped()
        if self.says is None:
            made.rulebook.is_folded = True  # type: ignore[misc]  # the stand-in says so by an attribute
        return self.says

    def live(self) -> Live:
        return Live(
            clock=self.clock,
            build=self.build,
            outbound={},
            secrets=SecretResolver(),
            meters=self.meters,
            activate=self.activate,
        )


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_module, "LOOK", 0.01)


def keep(live: Live, until: Callable[[], bool]) -> None:
    async def play() -> None:
        keeping = asyncio.get_running_loop().create_task(live.keep())
        async with asyncio.timeout(5):
            while not until():
                await asyncio.sleep(0.005)
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)

    asyncio.run(play())


def test_the_folded_rules_decide_once_they_were_held_against_cedar() -> None:
    world = World(FakeClock(start_of(DAY)))
    live = world.live()
    assert not live.moment().snapshot.rulebook.is_folded
    keep(live, lambda: "ecluse_rules_folded 1.0" in world.meters.text().decode())
    assert live.moment().snapshot.rulebook.is_folded


def test_a_difference_leaves_cedar_deciding_and_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    world = World(FakeClock(start_of(DAY)), says="infer health to a")
    live = world.live()
    said: list[str] = []

    def is_said() -> bool:
        said.append(capsys.readouterr().err)
        return "infer health to a" in "".join(said)

    keep(live, is_said)
    assert not live.moment().snapshot.rulebook.is_folded


def test_the_next_snapshot_is_made_before_this_one_ends_and_takes_over_at_its_end() -> None:
    world = World(FakeClock(Instant(NEXT - AHEAD + 1)))
    live = world.live()
    keep(live, lambda: live._next is not None)
    assert live.moment().snapshot.id == "2026-11-24"
    world.clock.at = NEXT
    assert live.moment().snapshot.id == "2026-11-25"
    assert live.moment().snapshot.rulebook.is_folded
    assert world.built == [DAY, day_of(NEXT)]


def test_a_next_snapshot_that_cannot_be_made_refuses_nothing_before_the_end() -> None:
    world = World(FakeClock(Instant(NEXT - 1)), breaks=True)
    live = world.live()
    keep(live, lambda: len(world.built) > 1)
    assert live.moment().snapshot.id == "2026-11-24"


def test_what_is_distrusted_stays_with_cedar_and_forgets_its_verdicts() -> None:
    world = World(FakeClock(Instant(NEXT - 1)))
    live = world.live()
    keep(live, lambda: live._next is not None)
    shot = live.moment().snapshot
    shot.answered["question",] = None  # type: ignore[assignment]  # anything remembered
    live.distrust(shot)
    assert not shot.rulebook.is_folded
    assert shot.answered == {}
    world.clock.at = NEXT
    assert not live.moment().snapshot.rulebook.is_folded
    assert "ecluse_rules_folded 0.0" in world.meters.text().decode()
