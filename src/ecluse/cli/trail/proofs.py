"""`ecluse trail prove` and `consistency`: proofs for somebody else, who needs the public key alone to check them.

Law: a proof is written only after it was verified here.
"""

from pathlib import Path
from typing import Annotated, NoReturn

import typer

from ecluse.cli.common import Json, fail, print_json
from ecluse.cli.trail.options import Out, State, Vkey, log_key, put, reader_of, text_of
from ecluse.cli.trail.show import found
from ecluse.domain.errors import VerificationFailed
from ecluse.edge.keys import state as where
from ecluse.edge.stores.errors import StoreError
from ecluse.edge.witnessed import witnessed
from ecluse.passage.record.checkpoint import VerifierKey
from ecluse.passage.record.checkpoint import verify as verify_note
from ecluse.passage.record.merkle import consistency as consistency_path
from ecluse.passage.record.merkle import inclusion, verify_consistency
from ecluse.passage.record.receipt import write_receipt
from ecluse.prove.receipt import verify_receipt


def prove(
    entry: Annotated[str, typer.Argument(help="An index or an entry's id.")],
    *,
    out: Out = None,
    state_dir: State = where.DEFAULT,
    vkey: Vkey = None,
) -> None:
    """Write the receipt of one entry: the entry, its place in the log and the signed checkpoint over it."""
    key = log_key(state_dir, vkey)
    reader = reader_of(state_dir)
    try:
        rows = found(reader, entry)
        note = reader.last_note()
        if len(rows) != 1:
            fail("the trail has no such entry; `ecluse trail show PASSAGE` lists those of a passage", 1)
        index, data, _ = rows[0]
        cosigned = next((one for one in witnessed(state_dir) if verify_note(one, key).size > index), None)
        head = verify_note(cosigned or note or "", key)
        if index >= head.size:
            fail("the entry is not under a signed checkpoint yet; ask again in a second", 1)
        path = inclusion(reader.node, index, head.size)
        receipt = write_receipt(entry=data, index=index, path=path, note=cosigned or note or "")
        verify_receipt(receipt, key)
    except (VerificationFailed, StoreError) as error:
        _broken(error)
    finally:
        reader.close()
    put(receipt, out)


def consistency(
    old: Annotated[str, typer.Argument(help="The older checkpoint: a file, or a size.")],
    new: Annotated[str, typer.Argument(help="The newer one: a file or a size; the newest if absent.")] = "",
    *,
    state_dir: State = where.DEFAULT,
    vkey: Vkey = None,
    json: Json = False,
) -> None:
    """Show that the log under the newer checkpoint continues the log under the older one: nothing was rewritten."""
    key = log_key(state_dir, vkey)
    reader = reader_of(state_dir)
    try:
        sizes = {verify_note(note, key).size: note for note in reader.notes()}
        first, second = (_note(one, sizes, key) for one in (old, new or str(max(sizes, default=0))))
        before, after = verify_note(first, key), verify_note(second, key)
        if not 0 < before.size <= after.size <= reader.size():
            fail(f"no proof from {before.size} entries to {after.size}; the trail has {reader.size()}", 1)
        path = consistency_path(reader.node, before.size, after.size)
        verify_consistency(before.size, after.size, before.root, after.root, path)
    except (VerificationFailed, StoreError) as error:
        _broken(error)
    finally:
        reader.close()
    if json:
        print_json(
            {
                "holds": True,
                "old": {"size": before.size, "root": before.root.hex()},
                "new": {"size": after.size, "root": after.root.hex()},
                "path": [step.hex() for step in path],
            }
        )
        return
    typer.echo(f"The log of {after.size} entries continues that of {before.size}: {len(path)} hashes show it.")
    for step in path:
        typer.echo(step.hex())


def _note(named: str, sizes: dict[int, str], key: VerifierKey) -> str:
    """Return a checkpoint by its file or its size."""
    if named.isascii() and named.isdigit():
        note = sizes.get(int(named))
        if note is None:
            fail(f"no checkpoint was signed over {named} entries; sizes near it: {_near(int(named), sizes)}", 1)
        return note
    note = text_of(Path(named))
    verify_note(note, key)
    return note


def _near(size: int, sizes: dict[int, str]) -> str:
    return ", ".join(map(str, sorted(sorted(sizes, key=lambda one: abs(one - size))[:4]))) or "none"


def _broken(error: Exception) -> NoReturn:
    fail(f"no proof can be given: {error}; `ecluse trail verify` says what is wrong", 1)
