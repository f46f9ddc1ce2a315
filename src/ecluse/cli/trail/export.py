"""`ecluse trail export`: the entries for other tools and other people.

Law: only what a signed checkpoint covers is exported, as it stands; an export in JSON lines closes with its checkpoint.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated

import typer

from ecluse.cli.common import fail
from ecluse.cli.trail.options import Out, State, Vkey, log_key, reader_of
from ecluse.domain.errors import VerificationFailed
from ecluse.edge.extras import ExtraMissing, load
from ecluse.edge.keys import state as where
from ecluse.edge.stores.errors import StoreError
from ecluse.passage.record import EntryRefused, parse
from ecluse.passage.record.checkpoint import verify as verify_note
from ecluse.passage.record.export import checkpoint_line, json_line, syslog_line
from ecluse.prove.verify import Row


class Format(StrEnum):
    """In which form."""

    JSONL = "jsonl"
    SYSLOG = "syslog"
    PARQUET = "parquet"


def export(
    *,
    form: Annotated[
        Format, typer.Option("--format", "-f", help="JSON lines, syslog (RFC 5424) or Parquet.")
    ] = Format.JSONL,
    start: Annotated[int, typer.Option("--from", min=0, help="The first entry, by index.")] = 0,
    out: Out = None,
    state_dir: State = where.DEFAULT,
    vkey: Vkey = None,
) -> None:
    """Export the entries under the newest checkpoint. A whole export in JSON lines verifies by itself."""
    key = log_key(state_dir, vkey)
    reader = reader_of(state_dir)
    try:
        note = reader.last_note()
        if note is None:
            fail("the trail has no signed checkpoint yet", 1)
        size = verify_note(note, key).size
        rows, told = reader.rows(start, size), f"{out}: {max(0, size - start)} entries, under a checkpoint of {size}"
        if form is Format.PARQUET:
            if out is None:
                fail("a Parquet file needs `--out FILE`")
            load("ecluse.edge.trail_parquet", "parquet").write_parquet(rows, out)
            typer.echo(told, err=True)
            return
        lines = _json(rows, note) if form is Format.JSONL else _syslog(rows)
        if out is None:
            for line in lines:
                typer.echo(line, nl=False)
        else:
            with out.open("x", encoding="utf-8", newline="") as file:
                file.writelines(lines)
            typer.echo(told, err=True)
    except OSError as error:
        fail(f"{out or 'standard output'} cannot be written: {error.strerror}")
    except ExtraMissing as error:
        fail(str(error))
    except (StoreError, EntryRefused, VerificationFailed) as error:
        fail(f"the trail cannot be exported: {error}; `ecluse trail verify` says what is wrong", 1)
    finally:
        reader.close()


def _json(rows: Iterator[Row], note: str) -> Iterator[str]:
    for index, data, _ in rows:
        yield json_line(index, data)
    yield checkpoint_line(note)


def _syslog(rows: Iterator[Row]) -> Iterator[str]:
    for index, data, _ in rows:
        yield syslog_line(index, parse(data), data)
