"""Writes a world's month: each call goes through the gateway's own walk, runner, store and quota, one after another.

Law: no verdict is written here: recognisers find, rules decide, the runner records. Only the clock, the chance and the
way to the simulators are the world's; the same seed gives the same entries.
"""

import hashlib
import random
import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from typing_extensions import override

from demo.worlds.calls import body
from demo.worlds.ground import World
from demo.worlds.play import words
from demo.worlds.rhythm import FIRST, Due, month
from demo.worlds.slips import Slips
from demo.worlds.wire import MonthClock, Wire
from ecluse.app import grounds
from ecluse.domain.caller import Application, ApplicationId, Caller, KeyId
from ecluse.domain.effects import Headers
from ecluse.domain.snapshot import Snapshot
from ecluse.domain.trail import Entry, PassageId
from ecluse.edge.classifying import Classifying
from ecluse.edge.clock import start_of
from ecluse.edge.config import Settings
from ecluse.edge.keys import SecretResolver, Secrets
from ecluse.edge.keys import state as where
from ecluse.edge.keys.secret import Secret
from ecluse.edge.keys.table import KeyTable
from ecluse.edge.live import Live
from ecluse.edge.meters import Meters
from ecluse.edge.runner import Runner
from ecluse.edge.shared.allowances import Allowances
from ecluse.edge.shared.memory import MemoryCounters
from ecluse.edge.shared.quota import Quota
from ecluse.edge.snapshots import Grounds, activate, build
from ecluse.edge.stores.sqlite import SqliteStore
from ecluse.passage.admit import DIALECTS as INBOUND
from ecluse.passage.arrival import Arrival
from ecluse.passage.entries import broken_of
from ecluse.passage.question import Asked
from ecluse.passage.record import admin, derive, entry_id
from ecluse.passage.send import DIALECTS as OUTBOUND
from ecluse.passage.walk import walk

SEED = 8
PASSAGES = 4_000

Progress = Callable[[int, int, date], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """What was written: API keys by application, passages asked, entries in the trail."""

    keys: Mapping[str, str]
    passages: int
    entries: int


class _Ear:
    """A caller who listens to the end and keeps nothing. See `ecluse.edge.runner.CallerSide`."""

    gone = False

    def on_gone(self, told: object) -> None:
        """Never leave."""

    async def reply(self, status: int, headers: Headers) -> None:
        """Hear status and headers."""

    async def emit(self, data: bytes, *, last: bool) -> None:
        """Hear bytes."""

    def cut(self) -> None:
        """Hear the connection break."""


class _SimulatorKeys(SecretResolver):
    """Knows the simulators' keys by the file that the settings name, without the file."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self._keys = {f"/{stand.name}.key": stand.key for stand in world.stands}

    @override
    def resolve(self, reference: str) -> Secret:
        """Return a simulator's key."""
        return Secret(self._keys[reference.removeprefix("file:")])


def make_keys(world: World, applications: Mapping[ApplicationId, Application]) -> tuple[dict[str, str], dict[str, str]]:
    """Make an API key for each application on the month's first day; return the keys and their ids.

    A key is drawn anew each time, its id is not: ids stand in the trail, which is to be the same each time.
    """
    table = KeyTable(where.keys(world.state), Secrets.open(world.state))
    keys: dict[str, str] = {}
    ids: dict[str, str] = {}
    for application in applications:
        key, secret = table.create(application, start_of(FIRST))
        keys[application] = secret.reveal()
        ids[application] = f"key_{hashlib.sha256(f'{world.name} {application}'.encode()).hexdigest()[:16]}"
        with closing(sqlite3.connect(where.keys(world.state))) as db, db:
            db.execute("UPDATE keys SET id = ? WHERE id = ?", (ids[application], key.id))
    return keys, ids


async def seed(world: World, passages: int, told: Progress) -> Month:
    """Write the month. `told` hears how far it is."""
    settings = world.seeded()
    chance = random.Random(SEED)  # noqa: S311 - an invented month is drawn from a seed that is known
    due = month(world.play.traffic, passages, chance)
    base = grounds(settings)
    keys, ids = make_keys(world, base.applications)
    async with _gateway(world, settings, base) as gateway:
        for number, one in enumerate(due):
            await gateway.ask(one, number, chance, ids)
            told(number + 1, len(due), gateway.clock.today)
        return Month(keys=keys, passages=len(due), entries=gateway.store.size())


@asynccontextmanager
async def _gateway(world: World, settings: Settings, base: Grounds) -> AsyncIterator["_Gateway"]:
    """Put the gateway's parts together as `app.program` does, over the month's clock and the wire."""
    clock = MonthClock(start_of(FIRST))
    own = Secrets.open(world.state)
    slips = Slips(world.play.slips, base)
    live = Live(
        clock=clock,
        build=lambda day: build(slips.at(clock.now()), day),
        outbound=OUTBOUND,
        secrets=_SimulatorKeys(world),
    )
    classifying, wire = Classifying(), Wire(world, clock)
    store = SqliteStore(where.trail(world.state), signer=own.signer(), clock=clock)
    runner = Runner(
        store=store,
        quota=Quota(
            MemoryCounters(), Allowances(settings), budgets=settings.budgets, shared=settings.shared, clock=clock
        ),
        transport=wire,
        live=live,
        classifying=classifying,
        meters=Meters(),
        concurrent=settings.limits.concurrent,
    )
    await store.start()
    try:
        yield _Gateway(world=world, own=own, clock=clock, live=live, runner=runner, store=store, slips=slips)
    finally:
        await wire.close()
        classifying.close()
        await store.close()


@dataclass(slots=True, kw_only=True)
class _Gateway:
    """The gateway of the month."""

    world: World
    own: Secrets
    clock: MonthClock
    live: Live
    runner: Runner
    store: SqliteStore
    slips: Slips
    held: Snapshot | None = None
    words: Mapping[str, Any] = field(default_factory=words)
    noted: set[str] = field(default_factory=set)

    async def ask(self, due: Due, number: int, chance: random.Random, ids: Mapping[str, str]) -> None:
        """Take one call all the way."""
        self.clock.go_to(due.at)
        if self.slips.turned(self.clock.now()):
            self.live.rebuild()
        moment = self.live.moment()
        if moment.snapshot is not self.held:
            self.held = moment.snapshot
            activate(moment.snapshot, lambda: False)  # as `Live.keep` does beside a served gateway
        await self._note_exceptions()
        dialect, surface, written = body(due.traffic, chance, self.words)
        application = self.slips.at(self.clock.now()).applications[ApplicationId(due.traffic.application)]
        seed = hashlib.sha256(f"{self.world.name} {SEED} {number}".encode()).digest()
        arrival = Arrival(
            passage=PassageId(derive(seed, "passage")[:16].hex()),
            seed=seed,
            moment=moment,
            caller=Caller(application=application, key=KeyId(ids[application.id])),
            dialect=INBOUND[dialect],
            surface=surface,
            body=written,
            asked=Asked(language="fr", sensitivity=tuple(due.traffic.sensitivity)),
            masking_key=self.own.masking_key(application.organisation.id),
            outbound=OUTBOUND,
        )

        def broken() -> Entry | None:
            return broken_of(arrival, self.clock.now())

        await self.runner.run(walk(arrival), _Ear(), broken)

    async def _note_exceptions(self) -> None:
        """Write an entry for each exception on the first day that it counts, as a gateway does when it starts."""
        for application in self.slips.at(self.clock.now()).applications.values():
            for exception in application.exceptions:
                if exception.id in self.noted or not exception.in_force(self.clock.today):
                    continue
                self.noted.add(exception.id)
                entry = admin(
                    id=entry_id(hashlib.sha256(f"{self.world.name} {exception.id}".encode()).digest(), "exception"),
                    now=self.clock.now(),
                    action="exception_in_force",
                    actor="settings",
                    subject=application.id,
                    facts={"exception": exception.id, "rule": exception.rule, "ends": exception.ends.isoformat()},
                )
                await self.store.append(entry)
