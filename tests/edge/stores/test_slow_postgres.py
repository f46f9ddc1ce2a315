"""A PostgreSQL that takes its time holds up whoever asked it, and nobody else: no read of the trail is on the loop."""

import asyncio
import hashlib
from collections.abc import Iterator, MutableMapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from ecluse.domain.contest import Objection
from ecluse.domain.effects import Headers, Lodge, Moment, Refused
from ecluse.domain.trail import EntryId
from ecluse.edge.config import EgressSettings
from ecluse.edge.docket import Docket
from ecluse.edge.http.receipt import RECEIPT, ReceiptConnection
from ecluse.edge.http.tiles import Receipts, TrailRoutes
from ecluse.edge.lodging import Lodging
from ecluse.edge.outward import Outward
from ecluse.edge.stores.postgres.store import PostgresStore
from ecluse.edge.stores.step_file import FileSteps
from ecluse.edge.tasks import Tasks
from ecluse.edge.witness.cosigning import Witness
from ecluse.edge.witness.door import Door
from ecluse.edge.witness.publishing import Publisher
from ecluse.passage.record.cosign import cosigner_of
from tests.edge.http.trail_site import READER, StandingClock, authenticate, served
from tests.edge.stores.contract import KEY, SIGNER
from tests.edge.stores.postgres_server import Server
from tests.edge.witness.test_publishing import SECONDS, WITNESS
from tests.passage.decide.world import snapshot
from tests.passage.record import samples

ENTRIES = samples.passages(3)
READ = "LOCK TABLE entries, checkpoints, nodes IN ACCESS EXCLUSIVE MODE"
TURNS = 10
"""Turns that the event loop takes while the database answers nothing."""


class OffTheLoop(PostgresStore):
    """The store, which does not let itself be read on a thread that runs an event loop."""

    def index_of(self, entry: EntryId) -> int | None:
        beside()
        return super().index_of(entry)

    def rows(self, start: int, stop: int) -> Iterator[bytes]:
        beside()
        return super().rows(start, stop)

    def size(self) -> int:
        beside()
        return super().size()

    def hashes(self, level: int, first: int, count: int) -> list[bytes]:
        beside()
        return super().hashes(level, first, count)

    def checkpoint(self) -> str | None:
        beside()
        return super().checkpoint()


def beside() -> None:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return
    raise AssertionError("the trail is read on the event loop")


@pytest.fixture
def store(server: Server, tmp_path: Path) -> OffTheLoop:
    schema = "t_" + hashlib.sha256(str(tmp_path).encode()).hexdigest()[:16]
    return OffTheLoop(server.url, schema=schema, signer=SIGNER, clock=StandingClock(), lease=2.0)


@asynccontextmanager
async def written(store: OffTheLoop) -> Any:
    """Start the store with some passages on it, under a head."""
    await store.start()
    try:
        for entry in ENTRIES:
            await store.append(entry)
        await store.integrated()
        yield
    finally:
        await store.close()


@asynccontextmanager
async def silent(server: Server, store: PostgresStore) -> Any:
    """Let nobody read the log until the block ends, and see that the loop goes on meanwhile."""
    db = await asyncpg.connect(server.url, server_settings={"search_path": store._schema})
    try:
        async with db.transaction():
            await db.execute(READ)
            yield
            for _ in range(TURNS):
                await asyncio.sleep(0.02)
    finally:
        await db.close()


async def got(routes: TrailRoutes, path: str) -> int:
    """Return the status of an answer of these routes."""
    sent: list[MutableMapping[str, Any]] = []

    async def send(message: MutableMapping[str, Any]) -> None:
        await asyncio.sleep(0)
        sent.append(message)

    await routes.get({"path": path, "headers": [(b"authorization", b"Bearer reader")]}, send)
    return int(sent[0]["status"])


def test_receipts_tiles_heads_and_contests_wait_beside_the_loop(
    server: Server, store: OffTheLoop, tmp_path: Path
) -> None:
    objection = Objection(entry=ENTRIES[0].id, reason="", counts=(), found=frozenset(), marks=frozenset())
    moment = Moment(now=samples.NOW, snapshot=snapshot())

    async def work(url: str) -> tuple[Sequence[object], Publisher]:
        outward = Outward(EgressSettings())
        known = {url: cosigner_of(WITNESS)}
        publisher = Publisher(log=store, state=tmp_path, key=KEY, witnesses=known, outward=outward)
        routes = TrailRoutes(
            log=store, receipts=Receipts(store, KEY), authenticate=authenticate, readers=[READER], public=False
        )
        lodging = Lodging(store, Docket(FileSteps(tmp_path / "docket.db"), SIGNER))
        try:
            async with written(store):
                await publisher.push()
                await store.append(samples.refusal(9))
                await store.integrated()
                async with silent(server, store):
                    asked = asyncio.gather(
                        *(got(routes, path) for path in ("/checkpoint", "/tile/0/000.p/3", "/tile/entries/000.p/3")),
                        got(routes, f"/v1/receipts/{ENTRIES[0].id}"),
                        lodging.lodge(Lodge(caller=samples.CALLER, objection=objection), moment),
                        publisher.push(),
                    )
                    await asyncio.sleep(0.1)
                    assert not asked.done()
                return await asyncio.wait_for(asked, 20), publisher
        finally:
            await outward.close()

    with served(Door(Witness(WITNESS, [KEY], tmp_path / "witness", lambda: SECONDS))) as url:
        (*statuses, lodged, _), publisher = asyncio.run(work(url))
    assert statuses == [200] * 4
    assert isinstance(lodged, Refused)
    [head] = publisher.heads()
    assert head.splitlines()[1] == str(len(ENTRIES) + 1)
    assert publisher.fault is None


def test_a_reply_goes_without_its_receipt_when_the_database_is_silent_or_gone(
    server: Server, store: OffTheLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ecluse.edge.http.receipt.PATIENCE", 0.3)
    told: Headers = [("x-ecluse-entry", ENTRIES[0].id)]

    async def reply() -> list[str]:
        sent: list[MutableMapping[str, Any]] = []

        async def send(message: MutableMapping[str, Any]) -> None:
            await asyncio.sleep(0)
            sent.append(message)

        async def receive() -> MutableMapping[str, Any]:
            await asyncio.Event().wait()
            return {}

        tasks = Tasks()
        connection = ReceiptConnection(receive, send, tasks, Receipts(store, KEY))
        try:
            await connection.reply(200, told)
        finally:
            connection.close()
            await tasks.stop()
        return [name.decode() for name, _ in sent[0]["headers"]]

    async def work() -> None:
        async with written(store):
            assert RECEIPT in await reply()
            async with silent(server, store):
                assert RECEIPT not in await asyncio.wait_for(reply(), 5)
        assert RECEIPT not in await reply()

    asyncio.run(work())
