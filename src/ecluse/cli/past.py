"""Reads past decisions out of a trail, for the commands that ask about them again.

Law: it reads metadata between two moments, in order, and leaves when an entry cannot be read.
"""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from ecluse.cli.common import fail
from ecluse.edge.stores.opening import open_reader
from ecluse.passage.record import EntryRefused, parse
from ecluse.prove.past import Passed, passed

FORMATS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%SZ"]
Since = Annotated[datetime | None, typer.Option(formats=FORMATS, help="From this moment (UTC); from the first entry.")]
Until = Annotated[datetime | None, typer.Option(formats=FORMATS, help="Before this moment (UTC); to the last entry.")]
State = Annotated[
    Path | None, typer.Option("--state-dir", help="The folder of the trail; the settings' one if absent.")
]


Range = Annotated[
    str | None,
    typer.Option(
        "--trail", metavar="FROM..TO", help="The same in one word: `2026-11-01..2026-11-24`, or a side of it."
    ),
]


def ranged(
    stated: str | None, since: datetime | None, until: datetime | None
) -> tuple[datetime | None, datetime | None]:
    """Return the moments of a range `FROM..TO`, or those stated apart. Leaves when it is none."""
    if stated is None:
        return since, until
    first, dots, last = stated.partition("..")
    if since or until or not dots:
        fail(f"--trail {stated}: write FROM..TO in place of --since and --until, e.g. 2026-11-01..2026-11-24")
    return _moment(first, stated), _moment(last, stated)


def _moment(text: str, stated: str) -> datetime | None:
    for form in FORMATS:
        with suppress(ValueError):
            return datetime.strptime(text, form).replace(tzinfo=UTC)
    if text:
        fail(f"--trail {stated}: {text!r} is no moment; write a day (2026-11-01) or a moment (2026-11-01T08:00:00)")
    return None


def past_of(state: Path, since: datetime | None, until: datetime | None) -> Iterator[Passed]:
    """Iterate over the decisions of a trail in a range of time. Raises StoreError for a trail that cannot be read."""
    first, last = _stamp(since), _stamp(until)
    if first and last and first >= last:
        fail(f"the period is empty: it begins at {first} and ends before {last}; write the earlier moment first")
    reader = open_reader(state)
    try:
        for _, data, _ in reader.rows(0, reader.size()):
            try:
                entry = parse(data)
            except EntryRefused:
                fail("an entry of the trail cannot be read; `ecluse trail verify` says which", 1)
            if (first and entry.at < first) or (last and entry.at >= last):
                continue
            found = passed(entry)
            if found is not None:
                yield found
    finally:
        reader.close()


def _stamp(moment: datetime | None) -> str:
    """Write a moment as entries write theirs, so that they compare as text."""
    return moment.replace(tzinfo=UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z" if moment else ""
