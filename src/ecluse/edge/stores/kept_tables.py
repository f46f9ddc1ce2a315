"""Where the files and batches of a state directory lie: in its file, or in the PostgreSQL of its trail.

Law: one of the two, never both. A gateway that starts on PostgreSQL, and `ecluse migrate`, carry the file over and
delete it: what was kept until an end does not stay in a file that nobody looks after.
"""

from pathlib import Path
from typing import Any

from ecluse.edge.batches.file import FileTable
from ecluse.edge.batches.kept import Keeping
from ecluse.edge.batches.table import TABLES
from ecluse.edge.config import StoreSettings
from ecluse.edge.extras import load
from ecluse.edge.keys import state as where
from ecluse.edge.keys.own import Secrets
from ecluse.edge.stores.opening import url_of
from ecluse.edge.tables import Tables, copied

POSTGRES = "ecluse.edge.stores.postgres.tables"


def keeping_of(named: StoreSettings, state: Path, own: Secrets, most: int, *, wanted: bool) -> Keeping | None:
    """Open what is kept; where nothing is wanted any more, only while there is something that must still end.

    Raises KeptUnusable, SettingsError, GatewayError or ExtraMissing.
    """
    if named.url is None and not (wanted or where.kept(state).exists()):
        return None
    keeping = Keeping(_table(named, state, own, keep=True), own.masking_key, most)
    if wanted or named.url is None or keeping.anything():
        return keeping
    keeping.close()
    return None


def carry_kept(named: StoreSettings, state: Path, own: Secrets) -> tuple[int, int]:
    """Carry the file of a state directory to PostgreSQL, where settings name it; return how many files and batches.

    Lines that were under way stay so: whoever takes their batch up tells them as interrupted.
    Raises KeptUnusable, SettingsError, GatewayError or ExtraMissing; then the file stays.
    """
    path = where.kept(state)
    if named.url is None or not path.exists():
        return 0, 0
    here, there = FileTable(path), _table(named, state, own)
    try:
        files, batches = _copied(here, there)
        with here.writing() as db:
            for table in TABLES:
                db.do(f"DELETE FROM {table}")  # noqa: S608 - our words
    finally:
        here.close()
        there.close()
    path.unlink()
    return files, batches


def _table(named: StoreSettings, state: Path, own: Secrets, *, keep: bool = False) -> Tables:
    if named.url is None:
        return FileTable(where.kept(state))
    made: Any = load(POSTGRES, "postgres").kept_tables(url_of(named.url), named.schema, own.origin, keep=keep)
    table: Tables = made
    return table


def _copied(here: Tables, there: Tables) -> tuple[int, int]:
    """Copy row by row, since a file may be long, in one transaction; what is there already stays as it is there."""
    with here.reading() as source, there.writing() as to:
        files = sum(
            copied(source, to, "kept_files", TABLES["kept_files"], id=row["id"])
            for row in source.all("SELECT id FROM kept_files")
        )
        batches = 0
        for row in source.all("SELECT id FROM kept_batches"):
            if not copied(source, to, "kept_batches", TABLES["kept_batches"], id=row["id"]):
                continue
            batches += 1
            for item in source.all("SELECT number FROM kept_items WHERE batch = ?", row["id"]):
                copied(source, to, "kept_items", TABLES["kept_items"], batch=row["id"], number=item["number"])
    return files, batches
