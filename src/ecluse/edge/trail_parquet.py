"""The trail as a Parquet file, for tools that analyse tables. Needs the extra `parquet`.

Law: a column is a field of the entry as it stands, null where the entry has none; `entry` has the canonical bytes.
"""

from collections.abc import Iterable, Mapping
from itertools import islice
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet as pq

from ecluse.passage.record import parse
from ecluse.prove.verify import Row

TEXTS = (
    "organisation", "application", "key", "surface", "purpose", "model", "destination", "status", "code", "action",
)  # fmt: skip
NUMBERS = ("attempt", "size", "tokens_in", "tokens_out", "restored", "upstream_status", "duration_ms")
FLAGS = ("masked", "simulated")
LISTS = ("declared", "found", "permitted_by", "refused_by", "observed", "places")
GROUP = 10_000

SCHEMA = pa.schema(
    [
        pa.field("index", pa.int64()),
        *(pa.field(name, pa.string()) for name in ("kind", "id", "passage")),
        pa.field("at", pa.timestamp("ms", tz="UTC")),
        *(pa.field(name, pa.string()) for name in TEXTS),
        *(pa.field(name, pa.int64()) for name in NUMBERS),
        *(pa.field(name, pa.bool_()) for name in FLAGS),
        *(pa.field(name, pa.list_(pa.string())) for name in LISTS),
        pa.field("entry", pa.binary()),
    ]
)


def write_parquet(rows: Iterable[Row], path: Path) -> None:
    """Write rows to a new file."""
    found = iter(rows)
    with path.open("xb") as file, pq.ParquetWriter(file, SCHEMA, compression="zstd") as writer:
        while page := list(islice(found, GROUP)):
            writer.write_table(pa.Table.from_pylist([_told(row) for row in page], schema=SCHEMA))


def _told(row: Row) -> Mapping[str, object]:
    index, data, _ = row
    entry = parse(data)
    at = pa.scalar(entry.at.removesuffix("Z")).cast(pa.timestamp("ms")).as_py()
    head = {"index": index, "kind": entry.kind.value, "id": entry.id, "passage": entry.passage, "at": at, "entry": data}
    fields = (*TEXTS, *NUMBERS, *FLAGS)
    lists = {name: list(value) if isinstance(value := entry.body.get(name), tuple) else None for name in LISTS}
    return head | {name: entry.body.get(name) for name in fields} | lists
