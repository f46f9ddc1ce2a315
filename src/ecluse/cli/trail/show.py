"""`ecluse trail show` and `checkpoint`: what was recorded, and the newest signed head to keep elsewhere.

Law: entries are shown as they stand in the log; nothing is looked up beside it.
"""

from collections.abc import Sequence
from typing import Annotated

import typer

from ecluse.cli.common import Json, fail, print_json
from ecluse.cli.trail.options import State, Vkey, log_key, reader_of
from ecluse.domain.errors import VerificationFailed
from ecluse.domain.trail import EntryId, PassageId
from ecluse.edge.keys import state as where
from ecluse.edge.stores.errors import StoreError
from ecluse.edge.stores.opening import Reader
from ecluse.passage.record import EntryRefused, parse
from ecluse.passage.record.checkpoint import verify as verify_note
from ecluse.prove.verify import Row

INDEX_DIGITS = 18
ID_DIGITS = 32


def show(
    entry: Annotated[str | None, typer.Argument(help="An index, an entry's id, or a passage's id.")] = None,
    *,
    last: Annotated[int | None, typer.Option(min=1, max=1000, help="Show the last entries instead.")] = None,
    state_dir: State = where.DEFAULT,
    json: Json = False,
) -> None:
    """Show entries as they were recorded: an entry, all those of a passage, or the last ones."""
    if (entry is None) == (last is None):
        fail("name an entry or a passage, or ask for `--last N`")
    reader = reader_of(state_dir)
    try:
        size = reader.size()
        rows = list(reader.rows(max(0, size - last), size)) if last else found(reader, entry or "")
    except StoreError as error:
        fail(str(error))
    finally:
        reader.close()
    if not rows:
        fail("the trail has no such entry", 1)
    told = [_told(row) for row in rows]
    if json:
        print_json(told)
        return
    for item in told:
        body = item.pop("body")
        typer.echo("  ".join(f"{name} {value}" for name, value in item.items()))
        for name, value in body.items() if isinstance(body, dict) else ():
            typer.echo(f"    {name}: {_plain(value)}")


def checkpoint(*, state_dir: State = where.DEFAULT, vkey: Vkey = None, json: Json = False) -> None:
    """Print the newest signed checkpoint. Keep it elsewhere: it holds the trail to what it says today."""
    reader = reader_of(state_dir)
    try:
        note = reader.last_note()
    finally:
        reader.close()
    if note is None:
        fail("the trail has no entry yet, so no checkpoint", 1)
    if not json:
        typer.echo(note, nl=False)
        return
    key = log_key(state_dir, vkey)
    try:
        head = verify_note(note, key)
    except VerificationFailed as error:
        fail(f"the newest checkpoint does not verify: {error}", 1)
    print_json({"origin": head.origin, "size": head.size, "root": head.root.hex(), "key": key.vkey, "note": note})


def found(reader: Reader, named: str) -> Sequence[Row]:
    """Find entries by an index, an id, or a passage's id."""
    if named.isascii() and named.isdigit() and len(named) <= INDEX_DIGITS:
        return list(reader.rows(int(named), int(named) + 1))
    index = reader.index_of(EntryId(named)) if len(named) == ID_DIGITS else None
    return reader.of_passage(PassageId(named)) if index is None else list(reader.rows(index, index + 1))


def _told(row: Row) -> dict[str, object]:
    index, data, _ = row
    try:
        entry = parse(data)
    except EntryRefused:
        fail(f"entry {index} cannot be read; `ecluse trail verify` says what is wrong", 1)
    return {
        "index": index,
        "kind": entry.kind,
        "at": entry.at,
        "id": entry.id,
        "passage": entry.passage,
        "body": dict(entry.body),
    }


def _plain(value: object) -> str:
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case tuple():
            return ", ".join(map(_plain, value)) or "-"
        case dict():
            return ", ".join(f"{name} {_plain(member)}" for name, member in value.items()) or "-"
        case _:
            return str(value)
