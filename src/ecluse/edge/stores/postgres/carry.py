"""Carries a whole trail from a file to PostgreSQL.

Law: the source is verified before, the copy after; what is carried is every entry, opening, node and signed head, with
the indexes they have. One transaction, or nothing. The file is kept, under another name, so that nobody goes on in it.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import asyncpg

from ecluse.domain.ports import Signer
from ecluse.edge.stores.errors import TrailDamaged, TrailUnreadable
from ecluse.edge.stores.lock import TrailLock
from ecluse.edge.stores.postgres.bridge import Bridge
from ecluse.edge.stores.postgres.chain import START
from ecluse.edge.stores.postgres.reader import AWAY, PostgresReader, connect
from ecluse.edge.stores.postgres.schema import migrate
from ecluse.edge.stores.reader import TrailReader
from ecluse.edge.stores.schema import connect_readonly
from ecluse.passage.record.checkpoint import VerifierKey, key_of
from ecluse.prove.faults import TrailFault
from ecluse.prove.verify import Report, verify_trail

TABLES = {
    "entries": ("idx, id, passage, kind, entry, leaf", "entries ORDER BY idx"),
    "openings": ("id, salt", "openings JOIN entries USING (idx)"),
    "checkpoints": ("size, note", "checkpoints ORDER BY size"),
    "nodes": ("level, idx, hash", "nodes"),
    "unsettled": ("passage, destination, 'carried'", "unsettled ORDER BY seq"),
}
COLUMNS = {"unsettled": ("passage", "destination", "replica")}


def carry(source: Path, url: str, schema: str, signer: Signer) -> Report:
    """Carry a trail that nobody serves; return what the copy has. Raises StoreError; then the source is untouched."""
    lock = TrailLock(source)
    bridge = Bridge()
    try:
        with closing(TrailReader.open(source)) as reader:
            before = _verified(reader, key_of(signer))
        bridge.wait(_copy(source, url, schema, signer), patience=3600.0)
    except AWAY as error:
        raise TrailUnreadable(f"PostgreSQL refused: {type(error).__name__}; nothing was carried") from error
    finally:
        bridge.stop()
        lock.release()
    copied = PostgresReader.open(url, schema)
    try:
        after = _verified(copied, key_of(signer))
    finally:
        copied.close()
    if after != before:
        raise TrailDamaged("the copy is not the trail it was made from; the file is untouched, drop the schema")
    _aside(source)
    return after


def _aside(source: Path) -> None:
    """Put the file aside with the write-ahead log that a killed process left: it may hold the last entries."""
    for ending in ("", "-wal", "-shm"):
        path = source.with_name(source.name + ending)
        if path.exists():
            path.rename(source.with_name(f"{source.name}.carried{ending}"))


def _verified(reader: TrailReader | PostgresReader, key: VerifierKey) -> Report:
    try:
        return verify_trail(*reader.everything(), key)
    except TrailFault as fault:
        raise TrailDamaged(fault.sentence("en")) from fault


async def _copy(source: Path, url: str, schema: str, signer: Signer) -> None:
    pool = await connect(url, schema, lease=600.0, size=1)
    try:
        async with pool.acquire() as db:
            await migrate(db, schema, signer.name)
            async with db.transaction():
                await db.execute("LOCK TABLE log IN ACCESS EXCLUSIVE MODE")
                if await db.fetchval("SELECT EXISTS (SELECT 1 FROM entries) OR EXISTS (SELECT 1 FROM staging)"):
                    raise TrailUnreadable(f"the log in {schema} is not empty: name another store.schema")
                await _tables(source, db, schema)
    finally:
        await pool.close()


async def _tables(source: Path, db: asyncpg.Connection, schema: str) -> None:
    with closing(connect_readonly(source)) as held:
        for table, (columns, rows) in TABLES.items():
            names = COLUMNS.get(table, tuple(columns.split(", ")))
            records = _rows(held, f"SELECT {columns} FROM {rows}")  # noqa: S608 - our words
            await db.copy_records_to_table(table, schema_name=schema, columns=names, records=records, timeout=3600)
    query = "INSERT INTO replicas (id, head, sequenced_head, closed) VALUES ('carried', $1, $1, true)"
    await db.execute(query, START)


def _rows(db: sqlite3.Connection, query: str) -> Iterator[tuple[Any, ...]]:
    yield from db.execute(query)
