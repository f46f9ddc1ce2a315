"""Takes changed settings, facts, rules and decisions while the gateway runs, whole or not at all.

Law: what cannot be used changes nothing and is said; what was taken is on the trail before it decides. A request sees
one snapshot. Where the gateway listens, stands and keeps its state is never changed under it.
"""

import asyncio
import contextlib
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import msgspec

from ecluse.domain.errors import GatewayError
from ecluse.domain.ports import Store
from ecluse.domain.snapshot import Instant, Snapshot
from ecluse.domain.trail import Entry, EntryId, Scalar
from ecluse.edge.clock import day_of
from ecluse.edge.config import Settings, SettingsError, load
from ecluse.edge.docket_trail import tell_trail
from ecluse.edge.exceptions import record_exceptions
from ecluse.edge.facts import NOTE
from ecluse.edge.keys.own import Secrets
from ecluse.edge.live import Live
from ecluse.edge.located import located
from ecluse.edge.recognition import files_of
from ecluse.edge.saying import say
from ecluse.edge.snapshots import Grounds, build
from ecluse.edge.stores.beside import Beside
from ecluse.passage.record import admin

LOOK = 0.5
"""Seconds between two looks. A change counts once two looks in a row saw the same, so that a file is written whole."""
FIXED = (
    "server",
    "batches",
    "console",
    "admin",
    "gateway",
    "egress",
    "limits",
    "classification",
    "shared",
    "store",
    "trail",
    "identity",
    "capture",
    "vault",
)
"""Sections that count from the next start: a changed one is said, and the running one stays."""

Seen = tuple[tuple[str | int, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What is in force."""

    settings: Settings
    base: Grounds


class Reloading:
    """Watches and takes. `grounds` makes the ground of snapshots, `told` hears of what was taken."""

    def __init__(
        self,
        *,
        config: Path | None,
        taken: Taken,
        grounds: Callable[[Settings, Grounds], Grounds],
        live: Live,
        store: Store,
        beside: Beside,
        own: Secrets,
    ) -> None:
        self.told: list[Callable[[Taken], None]] = []
        self._config = config
        self._taken = taken
        self._grounds = grounds
        self._live = live
        self._store = store
        self._docket, self._drafts = beside.docket, beside.drafts
        self._clock = live.clock
        self._own = own
        self._asked = asyncio.Event()
        self._known: frozenset[tuple[str, str]] = frozenset()
        self._seen = self._look()
        self._written: Seen | None = None

    def now(self) -> None:
        """Look at once, e.g. because the process was sent SIGHUP."""
        self._asked.set()

    async def begin(self) -> None:
        """Put on the trail what is in force at the start. Raises GatewayError."""
        self._known = await record_exceptions(self._store, self._taken.base.applications.values(), self._clock.now())
        if await asyncio.to_thread(lambda: self._docket.untold() or self._drafts.untold()):
            self._seen = ()  # steps were taken while nothing ran: they count once the trail has them

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._asked.wait(), LOOK)
            asked = self._asked.is_set()
            self._asked.clear()
            await self._turn(asked=asked)

    async def _turn(self, *, asked: bool) -> None:
        seen = await asyncio.to_thread(self._look)
        if seen == self._seen and not asked:
            return
        if not asked and seen != self._written:
            self._written = seen
            return
        self._seen, self._written = seen, None
        try:
            await tell_trail(self._docket, self._store, self._clock, self._own)
            await self._tell_drafts()
            await self._take(asked=asked)
        except GatewayError:
            self._seen = ()  # the trail cannot be written: nothing is taken, and it is tried again
        except (ValueError, OSError) as error:
            said = located(str(error), self._config) if self._config and isinstance(error, SettingsError) else error
            say(f"what changed was not taken, and what was in force stays: {said}")

    # ------------------------------------------------------------------ taking
    async def _take(self, *, asked: bool) -> None:
        taken, made = await asyncio.to_thread(self._make)
        if made.id == self._live.moment().snapshot.id and taken.settings == self._taken.settings:
            if asked:
                say("settings, facts and decisions are as they were")
            return
        now = self._clock.now()
        before = self._live.moment().snapshot.id
        await self._store.append(_entry("settings_taken", "settings", made.id, {"before": before}, now))
        self._known = await record_exceptions(self._store, taken.base.applications.values(), now, self._known)
        self._taken = taken
        await self._live.adopt(partial(build, taken.base), made)
        for tell in self.told:
            tell(taken)
        say(f"took what changed: snapshot {made.id[:12]}, {len(made.applications)} applications")

    def _make(self) -> tuple[Taken, Snapshot]:
        """Read everything anew and build a snapshot of it. For a thread; raises ValueError or OSError."""
        old = self._taken.settings
        stated = old if self._config is None else load(self._config)
        kept = {name: getattr(old, name) for name in FIXED if hasattr(old, name)}
        if changed := [name for name, value in kept.items() if value != getattr(stated, name)]:
            say(f"[{'], ['.join(changed)}] changed in the settings and will count from the next start")
        settings = msgspec.structs.replace(stated, **kept)
        base = self._grounds(settings, self._taken.base)
        return Taken(settings=settings, base=base), build(base, day_of(self._clock.now()))

    async def _tell_drafts(self) -> None:
        """Put the new steps of drafts on the trail, one replica at a time; only then a publication counts."""
        if not await asyncio.to_thread(self._drafts.untold):
            return
        async with self._drafts.steps.turn():
            for seq, told in await asyncio.to_thread(self._drafts.news):
                entry = _entry(told.action, told.actor, told.subject, told.facts, self._clock.now())
                await self._store.append(entry)
                await asyncio.to_thread(self._drafts.told, seq)

    # ------------------------------------------------------------------ looking
    def _look(self) -> Seen:
        found: list[tuple[str | int, ...]] = []
        for path in self._watched():
            try:
                status = path.stat()
            except OSError:
                continue
            found.append((str(path), status.st_mtime_ns, status.st_size, status.st_ino))
        return (*found, ("docket", *self._docket.steps.look()), ("drafts", *self._drafts.steps.look()))

    def _watched(self) -> Iterator[Path]:
        if self._config is not None:
            yield self._config
        facts = self._taken.settings.facts
        for folder in facts.folders:
            yield from sorted(Path(folder).glob("*.toml"))
        for folder in self._taken.settings.rules.folders:
            yield from sorted(Path(folder).glob("*.cedar"))
        for stated in self._taken.settings.recognition.values():
            yield from files_of(stated)
        if facts.pack is not None:
            yield from (Path(facts.pack), Path(f"{facts.pack}{NOTE}"))


def _entry(action: str, actor: str, subject: str, facts: Mapping[str, Scalar], now: Instant) -> Entry:
    return admin(id=EntryId(secrets.token_hex(16)), now=now, action=action, actor=actor, subject=subject, facts=facts)
