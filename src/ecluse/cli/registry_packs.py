"""`ecluse registry export|sign|verify`: facts as one file, signed by whoever answers for them, with no network.

Law: the private key stays in its file, its owner's alone; what is printed is its public half.
"""

import os
import secrets
import stat
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from ecluse.cli.common import Json, fail, print_json
from ecluse.cli.facts import Facts, day, files_of, registry_of, whole
from ecluse.domain.errors import VerificationFailed
from ecluse.edge.facts import NOTE
from ecluse.edge.keys.signer import Ed25519Signer
from ecluse.packs.errors import PackError
from ecluse.packs.registry.pack import pack, signed_text, unpack
from ecluse.passage.record.checkpoint import KEY_NAME, key_of, note_of, parse_vkey, verify_note

SEED = 32
PackFile = Annotated[Path, typer.Argument(help="A pack, as `export` writes it.")]


def export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write the pack.")],
    *,
    made: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day it says it was made; today if absent.")
    ] = None,
    registry: Facts = None,
) -> None:
    """Write the facts as one file, after checking that they load."""
    registry_of(registry)
    try:
        files = files_of(registry)
        if not whole(files):
            fail(f"{registry} is no whole registry: a pack has all facts, and yours go in `facts.folders` beside it")
        data = pack(day(made), files)
        file.write_bytes(data)
    except OSError as error:
        fail(f"{file} cannot be written: {error.strerror}; name a file in a folder that is there")
    except PackError as error:
        fail(str(error))
    typer.echo(f"{file}: {len(data)} bytes; `ecluse registry sign {file} --key KEY` signs it", err=True)


def sign(
    file: PackFile,
    *,
    key: Annotated[Path, typer.Option(help="The file of the private key; made, with mode 600, when it is not there.")],
    name: Annotated[str, typer.Option(help="The name of a key that is made: who answers for the facts.")] = "facts",
) -> None:
    """Sign a pack; print the public key that settings name in `facts.signers`."""
    try:
        data = file.read_bytes()
        text = signed_text(file.name, data)
        signer = _signer(key, name)
        note = Path(f"{file}{NOTE}")
        note.write_text(note_of(text, signer), encoding="utf-8")
    except OSError as error:
        fail(f"{error.filename}: {error.strerror}; `ecluse registry export {file}` writes a pack to sign")
    except (PackError, ValueError) as error:
        fail(str(error))
    typer.echo(key_of(signer).vkey)


def verify(
    file: PackFile,
    *,
    vkey: Annotated[str, typer.Option(help="The public key that you trust, as `sign` printed it.")],
    json: Json = False,
) -> None:
    """Check that a pack is the one that a key signed. Exit code 1 when it is not."""
    note = Path(f"{file}{NOTE}")
    try:
        data = file.read_bytes()
        made = unpack(file.name, data).made
        if not note.exists():
            fail(f"{file} is not signed: there is no {note.name} beside it; `ecluse registry sign` writes it", 1)
        signed = verify_note(note.read_text(encoding="utf-8"), parse_vkey(vkey))
        holds = signed == signed_text(file.name, data)
    except OSError as error:
        fail(f"{error.filename}: {error.strerror}; `ecluse registry export` writes a pack")
    except (PackError, UnicodeDecodeError) as error:
        fail(str(error))
    except VerificationFailed as error:
        fail(f"{file}: {error}", 1)
    if not holds:
        fail(f"{file}: the signature is of other facts", 1)
    if json:
        print_json({"holds": True, "made": made.isoformat()})
    else:
        typer.echo(f"{file}: facts made on {made}, signed by {vkey}")


def _signer(path: Path, name: str) -> Ed25519Signer:
    """Read a key, or make one. Raises OSError, and ValueError for a file that is none."""
    if not path.exists():
        if not KEY_NAME.fullmatch(name):
            raise ValueError(f"a key's name has no space and no plus: {name!r}")
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as out:
            out.write(f"{name} {secrets.token_hex(SEED)}\n")
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ValueError(f"{path} can be read by others: `chmod 600 {path}`")
    words = path.read_text(encoding="utf-8").split()
    if len(words) != len(("name", "seed")):
        raise ValueError(f"{path} is no key of `ecluse registry sign`")
    return Ed25519Signer(words[0], bytes.fromhex(words[1]))
