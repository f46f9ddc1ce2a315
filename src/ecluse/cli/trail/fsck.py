"""`ecluse trail fsck`: does everything beside the log agree with it?

Law: it reads everything and changes nothing; nodes that are wrong are made anew when the gateway opens the trail.
"""

import sqlite3

import typer

from ecluse.cli.common import Json, fail, print_json
from ecluse.cli.trail.options import State, Vkey, log_key, reader_of
from ecluse.edge.fsck import findings
from ecluse.edge.keys import state as where
from ecluse.edge.stores.errors import StoreError


def fsck(*, state_dir: State = where.DEFAULT, vkey: Vkey = None, json: Json = False) -> None:
    """Compare the log with its nodes, columns, openings, marks and witnessed heads; name the first bad row of each."""
    key = log_key(state_dir, vkey)
    reader = reader_of(state_dir)
    try:
        found = list(findings(reader, state_dir, key))
        size = reader.size()
    except (StoreError, sqlite3.Error) as error:
        fail(f"the trail cannot be read: {error}")
    finally:
        reader.close()
    if json:
        print_json({"sound": not found, "size": size, "findings": found})
    else:
        for line in found or [f"{size} entries and everything beside them agree."]:
            typer.echo(line)
    if found:
        raise typer.Exit(1)
