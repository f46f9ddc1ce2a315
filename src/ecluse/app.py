"""The composition root: settings to a running program. The only place that builds edge objects.

Law: what can be wrong is found here, before the first request, and said with what to do next.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ecluse.api import detector
from ecluse.domain.caller import OrganisationId
from ecluse.domain.ports import Clock
from ecluse.domain.snapshot import Snapshot
from ecluse.edge.admin.door import Door
from ecluse.edge.admin.office import Office
from ecluse.edge.admin.persons import persons_of
from ecluse.edge.admin_tokens import AdminTokens
from ecluse.edge.amendments.office import as_published
from ecluse.edge.answers import Answers
from ecluse.edge.batches.site import KeptRoutes
from ecluse.edge.batches.working import Working
from ecluse.edge.capture.capturing import Capturing, capturing_of
from ecluse.edge.capture.safe import Safe
from ecluse.edge.classifying import Classifying
from ecluse.edge.clock import SystemClock, UnsafePinnedClock, day_of
from ecluse.edge.config import Settings
from ecluse.edge.decided import lay_over
from ecluse.edge.docket import Matter
from ecluse.edge.erasure import keep_pruning
from ecluse.edge.extras import load
from ecluse.edge.facts import policies_of, registry_of
from ecluse.edge.http.gate import Gate
from ecluse.edge.http.passages import Passages
from ecluse.edge.http.routes import Routes
from ecluse.edge.http.tiles import Receipts
from ecluse.edge.identity import Tokens, tokens_of
from ecluse.edge.key_changes import Asked, keep_telling, tell
from ecluse.edge.keys import Ring, SecretResolver, Secrets
from ecluse.edge.keys import state as where
from ecluse.edge.live import Live
from ecluse.edge.lodging import Lodging
from ecluse.edge.meters import Meters
from ecluse.edge.outward import Outward
from ecluse.edge.probing import probe
from ecluse.edge.recognition import detectors
from ecluse.edge.reloading import Reloading, Taken
from ecluse.edge.runner import Runner
from ecluse.edge.shared.allowances import Allowances
from ecluse.edge.shared.opening import counters_of
from ecluse.edge.shared.quota import Quota
from ecluse.edge.shelf import shelf_of
from ecluse.edge.signing import Bearers
from ecluse.edge.snapshots import Grounds, activate, build
from ecluse.edge.stores.beside import any_docket, beside, docket_of, take_over
from ecluse.edge.stores.kept_tables import carry_kept, keeping_of
from ecluse.edge.stores.key_tables import open_ring, table_of
from ecluse.edge.stores.opening import ServedStore, store_of
from ecluse.edge.stores.safe_tables import carry_captured, safe_of
from ecluse.edge.tasks import Tasks
from ecluse.edge.upstream import Upstream
from ecluse.edge.usage import keep as keep_usage
from ecluse.edge.witness.publishing import Publisher, witnesses_of
from ecluse.edge.witnessed import check_mark
from ecluse.passage.admit import DIALECTS as INBOUND
from ecluse.passage.record.checkpoint import key_of
from ecluse.passage.send import DIALECTS as OUTBOUND
from ecluse.scan.attached import Attached
from ecluse.scan.serving import Readers


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A gateway that is ready to answer."""

    gate: Gate
    live: Live
    store: ServedStore
    reloading: Reloading
    door: Door | None


def clock(settings: Settings) -> Clock:
    """Return the clock that the settings ask for."""
    pinned = settings.gateway.unsafe_pinned_date
    return UnsafePinnedClock(pinned) if pinned else SystemClock()


def grounds(settings: Settings, old: Grounds | None = None) -> Grounds:
    """Load and check facts, rules and what persons decided. Raises PackError, SettingsError or DocketUnusable."""
    shipped = old.detector if old else detector(tagger=settings.classification.tagger)
    matters = _matters(settings)
    applications = lay_over(settings.applications, matters)
    read = Grounds(
        settings=settings,
        registry=registry_of(settings.facts),
        policies=policies_of(settings.rules),
        detector=shipped,
        dialects=frozenset(OUTBOUND),
        applications=applications,
        detectors=detectors(settings, applications, shipped),
        matters=matters,
    )
    return as_published(read)


def _matters(settings: Settings) -> tuple[Matter, ...]:
    """Return everything that persons asked for and decided. No secret is made where nobody did."""
    state = Path(settings.gateway.state_dir)
    return docket_of(state, Secrets.open(state)).matters() if any_docket(state) else ()


def snapshot(settings: Settings) -> Snapshot:
    """Return today's snapshot without starting anything: for `explain` and `classify`."""
    return build(grounds(settings), day_of(clock(settings).now()))


class Record:
    """The trail of one gateway with what is kept beside it and shown to its witnesses."""

    def __init__(self, settings: Settings, own: Secrets, time: Clock) -> None:
        state = Path(settings.gateway.state_dir)
        self.key = key_of(own.signer())
        self._keys = partial(open_ring, settings.store, state, own)
        self._changes, self._clock = Asked(where.key_changes(state)), time
        self._ring: Ring | None = None
        witnesses = witnesses_of(settings.trail.witnesses)
        self.outward = Outward(settings.egress)
        self._store = store_of(
            settings.store, state, signer=own.signer(), clock=time, mark=partial(check_mark, state, self.key)
        )
        self.beside = beside(settings.store, state, own, keep=True)
        self.safe = safe_of(settings.store, state, own, keep=True)
        self._publisher = Publisher(
            log=self._store, state=state, key=self.key, witnesses=witnesses, outward=self.outward
        )

    async def open(self) -> tuple[ServedStore, Publisher, Ring]:
        """Open the trail, ask its witnesses, put changes of keys on it, and read the keys kept beside it.

        Raises StoreError for a trail that was rolled back or rewritten, KeysUnusable, GatewayError.
        """
        await self._store.start()
        await self._publisher.start()
        await tell(self._changes, self._store, self._clock)
        self._ring = await self._keys()
        return self._store, self._publisher, self._ring

    async def keep(self) -> None:
        """Put changes of keys on the trail that others ask for, until cancelled."""
        await keep_telling(self._changes, self._store, self._clock)

    def fault(self) -> str:
        """Say why nothing can be sent on this trail, in the words of `/ready`; empty while all is well."""
        if self._store.failing:
            return "trail_unavailable"
        return "trail_rewritten" if self._publisher.fault else ""

    async def close(self) -> None:
        """Sign the last head, and keep it."""
        await self.outward.close()
        if self._ring is not None:
            await self._ring.end()
        await self._store.close()
        await asyncio.to_thread(self.beside.close)
        await asyncio.to_thread(self.safe.close)
        self._publisher.finish()


def _watch(tasks: Tasks, settings: Settings, live: Live, meters: Meters, outward: Outward) -> None:
    """Tell a collector of calls, where the settings name one. Raises SettingsError or ExtraMissing."""
    told = settings.telemetry
    if told.endpoint is None:
        return
    named = told.authorization
    telemetry = load("ecluse.edge.telemetry", "telemetry").Telemetry(
        told,
        outward=outward,
        authorization=None if named is None else lambda: SecretResolver().resolve(named).reveal(),
        snapshot=lambda: live.moment().snapshot,
    )
    meters.watchers.append(telemetry)
    tasks.start(telemetry.run(), "telemetry")


def _start(tasks: Tasks, settings: Settings, live: Live, transport: Upstream, store: ServedStore, time: Clock) -> None:
    """Start what runs beside the requests."""
    state = Path(settings.gateway.state_dir)
    tasks.start(live.keep(), "keeping the snapshot")
    if settings.routing.probe_seconds:
        tasks.start(probe(live, transport, settings.routing.probe_seconds), "probe")
    tasks.start(keep_usage(state), "usage")
    tasks.start(keep_pruning(store, settings.retention, time), "retention")


def _keep(tasks: Tasks, publisher: Publisher, ring: Ring, tokens: Tokens, reloading: Reloading) -> None:
    """Keep what others publish or decide: heads at witnesses, our keys, keys of identity providers, settings."""
    tasks.start(publisher.run(), "publisher")
    tasks.start(ring.keep(), "keys")
    for job in tokens.jobs():
        tasks.start(job, "keys of an identity provider")
    tasks.start(reloading.run(), "reloading")


def _gate(
    settings: Settings,
    live: Live,
    runner: Runner,
    store: ServedStore,
    tasks: Tasks,
    ring: Ring,
    tokens: Tokens,
    receipts: Receipts,
    fault: Callable[[], str],
    passages: Passages,
    kept: KeptRoutes | None,
    capturing: Capturing | None,
) -> Gate:
    """Build the routes over the runner."""
    return Gate(
        live=live,
        keys=ring,
        tokens=tokens,
        passages=passages,
        store=store,
        tasks=tasks,
        meters=runner.meters,
        limits=settings.limits,
        inbound=INBOUND,
        receipts=receipts,
        trail=settings.trail,
        log=store,
        fault=fault,
        capturing=capturing,
        kept=kept,
    )


def _capturing(settings: Settings, live: Live, safe: Safe, store: ServedStore, tasks: Tasks) -> Capturing | None:
    """Keep contents where organisations ask for it. Raises SettingsError, SecretUnavailable or CaptureUnusable."""
    made = capturing_of(
        settings.capture,
        [OrganisationId(one.id) for one in settings.organisations],
        safe=safe,
        store=store,
        clock=live.clock,
        detector=lambda application: live.moment().snapshot.detector_of(application.id),
        egress=settings.egress,
    )
    if made is not None:
        tasks.start(made.run(), "capture")
    return made


class Batches:
    """Files and batches, where the settings give them an end."""

    def __init__(self, settings: Settings, own: Secrets) -> None:
        self._settings = settings
        self._own = own
        self._working: Working | None = None

    async def start(
        self, passages: Passages, ring: Ring, store: ServedStore, tasks: Tasks, capturing: Capturing | None
    ) -> KeptRoutes | None:
        """Take up what a stop left; return the routes. When it is off now, what was kept still ends by its time.

        Raises KeptUnusable, SettingsError, GatewayError or ExtraMissing.
        """
        stated, state = self._settings.batches, Path(self._settings.gateway.state_dir)
        wanted = stated.keep_hours > 0
        opened = partial(keeping_of, self._settings.store, state, self._own, stated.bytes, wanted=wanted)
        keeping = await asyncio.to_thread(opened)
        if keeping is None:
            return None
        self._working = Working(
            keeping=keeping,
            passages=passages,
            ring=ring,
            store=store,
            tasks=tasks,
            post=Routes(INBOUND).post,
            lines=stated.lines,
            concurrent=stated.concurrent,
            keep=stated.keep_hours * 3_600_000,
            capturing=capturing,
        )
        tasks.start(self._working.run() if wanted else self._working.tidy(), "batches")
        return KeptRoutes(self._working, self._settings.limits) if wanted else None

    async def close(self) -> None:
        """Let others go on with what ran here, and let go of the store."""
        if self._working is not None:
            await self._working.stop()
            await asyncio.to_thread(self._working.keeping.close)


def _answers(settings: Settings, reloading: Reloading, tasks: Tasks, time: Clock) -> Answers:
    """Begin to keep answers, within the bounds of the settings that are in force."""
    answers = Answers(settings.cache.bytes)
    reloading.told.append(lambda new: answers.adopt(new.settings.cache.bytes))
    tasks.start(answers.tidy(time.now), "answers")
    return answers


def _adopting(reloading: Reloading, quota: Quota) -> None:
    """Have what was taken counted by from then on."""
    reloading.told.append(lambda new: quota.adopt(Allowances(new.settings), new.settings.budgets))


def _door(
    settings: Settings,
    own: Secrets,
    office: Callable[..., Office],
    tokens: AdminTokens,
    tasks: Tasks,
    outward: Outward,
    reloading: Reloading,
) -> Door | None:
    """Build the admin API over the parts that run, when it has a port. Raises SettingsError or KeysUnusable."""
    if settings.admin.port is None:
        return None
    state = Path(settings.gateway.state_dir)
    made = office(settings=settings, state=state, keys=table_of(state, own), own=own)
    persons = persons_of(settings.admin, tokens, outward, own.index_of)
    for job in persons.jobs():
        tasks.start(job, "keys of an identity provider")
    reloading.told.append(lambda new: made.adopt(new.settings, new.base))
    return Door(made, persons)


@asynccontextmanager
async def program(settings: Settings, config: Path | None = None) -> AsyncIterator[Program]:
    """Start a gateway's parts and stop them in turn; changes of the file `config` are taken while it runs."""
    state = Path(settings.gateway.state_dir)
    own = Secrets.open(state)
    await asyncio.to_thread(take_over, settings.store, state, own)
    for carry in (carry_kept, carry_captured):
        await asyncio.to_thread(carry, settings.store, state, own)
    base, time = await asyncio.to_thread(grounds, settings), clock(settings)
    tasks, meters, classifying, openers = Tasks(), Meters(), Classifying(), Readers(settings.classification.labels)
    attachments = Attached(settings.classification, classifying)
    record = Record(settings, own, time)
    async with AsyncExitStack() as ends:
        for part in (openers, attachments, record):
            ends.push_async_callback(part.close)
        live = Live(
            clock=time,
            build=lambda day: build(base, day),
            outbound=OUTBOUND,
            secrets=SecretResolver(),
            extra_percent=settings.routing.extra_percent,
            meters=meters,
            activate=activate,
            bearers=Bearers(record.outward, time),
        )
        counters, transport = counters_of(settings.shared, state), Upstream(settings.egress, settings.limits)
        batches, shelf = Batches(settings, own), shelf_of(settings, own.masking_key)
        for other in (transport, counters, batches, shelf):
            ends.push_async_callback(other.close)
        ends.callback(classifying.close)
        ends.push_async_callback(tasks.stop)
        store, publisher, ring = await record.open()
        quota = Quota(counters, Allowances(settings), budgets=settings.budgets, shared=settings.shared, clock=time)
        matters = record.beside.docket
        reloading = Reloading(
            config=config, taken=Taken(settings=settings, base=base), grounds=grounds, live=live, store=store,
            beside=record.beside, own=own,
        )  # fmt: skip
        _adopting(reloading, quota)
        await reloading.begin()
        runner = Runner(
            store=store, quota=quota, transport=transport, live=live, classifying=classifying, meters=meters,
            concurrent=settings.limits.concurrent, write_seconds=settings.limits.write_seconds, openers=openers,
            lodging=Lodging(store, matters), answers=_answers(settings, reloading, tasks, time), shelf=shelf,
            attachments=attachments,
        )  # fmt: skip
        ends.push_async_callback(runner.outcomes.close)
        tokens = tokens_of(settings.identity, list(settings.applications), record.outward, own.index_of)
        receipts = Receipts(store, record.key, publisher.heads)
        passages = Passages(live, runner, own.masking_key, shelf.keeps_for, files_as_text=attachments.as_text)
        keeps = _capturing(settings, live, record.safe, store, tasks)
        held = await batches.start(passages, ring, store, tasks, keeps)
        gate = _gate(settings, live, runner, store, tasks, ring, tokens, receipts, record.fault, passages, held, keeps)
        _start(tasks, settings, live, transport, store, time)
        _watch(tasks, settings, live, meters, record.outward)
        _keep(tasks, publisher, ring, tokens, reloading)
        tasks.start(record.keep(), "changes of keys")
        tasks.start(shelf.tidy(time.now), "vault")
        office = partial(Office, base=base, live=live, store=store, docket=matters, quota=quota, receipts=receipts)
        door = _door(settings, own, office, record.beside.tokens, tasks, record.outward, reloading)
        yield Program(gate=gate, live=live, store=store, reloading=reloading, door=door)
