"""Gives staged entries their index: one leader at a time, under a lease that carries a fencing token.

Law: each turn is one transaction that first holds the leader's row and its token; a leader that was paused finds
another token and stops, so that no index is ever given twice. A batch that is not what its replica signed stops the
log: nothing more is sequenced or accepted.
"""

import asyncio
from collections.abc import Sequence

import asyncpg

from ecluse.domain.ports import Signer
from ecluse.domain.trail import Checkpoint
from ecluse.edge.stores.errors import StoreError, TrailDamaged
from ecluse.edge.stores.postgres.chain import Batch, fault_of
from ecluse.edge.stores.postgres.reader import AWAY, PostgresReader
from ecluse.edge.stores.standing import stand
from ecluse.passage.record.checkpoint import key_of, sign
from ecluse.passage.record.merkle import Frontier
from ecluse.passage.record.tiles import HEIGHT

EVERY = 0.1
"""Seconds between two turns of a leader."""
BATCHES = 200
"""Batches of one turn at most."""


class FencedError(Exception):
    """Another replica leads now."""


class Sequencer:
    """One replica's will to lead. Lives in the bridge's loop."""

    def __init__(self, pool: asyncpg.Pool, reader: PostgresReader, replica: str, signer: Signer, lease: float) -> None:
        self._pool = pool
        self._reader = reader
        self._replica = replica
        self._signer = signer
        self._lease = lease
        self._token: int | None = None
        self._frontier = Frontier()
        self._seen = 0.0

    @property
    def leads(self) -> bool:
        """Whether this replica believes that it leads."""
        return self._token is not None

    async def run(self) -> None:
        """Take turns until cancelled."""
        while True:
            more = await self.turn()
            if not more:
                await asyncio.sleep(EVERY)

    async def turn(self) -> bool:
        """Lead if nobody does, sequence what is there; return whether there may be more."""
        try:
            await self._live()
            if self._token is None and not await self._lead():
                return False
            return await self._sequence() >= BATCHES
        except (*AWAY, StoreError, FencedError):
            self._token = None
            return False

    async def resign(self) -> None:
        """Let another replica lead at once."""
        if self._token is not None:
            query = "UPDATE log SET until = '-infinity', holder = NULL WHERE token = $1"
            await self._pool.execute(query, self._token)
            self._token = None

    async def _live(self) -> None:
        """Say now and then that this replica is there."""
        now = asyncio.get_running_loop().time()
        if now - self._seen >= self._lease / 4:
            await self._pool.execute("UPDATE replicas SET seen = clock_timestamp() WHERE id = $1", self._replica)
            self._seen = now

    async def _lead(self) -> bool:
        """Take the lease if it is free. What is there is verified before anything is added to it."""
        token = await self._pool.fetchval(
            "UPDATE log SET token = token + 1, holder = $1, until = clock_timestamp() + make_interval(secs => $2)"
            " WHERE fault IS NULL AND (until < clock_timestamp() OR holder = $1) RETURNING token",
            self._replica,
            self._lease,
        )
        if token is None:
            return False
        try:
            self._frontier, _ = await asyncio.to_thread(stand, self._reader, key_of(self._signer))
        except TrailDamaged as error:
            await self._pool.execute("UPDATE log SET fault = $1", str(error))
            raise
        self._token = token
        return True

    async def _sequence(self) -> int:
        """Sequence what is staged; return how many batches."""
        async with self._pool.acquire() as db:
            frontier, count, fault = self._frontier, 0, None
            async with db.transaction():
                held = await db.fetchval(
                    "UPDATE log SET until = clock_timestamp() + make_interval(secs => $2)"
                    " WHERE token = $1 AND fault IS NULL RETURNING true",
                    self._token,
                    self._lease,
                )
                if not held:
                    raise FencedError
                batches = await db.fetch(
                    "SELECT b.*, r.sequenced, r.sequenced_head FROM batches b JOIN replicas r ON r.id = b.replica"
                    " ORDER BY b.seq LIMIT $1",
                    BATCHES,
                )
                if batches:
                    rows = await db.fetch(
                        "SELECT batch, id, passage, kind, entry, leaf FROM staging WHERE batch = ANY($1::bigint[])"
                        " ORDER BY seq",
                        [batch["seq"] for batch in batches],
                    )
                    fault = _fault(batches, rows, self._signer)
                    if fault is None:
                        frontier = await self._move(db, batches, rows)
                        count = len(batches)
                    else:
                        await db.execute("UPDATE log SET fault = $1", fault)
            if fault is not None:
                raise FencedError(fault)
            self._frontier = frontier
        return count

    async def _move(
        self, db: asyncpg.Connection, batches: Sequence[asyncpg.Record], rows: Sequence[asyncpg.Record]
    ) -> Frontier:
        """Give the rows their indexes, write the nodes and a signed head, and clear the staging."""
        size = self._frontier.size
        nodes: list[tuple[int, int, bytes]] = []

        def keep(level: int, index: int, top: bytes) -> None:
            if level % HEIGHT == 0:
                nodes.append((level, index, top))

        frontier = self._frontier.extend([bytes(row["leaf"]) for row in rows], keep)
        await db.execute(
            "INSERT INTO entries (idx, id, passage, kind, entry, leaf)"
            " SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::text[], $4::text[], $5::bytea[], $6::bytea[])",
            list(range(size, size + len(rows))),
            *([row[column] for row in rows] for column in ("id", "passage", "kind", "entry", "leaf")),
        )
        if nodes:
            await db.executemany("INSERT INTO nodes (level, idx, hash) VALUES ($1, $2, $3)", nodes)
        head = Checkpoint(origin=self._signer.name, size=frontier.size, root=frontier.root())
        note = sign(head, self._signer)
        await db.execute("INSERT INTO checkpoints (size, note) VALUES ($1, $2)", head.size, note)
        seqs = [batch["seq"] for batch in batches]
        await db.execute("DELETE FROM staging WHERE batch = ANY($1::bigint[])", seqs)
        await db.execute("DELETE FROM batches WHERE seq = ANY($1::bigint[])", seqs)
        last = {batch["replica"]: (batch["number"], batch["head"]) for batch in batches}
        await db.executemany(
            "UPDATE replicas SET sequenced = $2, sequenced_head = $3 WHERE id = $1",
            [(replica, number, ended) for replica, (number, ended) in last.items()],
        )
        return frontier


def _fault(batches: Sequence[asyncpg.Record], rows: Sequence[asyncpg.Record], signer: Signer) -> str | None:
    """Say which batch is not what its replica signed, or None."""
    leaves: dict[int, list[bytes]] = {}
    for row in rows:
        leaves.setdefault(row["batch"], []).append(bytes(row["leaf"]))
    ends = {batch["replica"]: (batch["sequenced"], bytes(batch["sequenced_head"])) for batch in batches}
    for found in batches:
        number, previous = ends[found["replica"]]
        batch = Batch(
            replica=found["replica"],
            number=found["number"],
            previous=bytes(found["previous"]),
            head=bytes(found["head"]),
            signature=bytes(found["signature"]),
        )
        if fault := fault_of(batch, leaves.get(found["seq"], []), number + 1, previous, signer):
            return fault
        ends[batch.replica] = (batch.number, batch.head)
    return None
