"""Where what is kept of prompts and answers lies: in files of the state directory, or in the PostgreSQL of its trail.

Law: one of the two, never both. A gateway that starts on PostgreSQL, and `ecluse migrate`, carry the files over and
delete them, keys first: what is shredded later is in no file that was left behind.
"""

from pathlib import Path
from typing import Any

from ecluse.edge.capture.files import SafeFiles
from ecluse.edge.capture.safe import ASK, COLUMNS, Safe
from ecluse.edge.config import StoreSettings
from ecluse.edge.extras import load
from ecluse.edge.keys.own import Secrets
from ecluse.edge.stores.opening import url_of
from ecluse.edge.tables import Tables, copied

POSTGRES = "ecluse.edge.stores.postgres.tables"


def safe_of(named: StoreSettings, state: Path, own: Secrets, *, keep: bool = False) -> Safe:
    """Return what holds them, not opened yet; `keep` for whoever asks often.

    Raises SettingsError, GatewayError or ExtraMissing.
    """
    return Safe(_tables(named, state, own, keep=keep))


def carry_captured(named: StoreSettings, state: Path, own: Secrets) -> int:
    """Carry the files of a state directory to PostgreSQL, where settings name it; return how many contents.

    Views that were asked for and are not on the trail yet are carried too.

    Raises CaptureUnusable, SettingsError, GatewayError or ExtraMissing; then the files stay.
    """
    here = SafeFiles(state)
    if named.url is None or not here.there():
        return 0
    there = _tables(named, state, own)
    try:
        with here.reading() as source, there.writing() as to:
            carried = 0
            for row in source.all("SELECT entry FROM capture_keys JOIN capture_contents USING (entry)"):
                for table, columns in COLUMNS.items():
                    carried += copied(source, to, table, columns, entry=row["entry"])
            for row in source.all("SELECT id FROM capture_asks"):
                copied(source, to, "capture_asks", f"{ASK}, told", id=row["id"])
        with here.writing() as db:
            for table in (*COLUMNS, "capture_asks"):
                db.do(f"DELETE FROM {table}")  # noqa: S608 - our words
    finally:
        there.close()
    here.delete()
    return carried // len(COLUMNS)


def _tables(named: StoreSettings, state: Path, own: Secrets, *, keep: bool = False) -> Tables:
    if named.url is None:
        return SafeFiles(state)
    made: Any = load(POSTGRES, "postgres").safe_tables(url_of(named.url), named.schema, own.origin, keep=keep)
    tables: Tables = made
    return tables
